//! Random bytes that nobody can guess, for cookies and passwords.

use std::fs::File;
use std::io::Read;

/// Bytes from the system's generator. Where there is none (an empty root), from a generator that is seeded by the
/// process: Python falls back likewise.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut random = [0; N];
    let filled = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut random));
    if filled.is_err() {
        fastrand::Rng::new().fill(&mut random);
    }
    random
}
