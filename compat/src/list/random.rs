//! Random bytes that nobody can guess, for cookies and passwords.

use crate::ByteStr;
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Read};

/// A password is some ten bytes: as many come with one reading as a hundred members need.
const BUFFER: usize = 1024;

const VOWELS: &[u8; 5] = b"aeiou";
const CONSONANTS: &[u8; 17] = b"bcdfghkmnprstvwxz";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

thread_local! {
    /// The system's generator, opened once. `None` where there is none (an empty root).
    static SYSTEM: RefCell<Option<BufReader<File>>> =
        RefCell::new(File::open("/dev/urandom").ok().map(|file| BufReader::with_capacity(BUFFER, file)));
}

/// Bytes from the system's generator. Where there is none, from one that is seeded by the process: Python falls back
/// likewise.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut random = [0; N];
    let filled =
        SYSTEM.with_borrow_mut(|source| source.as_mut().is_some_and(|file| file.read_exact(&mut random).is_ok()));
    if !filled {
        fastrand::Rng::new().fill(&mut random);
    }
    random
}

/// A password such as Mailman makes up (`Utils.MakeRandomPassword`): pronounceable, of a vowel and a consonant in either
/// order again and again, or of all that base64 has.
pub fn password(length: usize, pronounceable: bool) -> ByteStr {
    let mut password = Vec::with_capacity(length + 1);
    while password.len() < length {
        match pronounceable {
            true => password.extend(syllable()),
            false => password.push(BASE64[below(64)]),
        }
    }
    password.truncate(length);
    ByteStr::new(password)
}

fn syllable() -> [u8; 2] {
    let letters = [VOWELS[below(VOWELS.len())], CONSONANTS[below(CONSONANTS.len())]];
    if below(2) == 0 {
        letters
    } else {
        [letters[1], letters[0]]
    }
}

/// A number below a limit of 256 at most, each as likely as the others.
fn below(limit: usize) -> usize {
    loop {
        let [byte] = bytes();
        if usize::from(byte) < 256 - 256 % limit {
            return usize::from(byte) % limit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The alphabet is Mailman's: 17 consonants, five vowels, a pair of both in either order.
    #[test]
    fn passwords_are_made_as_mailman_makes_them() {
        let is_vowel = |byte: &u8| b"aeiou".contains(byte);
        for _ in 0..1000 {
            let password = password(9, true);
            assert_eq!(password.len(), 9);
            assert!(password.iter().all(|byte| is_vowel(byte) || b"bcdfghkmnprstvwxz".contains(byte)), "{password}");
            assert!(password.chunks_exact(2).all(|pair| is_vowel(&pair[0]) != is_vowel(&pair[1])), "{password}");
        }
        let long = password(4000, false);
        assert!((0..=255_u8).all(|byte| long.contains(&byte) == BASE64.contains(&byte)));
    }

    #[test]
    fn a_number_below_a_limit_takes_every_value() {
        let drawn: std::collections::BTreeSet<usize> = (0..5000).map(|_| below(17)).collect();
        assert_eq!(drawn, (0..17).collect());
    }
}
