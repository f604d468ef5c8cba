//! Splits a line of a command mail into words.
//!
//! All commands but `echo` and those that take addresses look at a few only, while a line may have millions: the first
//! are taken apart, the rest when it is asked for.

use crate::text;
use compat::ByteStr;
use std::ops::Deref;

/// More words than any command distinguishes, and three that a Subject may lose before its command.
const FIRST: usize = 16;
/// A longer word is a window on its line.
const COPIED: usize = 1000;

/// The words, as a slice: its first ones.
#[derive(Debug, Default)]
pub struct Words {
    first: Vec<ByteStr>,
    rest: ByteStr,
}

impl Words {
    /// Each word is a string of its own as Python's are: where one is stored twice its pickle tells.
    pub fn of(line: &ByteStr) -> Words {
        let mut first = Vec::new();
        let mut left = &line[..];
        while first.len() < FIRST {
            let Some((word, rest)) = first_word(left) else { return Words { first, rest: ByteStr::default() } };
            first.push(if word.len() > COPIED { line.piece(word) } else { ByteStr::from(word) });
            left = rest;
        }
        Words { first, rest: line.piece(left) }
    }

    /// One word, whatever is in it.
    pub fn one(word: ByteStr) -> Words {
        Words { first: vec![word], rest: ByteStr::default() }
    }

    /// Takes the first word away.
    pub fn pop(&mut self) -> Option<ByteStr> {
        (!self.first.is_empty()).then(|| self.first.remove(0))
    }

    /// Every word.
    pub fn all(&self) -> impl Iterator<Item = ByteStr> + '_ {
        self.first.iter().cloned().chain(text::words(&self.rest).map(ByteStr::from))
    }

    /// `' '.join(words)`
    pub fn joined(&self) -> Vec<u8> {
        let mut line = self.first.join(&b' ');
        for word in text::words(&self.rest) {
            line.push(b' ');
            line.extend_from_slice(word);
        }
        line
    }
}

impl Deref for Words {
    type Target = [ByteStr];

    fn deref(&self) -> &[ByteStr] {
        &self.first
    }
}

fn first_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text::lstrip(text);
    let end = text.iter().position(|&b| text::is_space(b)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_falls_into_words() {
        let mut words = Words::of(&" Set\tack  on\r".into());
        assert_eq!(*words, ["Set", "ack", "on"]);
        assert_eq!(words.pop(), Some("Set".into()));
        assert_eq!(words.joined(), b"ack on");
        assert!(Words::of(&" \t ".into()).is_empty() && Words::default().pop().is_none());
    }

    #[test]
    fn many_words_stay_on_their_line() {
        let line = ByteStr::new(b"a bb  ".repeat(1000));
        let words = Words::of(&line);
        assert_eq!((words.len(), words.all().count()), (FIRST, 2000));
        assert_eq!(words.rest.identity().0, line.identity().0);
        assert_eq!(words.joined(), text::rstrip(&b"a bb ".repeat(1000)));
    }

    #[test]
    fn short_words_are_strings_of_their_own() {
        let line = ByteStr::new([&b"echo a "[..], &b"x".repeat(COPIED + 1)].concat());
        let is_window = |word: &ByteStr| word.identity().0 == line.identity().0;
        assert_eq!(Words::of(&line).iter().map(is_window).collect::<Vec<_>>(), [false, false, true]);
    }
}
