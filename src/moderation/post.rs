//! Deciding about a held post (`ListAdmin.__handlepost`).

use super::refusal::{reason, Refusal};
use super::{forward, Action, Decided, Decision};
use crate::clock;
use crate::error::HandlerError;
use crate::membership::MembershipContext;
use crate::text;
use crate::text::header::{header_of, one_line_in};
use compat::durable;
use compat::email::message::Message;
use compat::email::{date, parser};
use compat::list::MailList;
use compat::pickle;
use compat::queue::{EntryMessage, Metadata, QueueName, ENTRY_LIMIT};
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;
use std::io;
use std::path::Path;

/// A held message's record.
pub(super) struct Post {
    sender: ByteStr,
    subject: ByteStr,
    /// The name of its file in DATA_DIR.
    pub file: ByteStr,
    metadata: Metadata,
}

impl Post {
    /// From (time, sender, subject, reason, file, metadata).
    pub(super) fn from_record(record: &Value) -> Option<Post> {
        let [_, sender, subject, _, file, metadata] = record.as_items()? else { return None };
        Some(Post {
            sender: sender.as_text().cloned().unwrap_or_default(),
            subject: header_of(subject).text(),
            file: file.as_text()?.clone(),
            metadata: Metadata::from_value(metadata)?,
        })
    }
}

/// Does what was decided, except for removing the file, which goes when all the rest is safe.
pub(super) fn decide(
    ctx: &mut MembershipContext<'_>,
    mut post: Post,
    path: &Path,
    decision: &Decision<'_>,
) -> Result<Decided, HandlerError> {
    let forward_to = decision.forward_to.filter(|field| !field.is_empty());
    let is_read = decision.preserve || forward_to.is_some() || decision.action == Action::Approve;
    let message = if is_read { read_message(path)? } else { None };
    if is_read && message.is_none() {
        return Ok(Decided::Lost);
    }
    if let Some(mut message) = message.clone().filter(|_| decision.preserve) {
        forward::preserve(ctx, path, &mut message)?;
    }
    // A copy must not share what the pipeline changes.
    let copy = message.clone().filter(|_| forward_to.is_some());
    match (decision.action, message) {
        (Action::Approve, Some(message)) => approve(ctx, message, std::mem::take(&mut post.metadata))?,
        (Action::Reject, _) => refuse(ctx, &mut post, decision.comment)?,
        _ => {}
    }
    if let (Some(message), Some(field)) = (copy, forward_to) {
        forward::forward(ctx, message, field)?;
    }
    match decision.action {
        Action::Defer => return Ok(Decided::Kept),
        Action::Approve => {}
        Action::Reject => log_refusal(ctx, "Refused", &post, decision.comment),
        Action::Discard => log_refusal(ctx, "Discarded", &post, decision.comment),
    }
    Ok(if path.exists() { Decided::Done } else { Decided::Lost })
}

/// Tells the sender why his post is not sent on.
fn refuse(ctx: &mut MembershipContext<'_>, post: &mut Post, comment: Option<&[u8]>) -> Result<(), HandlerError> {
    let language = ctx.list.language_of(&post.sender);
    post.subject = one_line_in(&post.subject, &ctx.list.charset_of(&language));
    let values = [("subject", Value::Str(post.subject.clone()))];
    let request = ctx.words().fill("Posting of your message titled \"%(subject)s\"", &values);
    let reason = reason(ctx, comment);
    Refusal { recipient: &post.sender, request, reason, language: &language }.send(ctx)
}

/// The message goes back into the incoming queue, where it continues behind the handler that held it.
fn approve(ctx: &mut MembershipContext<'_>, mut message: Message, mut data: Metadata) -> Result<(), HandlerError> {
    data.set_int("approved", 1);
    // What lets a post through an emergency.
    data.set_int("adminapproved", 1);
    // A name of its own: delivery errors would make duplicates of the old one.
    data.remove("filebase");
    message.append("X-Mailman-Approved-At", date::formatdate(clock::seconds(), true));
    let id = message.get_str("message-id").unwrap_or_else(|| "n/a".into());
    let list: Vec<u8> = match ctx.has(Switch::ApprovedLineWithList) {
        true => [ctx.list.name(), &b": "[..]].concat(),
        false => Vec::new(),
    };
    ctx.log("vette", &[&list, b"held message approved, message-id: ", &id]);
    ctx.outbox.enqueue(QueueName::In, &EntryMessage::Object(message.to_value()), &data)?;
    Ok(())
}

/// Mailman doubles percent signs for a formatting that never comes; the log shows them so.
fn log_refusal(ctx: &MembershipContext<'_>, how: &str, post: &Post, comment: Option<&[u8]>) {
    let doubled = |part: &[u8]| text::replace(part, b"%", b"%%");
    let head: [&[u8]; 4] = [ctx.list.name(), b": ", how.as_bytes(), b" posting:\n\tFrom: "];
    let mut line = [&head.concat()[..], &doubled(&post.sender), b"\n\tSubject: ", &doubled(&post.subject)].concat();
    if let Some(comment) = comment.filter(|comment| !comment.is_empty()) {
        line.extend_from_slice(b"\n\tReason: ");
        line.extend_from_slice(&doubled(comment));
    }
    ctx.log("vette", &[&line]);
}

/// The message of a held post; `None` where its file is gone.
///
/// # Errors
/// The file cannot be read, or is damaged.
pub fn read_held(list: &MailList, file: &[u8]) -> Result<Option<Message>, HandlerError> {
    read_message(&list.held_file(file))
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
    let (value, _) = pickle::load(&bytes).map_err(HandlerError::at(path.display()))?;
    Message::from_value(&value).map(Some).map_err(HandlerError::at(path.display()))
}
