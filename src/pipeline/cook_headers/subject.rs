//! The subject with the list's prefix in front.
//!
//! Two ways lead to the new header. A subject of plain ASCII is joined with the prefix as one string; anything else
//! becomes a header of several chunks, each in its own charset. What is left without the prefix is kept in the
//! metadata for the news gateway, as an instance of email's Header.

use super::prefix::{self, Prefix};
use crate::pipeline::headers::{change_header, decoded_line, default_whitespace, uheader, value_of, Change};
use crate::pipeline::{text, Context, HandlerError};
use compat::email::charset::Charset;
use compat::email::codecs::{self, Errors};
use compat::email::header::Header;
use compat::email::message::HeaderValue;
use compat::site::Switch;
use compat::ByteStr;

/// A subject in parts.
struct Parts {
    prefix: Vec<u8>,
    recolon: &'static str,
    subject: String,
    charset: ByteStr,
    old_style: bool,
    whitespace: u8,
}

/// Puts the prefix in place. A subject or prefix that does not decode leaves the subject as it was.
pub fn prefix(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    let prefix = text::strip(&ctx.list.str("subject_prefix")).to_vec();
    if prefix.is_empty() {
        return Ok(());
    }
    let original = ctx.msg.get("subject").cloned().unwrap_or_else(|| HeaderValue::from(""));
    ctx.data.set("origsubj", value_of(&original));
    let Some(parts) = take_apart(ctx, prefix, &original.text())? else { return Ok(()) };
    let Some((subject, stripped)) = join_ascii(ctx, &parts).or_else(|| join_chunks(ctx, &parts)) else {
        return Ok(());
    };
    change_header(ctx, "Subject", subject, Change::Replace);
    ctx.data.set("stripped_subject", stripped.to_value());
    Ok(())
}

fn take_apart(ctx: &Context<'_>, prefix: Vec<u8>, original: &[u8]) -> Result<Option<Parts>, HandlerError> {
    let (line, charset) = decoded_line(original);
    let Ok(decoded) = codecs::decode_string(&line, &charset, Errors::Strict) else { return Ok(None) };
    let pattern = Prefix::new(&prefix);
    let subject = pattern.remove_from(&decoded);
    let mark = prefix::reply_mark(&subject, ctx.has(Switch::PrefixCollapsesRe));
    let recolon = if mark > 0 { "Re:" } else { "" };
    let Some((subject, charset)) = titled(ctx, &subject[mark..], charset) else { return Ok(None) };
    let Some(prefix) = prefix::numbered(&prefix, ctx.list.require("post_id")?) else { return Ok(None) };
    let old_style = !pattern.numbered && ctx.site.settings.truth("OLD_STYLE_PREFIXING");
    let whitespace = continuation(original).unwrap_or_else(|| default_whitespace(ctx));
    Ok(Some(Parts { prefix: prefix.to_vec(), recolon, subject, charset, old_style, whitespace }))
}

/// The white space that the second line of the header begins with.
fn continuation(original: &[u8]) -> Option<u8> {
    text::lines(original).get(1)?.first().copied().filter(|b| matches!(b, b' ' | b'\t'))
}

/// An empty subject gets a name: in the list's language, or in 2.1.13 in the sender's but taken for the list's.
fn titled(ctx: &Context<'_>, subject: &str, charset: ByteStr) -> Option<(String, ByteStr)> {
    let stripped = text::strip_unicode(subject);
    let tidy = ctx.has(Switch::SubjectStripped);
    if !stripped.is_empty() {
        return Some((if tidy { stripped } else { subject }.to_string(), charset));
    }
    let words = if tidy { ctx.list_words() } else { ctx.words() };
    let charset = ctx.list_charset();
    let title = codecs::decode_string(&words.say("(no subject)"), &charset, Errors::Strict).ok()?;
    Some((title, charset))
}

/// The simple way: everything is ASCII.
fn join_ascii(ctx: &Context<'_>, parts: &Parts) -> Option<(Header, Header)> {
    if parts.charset != "us-ascii" || !parts.prefix.is_ascii() || !parts.subject.is_ascii() {
        return None;
    }
    let (mark, subject) = (parts.recolon.as_bytes(), parts.subject.as_bytes());
    let pieces: &[&[u8]] = match (parts.old_style, mark.is_empty()) {
        (true, _) => &[mark, &parts.prefix, subject],
        (false, false) => &[&parts.prefix, mark, subject],
        (false, true) => &[&parts.prefix, subject],
    };
    let whole = uheader(ctx, &pieces.join(&b' '), "Subject", Some(parts.whitespace), None).ok()?;
    let stripped = uheader(ctx, &[mark, subject].join(&b' '), "Subject", Some(parts.whitespace), None).ok()?;
    Some((whole, stripped))
}

/// The other way: chunks. Blanks at their ends keep words apart that a reader joins (2.1.21 and later).
fn join_chunks(ctx: &Context<'_>, parts: &Parts) -> Option<(Header, Header)> {
    let blank: &[u8] = if ctx.has(Switch::PrefixChunkSpacing) { b" " } else { b"" };
    let prefix = [&parts.prefix[..], blank].concat();
    let mark = match parts.recolon {
        "" => Vec::new(),
        recolon => [recolon.as_bytes(), blank].concat(),
    };
    let (first, second) = if parts.old_style { (&mark, &prefix) } else { (&prefix, &mark) };
    let charset = Charset::new(&parts.charset).ok()?;
    let subject = codecs::encode_str(&parts.subject, &parts.charset, Errors::Replace).ok()?;
    let mut whole = uheader(ctx, first, "Subject", Some(parts.whitespace), None).ok()?;
    whole.append(&second[..], None, Errors::Strict).ok()?;
    whole.append(&subject[..], Some(&charset), Errors::Strict).ok()?;
    let mut stripped = uheader(ctx, &mark, "Subject", Some(parts.whitespace), None).ok()?;
    stripped.append(&subject[..], Some(&charset), Errors::Strict).ok()?;
    Some((whole, stripped))
}
