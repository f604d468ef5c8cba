//! A quick hash with a seed that nobody outside knows, so that no file can be made to collide.
//!
//! The maps of this module hold hundreds of thousands of items for a list of 100,000 members, and are asked about each.

use std::hash::{BuildHasher, Hasher, RandomState};

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A seed for hashes of one map.
#[derive(Clone)]
pub(crate) struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Seed(RandomState::new().hash_one(0))
    }
}

impl Seed {
    /// The hash of a string.
    pub(crate) fn of_bytes(&self, bytes: &[u8]) -> u64 {
        let mut state = fold(self.0, bytes.len() as u64);
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            state = fold(state, u64::from_le_bytes(word));
        }
        fold(state, self.0)
    }
}

/// Mixes a number in by one wide multiplication. The state stays secret, so nobody can aim at the product.
fn fold(state: u64, number: u64) -> u64 {
    let wide = u128::from(state ^ number) * u128::from(FACTOR);
    (wide as u64) ^ (wide >> 64) as u64
}

impl BuildHasher for Seed {
    type Hasher = PlaceHasher;
    fn build_hasher(&self) -> PlaceHasher {
        PlaceHasher { state: self.0 }
    }
}

/// For places in memory and in a file: a few numbers.
pub(crate) struct PlaceHasher {
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
        self.state = fold(self.state, number);
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
