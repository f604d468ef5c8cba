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
///
/// # Errors
/// An encoded word with broken base64, as Python's `HeaderParseError`.
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
        _ => transfer::base64_decode_unpadded(word.text).map_err(|_| HeaderError::EncodedWord)?,
    };
    match decoded.last_mut() {
        Some((last, Some(known))) if *known == charset => last.extend(text),
        _ => decoded.push((text, Some(charset))),
    }
    Ok(())
}

/// The first encoded word: where it starts, what it is, where it ends.
///
/// `=?`, anything but `?`, `?q?` or `?b?`, as little as possible without a line feed up to `?=`, and then white space
/// or the end of a line.
fn find_word(text: &[u8]) -> Option<(usize, Word<'_>, usize)> {
    let mut hopeless_before = 0;
    memchr::memmem::find_iter(text, b"=?").find_map(|start| {
        let (charset, encoding, encoded) = word_start(text, start + 2)?;
        if encoded < hopeless_before {
            return None;
        }
        match word_end(text, encoded) {
            Ok(end) => Some((start, Word { charset, encoding, text: text.get(encoded..end)? }, end + 2)),
            Err(line_end) => {
                // No word that starts further on in this line has an end either.
                hopeless_before = line_end;
                None
            }
        }
    })
}

/// Charset and encoding of a word, and where its text begins.
fn word_start(text: &[u8], inner: usize) -> Option<(&[u8], u8, usize)> {
    let charset_end = inner + memchr::memchr(b'?', text.get(inner..)?)?;
    match text.get(charset_end..)? {
        [b'?', encoding @ (b'q' | b'Q' | b'b' | b'B'), b'?', ..] => {
            Some((text.get(inner..charset_end)?, encoding.to_ascii_lowercase(), charset_end + 3))
        }
        _ => None,
    }
}

/// The first `?=` in a line that blank, tab or the line's end follows; else where the line ends. It looks no further,
/// for a header may have very many words.
fn word_end(text: &[u8], start: usize) -> Result<usize, usize> {
    let rest = text.get(start..).unwrap_or_default();
    for at in memchr::memchr2_iter(b'\n', b'?', rest) {
        match rest.get(at..).unwrap_or_default() {
            [b'\n', ..] => return Err(start + at),
            [b'?', b'='] | [b'?', b'=', b' ' | b'\t' | b'\n', ..] => return Ok(start + at),
            _ => {}
        }
    }
    Err(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(value: &str) -> Vec<(String, Option<String>)> {
        let words = decode_header(value.as_bytes()).unwrap();
        words.into_iter().map(|(text, charset)| (text.to_latin1(), charset.map(|name| name.to_latin1()))).collect()
    }

    fn pairs(expected: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
        expected.iter().map(|(text, charset)| ((*text).to_owned(), charset.map(str::to_owned))).collect()
    }

    #[test]
    fn words_are_decoded_as_by_python() {
        assert_eq!(
            decoded("=?utf-8?q?a_b?= (=?koi8-r?b?8NLJ18XU?=)\n c =?x?b?YQ?="),
            pairs(&[("a b", Some("utf-8")), ("(=?koi8-r?b?8NLJ18XU?=) c", None), ("a", Some("x"))])
        );
        assert_eq!(
            decoded("=?UTF-8?B?w6TDtg?= =?utf-8?q?=C3=BC?=  tail "),
            pairs(&[("\u{c3}\u{a4}\u{c3}\u{b6}\u{c3}\u{bc}", Some("utf-8")), ("tail", None)])
        );
        assert_eq!(decoded("plain\n text"), pairs(&[("plain\n text", None)]));
    }

    #[test]
    fn broken_base64_is_an_error() {
        assert_eq!(decode_header(b"=?utf-8?b?a?="), Err(HeaderError::EncodedWord));
    }

    #[test]
    fn many_starts_without_an_end_take_no_time() {
        let value = "=?a?q?".repeat(200_000);
        assert_eq!(decode_header(value.as_bytes()).unwrap().len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it(value in "(=\\?|\\?=|\\?[qb]\\?|[a-z =?\\n_])*") {
            let _ = decode_header(value.as_bytes());
        }
    }
}
