//! Messages that Mailman itself writes: notices to members and owners, and texts in their languages.
//!
//! A notice goes to the `virgin` queue, from where it is delivered without the treatment of a post. This answers to
//! UserNotification and OwnerNotification of Mailman.Message.

pub mod template;
mod text;
pub mod translation_check;
pub mod words;

pub use template::{template_for_list, Template};
pub use text::Text;
pub use words::Words;

use crate::clock;
use crate::error::HandlerError;
use compat::codecs::Errors;
use compat::email::build::{self, Recipients};
use compat::email::charset::Charset;
use compat::email::header::{Header, Layout};
use compat::email::message::{Message, Payload};
use compat::email::{date, msgid};
use compat::format::without_controls;
use compat::list::{attributes, LockedList, MailList};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// What goes into a notice; text and subject are in the charset of the language.
#[derive(Clone, Copy, Default)]
pub struct NoticeText<'a> {
    /// `(no subject)` where there is none.
    pub subject: Option<&'a [u8]>,
    /// The body; none where parts will be attached.
    pub text: Option<&'a [u8]>,
    /// The language, which decides about the charset.
    pub language: Option<&'a [u8]>,
}

/// A notice, before it is sent.
pub struct UserNotification {
    /// The message, to be changed and added to at will.
    pub message: Message,
    /// Who gets it.
    pub recips: Vec<ByteStr>,
    /// The envelope's sender, where it is not the list's -bounces address.
    pub envelope_sender: Option<ByteStr>,
    /// Whether to leave Precedence out.
    pub without_precedence: bool,
}

impl UserNotification {
    /// A notice to these addresses.
    ///
    /// # Errors
    /// A text or address that cannot be encoded, or an entry that cannot be written.
    pub fn new(site: &Site, to: &[ByteStr], from: &[u8], notice_text: NoticeText<'_>) -> Result<Self, HandlerError> {
        let charset = notice_text.language.map(|lang| Charset::new(site.charset_or_ascii(lang))).transpose()?;
        let subject = subject(notice_text.subject.unwrap_or(b"(no subject)"), charset.as_ref())?;
        let text = notice_text.text.map(|text| body(text, charset.as_ref()));
        let message = build::user_notification(Recipients::List(to.to_vec()), from, subject, text, charset.as_ref())?;
        Ok(UserNotification { message, recips: to.to_vec(), envelope_sender: None, without_precedence: false })
    }

    /// A notice to the list's owners, and to its moderators where they are concerned. Its envelope is the site's
    /// -bounces address, so that an owner's dead mailbox makes no loop.
    ///
    /// # Errors
    /// A text or address that cannot be encoded, or an entry that cannot be written.
    pub fn to_owners(
        list: &MailList,
        subject_text: Option<&[u8]>,
        text: Option<&[u8]>,
        moderators_too: bool,
    ) -> Result<Self, HandlerError> {
        let site = list.site();
        let mut recips = list.strings(attributes::OWNER);
        if moderators_too {
            recips.extend(list.strings(attributes::MODERATOR));
        }
        let sender = site_address(site, &list.host_name(), "bounces")?;
        let charset = Charset::new(site.charset_or_ascii(&list.preferred_language()))?;
        let message = build::owner_notification(
            recips.clone(),
            &list.owner_address(),
            &sender,
            subject(subject_text.unwrap_or(b"(no subject)"), Some(&charset))?,
            text.map(|text| body(text, Some(&charset))),
            Some(&charset),
            site.profile.has(Switch::OwnerNoticePrecedence),
        )?;
        Ok(UserNotification { message, recips, envelope_sender: Some(sender), without_precedence: false })
    }

    /// Makes it a message of this type with these parts.
    ///
    /// # Errors
    /// A text or address that cannot be encoded, or an entry that cannot be written.
    pub fn attach(&mut self, content_type: &str, parts: Vec<Message>) -> Result<(), HandlerError> {
        self.message.set_type(content_type, "Content-Type")?;
        self.message.payload = Payload::Parts(parts);
        Ok(())
    }

    /// Puts it into the virgin queue.
    ///
    /// # Errors
    /// A text or address that cannot be encoded, or an entry that cannot be written.
    pub fn send(self, list: &MailList, outbox: &mut Outbox) -> Result<(), HandlerError> {
        self.send_with(list, outbox, Metadata::new())
    }

    /// The same with more metadata.
    ///
    /// # Errors
    /// A text or address that cannot be encoded, or an entry that cannot be written.
    pub fn send_with(mut self, list: &MailList, outbox: &mut Outbox, more: Metadata) -> Result<(), HandlerError> {
        self.complete(list);
        let mut data = more;
        data.set_str("listname", list.name().clone());
        data.set_strings("recips", self.recips);
        data.set_int("nodecorate", 1);
        data.set_int("reduced_list_headers", 1);
        if let Some(sender) = self.envelope_sender {
            data.set_str("envsender", sender);
        }
        outbox.enqueue(QueueName::Virgin, &EntryMessage::Object(self.message.to_value()), &data)?;
        Ok(())
    }

    /// The headers that every notice has.
    fn complete(&mut self, list: &MailList) {
        if !self.message.contains("message-id") {
            self.message.append("Message-ID", msgid::unique_message_id(list.name(), &list.host_name()));
        }
        if !self.message.contains("date") {
            self.message.append("Date", date::formatdate(clock::seconds(), true));
        }
        if !self.without_precedence && !self.message.contains("precedence") {
            let to_owner = self.message.get_str("to").is_some_and(|to| to == list.owner_address());
            let listed = to_owner && list.site().profile.has(Switch::OwnerNoticePrecedence);
            self.message.append("Precedence", if listed { "list" } else { "bulk" });
        }
    }
}

/// The text, in which what strangers wrote gives no orders to the terminal that shows it.
fn body(text: &[u8], charset: Option<&Charset>) -> Payload {
    Payload::Str(without_controls(text, charset_name(charset)).as_ref().into())
}

fn charset_name(charset: Option<&Charset>) -> &[u8] {
    charset.map_or(b"us-ascii", |charset| &charset.input_charset[..])
}

/// The subject in the language's charset; what is not of it is replaced.
fn subject(text: &[u8], charset: Option<&Charset>) -> Result<Header, HandlerError> {
    let layout = Layout { header_name: Some(b"Subject"), ..Layout::default() };
    let mut header = Header::empty(charset, &layout);
    header.append(&without_controls(text, charset_name(charset))[..], None, Errors::Replace)?;
    Ok(header)
}

/// An address of the site list: `mailman-bounces@HOST`.
///
/// # Errors
/// A setting that is missing or of another kind.
pub fn site_address(site: &Site, host: &[u8], extra: &str) -> Result<ByteStr, HandlerError> {
    let list = site.settings.str(settings::MAILMAN_SITE_LIST)?;
    Ok(ByteStr::new([&list[..], b"-", extra.as_bytes(), b"@", host].concat()))
}

/// `Utils.get_site_email`: the site list's own address or another of it, at the host of the site where none is said.
///
/// # Errors
/// A setting that is missing or of another kind.
pub fn site_email(site: &Site, host: Option<&[u8]>, extra: Option<&str>) -> Result<ByteStr, HandlerError> {
    let host = host.map_or_else(|| site_host(site), |host| Ok(host.into()))?;
    match extra {
        Some(extra) => site_address(site, &host, extra),
        None => Ok(ByteStr::new([&site.settings.str(settings::MAILMAN_SITE_LIST)?[..], b"@", &host].concat())),
    }
}

/// The mail host of the site: that of its web host (`VIRTUAL_HOSTS`), or the web host itself.
///
/// # Errors
/// A setting that is missing or of another kind.
pub fn site_host(site: &Site) -> Result<ByteStr, HandlerError> {
    let url = site.settings.optional_str(settings::DEFAULT_URL).unwrap_or_default();
    let host = url.split(|&b| b == b'/').nth(2).filter(|host| !host.is_empty()).map(ByteStr::from);
    let host = match host {
        Some(host) => host,
        None => site.settings.str(settings::DEFAULT_URL_HOST)?,
    };
    let host = ByteStr::new(host.to_ascii_lowercase());
    Ok(mail_host_of(site, &host).unwrap_or(host))
}

/// The mail host that `VIRTUAL_HOSTS` has for a web host.
pub fn mail_host_of(site: &Site, web_host: &[u8]) -> Option<ByteStr> {
    let hosts = site.settings.get(settings::VIRTUAL_HOSTS).and_then(Value::as_dict)?;
    hosts.get(web_host).and_then(Value::as_text).cloned()
}

/// An outbox for the queues of a site.
///
/// # Errors
/// Queue folders that the settings do not name.
pub fn outbox(site: &Site) -> Result<Outbox, HandlerError> {
    let folders = QueueFolders::from_settings(&site.settings)?;
    Ok(Outbox::new(Rc::new(folders)))
}

/// Saves a list and what its change caused in one commit: mails, and held messages that go. In it the mails come first, then
/// held messages go, and what tells that all is done comes last, so that what is cut off can be done again.
///
/// # Errors
/// Something cannot be written: nothing has happened then.
pub fn save_with_mail(list: &mut LockedList, outbox: &mut Outbox) -> Result<(), HandlerError> {
    list.save_with(outbox.pending())?;
    outbox.commit()?;
    // All is in its place: it must not be done again for a link.
    if let Err(error) = list.link_public_archive() {
        list.site().log("error", error.to_string());
    }
    Ok(())
}
