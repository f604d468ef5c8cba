//! Small habits of Python 2's byte strings that the email package leans on.

use std::borrow::Cow;

/// What `str.strip()` and `\s` take as blank: the C locale's white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

/// `s.lstrip()`
pub(crate) fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_space(byte)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

/// `s.strip()`
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let text = trim_start(text);
    let end = text.iter().rposition(|&byte| !is_space(byte)).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// `s.splitlines(True)`: lines end at LF, CR or CRLF. One by one, for there may be millions.
pub(crate) fn split_lines(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (line, rest) = first_line(text);
        text = rest;
        (!line.is_empty()).then_some(line)
    })
}

/// The first line with its end, and what follows.
pub fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let width = match memchr::memchr2(b'\r', b'\n', text) {
        Some(end) if text.get(end..).is_some_and(|tail| tail.starts_with(b"\r\n")) => end + 2,
        Some(end) => end + 1,
        None => text.len(),
    };
    text.split_at(width)
}

/// `s.splitlines()`
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    split_lines(text).map(without_end)
}

/// A line of `split_lines` without its end.
pub fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `email.utils.fix_eols`: every line end becomes CRLF.
pub(crate) fn fix_eols(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\r', b'\n', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 64);
    for line in split_lines(text) {
        let bare = without_end(line);
        out.extend_from_slice(bare);
        if bare.len() < line.len() {
            out.extend_from_slice(b"\r\n");
        }
    }
    Cow::Owned(out)
}
