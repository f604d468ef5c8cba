//! What waits for a moderator: requests to join and to leave are stored here, held posts are decided on
//! (ListAdmin.HoldSubscription, HoldUnsubscription, HandleRequest).

use super::{Desk, Refused, UserDesc};
use crate::clock;
use crate::error::HandlerError;
use crate::notice::{template_for_list, Letter, Template, UserNotification, Words};
use crate::text;
use crate::text::header::{header_of, one_line_in};
use compat::durable;
use compat::email::message::Message;
use compat::email::{date, parser};
use compat::list::requests::RequestKind;
use compat::pickle::{self, Value};
use compat::queue::{EntryMessage, Metadata, QueueName, ENTRY_LIMIT};
use compat::site::Switch;
use compat::ByteStr;
use std::io;
use std::path::Path;

/// What a moderator decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It goes on its way.
    Approve,
    /// Its sender is told why not.
    Reject,
    /// It vanishes.
    Discard,
}

/// What became of a held message. Its record is gone either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// As decided.
    Done,
    /// Its file was not there any more.
    Lost,
}

/// `HoldSubscription`
pub fn hold_subscription(desk: &mut Desk<'_>, user: &UserDesc) -> Result<(), HandlerError> {
    let language = user.language.clone().unwrap_or_else(|| desk.list.preferred_language());
    let data = vec![
        Value::Float(clock::now()),
        Value::Str(user.address.clone()),
        user.name(),
        Value::Str(user.password.clone().unwrap_or_default()),
        user.digest.clone().unwrap_or(Value::Int(0)),
        Value::Str(language.clone()),
    ];
    desk.list.add_request(RequestKind::Subscription, Value::tuple(data))?;
    desk.log("vette", &[desk.list.name(), b": held subscription request from ", &user.address]);
    if desk.list.truth("admin_immed_notify") {
        let spoken = desk.if_newer(&desk.list.preferred_language());
        let subject = "New subscription request to list %(realname)s from %(addr)s";
        tell_moderators(desk, &spoken, subject, "subauth.txt", &user.address)?;
        // The language that newer versions go back to is the request's, not that of before.
        desk.language = desk.if_newer(&language);
    }
    Ok(())
}

/// `HoldUnsubscription`
pub fn hold_unsubscription(desk: &mut Desk<'_>, address: &ByteStr) -> Result<(), HandlerError> {
    desk.list.add_request(RequestKind::Unsubscription, Value::Str(address.clone()))?;
    desk.log("vette", &[desk.list.name(), b": held unsubscription request from ", address]);
    if desk.list.truth("admin_immed_notify") {
        let spoken = desk.language.clone();
        let subject = "New unsubscription request from %(realname)s by %(addr)s";
        tell_moderators(desk, &spoken, subject, "unsubauth.txt", address)?;
    }
    Ok(())
}

/// Tells the owner address; `tomoderators` makes moderators get it too.
fn tell_moderators(
    desk: &mut Desk<'_>,
    spoken: &[u8],
    subject: &str,
    template: &str,
    address: &ByteStr,
) -> Result<(), HandlerError> {
    let list = &desk.list;
    let values = [("realname", Value::Str(list.real_name())), ("addr", Value::Str(address.clone()))];
    let subject = Words::new(desk.site, spoken).fill(subject, &values);
    let fields = [
        ("username", address.clone()),
        ("listname", list.name().clone()),
        ("hostname", list.host_name()),
        ("admindb_url", list.script_url("admindb", true)),
    ];
    let text = template_for_list(list, template, &fields)?;
    let (owner, language) = (list.owner_address(), list.preferred_language());
    let letter = Letter { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let notice = UserNotification::new(desk.site, std::slice::from_ref(&owner), &owner, letter)?;
    notice.send_with(desk.list, desk.outbox, Metadata::new().with("tomoderators", Value::Int(1)))
}

/// A held message's record.
struct Post {
    sender: ByteStr,
    subject: ByteStr,
    file: ByteStr,
    metadata: Metadata,
}

impl Post {
    /// From (time, sender, subject, reason, file, metadata).
    fn from_record(record: &Value) -> Option<Post> {
        let [_, sender, subject, _, file, metadata] = record.as_items()? else { return None };
        Some(Post {
            sender: sender.as_text().cloned().unwrap_or_default(),
            subject: header_of(subject).text(),
            file: file.as_text()?.clone(),
            metadata: Metadata::from_value(metadata)?,
        })
    }
}

/// `HandleRequest` for a held message. The comment is for a rejection.
pub fn handle_held(desk: &mut Desk<'_>, id: i64, action: Action, comment: Option<&[u8]>) -> Result<Handled, Refused> {
    let post = match desk.list.requests()?.get(id) {
        Some((RequestKind::HeldMessage, record)) => Post::from_record(record),
        _ => return Err(Refused::RequestGone(id)),
    };
    let odd = || HandlerError::Other(format!("the record of held message {id} is not as Mailman writes it"));
    let handled = decide(desk, post.ok_or_else(odd)?, action, comment)?;
    desk.list.requests()?.remove(id);
    Ok(handled)
}

fn decide(
    desk: &mut Desk<'_>,
    mut post: Post,
    action: Action,
    comment: Option<&[u8]>,
) -> Result<Handled, HandlerError> {
    let path = desk.list.held_file(&post.file);
    match action {
        Action::Approve => {
            let Some(message) = read_message(&path)? else { return Ok(Handled::Lost) };
            approve(desk, message, post.metadata)?;
        }
        Action::Reject => {
            let language = desk.list.language_of(&post.sender);
            post.subject = one_line_in(&post.subject, &desk.list.charset_of(&language));
            refuse(desk, &post, &language, comment)?;
            log_refusal(desk, "Refused", &post, comment);
        }
        Action::Discard => log_refusal(desk, "Discarded", &post, comment),
    }
    Ok(if durable::unlink_if_there(&path)? { Handled::Done } else { Handled::Lost })
}

/// The message goes back into the incoming queue, where it continues behind the handler that held it. It is made safe
/// there at once, for its file goes next.
fn approve(desk: &mut Desk<'_>, mut message: Message, mut data: Metadata) -> Result<(), HandlerError> {
    data.set_int("approved", 1);
    // What lets a post through an emergency.
    data.set_int("adminapproved", 1);
    // A name of its own: delivery errors would make duplicates of the old one.
    data.remove("filebase");
    message.append("X-Mailman-Approved-At", date::formatdate(clock::now() as i64, true));
    let id = message.get_str("message-id").unwrap_or_else(|| "n/a".into());
    let list: Vec<u8> = match desk.has(Switch::ApprovedLineWithList) {
        true => [desk.list.name(), &b": "[..]].concat(),
        false => Vec::new(),
    };
    desk.log("vette", &[&list, b"held message approved, message-id: ", &id]);
    desk.outbox.enqueue(QueueName::In, &EntryMessage::Object(message.to_value()), &data)?;
    desk.outbox.commit()?;
    Ok(())
}

/// Tells the sender of a post why it is not sent on (`__refuse`).
fn refuse(desk: &mut Desk<'_>, post: &Post, language: &ByteStr, comment: Option<&[u8]>) -> Result<(), HandlerError> {
    let values = [("subject", Value::Str(post.subject.clone()))];
    let request = desk.words().fill("Posting of your message titled \"%(subject)s\"", &values);
    let comment = comment.filter(|text| !text.is_empty()).map(ByteStr::from);
    let fields = [
        ("listname", desk.list.real_name()),
        ("request", request),
        ("reason", comment.unwrap_or_else(|| desk.words().say("[No reason given]"))),
        ("adminaddr", desk.list.owner_address()),
    ];
    let fields = fields.map(|(name, value)| (name, Value::Str(value)));
    let template = Template { name: "refuse.txt", values: &fields, language: Some(language), raw: false };
    let text = template.for_list(desk.list)?;
    let values = [("realname", Value::Str(desk.list.real_name()))];
    let words = Words::new(desk.site, language);
    let subject = words.fill("Request to mailing list %(realname)s rejected", &values);
    let letter = Letter { subject: Some(&subject), text: Some(&text), language: Some(language) };
    let to = std::slice::from_ref(&post.sender);
    UserNotification::new(desk.site, to, &desk.list.owner_address(), letter)?.send(desk.list, desk.outbox)
}

/// Mailman doubles percent signs for a formatting that never comes; the log shows them so.
fn log_refusal(desk: &Desk<'_>, how: &str, post: &Post, comment: Option<&[u8]>) {
    let doubled = |part: &[u8]| text::replace(part, b"%", b"%%");
    let head: [&[u8]; 4] = [desk.list.name(), b": ", how.as_bytes(), b" posting:\n\tFrom: "];
    let mut line = [&head.concat()[..], &doubled(&post.sender), b"\n\tSubject: ", &doubled(&post.subject)].concat();
    if let Some(comment) = comment.filter(|comment| !comment.is_empty()) {
        line.extend_from_slice(b"\n\tReason: ");
        line.extend_from_slice(&doubled(comment));
    }
    desk.log("vette", &[&line]);
}

/// The message in a file of data/: a pickle, or text in old sites and where the site wants it so. `None` where the
/// file is gone.
fn read_message(path: &Path) -> Result<Option<Message>, HandlerError> {
    let bytes = match durable::read_file(path, ENTRY_LIMIT) {
        Ok(bytes) => ByteStr::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if path.extension().is_some_and(|extension| extension == "txt") {
        return Ok(Some(parser::parse(&bytes)));
    }
    let damaged = |reason: String| HandlerError::Other(format!("{}: {reason}", path.display()));
    let (value, _) = pickle::load(&bytes).map_err(|error| damaged(error.to_string()))?;
    Message::from_value(&value).map(Some).map_err(|error| damaged(error.to_string()))
}
