//! The pipeline: what happens to a post between the `in` queue and the queues that it leaves by.
//!
//! A handler is called what GLOBAL_PIPELINE calls it and gets a [`Context`]: the site, the list (locked, its attributes
//! changeable), the message, the metadata and an outbox for what it wants queued. It answers with a [`Verdict`]. It
//! opens no socket and ends no entry; verdicts are carried out here, in one place. This is Mailman.Handlers and the
//! walk of Mailman.Queue.IncomingRunner.

mod acknowledge;
mod administrivia;
mod after_delivery;
mod approve;
pub mod autorespond;
mod avoid_duplicates;
mod calc_recips;
mod cleanse;
mod cleanse_dkim;
mod cook_headers;
mod destination;
mod dmarc;
mod emergency;
mod filter_rules;
pub mod headers;
mod hold;
mod hold_reason;
mod holding;
mod mime_del;
mod moderate;
mod owner_recips;
mod pyset;
mod reject;
pub mod replybot;
pub mod scrubber;
mod siblings;
pub mod site_handler;
mod spam_detect;
pub(crate) mod table;
mod tagger;
mod to_archive;
mod to_digest;
mod to_outgoing;
mod to_usenet;
mod verbosity;
mod wrap_message;

use crate::dns::Dns;
use crate::error::HandlerError;
use crate::membership::MembershipContext;
use crate::notice::Words;
use crate::text;
use compat::email::message::Message;
use compat::list::{attributes, LockedList};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueName};
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::collections::VecDeque;
use std::rc::Rc;

use table::Found;

/// What a handler works on. `L` is the list as it stands: locked, except for commands that are looked at before.
pub struct Context<'a, L = LockedList> {
    /// The site with its settings, texts and logs.
    pub site: &'a Rc<Site>,
    /// The list that the message is for.
    pub list: &'a mut L,
    /// The message itself.
    pub msg: &'a mut Message,
    /// What is known about it beside its text.
    pub data: &'a mut Metadata,
    /// Where queue entries are put; they are durable before the entry in work is given up.
    pub outbox: &'a mut Outbox,
    /// Who is asked about names in the DNS.
    pub dns: &'a dyn Dns,
    /// The language of texts right now: the sender's. A notice may change it, and what follows then speaks that.
    pub language: ByteStr,
}

/// What a handler makes of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The next handler may have it.
    Continue,
    /// It ends here without a trace but a log line.
    Discard,
    /// The handler has put it away for a moderator; nothing more is to be done.
    Hold,
    /// It goes back to its sender with this text.
    Reject(ByteStr),
}

impl Verdict {
    /// A rejection; the text is made to end in an empty line. `None` is the text that Mailman uses when it has none.
    pub fn reject(notice: Option<&[u8]>) -> Self {
        let mut text = notice.unwrap_or(b"Your message was rejected").to_vec();
        while !text.ends_with(b"\n\n") {
            text.push(b'\n');
        }
        Verdict::Reject(ByteStr::new(text))
    }
}

/// A handler.
pub type Handler = fn(&mut Context<'_>) -> Result<Verdict, HandlerError>;

/// How a walk through the pipeline ended.
#[derive(Debug, PartialEq)]
pub enum Walk {
    /// The message has been dealt with.
    Done,
    /// Nothing was touched: the pipeline names a handler that this program cannot run.
    Refused(ByteStr),
}

impl Context<'_> {
    /// What moderation works on, beside the message and its metadata. A change of its language is not seen here.
    fn membership(&mut self) -> (MembershipContext<'_>, &mut Message, &mut Metadata) {
        let membership = MembershipContext {
            site: self.site,
            list: self.list,
            outbox: self.outbox,
            dns: self.dns,
            language: self.language.clone(),
        };
        (membership, self.msg, self.data)
    }

    /// Puts the message as it is now into a queue. ToArchive leaves the list's name to the metadata; others set it.
    ///
    /// # Errors
    /// An entry that cannot be written.
    pub fn enqueue(&mut self, queue: QueueName, name_list: bool) -> Result<(), HandlerError> {
        let mut data = self.data.clone();
        if name_list {
            data.set_str("listname", self.list.name().clone());
        }
        self.outbox.enqueue(queue, &EntryMessage::Object(self.msg.to_value()), &data)?;
        Ok(())
    }

    /// The charset of the list's own language.
    pub fn list_charset(&self) -> ByteStr {
        self.site.charset_or_ascii(&self.list.preferred_language())
    }

    /// Texts in the list's own language.
    pub fn list_words(&self) -> Words<'_> {
        Words::new(self.site, &self.list.preferred_language())
    }
}

impl<L> Context<'_, L> {
    /// Whether the site's version behaves in this way.
    pub fn has(&self, switch: Switch) -> bool {
        self.site.profile.has(switch)
    }

    /// `str(msg[name])` of the first header of that name.
    pub fn header(&self, name: &str) -> Option<ByteStr> {
        self.msg.get_str(name)
    }

    /// The header in lower case, empty when there is none.
    pub fn header_lower(&self, name: &str) -> ByteStr {
        text::lower(&self.header(name).unwrap_or_default())
    }

    /// `msg.get_sender()` with the site's choice of header.
    pub fn sender(&self) -> ByteStr {
        self.msg.sender(self.site.sender_rules())
    }

    /// `msg.get_senders()`: everybody whom the site takes for a sender.
    pub fn senders(&self) -> Vec<ByteStr> {
        let headers = self.site.settings.get(settings::SENDER_HEADERS).and_then(Value::as_items).unwrap_or_default();
        let headers: Vec<Option<ByteStr>> = headers.iter().map(|name| name.as_text().cloned()).collect();
        self.msg.senders(&headers, self.site.sender_rules())
    }

    /// Writes an entry of several parts to a log.
    pub fn log(&self, name: &str, parts: &[&[u8]]) {
        self.site.log(name, parts.concat());
    }

    /// The message id for log lines.
    pub fn message_id(&self) -> ByteStr {
        self.header("message-id").unwrap_or_else(|| "n/a".into())
    }

    /// Texts in the language of now.
    pub fn words(&self) -> Words<'_> {
        Words::new(self.site, &self.language)
    }
}

/// Takes the message through the handlers that its pipeline names. What remains of the pipeline stands in the
/// metadata all the while, so that what is queued or held on the way carries it along.
///
/// # Errors
/// What a handler failed on; the message is shunted with it, or tried again where the machine is to blame.
pub fn walk(ctx: &mut Context<'_>, pipeline: Vec<ByteStr>) -> Result<Walk, HandlerError> {
    if let Some(name) = table::refused(ctx.site, &pipeline) {
        return Ok(Walk::Refused(name));
    }
    let next_request = ctx.list.int(attributes::NEXT_REQUEST_ID);
    let mut remaining = VecDeque::from(pipeline);
    while let Some(name) = remaining.pop_front() {
        note_remaining(ctx.data, &remaining);
        let outcome = run(ctx, &name).and_then(|verdict| conclude(ctx, &name, verdict));
        match outcome {
            Ok(true) => remaining = what_remains(ctx.data, remaining),
            Ok(false) => return Ok(Walk::Done),
            // Also where a verdict could not be carried out: a post that was refused must not pass when it comes back.
            Err(error) => {
                remaining.push_front(name);
                note_remaining(ctx.data, &remaining);
                share_with_held(ctx, next_request)?;
                return Err(error);
            }
        }
    }
    Ok(Walk::Done)
}

fn run(ctx: &mut Context<'_>, name: &ByteStr) -> Result<Verdict, HandlerError> {
    match table::find(ctx.site, name) {
        Found::Handler(handler) => handler(ctx),
        Found::SiteHandler => site_handler::handler(ctx, name),
        Found::Unknown => Err(HandlerError::Unknown(name.clone())),
    }
}

/// A handler of the site's own may change the rest of the pipeline by its metadata.
fn what_remains(data: &Metadata, remaining: VecDeque<ByteStr>) -> VecDeque<ByteStr> {
    data.strings("pipeline").map_or(remaining, VecDeque::from)
}

fn note_remaining(data: &mut Metadata, remaining: &VecDeque<ByteStr>) {
    data.set_strings("pipeline", remaining.iter().cloned());
}

/// A post that was held before its handler failed: Mailman's record and the post itself share one list of handlers, so
/// that the failed one is first in both, where the record lives on in memory.
fn share_with_held(ctx: &mut Context<'_>, next_request: i64) -> Result<(), HandlerError> {
    let Some(pipeline) = ctx.data.get(b"pipeline").filter(|_| ctx.list.is_shared()).cloned() else { return Ok(()) };
    for id in next_request..ctx.list.int(attributes::NEXT_REQUEST_ID) {
        ctx.list.requests()?.change_metadata(id, |metadata| metadata.set("pipeline", pipeline.clone()));
    }
    Ok(())
}

/// Carries a verdict out. False where the message goes no further.
fn conclude(ctx: &mut Context<'_>, handler: &ByteStr, verdict: Verdict) -> Result<bool, HandlerError> {
    match verdict {
        Verdict::Continue => return Ok(true),
        Verdict::Hold => {}
        Verdict::Discard => log_discard(ctx, handler),
        Verdict::Reject(notice) => {
            log_reject(ctx, handler, &notice);
            reject::bounce(ctx, Some(&notice))?;
        }
    }
    Ok(false)
}

fn log_discard(ctx: &Context<'_>, handler: &ByteStr) {
    let (id, list) = (ctx.message_id(), ctx.list.real_name());
    if ctx.has(Switch::DiscardLogsHandler) {
        // The stray quote behind the id is what 2.1.19 and later write.
        let parts: [&[u8]; 6] =
            [b"Message discarded, msgid: ", &id, b"'\n        list: ", &list, b",\n        handler: ", handler];
        ctx.log("vette", &parts);
    } else {
        ctx.log("vette", &[b"Message discarded, msgid: ", &id]);
    }
}

fn log_reject(ctx: &Context<'_>, handler: &ByteStr, notice: &ByteStr) {
    if ctx.has(Switch::RejectLogged) {
        let (id, list) = (ctx.message_id(), ctx.list.real_name());
        let head: [&[u8]; 4] = [b"Message rejected, msgid: ", &id, b"\n        list: ", &list];
        let tail: [&[u8]; 4] = [b",\n        handler: ", handler, b",\n        reason: ", notice];
        ctx.log("vette", &[head, tail].concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};

    const POST: &[u8] = b"From: x@nowhere.test\nMessage-ID: <1@x>\n\nx\n";

    fn names(names: &[&str]) -> Vec<ByteStr> {
        names.iter().map(|name| ByteStr::from(*name)).collect()
    }

    #[test]
    fn a_discard_is_logged_as_each_version_does() {
        let attributes = [("generic_nonmember_action", Value::Int(3))];
        let mut new = Fixture::new(NEW, &attributes, POST);
        assert_eq!(new.run(|ctx| walk(ctx, names(&["Moderate", "ToOutgoing"])).unwrap()), Walk::Done);
        assert_eq!(
            new.log("vette"),
            "Message discarded, msgid: <1@x>'\n        list: Club,\n        handler: Moderate"
        );
        assert!(new.outbox.is_empty());
        let mut old = Fixture::new(OLD, &attributes, POST);
        old.run(|ctx| walk(ctx, names(&["Moderate"])).unwrap());
        assert_eq!(old.log("vette"), "Message discarded, msgid: <1@x>");
    }

    #[test]
    fn an_unknown_handler_fails_and_keeps_its_name() {
        let mut fixture = Fixture::new(NEW, &[], POST);
        let error = fixture.run(|ctx| walk(ctx, names(&["AfterDelivery", "Nonsense", "ToOutgoing"])).unwrap_err());
        assert_eq!(error.to_string(), "No module named Nonsense");
        assert_eq!(fixture.data.strings("pipeline").unwrap(), names(&["Nonsense", "ToOutgoing"]));
    }

    #[test]
    fn a_refused_post_stays_refused_where_the_notice_fails() {
        let mut fixture = Fixture::new(OLD, &[("generic_nonmember_action", Value::Int(2))], POST);
        let queues = fixture.site.home.join("qfiles");
        std::fs::remove_dir(&queues).unwrap();
        std::fs::write(&queues, "no folder").unwrap();
        fixture.run(|ctx| walk(ctx, names(&["Moderate", "ToOutgoing"])).unwrap_err());
        assert_eq!(fixture.data.strings("pipeline").unwrap(), names(&["Moderate", "ToOutgoing"]));
    }

    /// The handlers in the record of a post that was held when its notices failed, if there is one.
    fn held_before_the_notice_failed(version: compat::site::Version) -> Option<Vec<ByteStr>> {
        let attributes = [("generic_nonmember_action", Value::Int(1)), ("respond_to_post_requests", Value::Int(1))];
        let mut fixture = Fixture::new(version, &attributes, POST);
        let queues = fixture.site.home.join("qfiles");
        std::fs::remove_dir(&queues).unwrap();
        std::fs::write(&queues, "no folder").unwrap();
        let id = fixture.list.int(attributes::NEXT_REQUEST_ID);
        fixture.run(|ctx| walk(ctx, names(&["Moderate", "ToOutgoing"])).unwrap_err());
        let (_, record) = fixture.list.requests().unwrap().get(id)?;
        Metadata::from_dict(record.as_items()?.last()?.as_dict()?.clone()).strings("pipeline")
    }

    #[test]
    fn a_post_that_fails_after_it_was_held_comes_back_to_the_same_handler_where_lists_live_on() {
        assert_eq!(held_before_the_notice_failed(OLD), Some(names(&["Moderate", "ToOutgoing"])));
        assert_eq!(held_before_the_notice_failed(NEW), Some(names(&["ToOutgoing"])));
    }

    #[test]
    fn a_handler_of_the_site_is_refused_before_anything_is_done() {
        let mut fixture = Fixture::new(NEW, &[], POST);
        let handlers = fixture.site.home.join("Mailman/Handlers");
        std::fs::create_dir_all(&handlers).unwrap();
        std::fs::write(handlers.join("Local.py"), "").unwrap();
        let walked = fixture.run(|ctx| walk(ctx, names(&["AfterDelivery", "Local"])).unwrap());
        assert_eq!(walked, Walk::Refused("Local".into()));
        assert_eq!(fixture.list.float(attributes::POST_ID), 7.0);
    }

    #[test]
    fn what_is_queued_carries_what_remains() {
        let mut fixture = Fixture::new(NEW, &[], POST);
        fixture.run(|ctx| walk(ctx, names(&["ToArchive", "AfterDelivery"])).unwrap());
        assert_eq!(fixture.list.float(attributes::POST_ID), 8.0);
        assert!(fixture.data.strings("pipeline").unwrap().is_empty());
        assert_eq!(fixture.outbox.len(), 1);
    }
}
