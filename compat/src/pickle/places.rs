//! A quick hash for places in memory and in a file, of which a list of 100,000 members has some hundred thousand.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers with a seed that nobody outside knows, so that no file can be made to collide.
#[derive(Clone)]
pub(super) struct Places {
    seed: u64,
}

impl Default for Places {
    fn default() -> Self {
        Places { seed: RandomState::new().hash_one(0) }
    }
}

impl BuildHasher for Places {
    type Hasher = PlaceHasher;
    fn build_hasher(&self) -> PlaceHasher {
        PlaceHasher { state: self.seed }
    }
}

/// Folds each number in by one wide multiplication.
pub(super) struct PlaceHasher {
    state: u64,
}

impl Hasher for PlaceHasher {
    fn finish(&self) -> u64 {
        self.state
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u64(&mut self, number: u64) {
        let wide = u128::from(self.state ^ number) * 0x9e37_79b9_7f4a_7c15;
        self.state = (wide as u64) ^ (wide >> 64) as u64;
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}
