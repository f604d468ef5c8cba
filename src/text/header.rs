//! Header values as one line of text, and as they are stored: what several rooms take from Mailman's CookHeaders and
//! Utils.

use crate::text;
use compat::codecs::{self, Errors};
use compat::email::address::{self, Address};
use compat::email::header::{self, Header, Layout};
use compat::email::message::{HeaderValue, Message};
use compat::value::{UniStr, Value};
use compat::ByteStr;
use std::rc::Rc;

/// A header's value as the metadata keep it.
pub fn value_of(header: &HeaderValue) -> Value {
    match header {
        HeaderValue::Str(text) => Value::Str(text.clone()),
        HeaderValue::Header(header) => header.to_value(),
        HeaderValue::Other(value) => value.clone(),
    }
}

/// The reverse.
pub fn header_of(value: &Value) -> HeaderValue {
    match value {
        Value::Str(text) => HeaderValue::Str(text.clone()),
        other => match Header::from_value(other) {
            Ok(header) => HeaderValue::Header(Rc::new(header)),
            Err(_) => HeaderValue::Other(other.clone()),
        },
    }
}

/// A header value decoded to one line, with the first charset that it names. What cannot be decoded comes back as it
/// is, as ASCII (CookHeaders.ch_oneline).
pub fn decoded_line(value: &[u8]) -> (ByteStr, ByteStr) {
    try_decoded_line(value).unwrap_or_else(|| (ByteStr::new(text::one_line(value)), "us-ascii".into()))
}

fn try_decoded_line(value: &[u8]) -> Option<(ByteStr, ByteStr)> {
    let mut chunks = header::decode_header(value).ok()?;
    for (piece, _) in &mut chunks {
        *piece = piece.slice(0..text::rstrip(piece).len());
    }
    let charset = chunks.iter().find_map(|(_, charset)| charset.clone()).unwrap_or_else(|| "us-ascii".into());
    Some((encoded_line(&chunks, &charset)?, charset))
}

/// A header value decoded to one line in the given charset (Utils.oneline).
pub fn one_line_in(value: &[u8], charset: &[u8]) -> ByteStr {
    if is_plain_line(value) && codecs::is_same_in_both(value, "us-ascii", charset) {
        return value.into();
    }
    try_one_line_in(value, charset).unwrap_or_else(|| ByteStr::new(text::one_line(value)))
}

/// One line of printable ASCII without encoded words, as most are: there is nothing to decode.
fn is_plain_line(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b' '..=b'~')) && memchr::memmem::find(value, b"=?").is_none()
}

fn try_one_line_in(value: &[u8], charset: &[u8]) -> Option<ByteStr> {
    let chunks = header::decode_header(value).ok()?;
    encoded_line(&chunks, charset)
}

fn encoded_line(chunks: &[header::Decoded], charset: &[u8]) -> Option<ByteStr> {
    let whole = header::make_header(chunks, &Layout::default()).ok()?.to_unicode().ok()?;
    let line = UniStr(ByteStr::from(text::one_line_unicode(&String::from_utf8_lossy(&whole.0))));
    codecs::encode(&line, charset, Errors::Replace).ok().map(ByteStr::new)
}

/// `, `-joined, each as a header shows it.
pub fn format_all<'p>(pairs: impl IntoIterator<Item = &'p Address>) -> ByteStr {
    let shown: Vec<ByteStr> = pairs.into_iter().map(|(name, address)| address::formataddr(name, address)).collect();
    ByteStr::new(shown.join(&b", "[..]))
}

/// All values of a header whose name is not text of ours.
pub fn header_values(msg: &Message, name: &[u8]) -> Vec<ByteStr> {
    msg.headers().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.text()).collect()
}
