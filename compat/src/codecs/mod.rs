//! Python 2's codecs for the charsets of mail: what `unicode(bytes, charset, errors)` and `text.encode(charset, errors)`
//! give, with the same error texts.
//!
//! The web's idea of charsets (encoding_rs) differs from Python's: `iso-8859-1` is not windows-1252 here, `gb2312` is
//! not GBK, a lone surrogate is a character. Text is a [`UniStr`]: UTF-8 in which surrogates may occur, one by one, as
//! the reference's 64-bit Python (UCS-4) holds them. [`decode_string`] and [`encode_str`] serve callers that hold
//! ordinary Rust text; a surrogate becomes U+FFFD there.

mod eastasian;
mod escapes;
mod names;
mod points;
mod single_byte;
mod tables;
mod utf16;
mod utf7;
mod utf8;

pub use points::{points, push_point, to_unistr};

use crate::value::UniStr;
use names::{Codec, Kind};
use std::fmt::Write as _;

/// Number of characters of a one-byte charset that are encoded at a time, and of bytes that are recoded.
const PIECE: usize = 1 << 14;

/// What to do with bytes or characters that the charset does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// Refuse the whole.
    Strict,
    /// U+FFFD when decoding, `?` when encoding.
    Replace,
    /// Leave them out.
    Ignore,
    /// `&#233;` when encoding; when decoding, Python refuses, as Strict does.
    XmlCharRef,
    /// When decoding, a character that [`kept_byte`] knows for each byte beyond ASCII, others as they are: what is written
    /// again by it is what was read. When encoding, as Replace.
    Keep,
}

/// The first of 256 characters of nobody's that stand for bytes without a meaning.
const KEPT: u32 = 0x10_FF00;

/// The byte that a character of [`Errors::Keep`] stands for.
pub fn kept_byte(character: char) -> Option<u8> {
    u32::from(character).checked_sub(KEPT).and_then(|byte| u8::try_from(byte).ok())
}

/// Why a conversion was refused, in Python's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// LookupError
    #[error("unknown encoding: {0}")]
    Unknown(String),
    /// UnicodeDecodeError
    #[error("'{codec}' codec can't decode {what}: {reason}")]
    Decode { codec: &'static str, what: String, reason: &'static str },
    /// UnicodeEncodeError
    #[error("'{codec}' codec can't encode {what}: {reason}")]
    Encode { codec: &'static str, what: String, reason: &'static str },
    /// A codec of Python 2 that is no charset (`base64`, `hex`, `zlib`, ...), or one that nobody uses in mail.
    #[error("{0} is not a charset that can be used here")]
    NotText(String),
}

impl CodecError {
    /// Python's LookupError.
    pub fn is_lookup(&self) -> bool {
        matches!(self, CodecError::Unknown(_))
    }

    /// Python's UnicodeError.
    pub fn is_unicode(&self) -> bool {
        matches!(self, CodecError::Decode { .. } | CodecError::Encode { .. })
    }
}

/// `unicode(bytes, charset, errors)`
///
/// # Errors
/// An unknown charset (`LookupError`), or bytes that are not valid in it under `Errors::Strict`.
pub fn decode(bytes: &[u8], charset: impl AsRef<[u8]>, errors: Errors) -> Result<UniStr, CodecError> {
    if bytes.is_empty() {
        // Python does not even look at the charset.
        return Ok(UniStr::default());
    }
    let codec = find(charset.as_ref())?;
    if bytes.is_ascii() && is_ascii_the_same(codec) {
        return Ok(UniStr(bytes.into()));
    }
    let mut work = Decoding { bytes, errors, out: Vec::with_capacity(bytes.len()) };
    match codec.kind {
        Kind::Ascii => single_byte::decode_ascii(&mut work),
        Kind::Latin1 => single_byte::decode_latin1(&mut work),
        Kind::Table => single_byte::decode_table(&mut work, codec.module),
        Kind::Utf8 => utf8::decode(&mut work),
        Kind::Utf8Sig => utf8::decode_sig(&mut work),
        Kind::Utf7 => utf7::decode(&mut work),
        Kind::Utf16(order) => utf16::decode16(&mut work, order),
        Kind::Utf32(order) => utf16::decode32(&mut work, order),
        Kind::EastAsian => eastasian::decode(&mut work, codec.module),
        Kind::UnicodeEscape => escapes::decode_escape(&mut work),
        Kind::RawUnicodeEscape => escapes::decode_raw(&mut work),
        Kind::Rot13 => escapes::decode_rot13(&mut work),
        Kind::Other => Err(CodecError::NotText(codec.name.to_owned())),
    }?;
    Ok(UniStr(work.out.into()))
}

/// `text.encode(charset, errors)`
///
/// # Errors
/// An unknown charset (`LookupError`), or a character that it does not have under `Errors::Strict`.
pub fn encode(text: &UniStr, charset: impl AsRef<[u8]>, errors: Errors) -> Result<Vec<u8>, CodecError> {
    encode_utf8(&text.0, charset.as_ref(), errors)
}

/// [`decode`] to ordinary text; a lone surrogate becomes U+FFFD.
///
/// # Errors
/// An unknown charset (`LookupError`), or bytes that are not valid in it under `Errors::Strict`.
pub fn decode_string(bytes: &[u8], charset: impl AsRef<[u8]>, errors: Errors) -> Result<String, CodecError> {
    decode(bytes, charset, errors).map(|text| text.to_text())
}

/// [`encode`] for ordinary text.
///
/// # Errors
/// An unknown charset (`LookupError`), or a character that it does not have under `Errors::Strict`.
pub fn encode_str(text: &str, charset: impl AsRef<[u8]>, errors: Errors) -> Result<Vec<u8>, CodecError> {
    encode_utf8(text.as_bytes(), charset.as_ref(), errors)
}

fn encode_utf8(text: &[u8], charset: &[u8], errors: Errors) -> Result<Vec<u8>, CodecError> {
    let codec = find(charset)?;
    let is_ready = match codec.kind {
        Kind::Utf8 => std::str::from_utf8(text).is_ok(),
        _ => text.is_ascii() && is_ascii_the_same(codec),
    };
    if is_ready {
        return Ok(text.to_vec());
    }
    // In pieces, since code points take four times the room.
    let is_one_byte = matches!(codec.kind, Kind::Ascii | Kind::Latin1 | Kind::Table);
    let most = if is_one_byte { PIECE } else { usize::MAX };
    let mut points = points(text);
    let (mut out, mut base) = (Vec::with_capacity(text.len()), 0);
    loop {
        let piece = next_piece(&mut points, most);
        out = encode_piece(&piece, base, codec, errors, out)?;
        if piece.len() < most {
            return Ok(out);
        }
        base += piece.len();
    }
}

/// The next characters, this number and then up to one of ASCII: a run of others may be one error.
fn next_piece(points: &mut impl Iterator<Item = u32>, most: usize) -> Vec<u32> {
    let mut piece: Vec<u32> = points.take(most).collect();
    while piece.last().is_some_and(|&last| last > 0x7F) {
        let Some(next) = points.next() else { break };
        piece.push(next);
    }
    piece
}

/// Appends to what is encoded already, which was `base` characters.
fn encode_piece(text: &[u32], base: usize, codec: &Codec, errors: Errors, out: Vec<u8>) -> Result<Vec<u8>, CodecError> {
    let mut work = Encoding { text, base, errors, out };
    match codec.kind {
        Kind::Ascii => single_byte::encode_below(&mut work, 0x80, "ascii", "ordinal not in range(128)"),
        Kind::Latin1 => single_byte::encode_below(&mut work, 0x100, "latin-1", "ordinal not in range(256)"),
        Kind::Table => single_byte::encode_table(&mut work, codec.module),
        Kind::Utf8 => utf8::encode(&mut work),
        Kind::Utf8Sig => utf8::encode_sig(&mut work),
        Kind::Utf7 => utf7::encode(&mut work),
        Kind::Utf16(order) => utf16::encode16(&mut work, order),
        Kind::Utf32(order) => utf16::encode32(&mut work, order),
        Kind::EastAsian => eastasian::encode(&mut work, codec.module),
        Kind::UnicodeEscape => escapes::encode_escape(&mut work),
        Kind::RawUnicodeEscape => escapes::encode_raw(&mut work),
        Kind::Rot13 => escapes::encode_rot13(&mut work),
        Kind::Other => Err(CodecError::NotText(codec.name.to_owned())),
    }?;
    Ok(work.out)
}

/// `unicode(bytes, from, errors).encode(to, errors)`, appended to what is there; nothing is after an error. Where neither
/// charset has a state it goes by lines, so that a large text is not in memory as characters too.
///
/// # Errors
/// As [`decode`] and [`encode`].
pub fn recode_to(
    out: &mut Vec<u8>,
    bytes: &[u8],
    (from, to): (impl AsRef<[u8]>, impl AsRef<[u8]>),
    errors: Errors,
) -> Result<(), CodecError> {
    let (from, to) = (from.as_ref(), to.as_ref());
    if is_same_in_both(bytes, from, to) {
        out.extend_from_slice(bytes);
        return Ok(());
    }
    let before = out.len();
    let by_lines = errors != Errors::Strict && has_no_state(from) && has_no_state(to);
    let mut rest = bytes;
    loop {
        let (piece, behind) = rest.split_at(if by_lines { some_lines(rest) } else { rest.len() });
        match decode(piece, from, errors).and_then(|text| encode(&text, to, errors)) {
            Ok(encoded) => out.extend_from_slice(&encoded),
            Err(error) => {
                out.truncate(before);
                return Err(error);
            }
        }
        rest = behind;
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// Whether a line means the same wherever it stands.
fn has_no_state(charset: &[u8]) -> bool {
    find(charset).is_ok_and(|codec| matches!(codec.kind, Kind::Ascii | Kind::Latin1 | Kind::Table | Kind::Utf8))
}

/// How many bytes the next lines have, of some size together.
fn some_lines(text: &[u8]) -> usize {
    let line_end = text.get(PIECE..).and_then(|rest| memchr::memchr(b'\n', rest));
    line_end.map_or(text.len(), |at| PIECE + at + 1)
}

/// Whether recoding these bytes from one charset to the other would only copy them.
pub fn is_same_in_both(bytes: &[u8], from: impl AsRef<[u8]>, to: impl AsRef<[u8]>) -> bool {
    let (Ok(from), Ok(to)) = (find(from.as_ref()), find(to.as_ref())) else { return false };
    match (&from.kind, &to.kind) {
        (Kind::Utf8, Kind::Utf8) => std::str::from_utf8(bytes).is_ok(),
        _ => bytes.is_ascii() && is_ascii_the_same(from) && is_ascii_the_same(to),
    }
}

/// Whether ASCII text is its own encoding.
fn is_ascii_the_same(codec: &Codec) -> bool {
    match codec.kind {
        Kind::Ascii | Kind::Latin1 | Kind::Utf8 => true,
        Kind::Table => single_byte::is_ascii_the_same(codec.module),
        _ => false,
    }
}

/// Whether `codecs.lookup(charset)` succeeds.
pub fn knows(charset: impl AsRef<[u8]>) -> bool {
    find(charset.as_ref()).is_ok()
}

/// `codecs.lookup(charset).name`
pub fn lookup(charset: impl AsRef<[u8]>) -> Option<&'static str> {
    find(charset.as_ref()).ok().map(|codec| codec.name)
}

fn find(charset: &[u8]) -> Result<&'static Codec, CodecError> {
    names::find(charset).ok_or_else(|| CodecError::Unknown(charset.iter().map(|&b| char::from(b)).collect()))
}

/// A decoding under way.
struct Decoding<'a> {
    bytes: &'a [u8],
    errors: Errors,
    out: Vec<u8>,
}

impl Decoding<'_> {
    fn push(&mut self, point: u32) {
        push_point(&mut self.out, point);
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The bytes from `start` to `end` have no meaning: what the caller asked for happens to them.
    fn bad(&mut self, start: usize, end: usize, codec: &'static str, reason: &'static str) -> Result<(), CodecError> {
        match self.errors {
            Errors::Strict | Errors::XmlCharRef => {
                let what = match self.byte(start) {
                    Some(byte) if end == start + 1 => format!("byte 0x{byte:02x} in position {start}"),
                    _ => format!("bytes in position {start}-{}", end as i64 - 1),
                };
                return Err(CodecError::Decode { codec, what, reason });
            }
            Errors::Replace => self.push(0xFFFD),
            Errors::Ignore => {}
            Errors::Keep => {
                for at in start..end {
                    match self.byte(at) {
                        Some(byte) if byte.is_ascii() => self.push(byte.into()),
                        Some(byte) => self.push(KEPT + u32::from(byte)),
                        None => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// An encoding under way.
struct Encoding<'a> {
    text: &'a [u32],
    /// How many characters came before the text.
    base: usize,
    errors: Errors,
    out: Vec<u8>,
}

impl Encoding<'_> {
    /// The characters from `start` to `end` are not in the charset. Returns what stands for them, in ASCII.
    fn bad(&self, start: usize, end: usize, codec: &'static str, reason: &'static str) -> Result<String, CodecError> {
        let bad = self.text.get(start..end).unwrap_or(&[]);
        match self.errors {
            Errors::Strict => {
                let what = match bad {
                    [one] => format!("character {} in position {}", escaped(*one), self.base + start),
                    _ => format!("characters in position {}-{}", self.base + start, (self.base + end) as i64 - 1),
                };
                Err(CodecError::Encode { codec, what, reason })
            }
            Errors::Replace | Errors::Keep => Ok("?".repeat(bad.len())),
            Errors::Ignore => Ok(String::new()),
            Errors::XmlCharRef => Ok(bad.iter().fold(String::new(), |mut text, point| {
                let _ = write!(text, "&#{point};");
                text
            })),
        }
    }
}

fn escaped(point: u32) -> String {
    match point {
        0..=0xFF => format!("u'\\x{point:02x}'"),
        0x100..=0xFFFF => format!("u'\\u{point:04x}'"),
        _ => format!("u'\\U{point:08x}'"),
    }
}

#[cfg(test)]
mod tests;
