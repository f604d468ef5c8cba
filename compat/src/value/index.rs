//! Where in a dictionary its `str` keys are: a table of eight bytes an item, half of them a piece of the key's hash.

use super::hash::Seed;
use super::Value;

/// A slot that never held anything.
const EMPTY: u32 = u32::MAX;
/// A slot whose item was taken out.
const GONE: u32 = u32::MAX - 1;

type Entries = [(Value, Value)];

/// The places of the keys. Linear probing; never more than two thirds full.
#[derive(Clone)]
pub(super) struct Index {
    seed: Seed,
    /// A piece of the hash, and the item's place.
    slots: Vec<(u32, u32)>,
    used: usize,
}

impl Index {
    /// Of equal keys the last one counts.
    pub(super) fn new(entries: &Entries) -> Index {
        let size = (entries.len() * 2 + 16).next_power_of_two();
        let mut index = Index { seed: Seed::default(), slots: vec![(0, EMPTY); size], used: 0 };
        for (at, (key, _)) in entries.iter().enumerate() {
            let (Some(text), Ok(place)) = (key.as_text(), u32::try_from(at)) else { continue };
            index.insert(text, place, entries);
        }
        index
    }

    /// The place of a key.
    pub(super) fn find(&self, key: &[u8], entries: &Entries) -> Option<usize> {
        self.slot(key, entries).map(|slot| self.slots[slot].1 as usize)
    }

    fn slot(&self, key: &[u8], entries: &Entries) -> Option<usize> {
        let hash = self.seed.of_bytes(key);
        let mut slot = self.first_slot(hash);
        loop {
            let (piece, place) = self.slots[slot];
            if place == EMPTY {
                return None;
            }
            if piece == hash as u32 && is_key(entries, place, key) {
                return Some(slot);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn first_slot(&self, hash: u64) -> usize {
        (hash >> 32) as usize & (self.slots.len() - 1)
    }

    /// Notes a key. Returns whether the table is getting too full and should be made anew.
    pub(super) fn insert(&mut self, key: &[u8], place: u32, entries: &Entries) -> bool {
        if let Some(slot) = self.slot(key, entries) {
            self.slots[slot].1 = place;
            return false;
        }
        let hash = self.seed.of_bytes(key);
        let mut slot = self.first_slot(hash);
        while self.slots[slot].1 != EMPTY {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = (hash as u32, place);
        self.used += 1;
        self.used * 3 > self.slots.len() * 2
    }

    /// Forgets a key whose item is about to be taken out; the items behind it move up.
    pub(super) fn remove(&mut self, key: &[u8], entries: &Entries) {
        let Some(slot) = self.slot(key, entries) else { return };
        let place = self.slots[slot].1;
        self.slots[slot].1 = GONE;
        let behind = |at: &u32| *at > place && *at < GONE;
        self.slots.iter_mut().map(|(_, at)| at).filter(|at| behind(at)).for_each(|at| *at -= 1);
    }
}

fn is_key(entries: &Entries, place: u32, key: &[u8]) -> bool {
    entries.get(place as usize).and_then(|(stored, _)| stored.as_text()).is_some_and(|text| *text == *key)
}
