//! Keys of the indices: tuples of `str` and `unicode`, kept as they are marshalled, ordered as Python orders them.
//!
//! A `str` that is not ASCII cannot be compared with a `unicode`: Python raises there, and the archive of the list stops
//! until it is repaired. [`Key`] has an order nevertheless; [`Mixture`] tells when Python would have none.

use compat::marshal::{self, parts, Part};
use compat::value::Value;
use compat::ByteStr;
use std::cmp::Ordering;

/// The most parts that a key has.
const PARTS: usize = 3;

/// A marshalled tuple, or the marshalled string of an id.
#[derive(Clone, Debug)]
pub struct Key(ByteStr);

/// Two keys that Python cannot compare. The words are those of its UnicodeDecodeError.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'ascii' codec can't decode byte 0x{byte:02x} in position {at}: ordinal not in range(128)")]
pub struct NoOrder {
    byte: u8,
    at: usize,
}

impl Key {
    /// From a file.
    pub fn read(raw: ByteStr) -> Self {
        Key(raw)
    }

    /// Of values.
    pub fn of(values: Vec<Value>) -> Self {
        let mut raw = Vec::with_capacity(96);
        // Strings are always writable.
        let _ = marshal::dump(&Value::tuple(values), &mut raw);
        Key(raw.into())
    }

    /// As it stands in the file.
    pub fn raw(&self) -> &[u8] {
        &self.0
    }

    /// The first part.
    pub fn first(&self) -> Option<Part<'_>> {
        parts(&self.0).next()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut ours, mut theirs) = (parts(&self.0), parts(&other.0));
        loop {
            let order = match (ours.next(), theirs.next()) {
                (Some(a), Some(b)) => order_of(a, b),
                (a, b) => return a.is_some().cmp(&b.is_some()),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
    }
}

/// Equal bytes are equal strings when they are ASCII, whatever their kinds.
fn order_of(a: Part<'_>, b: Part<'_>) -> Ordering {
    a.bytes.cmp(b.bytes).then_with(|| match a.bytes.is_ascii() {
        true => Ordering::Equal,
        false => a.is_unicode.cmp(&b.is_unicode),
    })
}

/// Which kinds of strings stand at each place of an index's keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mixture {
    bytes: [bool; PARTS],
    characters: [bool; PARTS],
}

impl Mixture {
    /// Notes a key.
    pub fn note(&mut self, key: &Key) {
        for (at, part) in parts(&key.0).take(PARTS).enumerate() {
            self.characters[at] |= part.is_unicode;
            self.bytes[at] |= !part.is_unicode && !part.bytes.is_ascii();
        }
    }

    /// Whether some pair may have no order in Python.
    fn is_suspicious(&self) -> bool {
        (0..PARTS).any(|at| self.bytes[at] && self.characters[at])
    }

    /// Sorts as Python would, if that may fail.
    ///
    /// # Errors
    /// The first two keys that have no order.
    pub fn check<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> Result<(), NoOrder> {
        if !self.is_suspicious() {
            return Ok(());
        }
        let mut trouble = None;
        let mut keys: Vec<&Key> = keys.collect();
        keys.sort_by(|a, b| {
            compare(a, b).unwrap_or_else(|none| {
                trouble.get_or_insert(none);
                Ordering::Equal
            })
        });
        trouble.map_or(Ok(()), Err)
    }
}

/// Python's order of keys.
fn compare(a: &Key, b: &Key) -> Result<Ordering, NoOrder> {
    for (a, b) in parts(&a.0).zip(parts(&b.0)) {
        if a.is_unicode != b.is_unicode {
            ascii(if a.is_unicode { b.bytes } else { a.bytes })?;
        }
        match a.bytes.cmp(b.bytes) {
            Ordering::Equal => continue,
            order => return Ok(order),
        }
    }
    Ok(Ordering::Equal)
}

fn ascii(text: &[u8]) -> Result<(), NoOrder> {
    match text.iter().position(|byte| !byte.is_ascii()) {
        None => Ok(()),
        Some(at) => Err(NoOrder { byte: text[at], at }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::value::UniStr;

    fn key(first: Value, second: &str) -> Key {
        Key::of(vec![first, Value::str(second)])
    }

    fn uni(text: &str) -> Value {
        Value::Unicode(UniStr::from(text))
    }

    #[test]
    fn keys_sort_as_pythons_do() {
        assert_eq!(key(Value::str("a"), "2").cmp(&key(uni("a"), "1")), Ordering::Greater);
        assert_eq!(key(uni("ä"), "1").cmp(&key(Value::str("z"), "1")), Ordering::Greater);
        assert_eq!(key(uni("a"), "1"), key(Value::str("a"), "1"));
        assert_ne!(key(uni("ä"), "1"), key(Value::str("ä"), "1"));
    }

    #[test]
    fn python_has_no_order_for_some() {
        let keys = [key(uni("ä"), "1"), key(Value::str(b"\xe4"), "1"), key(Value::str("a"), "\u{e4}")];
        let mixture = |keys: &[Key]| {
            let mut mixture = Mixture::default();
            keys.iter().for_each(|key| mixture.note(key));
            mixture.check(keys.iter())
        };
        let words = "'ascii' codec can't decode byte 0xe4 in position 0: ordinal not in range(128)";
        assert_eq!(mixture(&keys).map_err(|none| none.to_string()), Err(words.to_string()));
        assert_eq!(mixture(&keys[1..]), Ok(()));
        assert_eq!(mixture(&[keys[0].clone(), keys[2].clone()]), Ok(()));
    }
}
