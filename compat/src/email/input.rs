//! The parser's view of the text: lines that can be given back, and ends that are not the end of the text.
//!
//! Answers to `BufferedSubFile` in `email.feedparser`. A line that an open container waits for (a boundary, or the blank
//! line behind a block of a delivery status) reads as the end of the text until that container looks at it. Boundaries
//! are kept in a map, so that a line costs the same however deep the nesting is.

use super::boundary::{text_of_line, Boundary};
use crate::ByteStr;
use std::collections::HashMap;

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// The first `count` bytes.
    pub(super) fn first(self, count: usize) -> Span {
        Span { start: self.start, end: self.start + self.len().min(count) as u32 }
    }

    /// What follows the first `count` bytes.
    pub(super) fn from(self, count: usize) -> Span {
        Span { start: self.start + self.len().min(count) as u32, end: self.end }
    }

    /// Both pieces, where the other one follows this one.
    pub(super) fn join(&mut self, next: Span) {
        self.end = next.end;
    }
}

/// Text that was gathered line by line: one window on the buffer as long as the lines follow one another in it.
pub(super) enum Gathered {
    Nothing,
    Window(Span),
    Copy(Vec<u8>),
}

impl Gathered {
    pub(super) fn add(&mut self, input: &Input, line: Span) {
        *self = match std::mem::replace(self, Gathered::Nothing) {
            Gathered::Nothing => Gathered::Window(line),
            Gathered::Window(mut span) if span.end == line.start => {
                span.join(line);
                Gathered::Window(span)
            }
            Gathered::Window(span) => Gathered::Copy([input.text(span), input.text(line)].concat()),
            Gathered::Copy(mut bytes) => {
                bytes.extend_from_slice(input.text(line));
                Gathered::Copy(bytes)
            }
        };
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Gathered::Nothing)
    }

    pub(super) fn finish(self, input: &Input) -> ByteStr {
        match self {
            Gathered::Nothing => ByteStr::default(),
            Gathered::Window(span) => input.share(span),
            Gathered::Copy(bytes) => ByteStr::new(bytes),
        }
    }
}

/// The text, how far it is read, and where it seems to end.
pub(super) struct Input {
    raw: ByteStr,
    at: usize,
    given_back: Vec<Span>,
    boundaries: HashMap<Vec<u8>, usize>,
    blank_line_ends: usize,
    sealed: bool,
}

impl Input {
    pub(super) fn new(raw: ByteStr) -> Self {
        Input { raw, at: 0, given_back: Vec::new(), boundaries: HashMap::new(), blank_line_ends: 0, sealed: false }
    }

    pub(super) fn text(&self, span: Span) -> &[u8] {
        self.raw.get(span.start as usize..span.end as usize).unwrap_or(&[])
    }

    pub(super) fn share(&self, span: Span) -> ByteStr {
        self.raw.slice(span.start as usize..span.end as usize)
    }

    /// The next line with its end; none at the end of the text, real or not.
    pub(super) fn read_line(&mut self) -> Option<Span> {
        let line = self.given_back.pop().or_else(|| self.next_line())?;
        if self.ends_at(self.text(line)) {
            self.given_back.push(line);
            return None;
        }
        Some(line)
    }

    /// Puts a line in front of the text.
    pub(super) fn unread(&mut self, line: Span) {
        self.given_back.push(line);
    }

    /// Everything up to the end.
    pub(super) fn rest(&mut self) -> ByteStr {
        let mut text = Gathered::Nothing;
        while let Some(line) = self.read_line() {
            text.add(self, line);
            if self.given_back.is_empty() && self.is_open_ended() {
                text.add(self, Span::new(self.at, self.raw.len()));
                self.at = self.raw.len();
            }
        }
        text.finish(self)
    }

    /// Drops everything up to the end.
    pub(super) fn skip_rest(&mut self) {
        while self.read_line().is_some() {}
    }

    pub(super) fn push_boundary(&mut self, boundary: &Boundary) {
        if let Some(bytes) = boundary.bytes() {
            *self.boundaries.entry(bytes.to_vec()).or_insert(0) += 1;
        }
    }

    pub(super) fn pop_boundary(&mut self, boundary: &Boundary) {
        let Some(bytes) = boundary.bytes() else { return };
        if let Some(count) = self.boundaries.get_mut(bytes) {
            *count -= 1;
            if *count == 0 {
                self.boundaries.remove(bytes);
            }
        }
    }

    pub(super) fn push_blank_line_end(&mut self) {
        self.blank_line_ends += 1;
    }

    pub(super) fn pop_blank_line_end(&mut self) {
        self.blank_line_ends = self.blank_line_ends.saturating_sub(1);
    }

    /// From now on only the real end is one.
    pub(super) fn seal(&mut self) {
        self.sealed = true;
    }

    fn is_open_ended(&self) -> bool {
        self.sealed || (self.blank_line_ends == 0 && self.boundaries.is_empty())
    }

    fn ends_at(&self, line: &[u8]) -> bool {
        match line.first() {
            _ if self.sealed => false,
            Some(b'\r' | b'\n') => self.blank_line_ends > 0,
            Some(b'-') if !self.boundaries.is_empty() => self.is_boundary(line),
            _ => false,
        }
    }

    fn is_boundary(&self, line: &[u8]) -> bool {
        text_of_line(line).is_some_and(|(text, _)| {
            self.boundaries.contains_key(text)
                || text.strip_suffix(b"--").is_some_and(|text| self.boundaries.contains_key(text))
        })
    }

    fn next_line(&mut self) -> Option<Span> {
        let rest = self.raw.get(self.at..).filter(|rest| !rest.is_empty())?;
        let len = match memchr::memchr2(b'\r', b'\n', rest) {
            None => rest.len(),
            Some(at) if rest[at..].starts_with(b"\r\n") => at + 2,
            Some(at) => at + 1,
        };
        let line = Span::new(self.at, self.at + len);
        self.at += len;
        Some(line)
    }
}
