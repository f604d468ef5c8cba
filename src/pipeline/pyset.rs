//! A Python 2.7 `set` of strings as far as its order shows.
//!
//! Sibling lists (regular_exclude_lists, regular_include_lists) turn the recipients into a set and back; the order that
//! comes out is the order of a hash table of open addressing, with its growth, its dummies and its probing. Delivery
//! cuts chunks in that order, so it is kept.

use compat::pydict::hash;
use compat::ByteStr;

const SMALL: usize = 8;

#[derive(Clone, Copy, PartialEq)]
enum Slot {
    Free,
    Dummy,
    Key(u32),
}

/// A set that remembers what CPython's table would look like.
pub struct PySet {
    keys: Vec<(u64, ByteStr)>,
    table: Vec<Slot>,
    fill: usize,
    used: usize,
}

impl PySet {
    /// `set(items)`
    pub fn new(items: impl IntoIterator<Item = ByteStr>) -> Self {
        let mut set = PySet { keys: Vec::new(), table: vec![Slot::Free; SMALL], fill: 0, used: 0 };
        for item in items {
            if set.insert(hash(&item), item) && set.fill * 3 >= set.table.len() * 2 {
                set.resize(set.growth());
            }
        }
        set
    }

    /// `self -= other`
    pub fn subtract(&mut self, other: &PySet) {
        for (hash, key) in other.in_order() {
            let (at, found) = self.look(*hash, key);
            if found {
                self.table[at] = Slot::Dummy;
                self.used -= 1;
            }
        }
        // A table of which more than a fifth is dummies is built anew.
        if (self.fill - self.used) * 5 >= self.table.len() - 1 {
            self.resize(self.growth());
        }
    }

    /// `self |= other`
    pub fn unite(&mut self, other: &PySet) {
        if other.used == 0 {
            return;
        }
        if (self.fill + other.used) * 3 >= self.table.len() * 2 {
            self.resize((self.used + other.used) * 2);
        }
        for (hash, key) in other.in_order() {
            self.insert(*hash, key.clone());
        }
    }

    /// `list(self)`
    pub fn into_list(self) -> Vec<ByteStr> {
        self.in_order().map(|(_, key)| key.clone()).collect()
    }

    fn in_order(&self) -> impl Iterator<Item = &(u64, ByteStr)> {
        self.table.iter().filter_map(|slot| match slot {
            Slot::Key(at) => self.keys.get(*at as usize),
            Slot::Free | Slot::Dummy => None,
        })
    }

    fn growth(&self) -> usize {
        self.used * if self.used > 50_000 { 2 } else { 4 }
    }

    /// Whether the key was new.
    fn insert(&mut self, hash: u64, key: ByteStr) -> bool {
        let (at, found) = self.look(hash, &key);
        let Ok(number) = u32::try_from(self.keys.len()) else { return false };
        if found {
            return false;
        }
        if self.table[at] == Slot::Free {
            self.fill += 1;
        }
        self.table[at] = Slot::Key(number);
        self.keys.push((hash, key));
        self.used += 1;
        true
    }

    /// The slot of a key, or where it would go: the first dummy on the way, else the free slot at its end.
    fn look(&self, hash: u64, key: &[u8]) -> (usize, bool) {
        let mut free = None;
        for at in probe(hash, self.table.len()) {
            match self.table[at] {
                Slot::Free => return (free.unwrap_or(at), false),
                Slot::Dummy => free = free.or(Some(at)),
                Slot::Key(number) => {
                    if self.keys.get(number as usize).is_some_and(|(h, k)| *h == hash && **k == *key) {
                        return (at, true);
                    }
                }
            }
        }
        (free.unwrap_or(0), false)
    }

    fn resize(&mut self, at_least: usize) {
        let mut size = SMALL;
        while size <= at_least {
            size *= 2;
        }
        if size == SMALL && self.table.len() == SMALL && self.fill == self.used {
            return;
        }
        let old = std::mem::replace(&mut self.table, vec![Slot::Free; size]);
        self.fill = self.used;
        for slot in old {
            if let Slot::Key(number) = slot {
                let hash = self.keys.get(number as usize).map_or(0, |(hash, _)| *hash);
                if let Some(at) = probe(hash, size).find(|&at| self.table[at] == Slot::Free) {
                    self.table[at] = slot;
                }
            }
        }
    }
}

/// The slots that CPython tries, in order. The table is never full, so a search ends.
fn probe(hash: u64, size: usize) -> impl Iterator<Item = usize> {
    let mask = size as u64 - 1;
    let mut position = hash;
    let mut perturb = hash;
    std::iter::once((hash & mask) as usize).chain(std::iter::from_fn(move || {
        position = position.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1);
        perturb >>= 5;
        Some((position & mask) as usize)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members by number, as CPython 2.7 (64 bit) was given them too.
    fn users(numbers: std::ops::Range<usize>, suffix: &str) -> PySet {
        PySet::new(numbers.map(|n| ByteStr::from(format!("user{n}{suffix}@example.org"))))
    }

    fn shown(set: PySet) -> String {
        let short = |user: &ByteStr| user.to_latin1().replace("user", "").replace("@example.org", "");
        set.into_list().iter().map(short).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn order_of_a_new_set() {
        assert_eq!(shown(users(0..12, "")), "6 2 7 8 10 3 11 0 9 5 4 1");
    }

    #[test]
    fn order_after_a_difference() {
        let mut set = users(0..40, "");
        set.subtract(&users(5..38, ""));
        assert_eq!(shown(set), "0 2 3 39 38 4 1");
    }

    #[test]
    fn order_after_a_union() {
        let mut set = users(0..6, "");
        set.unite(&users(3..20, "b"));
        assert_eq!(shown(set), "2 13b 10b 3 9b 16b 7b 6b 15b 1 12b 19b 4b 0 18b 8b 17b 3b 5b 5 4 11b 14b");
    }

    #[test]
    fn a_dummy_is_taken_again() {
        let mut set = users(0..5, "");
        set.subtract(&users(1..2, ""));
        set.unite(&users(9..11, ""));
        assert_eq!(shown(set), "0 9 2 10 3 4");
    }
}
