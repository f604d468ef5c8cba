//! The plain digest of RFC 1153: everything as one text, in the charset of the list.

use super::contents::Contents;
use super::{mime, Digest};
use crate::error::{Culprit, HandlerError};
use crate::notice::words::Words;
use crate::scrubber;
use crate::scrubber::Outcome;
use crate::text::header::one_line_in;
use compat::codecs::{self, Errors};
use compat::email::charset::Charset;
use compat::email::generator;
use compat::email::message::{Message, Payload};
use compat::site::profile::Switch;
use compat::site::settings;
use compat::site::wrap::wrap;
use compat::ByteStr;

/// How wide texts of headers are.
const COLUMNS: usize = 70;

/// Puts the digest's text together, up to its messages. They are scrubbed on the way: attachments go to the archive's
/// folder, also where the list has no archive.
pub fn text(digest: &Digest<'_>, contents: Contents) -> Result<Vec<u8>, HandlerError> {
    let mut text = Vec::new();
    paragraph(&mut text, &digest.masthead);
    if let Some(header) = &digest.header {
        paragraph(&mut text, header);
    }
    paragraph(&mut text, &contents.table);
    paragraph(&mut text, &[b'-'; 70]);
    for (at, mut msg) in contents.messages.into_iter().enumerate() {
        if at > 0 {
            paragraph(&mut text, &[b'-'; 30]);
        }
        message(digest, &mut msg, &mut text)?;
    }
    Ok(text)
}

/// The end of the text.
pub fn finish(digest: &Digest<'_>, text: &mut Vec<u8>, footer: Option<&ByteStr>) {
    if let Some(footer) = footer {
        add_footer(digest, text, footer);
    }
    let sign_off = mime::sign_off(digest);
    line(text, &sign_off);
    line(text, &vec![b'*'; sign_off.len()]);
}

/// Makes a message of the text.
///
/// # Errors
/// The text has something that its charset lacks.
pub fn compose(digest: &Digest<'_>, text: Vec<u8>) -> Result<Message, HandlerError> {
    let mut msg = Message::new();
    digest.address(&mut msg)?;
    msg.set_payload(digest.on_the_wire(text), Some(&Charset::new(&digest.charset)?))?;
    Ok(msg)
}

fn line(text: &mut Vec<u8>, words: &[u8]) {
    text.extend_from_slice(words);
    text.push(b'\n');
}

fn paragraph(text: &mut Vec<u8>, words: &[u8]) {
    line(text, words);
    text.push(b'\n');
}

fn message(digest: &Digest<'_>, msg: &mut Message, text: &mut Vec<u8>) -> Result<(), HandlerError> {
    let words = Words::new(digest.site, &digest.list.preferred_language());
    if scrubber::scrub(digest.site, digest.list, words, msg, None)? == Outcome::Discard {
        line(text, &digest.words.say("[Message discarded by content filter]"));
        return Ok(());
    }
    headers(digest, msg, text);
    text.push(b'\n');
    let before = text.len();
    body(digest, msg, text)?;
    let ends_line = text.len() > before && text.ends_with(b"\n");
    text.extend_from_slice(if ends_line { b"\n" } else { b"\n\n" });
    Ok(())
}

fn headers(digest: &Digest<'_>, msg: &Message, text: &mut Vec<u8>) {
    for name in digest.site.settings.strings(settings::PLAIN_DIGEST_KEEP_HEADERS).unwrap_or_default() {
        let value = msg.get_str(&name.to_latin1()).filter(|value| !value.is_empty());
        if let Some(value) = value {
            let shown = [&name[..], b": ", &one_line_in(&value, &digest.charset)].concat();
            let wrapped = wrap(&shown, COLUMNS);
            let lines: Vec<&[u8]> = wrapped.split(|&b| b == b'\n').collect();
            line(text, &lines.join(&b"\n\t"[..]));
        }
    }
}

/// Adds the message's text in the list's charset. What scrubbing left without one is shown as it is written.
fn body(digest: &Digest<'_>, msg: &mut Message, text: &mut Vec<u8>) -> Result<(), HandlerError> {
    let body = match msg.decoded_payload().filter(|body| !body.is_empty()) {
        Some(body) => body,
        None => generator::written_body(msg)?
            .ok_or_else(|| Culprit::Message("it has no body").says("list index out of range"))?,
    };
    // A large message is not kept in memory beside its text.
    msg.payload = Payload::None;
    let declared = msg.content_charset().filter(|c| !c.is_empty() && *c != digest.charset && *c != digest.wire_charset);
    let Some(charset) = declared else {
        append(text, body);
        return Ok(());
    };
    let mut to_list = |from: &ByteStr| codecs::recode_to(text, &body, (from, &digest.charset), Errors::Replace);
    to_list(&charset).or_else(|_| to_list(&digest.wire_charset)).map_err(HandlerError::cause)
}

/// Adds a body. A large one with a buffer of its own takes in the text before it, instead of being copied behind it.
fn append(text: &mut Vec<u8>, body: ByteStr) {
    let own = if body.len() > text.len() { body.into_vec() } else { Err(body) };
    match own {
        Ok(mut whole) => {
            whole.splice(0..0, std::mem::take(text));
            *text = whole;
        }
        Err(body) => text.extend_from_slice(&body),
    }
}

/// Since 2.1.15 the footer is a section of its own at the end.
fn add_footer(digest: &Digest<'_>, text: &mut Vec<u8>, footer: &[u8]) {
    let own_section = digest.site.profile.has(Switch::DigestFooterSection);
    paragraph(text, &[b'-'; 30]);
    if own_section {
        let title = digest.words.say("Digest Footer");
        paragraph(text, &[b"Subject: ", &title[..]].concat());
    }
    paragraph(text, footer);
    if own_section {
        paragraph(text, &[b'-'; 30]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_behind_the_text_whatever_its_buffer() {
        let shared = ByteStr::from("a long body\n");
        for body in [ByteStr::from("a long body\n"), shared.clone(), ByteStr::from("> a long body\n").slice_from(2)] {
            let mut text = b"head\n".to_vec();
            append(&mut text, body);
            append(&mut text, ByteStr::from("x"));
            assert_eq!(text, b"head\na long body\nx");
        }
        assert_eq!(shared, "a long body\n");
    }
}
