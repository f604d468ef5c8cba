//! Header and footer around a message. Answers to Mailman's `Handlers/Decorate.py`.
//!
//! The texts, made for a list or for a member by [`super::texts`], are put around the message ([`wrap`]): by
//! concatenation where it is plain text, else as parts. What allows neither is packed into a new multipart.

use super::error::DeliveryError;
use super::texts::{TextMaker, Texts};
use compat::codecs::{decode, encode, Errors};
use compat::email::build::mime_text;
use compat::email::charset::Charset;
use compat::email::message::{Message, Payload};
use compat::email::params::Param;
use compat::list::{attributes, MailList};
use compat::queue::Metadata;
use compat::site::Site;
use compat::value::{UniStr, Value};
use compat::ByteStr;

/// Whether this message is decorated at all: digests and Mailman's own messages are not.
pub fn wanted(data: &Metadata) -> bool {
    !data.truth("isdigest") && !data.truth("nodecorate")
}

/// The same header and footer for all recipients, and never twice: an entry may come back.
///
/// # Errors
/// A template that cannot be filled in, or a message that cannot be put together.
pub fn once(site: &Site, list: &MailList, msg: &mut Message, data: &mut Metadata) -> Result<(), DeliveryError> {
    if data.truth("decorated") {
        return Ok(());
    }
    if wanted(data) {
        let texts = TextMaker::new(site, list, data).texts(None)?;
        wrap(site, list, msg, &texts)?;
    }
    data.set_bool("decorated", true);
    Ok(())
}

/// Puts the texts around a message.
///
/// # Errors
/// A template that cannot be filled in, or a message that cannot be put together.
pub fn wrap(site: &Site, list: &MailList, msg: &mut Message, texts: &Texts) -> Result<(), DeliveryError> {
    if texts.is_empty() {
        return Ok(());
    }
    let language = list.str(attributes::PREFERRED_LANGUAGE);
    let charset = site.charset_of(&language).ok_or_else(|| DeliveryError::Language(language.clone()))?;
    let kind = msg.content_type();
    if !msg.is_multipart() && kind == "text/plain" {
        if join_plain(msg, texts, &charset)? {
            return Ok(());
        }
    } else if kind == "multipart/mixed" {
        if has_nothing_in_it(msg) {
            return Ok(());
        }
        return add_parts(msg, texts, &charset);
    }
    pack(msg, texts, &charset)
}

/// Text, header and footer as one text, in the list's charset or else the message's. False where neither will do.
fn join_plain(msg: &mut Message, texts: &Texts, list_charset: &ByteStr) -> Result<bool, DeliveryError> {
    let own_charset = msg.content_charset().filter(|c| !c.is_empty()).unwrap_or_else(|| "us-ascii".into());
    let header = to_unicode(&texts.header, list_charset)?;
    let footer = to_unicode(&texts.footer, list_charset)?;
    // The body may be large: no form of it is kept longer than it is needed.
    let Some(raw) = msg.decoded_payload() else { return Err(DeliveryError::NoText) };
    let Ok(body) = decode(&raw, &own_charset, Errors::Strict) else { return Ok(false) };
    drop(raw);
    let newline = |wanted: bool| if wanted { &b"\n"[..] } else { b"" };
    let front = newline(!header.0.is_empty() && !header.0.ends_with(b"\n"));
    let end = newline(!footer.0.is_empty() && !body.0.ends_with(b"\n"));
    let joined = UniStr([&header.0[..], front, &body.0, end, &footer.0].concat().into());
    drop(body);
    let encoded = match encode(&joined, list_charset, Errors::Strict) {
        Ok(text) => Ok((text, list_charset)),
        Err(_) if *list_charset != own_charset => match encode(&joined, &own_charset, Errors::Strict) {
            Ok(text) => Ok((text, &own_charset)),
            Err(_) => return Ok(false),
        },
        // Python tries no other charset, falls over that, and shunts the message without these headers.
        Err(error) => Err(error),
    };
    drop(joined);
    let (format, delsp) = (msg.get_param("format", "content-type"), msg.get_param("delsp", "content-type"));
    msg.delete("content-transfer-encoding");
    msg.delete("content-type");
    let (text, charset) = encoded?;
    let Ok(charset) = Charset::new(charset) else { return Ok(false) };
    if msg.set_payload(text, Some(&charset)).is_err() {
        return Ok(false);
    }
    for (name, value) in [("Format", format), ("DelSp", delsp)] {
        // A plain empty value is false in Python, an RFC 2231 tuple never is.
        if let Some(value) = value.filter(|value| !matches!(value, Param::Plain(text) if text.is_empty())) {
            msg.set_param(name, &value, "Content-Type");
        }
    }
    Ok(true)
}

fn to_unicode(text: &Value, charset: &ByteStr) -> Result<UniStr, DeliveryError> {
    match text {
        Value::Unicode(text) => Ok(text.clone()),
        other => Ok(decode(other.as_str().map(|s| &s[..]).unwrap_or_default(), charset, Errors::Ignore)?),
    }
}

/// A text as an inline part, or nothing for an empty one.
fn part(text: &Value, charset: &ByteStr) -> Result<Option<Message>, DeliveryError> {
    let payload = match text {
        text if !text.is_true() => return Ok(None),
        Value::Unicode(text) => Payload::Unicode(text.clone()),
        other => Payload::Str(other.as_str().cloned().unwrap_or_default()),
    };
    let mut part = mime_text(payload, "plain", charset)?;
    part.append("Content-Disposition", "inline");
    Ok(Some(part))
}

/// A multipart that ended before it began, with its closing boundary alone or blank lines. Python cannot write it with a
/// footer, and nobody gets it: it goes out as it came.
fn has_nothing_in_it(msg: &Message) -> bool {
    matches!(&msg.payload, Payload::Str(text) if text.trim_ascii().is_empty())
}

fn add_parts(msg: &mut Message, texts: &Texts, charset: &ByteStr) -> Result<(), DeliveryError> {
    let footer = part(&texts.footer, charset)?;
    if let Payload::Parts(parts) = &mut msg.payload {
        parts.extend(footer); // a header that cannot be made comes too late to stop this, as in Python
        parts.splice(0..0, part(&texts.header, charset)?);
        return Ok(());
    }
    let header = part(&texts.header, charset)?;
    // Python makes a list of a text without parts, cannot write it, and shunts it like this.
    let body = match std::mem::take(&mut msg.payload) {
        Payload::Str(text) => Value::Str(text),
        Payload::Unicode(text) => Value::Unicode(text),
        Payload::Other(value) => value,
        Payload::None | Payload::Parts(_) => Value::None,
    };
    let around = |part: Option<Message>| part.map(|part| part.to_value());
    msg.payload = Payload::Other(Value::list(around(header).into_iter().chain([body]).chain(around(footer)).collect()));
    Ok(())
}

/// The message becomes a part, with all of its Content- headers, of a new multipart in its own place.
fn pack(msg: &mut Message, texts: &Texts, charset: &ByteStr) -> Result<(), DeliveryError> {
    if !msg.contains("mime-version") {
        msg.append("MIME-Version", "1.0");
    }
    let (footer, header) = (part(&texts.footer, charset)?, part(&texts.header, charset)?);
    let mut inner = Message::new();
    for (name, value) in msg.headers() {
        if name.to_ascii_lowercase().starts_with(b"content-") {
            inner.append(name.clone(), value.clone());
        }
    }
    inner.payload = std::mem::take(&mut msg.payload);
    inner.unixfrom = msg.unixfrom.clone();
    inner.preamble = msg.preamble.clone();
    inner.epilogue = msg.epilogue.clone();
    inner.default_type = msg.default_type.clone();
    if inner.headers.is_empty() {
        let kind = inner.content_type();
        inner.append("Content-Type", kind);
    }
    msg.payload = Payload::Parts(header.into_iter().chain([inner]).chain(footer).collect());
    for name in ["content-type", "content-transfer-encoding", "content-disposition"] {
        msg.delete(name);
    }
    msg.append("Content-Type", "multipart/mixed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::email::parser::parse;

    #[test]
    fn a_multipart_that_only_ends_has_nothing_in_it() {
        let with = |body: &str| parse(&format!("Content-Type: multipart/mixed; boundary=B\n\n{body}").as_str().into());
        assert!(has_nothing_in_it(&with("--B--\n")));
        assert!(has_nothing_in_it(&with("")) && has_nothing_in_it(&with("\n\n")));
        assert!(!has_nothing_in_it(&with("preamble only\n")));
        assert!(!has_nothing_in_it(&with("--B\n\nx\n--B--\n")));
    }
}
