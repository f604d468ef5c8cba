//! A Python 2 byte string that shares its buffer.
//!
//! A `config.pck` of 100,000 members holds most of a million strings, a message may hold 50 MB of text. Both are read
//! into one buffer once; a [`ByteStr`] is a window on it, sixteen bytes wide and cheap to clone. Python's `str` compares
//! and hashes by content, and so does this; that two values are the *same object* (which a pickle records) is kept too.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::rc::Rc;

/// A window on a shared, immutable buffer of bytes. Not longer than 2 GiB, as in Python's pickles.
#[derive(Clone)]
pub struct ByteStr {
    buffer: Rc<Vec<u8>>,
    start: u32,
    /// The length, and [`ONE_OBJECT`].
    len: u32,
}

/// A bit of the length: the file from which this window is names the string in more than one place.
const ONE_OBJECT: u32 = 1 << 31;

impl ByteStr {
    /// Takes a buffer over. What lies beyond 2 GiB is not part of the string; readers bound their input well below.
    pub fn new(bytes: Vec<u8>) -> Self {
        let len = u32::try_from(bytes.len()).map_or(!ONE_OBJECT, |len| len.min(!ONE_OBJECT));
        ByteStr { buffer: Rc::new(bytes), start: 0, len }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self
    }

    /// A part of this string on the same buffer. Bounds beyond the end are cut to it.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        ByteStr { buffer: Rc::clone(&self.buffer), start: self.start + start as u32, len: (end - start) as u32 }
    }

    /// From `start` to the end, on the same buffer.
    pub fn slice_from(&self, start: usize) -> Self {
        self.slice(start..self.len())
    }

    /// The buffer, where nobody else has a part of it; else the string as it was.
    ///
    /// # Errors
    /// The string itself, where another string shares the buffer.
    pub fn into_vec(self) -> Result<Vec<u8>, Self> {
        if self.len() < self.buffer.len() {
            return Err(self);
        }
        let len = self.len;
        Rc::try_unwrap(self.buffer).map_err(|buffer| ByteStr { buffer, start: 0, len })
    }

    /// A piece of this string, as an iterator over its bytes cut it out, on the same buffer.
    pub fn piece(&self, piece: &[u8]) -> Self {
        let start = (piece.as_ptr() as usize).wrapping_sub(self.as_ptr() as usize);
        match start.checked_add(piece.len()) {
            Some(end) if end <= self.len() => self.slice(start..end),
            _ => ByteStr::from(piece),
        }
    }

    /// Whether both are one object: the same bytes of the same buffer.
    pub fn same_object(&self, other: &ByteStr) -> bool {
        self.identity() == other.identity()
    }

    /// Where the bytes are: equal for two clones of one string, different for equal strings that were made apart.
    pub fn identity(&self) -> (usize, u32, u32) {
        (Rc::as_ptr(&self.buffer) as usize, self.start, self.len & !ONE_OBJECT)
    }

    /// Whether a pickle should look this string up among those it has written: it was one object in several places of
    /// the file that it is from, or it has a buffer of its own that another string shares. A mere window answers no.
    pub fn may_be_shared(&self) -> bool {
        let whole = self.len() == self.buffer.len();
        self.len & ONE_OBJECT != 0 || (whole && Rc::strong_count(&self.buffer) > 1)
    }

    /// The same string with the remark that it is one object in several places of its file.
    pub fn marked_shared(mut self) -> Self {
        self.len |= ONE_OBJECT;
        self
    }

    /// A copy as text, each byte a character of Latin-1: for log lines and errors, where nothing may be lost.
    pub fn to_latin1(&self) -> String {
        self.iter().map(|&b| char::from(b)).collect()
    }
}

impl Deref for ByteStr {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        let start = self.start as usize;
        self.buffer.get(start..start + (self.len & !ONE_OBJECT) as usize).unwrap_or(&[])
    }
}

impl Default for ByteStr {
    fn default() -> Self {
        ByteStr::new(Vec::new())
    }
}

impl From<Vec<u8>> for ByteStr {
    fn from(bytes: Vec<u8>) -> Self {
        ByteStr::new(bytes)
    }
}

impl From<String> for ByteStr {
    fn from(text: String) -> Self {
        ByteStr::new(text.into_bytes())
    }
}

impl From<&[u8]> for ByteStr {
    fn from(bytes: &[u8]) -> Self {
        ByteStr::new(bytes.to_vec())
    }
}

impl From<&str> for ByteStr {
    fn from(text: &str) -> Self {
        ByteStr::from(text.as_bytes())
    }
}

impl<const N: usize> From<&[u8; N]> for ByteStr {
    fn from(bytes: &[u8; N]) -> Self {
        ByteStr::from(bytes.as_slice())
    }
}

impl AsRef<[u8]> for ByteStr {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Borrow<[u8]> for ByteStr {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl PartialEq for ByteStr {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl Eq for ByteStr {}

impl PartialEq<[u8]> for ByteStr {
    fn eq(&self, other: &[u8]) -> bool {
        self[..] == *other
    }
}

impl PartialEq<&[u8]> for ByteStr {
    fn eq(&self, other: &&[u8]) -> bool {
        self[..] == **other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for ByteStr {
    fn eq(&self, other: &&[u8; N]) -> bool {
        self[..] == other[..]
    }
}

impl PartialEq<&str> for ByteStr {
    fn eq(&self, other: &&str) -> bool {
        self[..] == *other.as_bytes()
    }
}

impl PartialOrd for ByteStr {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByteStr {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self[..].cmp(&other[..])
    }
}

impl Hash for ByteStr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self[..].hash(state);
    }
}

impl fmt::Debug for ByteStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

impl fmt::Display for ByteStr {
    /// Latin-1, so that no byte is lost or doubled in a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|&b| write!(f, "{}", char::from(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_share_and_compare_by_content() {
        let whole = ByteStr::from("hello world");
        let part = whole.slice(6..11);
        assert_eq!(part, "world");
        assert_eq!(part, ByteStr::from("world"));
        assert!(!part.same_object(&ByteStr::from("world")));
        assert!(part.same_object(&whole.slice_from(6)));
    }

    #[test]
    fn a_buffer_is_taken_out_by_its_only_owner() {
        let whole = ByteStr::from("one two");
        let other = whole.clone();
        let whole = whole.into_vec().unwrap_err();
        assert_eq!(other.slice_from(4).into_vec().unwrap_err(), "two");
        drop(other);
        assert_eq!(whole.into_vec().unwrap(), b"one two");
    }

    #[test]
    fn a_piece_is_a_window_and_anything_else_a_copy() {
        let whole = ByteStr::from("one two").slice_from(1);
        let word = whole.split(|&byte| byte == b' ').nth(1).unwrap();
        assert!(whole.piece(word).same_object(&whole.slice(3..6)));
        assert_eq!(whole.piece(b"two"), "two");
        assert!(!whole.piece(b"two").same_object(&whole.slice(3..6)));
        assert_eq!(whole.slice(0..2).piece(word), "two");
    }

    #[test]
    fn the_remark_changes_nothing_else() {
        let whole = ByteStr::from("abcdef");
        let (plain, marked) = (whole.slice(1..3), whole.slice(1..3).marked_shared());
        assert_eq!(plain, marked);
        assert!(plain.same_object(&marked));
        assert!(marked.clone().may_be_shared() && !plain.may_be_shared());
        assert!(!marked.slice(0..1).may_be_shared());
    }

    #[test]
    fn bounds_beyond_the_end_are_cut() {
        let s = ByteStr::from("abc");
        assert_eq!(s.slice(2..9), "c");
        assert_eq!(s.slice(7..9), "");
    }
}
