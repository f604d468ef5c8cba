//! The body of an article as lines of text.
//!
//! Answers to the part of HyperArch's Article that reads the payload. Lines are windows on the message's text wherever nothing
//! is to be changed in them.

use super::setting::Setting;
use crate::error::{Culprit, HandlerError};
use crate::text::either::Text;
use crate::text::{lines, lines_unicode};
use compat::codecs::{self, Errors};
use compat::email::charset::Charset;
use compat::email::generator;
use compat::email::message::Message;
use compat::ByteStr;

/// The message's lines: as characters where its charset is not the list's and can be decoded.
///
/// # Errors
/// The message has no text at all.
pub fn of_message(setting: &Setting<'_>, msg: &mut Message) -> Result<Vec<Text>, HandlerError> {
    let text = match msg.decoded_payload().filter(|text| !text.is_empty()) {
        Some(text) => text,
        None => return raw_body(msg),
    };
    let charset = declared_charset(setting, msg)?;
    if charset.is_empty() {
        return Ok(raw_lines(&text));
    }
    if charset == setting.charset {
        return Ok(ended_lines(&text));
    }
    match codecs::decode_string(&text, &charset, Errors::Strict) {
        Ok(text) => Ok(lines_unicode(&text).into_iter().map(|line| Text::Unicode(format!("{line}\n"))).collect()),
        Err(_) => Ok(raw_lines(&text)),
    }
}

/// The charset that the message names, without quotes; else what the list's own goes by on the wire.
fn declared_charset(setting: &Setting<'_>, msg: &Message) -> Result<ByteStr, HandlerError> {
    let declared = match msg.content_charset() {
        Some(charset) => charset,
        None => Charset::new(&setting.charset)?.get_output_charset().clone(),
    };
    let mut name = declared.to_ascii_lowercase().trim_ascii().to_vec();
    for quote in [b'"', b'\''] {
        if name.len() > 1 && name.first() == Some(&quote) && name.last() == Some(&quote) {
            name = name[1..name.len() - 1].to_vec();
        }
    }
    Ok(name.into())
}

/// What stands behind the headers, where there is no text of its own.
fn raw_body(msg: &mut Message) -> Result<Vec<Text>, HandlerError> {
    let body = generator::written_body(msg)?;
    Ok(raw_lines(&body.ok_or_else(|| Culprit::Message("it has no body").says("list index out of range"))?))
}

/// The lines of a text, each with a line feed at its end, whatever ended it before.
fn ended_lines(text: &ByteStr) -> Vec<Text> {
    let mut at = 0;
    let ended = |line: &[u8]| {
        let (start, end) = (at, at + line.len());
        let is_ended = text.get(end) == Some(&b'\n');
        at = end + if text.get(end..end + 2) == Some(b"\r\n") { 2 } else { 1 };
        Text::Bytes(if is_ended { text.slice(start..end + 1) } else { [line, b"\n"].concat().into() })
    };
    lines(text).into_iter().map(ended).collect()
}

/// `readlines()`: at line feeds alone, which stay.
fn raw_lines(text: &ByteStr) -> Vec<Text> {
    let mut at = 0;
    let line = |line: &[u8]| {
        at += line.len();
        Text::Bytes(text.slice(at - line.len()..at))
    };
    text.split_inclusive(|&b| b == b'\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_get_the_same_end() {
        let lines = ended_lines(&"a\r\nb\rc\n\n\r\nd".into());
        assert_eq!(lines, ["a\n", "b\n", "c\n", "\n", "\n", "d\n"].map(|line| Text::Bytes(line.into())));
        assert_eq!(raw_lines(&"a\r\n\nb".into()), ["a\r\n", "\n", "b"].map(|line| Text::Bytes(line.into())));
    }
}
