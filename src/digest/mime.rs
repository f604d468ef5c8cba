//! The MIME digest: masthead, header, table of contents, the messages in a `multipart/digest`, footer.

use super::contents::Contents;
use super::Digest;
use crate::error::HandlerError;
use compat::email::build;
use compat::email::message::Message;
use compat::value::Value;
use compat::ByteStr;

/// Puts the digest together, up to its messages.
pub fn compose(digest: &Digest<'_>, contents: &Contents) -> Result<Message, HandlerError> {
    let words = &digest.words;
    let mut msg = Message::new();
    msg.append("Content-Type", "multipart/mixed");
    msg.append("MIME-Version", "1.0");
    digest.address(&mut msg)?;
    msg.attach(text_part(digest, &digest.masthead, digest.id.clone())?);
    if let Some(header) = &digest.header {
        msg.attach(text_part(digest, header, words.say("Digest Header"))?);
    }
    let count = Value::Int(contents.messages.len() as i64);
    let topics = words.fill("Today's Topics (%(msgcount)d messages)", &[("msgcount", count)]);
    msg.attach(text_part(digest, &contents.table, topics)?);
    msg.attach(messages(contents));
    Ok(msg)
}

/// The end of it, when the plain digest has come as far: where the footer fails, attachments are stored already.
pub fn finish(digest: &Digest<'_>, msg: &mut Message, footer: Option<&ByteStr>) -> Result<(), HandlerError> {
    if let Some(footer) = footer {
        msg.attach(text_part(digest, footer, digest.words.say("Digest Footer"))?);
    }
    // Python means to set the epilogue, but nothing reads an attribute of this name. It is in every digest's pickle.
    msg.extra.set("postamble", Value::Str(sign_off(digest)));
    Ok(())
}

/// `End of NAME Digest, Vol N, Issue N`
pub fn sign_off(digest: &Digest<'_>) -> ByteStr {
    ByteStr::new([&digest.words.say("End of ")[..], &digest.id].concat())
}

fn text_part(digest: &Digest<'_>, text: &ByteStr, description: ByteStr) -> Result<Message, HandlerError> {
    let mut part = build::mime_text(text.clone(), "plain", &digest.charset)?;
    part.append("Content-Description", description);
    Ok(part)
}

fn messages(contents: &Contents) -> Message {
    let mut digest = Message::of_class("email.mime.base", "MIMEBase");
    digest.append("Content-Type", "multipart/digest");
    digest.append("MIME-Version", "1.0");
    contents.messages.iter().for_each(|msg| digest.attach(build::mime_message(msg.clone())));
    digest
}
