//! Digests: what has come together in `digest.mbox` goes out as one MIME message and as one of plain text (RFC 1153).
//!
//! Answers to `send_digests` of `Mailman.Handlers.ToDigest`, which the handler and `cron/senddigests` share. Both digests
//! are queued even when nobody wants one of them. They travel through the virgin queue, and so get their list headers.

mod contents;
mod mime;
mod plain;
mod volume;

pub use volume::begin as begin_volume;

use crate::clock;
use crate::delivery::texts::TextMaker;
use crate::error::HandlerError;
use crate::notice::words::Words;
use crate::text;
use compat::codecs::{self, Errors};
use compat::email::charset::Charset;
use compat::email::date::formatdate;
use compat::email::header::{Header, Layout};
use compat::email::message::{HeaderValue, Message};
use compat::email::msgid;
use compat::list::{attributes, Attribute, DeliveryStatus, MailList};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueName};
use compat::site::profile::Switch;
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use compat::{durable, names};
use std::path::Path;
use std::rc::Rc;

/// The option bit of members who want plain digests (DisableMime).
const PLAIN_DIGEST: i64 = 8;
/// The largest mbox that becomes a digest.
const MBOX_LIMIT: u64 = 1 << 30;

/// What all parts of a digest need to know. All its texts are in the list's language.
struct Digest<'a> {
    site: &'a Rc<Site>,
    list: &'a MailList,
    words: Words<'a>,
    /// The charset of the list's language, and what it is called on the wire.
    charset: ByteStr,
    wire_charset: ByteStr,
    /// `NAME Digest, Vol N, Issue N`
    id: ByteStr,
    masthead: ByteStr,
    header: Option<ByteStr>,
}

/// `send_digest_now`: sends what a list has gathered, if it has gathered anything; whether it had an mbox for it.
///
/// # Errors
/// As [`send_gathered`].
pub fn send_now(site: &Rc<Site>, list: &mut MailList, outbox: &mut Outbox) -> Result<bool, HandlerError> {
    let mbox = list.folder().join("digest.mbox");
    let has_text = match mbox.metadata() {
        Ok(about) => about.len() > 0,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if has_text {
        send_gathered(site, list, outbox, &mbox)?;
    }
    Ok(true)
}

/// Sends what a list has gathered in this mbox, which goes only when both digests are safe in their queue.
///
/// # Errors
/// As [`send_digests`]; the mbox cannot be read.
pub fn send_gathered(
    site: &Rc<Site>,
    list: &mut MailList,
    outbox: &mut Outbox,
    mbox: &Path,
) -> Result<(), HandlerError> {
    let text = ByteStr::new(durable::read_file(mbox, MBOX_LIMIT)?);
    send_digests(site, list, outbox, &text)?;
    outbox.pending().remove_afterwards(mbox.to_owned());
    Ok(())
}

/// Makes both digests of a mailbox and puts them into the outbox; volume and issue of the list are counted on. A mailbox
/// without messages makes none.
///
/// # Errors
/// A message cannot be flattened or scrubbed, or a queue cannot be written. The mailbox should then be kept.
pub fn send_digests(
    site: &Rc<Site>,
    list: &mut MailList,
    outbox: &mut Outbox,
    mbox: &ByteStr,
) -> Result<(), HandlerError> {
    volume::advance(list)?;
    let digest = Digest::new(site, list)?;
    let Some(contents) = contents::read(&digest, mbox) else {
        return Ok(());
    };
    let mut mime = mime::compose(&digest, &contents)?;
    let mut text = plain::text(&digest, contents)?;
    let footer = digest.decoration(attributes::DIGEST_FOOTER, "digest footer")?;
    mime::finish(&digest, &mut mime, footer.as_ref())?;
    plain::finish(&digest, &mut text, footer.as_ref());
    let plain = plain::compose(&digest, text);
    let (mime_recipients, plain_recipients) = recipients(list)?;
    let next = list.get(attributes::NEXT_DIGEST_NUMBER).map_or(Value::Int(1), Value::plus_one);
    list.set(attributes::NEXT_DIGEST_NUMBER, next);
    list.set(attributes::ONE_LAST_DIGEST, Value::dict(Default::default()));
    enqueue(list, outbox, &mime, mime_recipients)?;
    // Python encodes the plain digest only now: where that fails the MIME digest is out, and comes again with the next.
    enqueue(list, outbox, &plain?, plain_recipients)
}

impl<'a> Digest<'a> {
    fn new(site: &'a Rc<Site>, list: &'a MailList) -> Result<Self, HandlerError> {
        let words = Words::new(site, &list.preferred_language());
        let charset = site.charset_or_ascii(&list.preferred_language());
        let wire_charset = Charset::new(&charset)?.get_output_charset().clone();
        let id = words.fill(
            "%(realname)s Digest, Vol %(volume)d, Issue %(issue)d",
            &[
                ("realname", Value::Str(list.real_name())),
                ("volume", Value::Int(list.int(attributes::VOLUME))),
                ("issue", Value::Int(list.int(attributes::NEXT_DIGEST_NUMBER))),
            ],
        );
        let masthead = masthead(list)?;
        let mut digest = Digest { site, list, words, charset, wire_charset, id, masthead, header: None };
        digest.header = digest.decoration(attributes::DIGEST_HEADER, "digest header")?;
        Ok(digest)
    }

    /// The list's text above or below a digest, filled in; the one below when all else is done, for what cannot be filled
    /// in is logged. Later versions take one of white space for none.
    fn decoration(&self, attribute: Attribute<names::Text>, what: &str) -> Result<Option<ByteStr>, HandlerError> {
        let template = self.list.str(attribute);
        let blank = match self.site.profile.has(Switch::FooterBlankIsNone) {
            true => text::strip(&template).is_empty(),
            false => template.is_empty(),
        };
        if blank {
            return Ok(None);
        }
        let what = self.words.say(what);
        let text = TextMaker::of_list(self.site, self.list).text(attribute, &what).map_err(HandlerError::cause)?;
        Ok(text.as_text().cloned())
    }

    /// The headers that CookHeaders does not add.
    fn address(&self, msg: &mut Message) -> Result<(), HandlerError> {
        let layout = Layout { header_name: Some(b"Subject"), ..Layout::default() };
        let subject = Header::new(&self.id, Some(&Charset::new(&self.charset)?), &layout)?;
        msg.append("From", self.list.request_address());
        msg.append("Subject", HeaderValue::Header(Rc::new(subject)));
        msg.append("To", self.list.posting_address());
        msg.append("Reply-To", self.list.posting_address());
        msg.append("Date", formatdate(clock::seconds(), true));
        msg.append("Message-ID", msgid::unique_message_id(self.list.name(), &self.list.host_name()));
        Ok(())
    }

    /// From the list's charset to what it is called on the wire (euc-jp travels as iso-2022-jp); 2.1.13 does not.
    fn on_the_wire(&self, text: Vec<u8>) -> ByteStr {
        let recodes = self.site.profile.has(Switch::DigestTextRecoded);
        if !recodes || codecs::is_same_in_both(&text, &self.charset, &self.wire_charset) {
            return ByteStr::new(text);
        }
        let mut wired = Vec::new();
        let done = codecs::recode_to(&mut wired, &text, (&self.charset, &self.wire_charset), Errors::Replace);
        ByteStr::new(if done.is_ok() { wired } else { text })
    }
}

fn masthead(list: &MailList) -> Result<ByteStr, HandlerError> {
    let values = [
        ("real_name", list.real_name()),
        ("got_list_email", list.posting_address()),
        ("got_listinfo_url", list.script_url("listinfo", true)),
        ("got_request_email", list.request_address()),
        ("got_owner_email", list.owner_address()),
    ];
    crate::notice::template::template_for_list(list, "masthead.txt", &values)
}

/// Who gets the MIME digest and who the plain one: digest members and those who left digest mode since the last.
fn recipients(list: &MailList) -> Result<(Vec<ByteStr>, Vec<ByteStr>), HandlerError> {
    let leaving = list.get(attributes::ONE_LAST_DIGEST).and_then(Value::as_dict);
    let leaving = leaving.into_iter().flat_map(|dict| dict.iter().filter_map(|(key, _)| key.as_text().cloned()));
    let (mut mime, mut plain) = (Vec::new(), Vec::new());
    for key in list.digest_members().into_iter().chain(leaving) {
        // Who has unsubscribed since has no address any more.
        let Some(address) = list.case_preserved(&key).filter(|_| list.delivery_status(&key) == DeliveryStatus::Enabled)
        else {
            continue;
        };
        match list.option(&key, PLAIN_DIGEST) {
            true => plain.push(address),
            false => mime.push(address),
        }
    }
    Ok((mime, plain))
}

fn enqueue(list: &MailList, outbox: &mut Outbox, msg: &Message, recips: Vec<ByteStr>) -> Result<(), HandlerError> {
    let mut data = Metadata::new();
    data.set_strings("recips", recips);
    data.set_str("listname", list.name().clone());
    data.set_bool("isdigest", true);
    outbox.enqueue(QueueName::Virgin, &EntryMessage::Object(msg.to_value()), &data)?;
    Ok(())
}
