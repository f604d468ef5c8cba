//! The traditional crypt(3): DES, 25 times over nothing, with two characters of salt.
//!
//! Lists that were made by Mailman 2.0 may still keep their password like this. It is written out here because linking
//! libcrypt would tie the program to the system's version of it, and no other form of crypt(3) ever matches: Mailman
//! passes the first two characters of the stored secret as the salt. One bit per byte: it runs once in the life of a list.

/// The alphabet of salts and results, from 0 to 63.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ROUNDS: usize = 16;
const REPEATS: usize = 25;

/// Which bit of the key goes where (PC-1 of the standard; its bits count from 1, as in all tables here).
const KEY_CHOICE: [u8; 56] = [
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
    47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
/// Which of these make the key of a round (PC-2).
const ROUND_CHOICE: [u8; 48] = [
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
    40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const SHIFTS: [usize; ROUNDS] = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
/// How 32 bits become 48 (E).
const EXPANSION: [u8; 48] = [
    32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17, 16, 17, 18, 19, 20, 21, 20, 21,
    22, 23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
];
/// The last step of a round (P).
const SPREAD: [u8; 32] = [
    16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4,
    25,
];
/// The last step of all (the inverse of IP). The first step needs no table: the block is nothing but zeros.
const FINAL: [u8; 64] = [
    40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21,
    61, 29, 36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27, 34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9,
    49, 17, 57, 25,
];
/// The eight substitutions, four rows of sixteen each.
const BOXES: [[u8; 64]; 8] = [
    [
        14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8, 4,
        1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
    ],
    [
        15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5, 0,
        14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
    ],
    [
        10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1, 13,
        6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
    ],
    [
        7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9, 10,
        6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
    ],
    [
        2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6, 4,
        2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
    ],
    [
        12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8, 9,
        14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
    ],
    [
        4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6, 1,
        4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
    ],
    [
        13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2, 7,
        11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
    ],
];

/// Whether the secret is what crypt(3) makes of the password with the salt that the secret begins with.
pub fn matches(password: &[u8], secret: &[u8]) -> bool {
    let Some(salt) = secret.get(..2).and_then(salt_bits).filter(|_| secret.len() == 13) else { return false };
    // Python's crypt refuses a NUL byte.
    !password.contains(&0) && super::same_bytes(&encrypt(password, salt), &secret[2..])
}

/// The twelve bits of a salt, lowest first; `None` where a character is none of the alphabet.
fn salt_bits(salt: &[u8]) -> Option<[bool; 12]> {
    let mut bits = [false; 12];
    for (at, byte) in salt.iter().enumerate() {
        let value = ALPHABET.iter().position(|known| known == byte)?;
        (0..6).for_each(|bit| bits[at * 6 + bit] = value >> bit & 1 == 1);
    }
    Some(bits)
}

fn encrypt(password: &[u8], salt: [bool; 12]) -> Vec<u8> {
    let keys = round_keys(password);
    let mut expansion = EXPANSION;
    (0..12).filter(|&bit| salt[bit]).for_each(|bit| expansion.swap(bit, bit + 24));
    let (mut left, mut right) = ([0; 32], [0; 32]);
    for _ in 0..REPEATS {
        for key in &keys {
            let changed = round(&right, key, &expansion);
            (left, right) = (right, std::array::from_fn(|i| left[i] ^ changed[i]));
        }
        // The halves change places once more; the last and first permutations in between undo each other.
        (left, right) = (right, left);
    }
    let block = [left, right].concat();
    let mut bits = choose(&block, &FINAL);
    bits.extend([0, 0]);
    bits.chunks(6).map(|six| ALPHABET[number(six)]).collect()
}

/// The keys of all rounds, from seven bits of each of the first eight bytes.
fn round_keys(password: &[u8]) -> Vec<Vec<u8>> {
    let byte = |at: usize| password.get(at / 8).map_or(0, |byte| byte << 1);
    let key: Vec<u8> = (0..64).map(|at| byte(at) >> (7 - at % 8) & 1).collect();
    let mut chosen = choose(&key, &KEY_CHOICE);
    let mut keys = Vec::new();
    for shift in SHIFTS {
        chosen[..28].rotate_left(shift);
        chosen[28..].rotate_left(shift);
        keys.push(choose(&chosen, &ROUND_CHOICE));
    }
    keys
}

fn round(half: &[u8; 32], key: &[u8], expansion: &[u8; 48]) -> Vec<u8> {
    let mixed: Vec<u8> = choose(half, expansion).iter().zip(key).map(|(bit, key)| bit ^ key).collect();
    let substituted: Vec<u8> = mixed.chunks(6).zip(&BOXES).flat_map(|(six, table)| substitute(six, table)).collect();
    choose(&substituted, &SPREAD)
}

/// Six bits to four: the outer two name the row.
fn substitute(six: &[u8], table: &[u8; 64]) -> [u8; 4] {
    let value = table[number(&[six[0], six[5]]) * 16 + number(&six[1..5])];
    std::array::from_fn(|i| value >> (3 - i) & 1)
}

fn choose(bits: &[u8], choice: &[u8]) -> Vec<u8> {
    choice.iter().map(|&at| bits[usize::from(at) - 1]).collect()
}

fn number(bits: &[u8]) -> usize {
    bits.iter().fold(0, |sum, &bit| sum * 2 + usize::from(bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Written by crypt.crypt of Python 2.7.
    const SECRETS: [(&[u8], &[u8]); 8] = [
        (b"secret", b"abNANd1rDfiNc"),
        (b"", b"xyw1.V0rbu5mQ"),
        (b"x", b"..RnkxVxZKSmo"),
        (b"longer than eight", b"zz.JiwC6aD7cA"),
        (b"12345678", b"A9ycvnKhK0I.Y"),
        (b"p\xe4ss\xff", b"q/oxTSHE.fFRI"),
        (b"pass word", b"Zz4xnKHoM9dgo"),
        (b"secret", b"9.hNtKD1QKC2k"),
    ];

    #[test]
    fn secrets_of_python() {
        for (password, secret) in SECRETS {
            assert!(matches(password, secret), "{}", password.escape_ascii());
            assert!(!matches(b"other", secret));
        }
    }

    #[test]
    fn what_is_no_secret_never_matches() {
        for secret in [&b""[..], b"a", b"ab", b"$1$abc$defghijk", b"!!aaaaaaaaaaa"] {
            assert!(!matches(b"secret", secret));
            assert!(!matches(b"", secret));
        }
        assert!(!matches(b"secret\0", SECRETS[0].1));
    }
}
