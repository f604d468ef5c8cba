//! Header and footer around a message. Answers to Mailman's `Handlers/Decorate.py`.
//!
//! The texts are made for a list or for a member ([`texts`]), then put around the message ([`wrap`]): by concatenation
//! where it is plain text, else as parts. What falls in neither is packed into a new multipart.

use super::error::DeliveryError;
use super::member::member_values;
use compat::email::build::mime_text;
use compat::email::charset::Charset;
use compat::email::codecs::{decode, encode, Errors};
use compat::email::message::{Message, Payload};
use compat::email::params::Param;
use compat::format::{percent, to_percent, Lookup, Safe};
use compat::list::MailList;
use compat::pickle::{Dict, UniStr, Value};
use compat::queue::Metadata;
use compat::site::{Site, Switch};
use compat::ByteStr;

/// Header and footer, filled in: `str`, or `unicode` where a value was; empty for none.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    pub header: Value,
    pub footer: Value,
}

impl Texts {
    fn is_empty(&self) -> bool {
        !self.header.is_true() && !self.footer.is_true()
    }
}

/// Whether this message is decorated at all: digests and Mailman's own messages are not.
pub fn wanted(data: &Metadata) -> bool {
    !data.truth("isdigest") && !data.truth("nodecorate")
}

/// The same header and footer for all recipients, and never twice: an entry may come back.
pub fn once(site: &Site, list: &MailList, msg: &mut Message, data: &mut Metadata) -> Result<(), DeliveryError> {
    if data.truth("decorated") {
        return Ok(());
    }
    if wanted(data) {
        let texts = texts(site, list, data, None)?;
        wrap(site, list, msg, &texts)?;
    }
    data.set_bool("decorated", true);
    Ok(())
}

/// The texts for a list, or for one member of it.
pub fn texts(site: &Site, list: &MailList, data: &Metadata, member: Option<&ByteStr>) -> Result<Texts, DeliveryError> {
    let mut values = list_values(site, list);
    if let Some(member) = member {
        member_values(site, list, member).into_iter().for_each(|(name, value)| values.set(name, value));
    }
    if let Some(extra) = data.get("decoration-data").and_then(Value::as_dict) {
        extra.iter().for_each(|(name, value)| values.set_value(name.clone(), value.clone()));
    }
    Ok(Texts {
        header: fill_in(site, list, "msg_header", b"non-digest header", &values)?,
        footer: fill_in(site, list, "msg_footer", b"non-digest footer", &values)?,
    })
}

/// One of a list's templates with nothing but the list in it: the header and the footer of a digest.
pub fn of_list(site: &Site, list: &MailList, attribute: &str, what: &[u8]) -> Result<Value, DeliveryError> {
    fill_in(site, list, attribute, what, &list_values(site, list))
}

/// What every list says of itself. No more than these: a template could otherwise show a password.
fn list_values(site: &Site, list: &MailList) -> Dict {
    let attribute = |name: &str| list.get(name).cloned().unwrap_or(Value::None);
    let mut values = Dict::new();
    for name in ["real_name", "host_name", "web_page_url", "description", "info"] {
        values.set(name, attribute(name));
    }
    values.set("list_name", Value::Str(list.name().clone()));
    values.set("_internal_name", Value::Str(list.name().clone()));
    values.set("cgiext", site.settings.get("CGIEXT").cloned().unwrap_or_else(|| Value::str("")));
    values
}

/// One template. A format that cannot be filled in is logged, and the text stays as it is.
fn fill_in(site: &Site, list: &MailList, attribute: &str, what: &[u8], values: &Dict) -> Result<Value, DeliveryError> {
    let template = list.get(attribute).cloned().unwrap_or_else(|| Value::str(""));
    let text = template.as_text().cloned().unwrap_or_default();
    if site.profile.has(Switch::FooterBlankIsNone) && text.iter().all(|b| b.is_ascii_whitespace() || *b == 0x0b) {
        return Ok(Value::str(""));
    }
    let asked = if list.truth("use_dollar_strings") { ByteStr::from(to_percent(&text)) } else { text };
    let filled = match interpolate(&template, &asked, values) {
        Ok(filled) => map_text(filled, clean_line_ends),
        Err(error) if error.is_type_or_value() => {
            let error = error.to_string();
            site.log("error", [b"Exception while calculating ", what, b":\n", error.as_bytes()].concat());
            match &template {
                Value::Unicode(_) => Value::Unicode(UniStr(asked)),
                _ => Value::Str(asked),
            }
        }
        Err(error) => return Err(error.into()),
    };
    Ok(match site.profile.has(Switch::FooterFinalNewline) {
        true => map_text(filled, end_line),
        false => filled,
    })
}

fn interpolate(template: &Value, text: &ByteStr, values: &dyn Lookup) -> Result<Value, compat::format::FormatError> {
    match template {
        Value::Unicode(_) => compat::format::percent_unicode(&UniStr(text.clone()), &Safe(values)),
        _ => percent(text, &Safe(values)),
    }
}

fn map_text(value: Value, work: fn(&[u8]) -> Vec<u8>) -> Value {
    match value {
        Value::Str(text) => Value::Str(work(&text).into()),
        Value::Unicode(UniStr(text)) => Value::Unicode(UniStr(work(&text).into())),
        other => other,
    }
}

fn end_line(text: &[u8]) -> Vec<u8> {
    match text.ends_with(b"\n") {
        true => text.to_vec(),
        false => [text, b"\n"].concat(),
    }
}

/// `\r\n` becomes `\n`, and blanks before a line end go, but for one after `--` that makes a signature's line.
fn clean_line_ends(text: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        let Some(body) = line.strip_suffix(b"\n") else {
            out.extend_from_slice(line);
            continue;
        };
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let end = body.iter().rposition(|&b| b != b' ').map_or(0, |at| at + 1);
        let kept = if end == 2 && body.starts_with(b"-- ") { 3 } else { end };
        out.extend_from_slice(body.get(..kept).unwrap_or_default());
        out.push(b'\n');
    }
    out
}

/// Puts the texts around a message.
pub fn wrap(site: &Site, list: &MailList, msg: &mut Message, texts: &Texts) -> Result<(), DeliveryError> {
    if texts.is_empty() {
        return Ok(());
    }
    let language = list.str("preferred_language");
    let charset = site.charset_of(&language).ok_or_else(|| DeliveryError::Language(language.clone()))?;
    let kind = msg.content_type();
    if !msg.is_multipart() && kind == "text/plain" {
        if join_plain(msg, texts, &charset)? {
            return Ok(());
        }
    } else if kind == "multipart/mixed" {
        return add_parts(msg, texts, &charset);
    }
    pack(msg, texts, &charset)
}

/// Text, header and footer as one text, in the list's charset or else the message's. False where neither will do.
fn join_plain(msg: &mut Message, texts: &Texts, list_charset: &ByteStr) -> Result<bool, DeliveryError> {
    let own_charset = msg.content_charset().filter(|c| !c.is_empty()).unwrap_or_else(|| "us-ascii".into());
    let header = to_unicode(&texts.header, list_charset)?;
    let footer = to_unicode(&texts.footer, list_charset)?;
    let Some(body) = msg.decoded_payload() else { return Err(DeliveryError::NoText) };
    let Ok(body) = decode(&body, &own_charset, Errors::Strict) else { return Ok(false) };
    let newline = |wanted: bool| if wanted { &b"\n"[..] } else { b"" };
    let front = newline(!header.0.is_empty() && !header.0.ends_with(b"\n"));
    let end = newline(!footer.0.is_empty() && !body.0.ends_with(b"\n"));
    let joined = UniStr([&header.0[..], front, &body.0, end, &footer.0].concat().into());
    let in_list_charset = encode(&joined, list_charset, Errors::Strict).map(|text| (text, list_charset));
    let encoded = in_list_charset.or_else(|_| encode(&joined, &own_charset, Errors::Strict).map(|t| (t, &own_charset)));
    let Ok((text, charset)) = encoded else { return Ok(false) };
    let (format, delsp) = (msg.get_param("format", "content-type"), msg.get_param("delsp", "content-type"));
    msg.delete("content-transfer-encoding");
    msg.delete("content-type");
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

fn add_parts(msg: &mut Message, texts: &Texts, charset: &ByteStr) -> Result<(), DeliveryError> {
    let (footer, header) = (part(&texts.footer, charset)?, part(&texts.header, charset)?);
    if let Payload::Parts(parts) = &mut msg.payload {
        parts.extend(footer);
        parts.splice(0..0, header);
        return Ok(());
    }
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
    if !msg.contains("mime-version") {
        msg.append("MIME-Version", "1.0");
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

    /// The right-hand sides come from the two `re.sub` of the reference.
    #[test]
    fn blanks_at_line_ends() {
        for (text, wanted) in [
            ("a  \nb \n", "a\nb\n"),
            ("-- \nx", "-- \nx"),
            ("--   \nx", "-- \nx"),
            ("a-- \n--x \n", "a--\n--x\n"),
            ("a \r\nb\r\n \r\n", "a\nb\n\n"),
            ("a  ", "a  "),
            (" -- \n", " --\n"),
            ("--\n  \n", "--\n\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&clean_line_ends(text.as_bytes())), wanted, "{text:?}");
        }
    }
}
