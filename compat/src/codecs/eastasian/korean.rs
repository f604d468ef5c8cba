//! EUC-KR: KS X 1001 in pairs, and the syllables that it lacks spelled out in eight bytes (its annex 3).

use super::pairs::{PairTable, KSX1001};
use super::{plain, Step};

/// The lead byte of the letters, and the letter that begins a spelled-out syllable or fills an empty place in it.
const LETTER: u8 = 0xA4;
const FILLER: u8 = 0xD4;
const FIRST_SYLLABLE: u32 = 0xAC00;
const SYLLABLES: u32 = 11_172;
const VOWELS: u32 = 21;
const FINALS: u32 = 28;

/// The letters that begin a syllable, in the order of Unicode.
const INITIAL: [u8; 19] =
    [0xA1, 0xA2, 0xA4, 0xA7, 0xA8, 0xA9, 0xB1, 0xB2, 0xB3, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE];
/// Those that end it; the first is none.
const FINAL: [u8; 28] = [
    0xD4, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1, 0xB2, 0xB4,
    0xB5, 0xB6, 0xB7, 0xB8, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE,
];

pub(super) fn decode(bytes: &[u8]) -> Step {
    match bytes {
        [LETTER, FILLER, a, initial, b, vowel, c, last, ..] => {
            let letters = [a, b, c].iter().all(|lead| **lead == LETTER);
            let point = letters.then(|| syllable(*initial, *vowel, *last)).flatten();
            point.map_or(Step::Bad(8), |point| Step::Char(point, 8))
        }
        [LETTER, FILLER, ..] => Step::Short,
        _ => plain(bytes, PairTable::euc_point, &KSX1001),
    }
}

fn syllable(initial: u8, vowel: u8, last: u8) -> Option<u32> {
    let initial = INITIAL.iter().position(|letter| *letter == initial)? as u32;
    let last = FINAL.iter().position(|letter| *letter == last)? as u32;
    let vowel = u32::from(vowel.checked_sub(0xBF)?);
    (vowel < VOWELS).then_some(FIRST_SYLLABLE + (initial * VOWELS + vowel) * FINALS + last)
}

pub(super) fn encode(point: u32) -> Option<Vec<u8>> {
    if point < 0x80 {
        return Some(vec![point as u8]);
    }
    if let Some(pair) = KSX1001.euc_pair(point) {
        return Some(pair.to_vec());
    }
    let number = point.checked_sub(FIRST_SYLLABLE).filter(|number| *number < SYLLABLES)?;
    let initial = INITIAL.get((number / (VOWELS * FINALS)) as usize)?;
    let vowel = 0xBF + (number / FINALS % VOWELS) as u8;
    let last = FINAL.get((number % FINALS) as usize)?;
    Some(vec![LETTER, FILLER, LETTER, *initial, LETTER, vowel, LETTER, *last])
}
