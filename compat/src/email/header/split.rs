//! Where a long header is cut: ASCII at its punctuation, other charsets between two characters.

use super::super::charset::{Charset, Splittable};
use super::super::text::{lines, trim_start};
use super::expanded_len;
use crate::ByteStr;

/// The room on the first line and on those after it.
#[derive(Clone, Copy)]
pub(super) struct Widths {
    pub first: i64,
    pub rest: i64,
}

impl Splittable {
    /// How many characters, or bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Splittable::Bytes(bytes) => bytes.len(),
            Splittable::Text(text) => text.len(),
        }
    }

    /// The first `at` of them, and the others.
    pub(super) fn split_at(&self, at: usize) -> (Splittable, Splittable) {
        match self {
            Splittable::Bytes(bytes) => {
                (Splittable::Bytes(bytes.slice(0..at)), Splittable::Bytes(bytes.slice_from(at)))
            }
            Splittable::Text(text) => {
                let (first, last) = text.split_at(at.min(text.len()));
                (Splittable::Text(first.to_vec()), Splittable::Text(last.to_vec()))
            }
        }
    }
}

/// Python's slice index: a negative one counts from the end.
pub(super) fn index(at: i64, len: usize) -> usize {
    let at = if at < 0 { at + len as i64 } else { at };
    usize::try_from(at).unwrap_or(0).min(len)
}

/// How many characters fit when encoded, found by halving. Possibly none.
pub(super) fn longest_fitting(text: &Splittable, charset: &Charset, room: i64) -> usize {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        let (head, _) = text.split_at(middle);
        let encoded = charset.output_of(&head);
        if charset.encoded_header_len(&encoded) as i64 <= room {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// Lines one behind the other in one buffer: a header may have a million of them.
#[derive(Default)]
pub(super) struct Lines {
    text: Vec<u8>,
    /// Where each line ends in the text.
    ends: Vec<usize>,
}

impl Lines {
    fn push(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.ends.push(self.text.len());
    }

    fn pop(&mut self) -> Option<Vec<u8>> {
        self.ends.pop()?;
        Some(self.text.split_off(self.ends.last().copied().unwrap_or(0)))
    }

    fn extend(&mut self, other: &Lines) {
        let mut start = 0;
        for end in &other.ends {
            self.push(other.text.get(start..*end).unwrap_or_default());
            start = *end;
        }
    }

    fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The lines, as windows on the buffer.
    pub(super) fn into_pieces(self) -> impl Iterator<Item = ByteStr> {
        let text = ByteStr::new(self.text);
        let mut start = 0;
        self.ends.into_iter().map(move |end| text.slice(std::mem::replace(&mut start, end)..end))
    }
}

/// Cuts ASCII text into lines: at line ends, and a long line at the first of `split_chars` that it has.
pub(super) fn split_ascii(text: &[u8], widths: Widths, continuation_ws: &[u8], split_chars: &[u8]) -> Lines {
    let mut folder = Folder { lines: Lines::default(), room: widths.first, rest: widths.rest, continuation_ws };
    for line in lines(text) {
        // The white space of an earlier fold goes; the writer puts its own.
        let line = trim_start(line);
        let cut = split_chars.iter().copied().find(|ch| line.contains(ch));
        match cut.filter(|_| line.len() as i64 >= folder.room) {
            Some(ch) => folder.fold(line, ch),
            None => {
                folder.lines.push(line);
                folder.room = folder.rest;
            }
        }
    }
    folder.lines
}

struct Folder<'a> {
    lines: Lines,
    /// Room on the line that comes next.
    room: i64,
    rest: i64,
    continuation_ws: &'a [u8],
}

impl Folder<'_> {
    /// Cuts one line at `ch` and packs the parts.
    fn fold(&mut self, line: &[u8], ch: u8) {
        let end: &[u8] = if matches!(ch, b';' | b',') { &[ch] } else { b"" };
        let joiner = [end, b" "].concat();
        let mut held: Vec<Vec<u8>> = Vec::new();
        let mut held_len = 0;
        for part in parts(line, ch) {
            let taken = held_len + held.len().saturating_sub(1) as i64 * joiner.len() as i64;
            let after_name =
                ch == b' ' && self.lines.is_empty() && matches!(held.as_slice(), [name] if is_field_name(name));
            if after_name || taken + part.len() as i64 <= self.room {
                held_len += part.len() as i64;
                held.push(part.to_vec());
                continue;
            }
            if !held.is_empty() {
                self.lines.push(&[held.join(joiner.as_slice()).as_slice(), end].concat());
            }
            let last = self.last_of(part, ch);
            held_len = expanded_len(self.continuation_ws) + last.len() as i64;
            held = vec![last];
            self.room = self.rest;
        }
        if !held.is_empty() {
            self.lines.push(&held.join(joiner.as_slice()));
        }
    }

    /// The part itself, or, where it is longer than a line, what is left of it after cutting it at blanks.
    fn last_of(&mut self, part: &[u8], ch: u8) -> Vec<u8> {
        if part.len() as i64 <= self.room || ch == b' ' {
            return part.to_vec();
        }
        let widths = Widths { first: self.room, rest: self.rest };
        let mut pieces = split_ascii(part, widths, self.continuation_ws, b" ");
        let last = pieces.pop().unwrap_or_default();
        self.lines.extend(&pieces);
        last
    }
}

/// `re.split(ch + r'\s*', line)`
fn parts(line: &[u8], ch: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = memchr::memchr(ch, text) else { return rest.take() };
        rest = text.get(at + 1..).map(trim_start);
        text.get(..at)
    })
}

/// `[!-~]+:` and nothing after it.
fn is_field_name(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    matches!(text, [name @ .., b':'] if !name.is_empty() && name.iter().all(|byte| matches!(byte, b'!'..=b'~')))
}
