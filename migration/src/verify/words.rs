//! Puts a pickle into words that serde-pickle understands; the values in it stay what they are.
//!
//! - An old-style instance is `MARK class arguments OBJ`. serde-pickle 1.2 takes the class off once more, from below the
//!   mark, and so loses an innocent value or stops: every message object of Mailman is written so. A `None` before that
//!   mark is what it then takes.
//! - In a `str` of protocol 0 it does not know the escape of a single quote; `\x27` is the same character.
//!
//! Nothing in a pickle counts its own bytes, so that some may be put in.

use std::collections::BTreeMap;
use std::ops::Range;

const MARK: u8 = b'(';
const OBJ: u8 = b'o';
const STRING: u8 = b'S';

/// What follows an instruction.
enum Argument {
    Nothing,
    Bytes(usize),
    Lines(usize),
    /// A length in this number of bytes, and as many bytes as it says.
    Counted(usize),
}

fn argument(op: u8) -> Argument {
    match op {
        b'F' | b'I' | b'L' | b'S' | b'V' | b'g' | b'p' | b'P' => Argument::Lines(1),
        b'c' | b'i' => Argument::Lines(2),
        b'K' | b'h' | b'q' | 0x80 | 0x82 => Argument::Bytes(1),
        b'M' | 0x83 => Argument::Bytes(2),
        b'J' | b'j' | b'r' | 0x84 => Argument::Bytes(4),
        b'G' => Argument::Bytes(8),
        b'U' | 0x8a => Argument::Counted(1),
        b'T' | b'X' | 0x8b => Argument::Counted(4),
        _ => Argument::Nothing,
    }
}

/// A change: this number of bytes goes, these come.
type Change = (usize, &'static [u8]);

/// The same pickle in other words; `None` where there is nothing to change.
pub(super) fn in_other_words(pickle: &[u8]) -> Option<Vec<u8>> {
    let changes = changes(pickle)?;
    if changes.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(pickle.len() + 2 * changes.len());
    let mut from = 0;
    for (at, (gone, new)) in changes {
        out.extend_from_slice(pickle.get(from..at)?);
        out.extend_from_slice(new);
        from = at + gone;
    }
    out.extend_from_slice(pickle.get(from..)?);
    Some(out)
}

/// Walks over the instructions; `None` where the pickle is cut off or has none to end.
fn changes(pickle: &[u8]) -> Option<BTreeMap<usize, Change>> {
    let (mut open, mut changes, mut at) = (Vec::new(), BTreeMap::new(), 0);
    while let Some(&op) = pickle.get(at) {
        let next = after(pickle, at + 1, argument(op))?;
        match op {
            MARK => open.push(at),
            OBJ => {
                changes.insert(open.pop()?, (0, &b"N"[..]));
            }
            STRING => escaped_quotes(pickle, at + 1..next, &mut changes),
            // Whatever else gathers up to a mark.
            b'd' | b'e' | b'l' | b't' | b'u' | b'i' | b'1' => {
                open.pop()?;
            }
            _ => {}
        }
        at = next;
    }
    Some(changes)
}

/// The escapes of single quotes in the text of a `str`.
fn escaped_quotes(pickle: &[u8], text: Range<usize>, changes: &mut BTreeMap<usize, Change>) {
    let mut at = text.start;
    while at < text.end {
        match pickle.get(at..at + 2) {
            Some(b"\\'") => {
                changes.insert(at, (2, &b"\\x27"[..]));
                at += 2;
            }
            Some([b'\\', _]) => at += 2,
            _ => at += 1,
        }
    }
}

fn after(pickle: &[u8], at: usize, argument: Argument) -> Option<usize> {
    match argument {
        Argument::Nothing => Some(at),
        Argument::Bytes(count) => Some(at + count),
        Argument::Lines(count) => {
            let rest = pickle.get(at..)?;
            memchr::memchr_iter(b'\n', rest).nth(count - 1).map(|end| at + end + 1)
        }
        Argument::Counted(width) => {
            let length = pickle.get(at..at + width)?.iter().rev().fold(0usize, |sum, &b| sum << 8 | usize::from(b));
            at.checked_add(width)?.checked_add(length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_before_the_mark_of_each_instance() {
        let instance = b"(c__main__\nC\noq\x01}q\x02U\x01(K\x01sb.";
        assert_eq!(in_other_words(instance).unwrap(), [&b"N"[..], instance].concat());
        // Brackets and letters inside strings are no instructions, and a mark of a tuple gets nothing.
        assert_eq!(in_other_words(b"(U\x02(oT\x02\x00\x00\x00(otS'o('\n0."), None);
        let nested = b"(c__main__\nC\n(K\x01to.";
        assert_eq!(in_other_words(nested).unwrap(), [&b"N"[..], nested].concat());
    }

    #[test]
    fn an_escaped_quote_is_said_in_another_way() {
        assert_eq!(in_other_words(b"S'a\\'b\\\\'\n.").unwrap(), b"S'a\\x27b\\\\'\n.");
        assert_eq!(in_other_words(b"S\"it's\"\nU\x02\\'."), None, "only where it is an escape");
    }

    #[test]
    fn what_is_cut_off_is_left_as_it_is() {
        for cut in [&b"(U\x05ab"[..], b"o.", b"c__main__\nC"] {
            assert_eq!(in_other_words(cut), None);
        }
    }
}
