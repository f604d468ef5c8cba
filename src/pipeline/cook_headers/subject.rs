//! The subject with the list's prefix in front.
//!
//! Two ways lead to the new header. A subject of plain ASCII is joined with the prefix as one string; anything else
//! becomes a header of several chunks, each in its own charset. What is left without the prefix is kept in the
//! metadata for the news gateway, as an instance of email's Header.

use super::prefix::{self, Prefix, ReplyMarks};
use crate::error::HandlerError;
use crate::pipeline::headers::{change_header, default_whitespace, text_of, uheader, Change};
use crate::pipeline::Context;
use crate::text;
use crate::text::header::{decoded_line, value_of};
use compat::codecs::{self, Errors};
use compat::email::charset::Charset;
use compat::email::header::Header;
use compat::email::message::HeaderValue;
use compat::list::attributes;
use compat::site::{settings, Switch};
use compat::value::{UniStr, Value};
use compat::ByteStr;

/// A subject in parts.
struct Parts {
    prefix: Value,
    recolon: &'static str,
    subject: String,
    charset: ByteStr,
    old_style: bool,
    whitespace: u8,
}

/// Puts the prefix in place. A subject or prefix that does not decode leaves the subject as it was.
pub fn prefix(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    let prefix = stripped(ctx.list.get(attributes::SUBJECT_PREFIX).unwrap_or(&Value::None));
    if !prefix.is_true() {
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

fn take_apart(ctx: &Context<'_>, prefix: Value, original: &[u8]) -> Result<Option<Parts>, HandlerError> {
    let (line, charset) = decoded_line(original);
    let Ok(decoded) = codecs::decode_string(&line, &charset, Errors::Strict) else { return Ok(None) };
    let pattern = Prefix::new(&prefix);
    let subject = pattern.remove_from(&decoded);
    let mark = prefix::reply_mark(&subject, ReplyMarks::of(&ctx.site.profile));
    let recolon = if mark > 0 { "Re:" } else { "" };
    let Some((subject, charset)) = titled(ctx, &subject[mark..], charset) else { return Ok(None) };
    let Some(prefix) = prefix::numbered(&prefix, ctx.list.require(attributes::POST_ID)?) else { return Ok(None) };
    let old_style = !pattern.numbered && ctx.site.settings.truth(settings::OLD_STYLE_PREFIXING);
    let whitespace = continuation(original).unwrap_or_else(|| default_whitespace(ctx));
    Ok(Some(Parts { prefix, recolon, subject, charset, old_style, whitespace }))
}

/// `prefix.strip()`
fn stripped(prefix: &Value) -> Value {
    match prefix {
        Value::Unicode(text) => Value::Unicode(text::strip_unicode(&text.to_text()).into()),
        other => Value::str(text::strip(other.as_str().map_or(&[], |bytes| bytes))),
    }
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
    let prefix = parts.prefix.as_text()?;
    if parts.charset != "us-ascii" || !prefix.is_ascii() || !parts.subject.is_ascii() {
        return None;
    }
    let (mark, subject) = (parts.recolon.as_bytes(), parts.subject.as_bytes());
    let pieces: &[&[u8]] = match (parts.old_style, mark.is_empty()) {
        (true, _) => &[mark, prefix, subject],
        (false, false) => &[prefix, mark, subject],
        (false, true) => &[prefix, subject],
    };
    let whole = uheader(ctx, &pieces.join(&b' ')[..], "Subject", Some(parts.whitespace), None).ok()?;
    let stripped = uheader(ctx, &[mark, subject].join(&b' ')[..], "Subject", Some(parts.whitespace), None).ok()?;
    Some((whole, stripped))
}

/// The other way: chunks. Blanks at their ends keep words apart that a reader joins (2.1.21 and later).
fn join_chunks(ctx: &Context<'_>, parts: &Parts) -> Option<(Header, Header)> {
    let blank: &[u8] = if ctx.has(Switch::PrefixChunkSpacing) { b" " } else { b"" };
    let prefix = with_blank(&parts.prefix, blank);
    let mark = Value::str(parts.recolon);
    let mark = if mark.is_true() { with_blank(&mark, blank) } else { mark };
    let (first, second) = if parts.old_style { (&mark, &prefix) } else { (&prefix, &mark) };
    let charset = Charset::new(&parts.charset).ok()?;
    let subject = codecs::encode_str(&parts.subject, &parts.charset, Errors::Replace).ok()?;
    let mut whole = uheader(ctx, text_of(first), "Subject", Some(parts.whitespace), None).ok()?;
    whole.append(text_of(second), None, Errors::Strict).ok()?;
    whole.append(&subject[..], Some(&charset), Errors::Strict).ok()?;
    let mut stripped = uheader(ctx, text_of(&mark), "Subject", Some(parts.whitespace), None).ok()?;
    stripped.append(&subject[..], Some(&charset), Errors::Strict).ok()?;
    Some((whole, stripped))
}

fn with_blank(text: &Value, blank: &[u8]) -> Value {
    match text {
        Value::Unicode(text) => Value::Unicode(UniStr(ByteStr::new([&text.0[..], blank].concat()))),
        other => Value::str([other.as_str().map_or(&[][..], |bytes| bytes), blank].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::site::Version;

    fn prefixed(version: Version, prefix: &str, subject: &str) -> ByteStr {
        let message = format!("From: anna@example.org\nSubject: {subject}\n\nx\n");
        let mut fixture = Fixture::new(version, &[("subject_prefix", Value::str(prefix))], message.as_bytes());
        fixture.run(|ctx| super::prefix(ctx).unwrap());
        fixture.msg.get_str("subject").unwrap_or_default()
    }

    #[test]
    fn subjects_as_the_reference_writes_them() {
        let cases = [
            ("[Club] ", "Re: AW: [Club] hi", "Re: [Club] hi", "Re: [Club] hi"),
            ("[Club %d] ", "Re: [Club 3] hi", "[Club 7] Re: hi", "[Club 7] Re: hi"),
            ("[Club] ", "=?utf-8?q?caf=C3=A9?=", "[Club] =?utf-8?b?Y2Fmw6k=?=", "[Club] =?utf-8?b?Y2Fmw6k=?="),
            ("[Club] ", "", "[Club] (no subject)", "[Club] (no subject)"),
            ("[Club] ", "RE : x", "[Club] RE : x", "Re: [Club] x"),
            ("[50%] ", "x", "x", "x"),
        ];
        for (prefix, subject, old, new) in cases {
            assert_eq!(prefixed(OLD, prefix, subject), old, "2.1.13: {subject}");
            assert_eq!(prefixed(NEW, prefix, subject), new, "2.1.39: {subject}");
        }
    }

    #[test]
    fn undecodable_subjects_stay() {
        let message = b"From: anna@example.org\nSubject: caf\xe9\n\nx\n";
        let mut fixture = Fixture::new(NEW, &[], message);
        fixture.run(|ctx| super::prefix(ctx).unwrap());
        assert_eq!(fixture.msg.get_str("subject").unwrap(), &b"caf\xe9"[..]);
        assert!(fixture.data.contains("origsubj") && !fixture.data.contains("stripped_subject"));
    }
}
