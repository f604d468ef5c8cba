//! The items of a plain dictionary in a pickle, one after another, without making values of them.
//!
//! Plain is what [`skim`](super::skim) leaves as it lies: keys and values without parts (strings, numbers, `None`), or
//! notes that are fetched, set as `cPickle` sets them.

use super::{opcode, text};
use crate::value::Value;
use crate::ByteStr;

/// `cPickle` sets a thousand items at once; far more are for the loader, which bounds them.
const MAX_BATCH: usize = 1 << 20;

/// A value without parts.
pub(super) enum Atom {
    /// A `str`: where its instruction begins, and its bytes begin and end.
    Str(usize, usize, usize),
    /// A note that is fetched.
    Fetched(u32),
    /// Another one: where its instruction begins.
    Other(usize),
}

impl Atom {
    pub(super) fn value(&self, data: &ByteStr) -> Option<Value> {
        match self {
            Atom::Str(_, start, end) => Some(Value::Str(data.slice(*start..*end))),
            Atom::Fetched(_) => None,
            Atom::Other(at) => other_value(data, *at),
        }
    }
}

fn other_value(data: &ByteStr, at: usize) -> Option<Value> {
    let bytes = |from: usize, len: usize| data.get(at + from..at + from + len);
    Some(match *data.get(at)? {
        opcode::BININT1 => Value::Int(i64::from(*data.get(at + 1)?)),
        opcode::BININT2 => Value::Int(i64::from(u16::from_le_bytes(bytes(1, 2)?.try_into().ok()?))),
        opcode::BININT => Value::Int(i64::from(i32::from_le_bytes(bytes(1, 4)?.try_into().ok()?))),
        opcode::BINFLOAT => Value::Float(f64::from_be_bytes(bytes(1, 8)?.try_into().ok()?)),
        opcode::NONE => Value::None,
        opcode::INT => Value::Bool(bytes(2, 1)? == b"1"),
        opcode::BINUNICODE => {
            let len = u32::from_le_bytes(bytes(1, 4)?.try_into().ok()?) as usize;
            Value::Unicode(text::utf8(data.slice(at + 5..at + 5 + len)).ok()?)
        }
        _ => return None,
    })
}

/// A value, and the number under which it was noted.
pub(super) struct Noted {
    pub(super) atom: Atom,
    pub(super) note: Option<u32>,
}

/// An item.
pub(super) struct Pair {
    pub(super) key: Noted,
    pub(super) value: Noted,
}

/// Walks over the items of a dictionary.
pub(super) struct Cursor<'a> {
    data: &'a ByteStr,
    bytes: &'a [u8],
    pub(super) at: usize,
    /// How many items were seen behind the last mark, where they are not set yet.
    batch: Option<usize>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(data: &'a ByteStr, at: usize) -> Self {
        Cursor { data, bytes: data, at, batch: None }
    }

    /// Whether no item waits to be set.
    pub(super) fn is_between_batches(&self) -> bool {
        self.batch.is_none()
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
    }

    /// The next item; `None` where the dictionary ends, or goes on with something else.
    #[inline(always)]
    pub(super) fn pair(&mut self) -> Option<Pair> {
        loop {
            match (self.batch, *self.bytes.get(self.at)?) {
                (Some(_), opcode::SETITEMS) => self.batch = None,
                (Some(MAX_BATCH), _) => return None,
                (Some(seen), _) => {
                    self.batch = Some(seen + 1);
                    return self.key_and_value();
                }
                (None, opcode::MARK) => self.batch = Some(0),
                (None, _) => return self.single_item(),
            }
            self.at += 1;
        }
    }

    /// An item that is set by itself, if that is what comes. It may be the next item of whatever holds the dictionary.
    fn single_item(&mut self) -> Option<Pair> {
        let before = self.at;
        let pair = self.key_and_value();
        if pair.is_some() && self.bytes.get(self.at) == Some(&opcode::SETITEM) {
            self.at += 1;
            return pair;
        }
        self.at = before;
        None
    }

    #[inline(always)]
    fn key_and_value(&mut self) -> Option<Pair> {
        let key = Noted { atom: self.atom()?, note: self.note() };
        Some(Pair { key, value: Noted { atom: self.atom()?, note: self.note() } })
    }

    /// The number of a note that is made here.
    #[inline(always)]
    pub(super) fn note(&mut self) -> Option<u32> {
        match *self.bytes.get(self.at)? {
            opcode::BINPUT => {
                let id = *self.bytes.get(self.at + 1)?;
                self.at += 2;
                Some(u32::from(id))
            }
            opcode::LONG_BINPUT => {
                let id = self.u32_at(self.at + 1)?;
                self.at += 5;
                Some(id)
            }
            _ => None,
        }
    }

    #[inline(always)]
    pub(super) fn atom(&mut self) -> Option<Atom> {
        let at = self.at;
        let (start, len) = match *self.bytes.get(at)? {
            opcode::SHORT_BINSTRING => (at + 2, usize::from(*self.bytes.get(at + 1)?)),
            opcode::BINSTRING => (at + 5, self.u32_at(at + 1)? as usize),
            opcode::BINGET => {
                self.at += 2;
                return self.bytes.get(at + 1).map(|id| Atom::Fetched(u32::from(*id)));
            }
            opcode::LONG_BINGET => {
                self.at += 5;
                return self.u32_at(at + 1).map(Atom::Fetched);
            }
            _ => return self.other(),
        };
        let end = start.checked_add(len).filter(|&end| end <= self.bytes.len())?;
        self.at = end;
        Some(Atom::Str(at, start, end))
    }

    fn other(&mut self) -> Option<Atom> {
        let at = self.at;
        let len = match *self.bytes.get(at)? {
            opcode::BININT1 => 2,
            opcode::BININT2 => 3,
            opcode::BININT => 5,
            opcode::BINFLOAT => 9,
            opcode::NONE => 1,
            opcode::INT if matches!(self.bytes.get(at + 1..at + 4), Some(b"00\n" | b"01\n")) => 4,
            opcode::BINUNICODE => 5 + self.unicode(at + 5, self.u32_at(at + 1)? as usize)?,
            _ => return None,
        };
        self.at = at.checked_add(len).filter(|&end| end <= self.bytes.len())?;
        Some(Atom::Other(at))
    }

    /// The length of a `unicode`, if its UTF-8 is what the loader takes.
    fn unicode(&self, start: usize, len: usize) -> Option<usize> {
        let end = start.checked_add(len).filter(|&end| end <= self.bytes.len())?;
        text::utf8(self.data.slice(start..end)).ok().map(|_| len)
    }
}

/// Whether the instruction that begins here makes a `str`.
pub(super) fn is_str(data: &[u8], at: usize) -> bool {
    matches!(data.get(at), Some(&(opcode::SHORT_BINSTRING | opcode::BINSTRING)))
}
