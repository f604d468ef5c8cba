//! What of a long chunk is not split into lines yet, and how much of it the next cut has to look at.
//!
//! Python's `_split` converts the whole rest for each line that it cuts off. A rest of ordinary length gets the same
//! here, for its length and its end can have a say in where it is cut. A longer one is looked at through a window: 100,000
//! encoded words cost what they weigh.

use super::super::charset::{Charset, Splittable};
use super::Chunk;
use crate::ByteStr;
use std::ops::Range;

/// Maximum number of characters of a rest that is converted as a whole.
const ORDINARY: usize = 1024;
/// The window, besides two characters for each column of the line: more than a line holds in any encoding.
const WINDOW: usize = 32;

/// The part of a chunk that is still to be split.
pub(super) struct Unsplit<'a> {
    charset: &'a Charset,
    text: Splittable,
    start: usize,
    /// The chunk's own bytes, as long as nothing is cut off.
    untouched: Option<ByteStr>,
}

/// What the next cut looks at.
pub(super) struct Sight {
    /// In the input charset.
    pub bytes: ByteStr,
    pub text: Splittable,
    /// Nothing follows it.
    pub is_all: bool,
}

impl<'a> Unsplit<'a> {
    pub(super) fn new(chunk: &'a Chunk) -> Self {
        let text = chunk.charset.to_splittable(&chunk.text);
        Unsplit { charset: &chunk.charset, text, start: 0, untouched: Some(chunk.text.clone()) }
    }

    pub(super) fn sight(&self, room: i64) -> Sight {
        let left = self.left();
        let window = WINDOW.saturating_add(usize::try_from(room).unwrap_or(0).saturating_mul(2));
        let seen = if left <= ORDINARY { left } else { window.min(left) };
        let text = self.text.slice(self.start..self.start + seen);
        let untouched = self.untouched.clone().filter(|_| seen == left);
        let bytes = untouched.unwrap_or_else(|| self.charset.input_of(&text));
        Sight { bytes, text, is_all: seen == left }
    }

    /// How many characters, or bytes, are left.
    fn left(&self) -> usize {
        self.text.len() - self.start
    }

    /// All that is left.
    pub(super) fn all(&self) -> Splittable {
        self.text.slice(self.start..self.text.len())
    }

    /// Number of characters that are cut off. Python writes the rest in the input charset and reads it again. That changes some
    /// characters the first time, and hardly one after it: only what looks like a code switch of ISO 2022.
    pub(super) fn advance(&mut self, count: usize) {
        self.start = (self.start + count).min(self.text.len());
        if self.untouched.take().is_some() || self.left() <= ORDINARY {
            self.text = self.charset.to_splittable(&self.charset.input_of(&self.all()));
            self.start = 0;
        }
    }
}

impl Splittable {
    fn slice(&self, range: Range<usize>) -> Splittable {
        match self {
            Splittable::Bytes(bytes) => Splittable::Bytes(bytes.slice(range)),
            Splittable::Text(text) => Splittable::Text(text.get(range).unwrap_or_default().to_vec()),
        }
    }
}
