//! Random bytes that nobody can guess, for cookies and passwords.

use crate::base64;
use crate::ByteStr;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Write};

/// A password is some ten bytes: as many come with one call as a hundred members need.
const BUFFER: usize = 1024;
/// The exit status of who cannot go on now (EX_TEMPFAIL).
const TRY_AGAIN: i32 = 75;

const VOWELS: &[u8; 5] = b"aeiou";
const CONSONANTS: &[u8; 17] = b"bcdfghkmnprstvwxz";

/// Bytes of the system that nobody was given yet.
struct Pool {
    bytes: Vec<u8>,
    /// Whose they are: after a fork both processes would go on with the same.
    owner: u32,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: Vec::new(), owner: 0 }) };
}

/// Bytes from the system's generator. Where there is none the process ends: a cookie or password from a weaker source
/// could be guessed.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut random = [0; N];
    POOL.with_borrow_mut(|pool| random.iter_mut().for_each(|byte| *byte = pool.next()));
    random
}

/// A number of 64 bits.
pub fn number() -> u64 {
    u64::from_ne_bytes(bytes())
}

impl Pool {
    fn next(&mut self) -> u8 {
        if self.owner != std::process::id() {
            self.bytes.clear();
            self.owner = std::process::id();
        }
        loop {
            match self.bytes.pop() {
                Some(byte) => return byte,
                None => self.bytes = of_system(BUFFER).unwrap_or_else(|error| give_up(&error)),
            }
        }
    }
}

/// The system call, or the device where a kernel is older than the call.
fn of_system(length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    if getrandom::getrandom(&mut bytes).is_err() {
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    }
    Ok(bytes)
}

fn give_up(error: &io::Error) -> ! {
    // Nothing can be done about a stderr that fails.
    let _ = writeln!(io::stderr(), "no random bytes are to be had from the system: {error}");
    std::process::exit(TRY_AGAIN)
}

/// A password such as Mailman makes up (`Utils.MakeRandomPassword`): pronounceable, of a vowel and a consonant in either
/// order again and again, or of all that base64 has.
pub fn password(length: usize, pronounceable: bool) -> ByteStr {
    let mut password = Vec::with_capacity(length + 1);
    while password.len() < length {
        match pronounceable {
            true => password.extend(syllable()),
            false => password.push(base64::ALPHABET[below(64)]),
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
        assert!((0..=255_u8).all(|byte| long.contains(&byte) == base64::ALPHABET.contains(&byte)));
    }

    #[test]
    fn bytes_differ_from_call_to_call() {
        let drawn: std::collections::BTreeSet<[u8; 16]> = (0..1000).map(|_| bytes()).collect();
        assert_eq!(drawn.len(), 1000);
    }

    #[test]
    fn a_number_below_a_limit_takes_every_value() {
        let drawn: std::collections::BTreeSet<usize> = (0..5000).map(|_| below(17)).collect();
        assert_eq!(drawn, (0..17).collect());
    }
}
