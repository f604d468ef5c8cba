//! `email.header.decode_header`: encoded words back to bytes and charsets.

use super::super::text::{lines, trim};
use super::super::transfer;
use super::HeaderError;
use crate::ByteStr;

/// A piece of a header: its bytes, and the charset of the encoded words that it was made of.
pub type Decoded = (ByteStr, Option<ByteStr>);

/// An encoded word: `=?charset?q?text?=`.
struct Word<'a> {
    charset: &'a [u8],
    encoding: u8,
    text: &'a [u8],
}

/// `decode_header(value)`. A value without encoded words comes back whole, line ends and all.
pub fn decode_header(value: &[u8]) -> Result<Vec<Decoded>, HeaderError> {
    if find_word(value).is_none() {
        return Ok(vec![(value.into(), None)]);
    }
    let mut decoded = Vec::new();
    for line in lines(value) {
        if find_word(line).is_none() {
            decoded.push((line.to_vec(), None));
            continue;
        }
        decode_line(line, &mut decoded)?;
    }
    Ok(decoded.into_iter().map(|(text, charset)| (text.into(), charset.map(ByteStr::from))).collect())
}

type Pieces = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn decode_line(line: &[u8], decoded: &mut Pieces) -> Result<(), HeaderError> {
    let mut rest = line;
    while let Some((start, word, end)) = find_word(rest) {
        push_plain(rest.get(..start).unwrap_or_default(), decoded);
        push_word(&word, decoded)?;
        rest = rest.get(end..).unwrap_or_default();
    }
    push_plain(rest, decoded);
    Ok(())
}

fn push_plain(text: &[u8], decoded: &mut Pieces) {
    let text = trim(text);
    match decoded.last_mut() {
        _ if text.is_empty() => {}
        Some((last, None)) => {
            last.push(b' ');
            last.extend_from_slice(text);
        }
        _ => decoded.push((text.to_vec(), None)),
    }
}

fn push_word(word: &Word, decoded: &mut Pieces) -> Result<(), HeaderError> {
    let charset = word.charset.to_ascii_lowercase();
    let text = match word.encoding {
        b'q' => transfer::quopri_header_decode(word.text),
        _ => decode_base64(word.text)?,
    };
    match decoded.last_mut() {
        Some((last, Some(known))) if *known == charset => last.extend(text),
        _ => decoded.push((text, Some(charset))),
    }
    Ok(())
}

/// Missing padding is added, as 2.7.18 does; what is still broken is an error.
fn decode_base64(text: &[u8]) -> Result<Vec<u8>, HeaderError> {
    let missing = (4 - text.len() % 4) % 4;
    let padded = [text, b"===".get(..missing).unwrap_or_default()].concat();
    transfer::base64_decode(&padded).map_err(|_| HeaderError::EncodedWord)
}

/// The first encoded word: where it starts, what it is, where it ends.
///
/// `=?`, anything but `?`, `?q?` or `?b?`, as little as possible without a line feed up to `?=`, and then white space
/// or the end of a line.
fn find_word(text: &[u8]) -> Option<(usize, Word<'_>, usize)> {
    memchr::memmem::find_iter(text, b"=?").find_map(|start| {
        let inner = text.get(start + 2..)?;
        let (word, len) = word_at(inner)?;
        Some((start, word, start + 2 + len))
    })
}

/// The word behind its `=?`, and its length.
fn word_at(inner: &[u8]) -> Option<(Word<'_>, usize)> {
    let charset_len = memchr::memchr(b'?', inner)?;
    let (charset, rest) = inner.split_at(charset_len);
    let encoding = match rest {
        [b'?', encoding @ (b'q' | b'Q' | b'b' | b'B'), b'?', ..] => encoding.to_ascii_lowercase(),
        _ => return None,
    };
    let encoded = rest.get(3..)?;
    let line = encoded.get(..memchr::memchr(b'\n', encoded).unwrap_or(encoded.len()))?;
    let ends = |end: &usize| matches!(encoded.get(end + 2), None | Some(b' ' | b'\t' | b'\n'));
    let end = memchr::memmem::find_iter(line, b"?=").find(ends)?;
    Some((Word { charset, encoding, text: encoded.get(..end)? }, charset_len + 3 + end + 2))
}
