//! The order in which CPython 2.7 (64-bit, hashes not randomised) iterates over a dict of `str` keys.
//!
//! Mailman writes headers in the order of a dictionary (CookHeaders' list headers), and pickles list attributes in it.
//! So the table is played through here: the hash, the probing, the growth at two thirds, and the traces of deletions.

use crate::value::{Dict, Value};
use crate::ByteStr;

const MIN_SIZE: usize = 8;

/// A dict as far as the places of its keys go.
#[derive(Clone, Debug)]
pub struct KeyTable<K> {
    slots: Vec<Slot<K>>,
    /// Keys.
    used: usize,
    /// Keys and the traces of deleted ones.
    filled: usize,
}

#[derive(Clone, Debug)]
enum Slot<K> {
    Free,
    Deleted,
    Key(u64, K),
}

impl<K: AsRef<[u8]>> Default for KeyTable<K> {
    fn default() -> Self {
        KeyTable { slots: free_slots(MIN_SIZE), used: 0, filled: 0 }
    }
}

impl<K: AsRef<[u8]>> KeyTable<K> {
    /// An empty dict, as `{}` or `dict()` makes it.
    pub fn new() -> Self {
        KeyTable::default()
    }

    /// An empty dict as a literal with `count` items starts: one with more than five gets its room at once.
    pub fn for_literal(count: usize) -> Self {
        let size = if count > 5 { size_beyond(count) } else { MIN_SIZE };
        KeyTable { slots: free_slots(size), used: 0, filled: 0 }
    }

    /// `d[key] = ...`; false where the key was there already.
    pub fn insert(&mut self, key: K) -> bool {
        let hash = hash(key.as_ref());
        let at = self.place(hash, key.as_ref());
        match self.slots.get_mut(at) {
            Some(slot @ (Slot::Free | Slot::Deleted)) => {
                self.filled += usize::from(matches!(slot, Slot::Free));
                *slot = Slot::Key(hash, key);
            }
            _ => return false,
        }
        self.used += 1;
        if self.filled * 3 >= self.slots.len() * 2 {
            self.resize(self.used * if self.used > 50_000 { 2 } else { 4 });
        }
        true
    }

    /// `d.update(other)`: room for both is made first.
    pub fn update(&mut self, other: KeyTable<K>) {
        if (self.filled + other.used) * 3 >= self.slots.len() * 2 {
            self.resize((self.used + other.used) * 2);
        }
        other.into_keys().for_each(|key| {
            self.insert(key);
        });
    }

    /// `del d[key]`; false where there is none.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let at = self.place(hash(key), key);
        match self.slots.get_mut(at) {
            Some(slot @ Slot::Key(..)) => *slot = Slot::Deleted,
            _ => return false,
        }
        self.used -= 1;
        true
    }

    /// The keys in Python's order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Key(_, key) => Some(key),
            Slot::Free | Slot::Deleted => None,
        })
    }

    /// The keys in Python's order, and nothing else any more.
    pub fn into_keys(self) -> impl Iterator<Item = K> {
        self.slots.into_iter().filter_map(|slot| match slot {
            Slot::Key(_, key) => Some(key),
            Slot::Free | Slot::Deleted => None,
        })
    }

    /// Where the key is, or where it would go: the first deleted place on the way, else the free one at its end.
    fn place(&self, hash: u64, key: &[u8]) -> usize {
        let mut reusable = None;
        for at in probes(hash, self.slots.len()) {
            match self.slots.get(at) {
                Some(Slot::Key(h, k)) if *h == hash && k.as_ref() == key => return at,
                Some(Slot::Key(..)) => {}
                Some(Slot::Deleted) => reusable = reusable.or(Some(at)),
                Some(Slot::Free) | None => return reusable.unwrap_or(at),
            }
        }
        reusable.unwrap_or_default()
    }

    fn resize(&mut self, wanted: usize) {
        let size = size_beyond(wanted);
        let old = std::mem::replace(&mut self.slots, free_slots(size));
        self.filled = self.used;
        for slot in old {
            if let Slot::Key(hash, key) = slot {
                let at = self.place(hash, key.as_ref());
                if let Some(free) = self.slots.get_mut(at) {
                    *free = Slot::Key(hash, key);
                }
            }
        }
    }
}

fn free_slots<K>(size: usize) -> Vec<Slot<K>> {
    std::iter::repeat_with(|| Slot::Free).take(size).collect()
}

/// The smallest table size above a number.
fn size_beyond(wanted: usize) -> usize {
    (wanted + 1).next_power_of_two().max(MIN_SIZE)
}

/// The places to look at, in their order; a table is never full, so the caller finds an end.
fn probes(hash: u64, size: usize) -> impl Iterator<Item = usize> {
    let mask = size as u64 - 1;
    let mut at = hash & mask;
    let mut perturb = hash;
    std::iter::once((hash & mask) as usize).chain(std::iter::from_fn(move || {
        at = at.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        perturb >>= 5;
        Some((at & mask) as usize)
    }))
}

/// `hash(str)` of a 64-bit CPython 2 without `-R`.
pub fn hash(bytes: &[u8]) -> u64 {
    let Some(&first) = bytes.first() else { return 0 };
    let start = u64::from(first) << 7;
    let mixed = bytes.iter().fold(start, |hash, &byte| hash.wrapping_mul(1_000_003) ^ u64::from(byte));
    match mixed ^ bytes.len() as u64 {
        u64::MAX => u64::MAX - 1,
        hash => hash,
    }
}

/// The order of a dict into which the keys were put one after the other: their indices, each key's first one.
pub fn order(keys: &[&[u8]]) -> Vec<usize> {
    struct Numbered<'a>(&'a [u8], usize);
    impl AsRef<[u8]> for Numbered<'_> {
        fn as_ref(&self) -> &[u8] {
            self.0
        }
    }
    let mut table = KeyTable::new();
    keys.iter().enumerate().for_each(|(at, key)| {
        table.insert(Numbered(key, at));
    });
    table.into_keys().map(|key| key.1).collect()
}

/// A dict with these items, in Python's order.
pub fn sorted(items: Vec<(&str, Value)>) -> Dict {
    let order = order(&items.iter().map(|(key, _)| key.as_bytes()).collect::<Vec<_>>());
    let entry = |at| items.get(at).map(|(key, value): &(&str, Value)| (ByteStr::from(*key), value.clone()));
    order.into_iter().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(table: KeyTable<String>) -> Vec<String> {
        table.into_keys().collect()
    }

    fn filled(mut table: KeyTable<String>, words: &[&str]) -> KeyTable<String> {
        words.iter().for_each(|word| {
            table.insert((*word).to_owned());
        });
        table
    }

    #[test]
    fn hashes_are_pythons() {
        assert_eq!(hash(b"abc"), 1_453_079_729_188_098_211);
        assert_eq!(hash(b"\xff"), 32_640_097_918);
        assert_eq!(hash(b""), 0);
    }

    #[test]
    fn eleven_keys_with_growth() {
        let words: Vec<&[u8]> = vec![
            b"List-Help",
            b"List-Unsubscribe",
            b"List-Subscribe",
            b"List-Post",
            b"List-Archive",
            b"a",
            b"b",
            b"c",
            b"key%d",
            b"",
            b"\xe4",
        ];
        assert_eq!(order(&words), [5, 9, 3, 6, 10, 7, 8, 2, 1, 4, 0]);
    }

    #[test]
    fn thirty_keys() {
        let names: Vec<String> = (0..30).map(|i| format!("k{i}")).collect();
        let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
        let expected = [
            13, 12, 11, 10, 17, 16, 15, 14, 19, 18, 3, 2, 1, 0, 7, 6, 5, 4, 9, 8, 28, 29, 22, 23, 20, 21, 26, 27, 24,
            25,
        ];
        assert_eq!(order(&names), expected);
    }

    #[test]
    fn the_list_headers_of_cook_headers() {
        let mut table = KeyTable::new();
        table.update(filled(KeyTable::for_literal(3), &["List-Help", "List-Unsubscribe", "List-Subscribe"]));
        let table = filled(table, &["List-Post", "List-Archive"]);
        assert_eq!(keys(table), ["List-Unsubscribe", "List-Archive", "List-Post", "List-Help", "List-Subscribe"]);
    }

    #[test]
    fn a_literal_has_its_room_from_the_start() {
        let words = ["one", "two", "three", "four", "five", "six", "seven"];
        let table = filled(KeyTable::for_literal(7), &words);
        assert_eq!(keys(table), ["seven", "six", "three", "two", "four", "five", "one"]);
    }

    #[test]
    fn deleted_places_are_used_again() {
        let mut table = filled(KeyTable::new(), &["a", "b", "c"]);
        assert!(table.remove(b"b") && !table.remove(b"b"));
        assert!(table.insert("b".to_owned()) && !table.insert("a".to_owned()));
        assert_eq!(keys(table), ["a", "c", "b"]);
    }
}
