//! Names as the author index sorts them: `Last, First`.
//!
//! Answers to `fixAuthor` of `pipermail.py`. A decoded name is characters and folds and splits as Unicode does; one that
//! was not decoded is bytes and knows ASCII only.

use crate::text::either::{simple_lower, Text};
use crate::text::{is_space_unicode, words};

/// Parts of surnames that are spelled small.
const SMALL_PARTS: [&str; 4] = ["van", "von", "der", "de"];

/// `Last, First`. A name with a comma stays.
pub fn sort_name(author: &Text) -> Text {
    if author.bytes().contains(&b',') {
        return author.clone();
    }
    match author {
        Text::Bytes(name) => author.map(|_| turned(name, &words(name).collect::<Vec<_>>(), is_of_one_case(name))),
        Text::Unicode(name) => {
            let words: Vec<&[u8]> =
                name.split(is_space_unicode).filter(|word| !word.is_empty()).map(str::as_bytes).collect();
            // Nothing but blanks: Python puts bytes together then.
            if words.is_empty() {
                return Text::Bytes(", ".into());
            }
            author.map(|bytes| turned(bytes, &words, is_of_one_case_unicode(name)))
        }
    }
}

fn turned(name: &[u8], words: &[&[u8]], one_case: bool) -> Vec<u8> {
    let last = match words.len() {
        0 => return b", ".to_vec(),
        1 => return name.to_vec(),
        count => count - 1,
    };
    let surname = surname_from(words, last, one_case);
    let family = [&words[last..], &words[surname..last]].concat().join(&b' ');
    [&family[..], b", ", &words[..surname].join(&b' ')].concat()
}

/// Where the small parts before the last word begin.
fn surname_from(words: &[&[u8]], last: usize, one_case: bool) -> usize {
    let is_small = |word: &[u8]| SMALL_PARTS.iter().any(|part| word.eq_ignore_ascii_case(part.as_bytes()));
    let belongs = |word: &[u8]| is_small(word) || (!one_case && word.first().is_some_and(u8::is_ascii_lowercase));
    (0..last).rev().take_while(|&at| belongs(words[at])).last().unwrap_or(last)
}

fn is_of_one_case(name: &[u8]) -> bool {
    name.to_ascii_uppercase() == name || name.to_ascii_lowercase() == name
}

fn is_of_one_case_unicode(name: &str) -> bool {
    name.chars().all(|c| simple_upper(c) == c) || name.chars().all(|c| simple_lower(c) == c)
}

/// Python 2 raises a character to one character; what has no such capital stays (`\u{df}`).
fn simple_upper(character: char) -> char {
    let mut raised = character.to_uppercase();
    match (raised.next(), raised.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_blanks_is_bytes() {
        for blank in [Text::Unicode("  ".into()), Text::Bytes("  ".into())] {
            assert_eq!(sort_name(&blank), Text::Bytes(", ".into()));
        }
    }

    #[test]
    fn names_are_turned_around() {
        let turned = |name: &str| sort_name(&Text::Bytes(name.into())).bytes().to_vec();
        let cases = [
            ("Anna Field", "Field, Anna"),
            ("Ludwig van Beethoven", "Beethoven van, Ludwig"),
            ("JAN VAN DER MEER", "MEER VAN DER, JAN"),
            ("anna field", "field, anna"),
            ("Anna", "Anna"),
            ("Field, Anna", "Field, Anna"),
            ("", ", "),
        ];
        for (name, expected) in cases {
            assert_eq!(turned(name), expected.as_bytes(), "{name}");
        }
    }

    #[test]
    fn characters_fold_and_split_as_unicode_does() {
        let turned = |name: &str| sort_name(&Text::Unicode(name.into()));
        let cases = [
            ("\u{102}\u{a4} at y.z", "y.z at, \u{102}\u{a4}"),
            ("\u{e4} at y.z", "y.z, \u{e4} at"),
            ("Anna\u{a0}Feld", "Feld, Anna"),
            ("ANNA\u{3000}DE L\u{d6}WE", "L\u{d6}WE DE, ANNA"),
        ];
        for (name, expected) in cases {
            assert_eq!(turned(name), Text::Unicode(expected.into()), "{name}");
        }
    }
}
