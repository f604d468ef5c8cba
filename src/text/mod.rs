//! Small text operations as Python 2 does them on byte strings and on unicode.
//!
//! `str` methods in the C locale know ASCII white space only; `unicode` methods know Unicode's. Both show in what
//! handlers write, so neither is left to Rust's own idea of a line or a blank.

pub mod either;
pub mod header;
pub mod html;
pub mod program;
pub mod references;
pub mod suspicious;

use compat::ByteStr;

/// What `str.isspace` and `\s` accept: blank, tab, newline, return, vertical tab, form feed.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// `str.lstrip()`
pub fn lstrip(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&b| !is_space(b)).unwrap_or(text.len());
    &text[start..]
}

/// `str.rstrip()`
pub fn rstrip(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&b| !is_space(b)).map_or(0, |at| at + 1);
    &text[..end]
}

/// `str.strip()`
pub fn strip(text: &[u8]) -> &[u8] {
    rstrip(lstrip(text))
}

/// `str.lower()`
pub fn lower(text: &[u8]) -> ByteStr {
    ByteStr::new(text.to_ascii_lowercase())
}

/// `str.split()`
pub fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| is_space(b)).filter(|word| !word.is_empty())
}

/// `str.splitlines()`: LF, CR and CRLF end a line.
pub fn lines(text: &[u8]) -> Vec<&[u8]> {
    each_line(text).collect()
}

/// The same one by one, of a text with millions.
pub fn each_line(mut text: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    std::iter::from_fn(move || {
        let (line, rest) = first_line(text)?;
        text = rest;
        Some(line)
    })
}

/// The first line and what follows it, of a text that is not empty.
pub fn first_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = compat::email::text::first_line(text);
    (!line.is_empty()).then(|| (compat::email::text::without_end(line), rest))
}

/// `''.join(text.splitlines())`: line ends vanish, nothing takes their place.
pub fn one_line(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|&b| b != b'\n' && b != b'\r').collect()
}

/// The same for a `unicode`, which knows more line ends.
pub fn one_line_unicode(text: &str) -> String {
    text.chars().filter(|&c| !is_line_end(c)).collect()
}

/// `unicode.splitlines()`
pub fn lines_unicode(text: &str) -> Vec<&str> {
    let (mut lines, mut start) = (Vec::new(), 0);
    for (at, c) in text.char_indices().filter(|(_, c)| is_line_end(*c)) {
        let is_second = c == '\n' && at > 0 && at == start && text[..at].ends_with('\r');
        if !is_second {
            lines.push(&text[start..at]);
        }
        start = at + c.len_utf8();
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// `unicode.isspace`: Python counts U+001C to U+001F as white space and, as of Unicode 5.2, U+180E.
pub fn is_space_unicode(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f' | '\u{180e}')
}

/// `unicode.strip()`
pub fn strip_unicode(text: &str) -> &str {
    text.trim_matches(is_space_unicode)
}

/// The pieces of a byte string between occurrences of a separator.
pub fn split_on<'a>(text: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, separator) {
        pieces.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    pieces.push(rest);
    pieces
}

/// `text.find(needle)`; an empty needle is never found here.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return None;
    }
    text.windows(needle.len()).position(|window| window == needle)
}

/// `text.replace(old, new)`
pub fn replace(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    split_on(text, old).join(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_ascii_white_space_only() {
        assert_eq!(strip(b" \t a b\x0b\x0c\r\n"), b"a b");
        assert_eq!(strip(b"\xa0x\xa0"), b"\xa0x\xa0");
        assert_eq!(strip(b"  "), b"");
        assert_eq!(strip_unicode("\u{a0}x\u{3000}\x1f"), "x");
    }

    #[test]
    fn lines_end_as_in_python() {
        assert_eq!(lines(b"a\r\nb\rc\n\nd"), vec![&b"a"[..], b"b", b"c", b"", b"d"]);
        assert_eq!(lines(b"a\n"), vec![&b"a"[..]]);
        assert!(lines(b"").is_empty());
        assert_eq!(first_line(b"a\r\n\nb"), Some((&b"a"[..], &b"\nb"[..])));
        assert_eq!(one_line(b"a\n b\r\n\tc"), b"a b\tc");
        assert_eq!(lines_unicode("a\r\nb\u{2028}c\n\nd"), ["a", "b", "c", "", "d"]);
        assert_eq!(one_line_unicode("a\u{2028}b\x0bc"), "abc");
    }

    #[test]
    fn splits_and_replaces() {
        assert_eq!(split_on(b"a, b, c", b", "), vec![&b"a"[..], b"b", b"c"]);
        assert_eq!(replace(b"x%(listowner)s y", b"%(listowner)s", b"o@x"), b"xo@x y");
        assert_eq!(words(b"  a\tb \n").collect::<Vec<_>>(), vec![&b"a"[..], b"b"]);
    }
}
