//! Which members a page shows: those that match what is looked for, of one letter, in pieces (the first half of
//! `membership_options` in Mailman/Cgi/admin.py).

use crate::membership::rows;
use compat::list::{attributes, MailList};
use compat::pattern::{Flags, Pattern};
use compat::value::Value;
use compat::ByteStr;

/// The letter of an address: its first byte, in lower case.
fn letter(address: &[u8]) -> u8 {
    address.first().copied().unwrap_or_default().to_ascii_lowercase()
}

/// Sorted, for the most part by numbers that the addresses begin with: there may be 100,000.
fn sorted(members: Vec<ByteStr>) -> Vec<ByteStr> {
    let mut numbered: Vec<(u128, ByteStr)> = members.into_iter().map(|member| (beginning(&member), member)).collect();
    numbered.sort_unstable();
    numbered.into_iter().map(|(_, member)| member).collect()
}

/// The first sixteen bytes as a number that is ordered as they are.
fn beginning(address: &[u8]) -> u128 {
    let mut bytes = [0; 16];
    let len = address.len().min(bytes.len());
    bytes[..len].copy_from_slice(&address[..len]);
    u128::from_be_bytes(bytes)
}

/// The members of a page.
pub(super) struct Shown {
    /// How many members there are, of those that match.
    pub all: usize,
    /// Those on the page, in lower case, sorted.
    pub members: Vec<ByteStr>,
    /// The letters that there are and the one that is shown, where there are too many members for one page.
    pub letters: Option<Letters>,
}

/// Letters as pages.
pub(super) struct Letters {
    pub all: Vec<u8>,
    pub shown: u8,
    /// The pieces of the letter that is shown, where there are too many members for one.
    pub chunks: Option<Chunks>,
}

/// Pieces of one letter.
pub(super) struct Chunks {
    /// The one that is shown, counted from 0.
    pub shown: usize,
    /// First and last address of each.
    pub ranges: Vec<(ByteStr, ByteStr)>,
}

/// What is asked for.
pub(super) struct Asked<'a> {
    /// A regular expression that name or address must match, in the charset of the list.
    pub pattern: &'a [u8],
    /// The end of a field's name: only members of whom that box is ticked.
    pub option: &'a [u8],
    /// The letter that the address of the page names.
    pub letter: Option<&'a [u8]>,
    /// The piece that it names.
    pub chunk: Option<&'a [u8]>,
}

impl Shown {
    /// Members for a page; `Err` with those of a page without the pattern where that is none.
    pub(super) fn of(list: &MailList, asked: &Asked<'_>) -> (Shown, bool) {
        let (members, is_pattern) = match matching(list, asked.pattern) {
            Some(members) => (members, true),
            None => (list.members(), false),
        };
        let members = match asked.option {
            b"" => members,
            option => members.into_iter().filter(|member| is_ticked(list, member, option)).collect(),
        };
        let size = usize::try_from(list.int(attributes::ADMIN_MEMBER_CHUNKSIZE)).unwrap_or(0);
        (Shown::choose(members, size, asked), is_pattern)
    }

    fn choose(mut members: Vec<ByteStr>, size: usize, asked: &Asked<'_>) -> Shown {
        let all = members.len();
        if all < size || all == 0 {
            return Shown { all, members: sorted(members), letters: None };
        }
        let mut is_there = [false; 256];
        members.iter().for_each(|member| is_there[usize::from(letter(member))] = true);
        let letters: Vec<u8> = (0..=u8::MAX).filter(|letter| is_there[usize::from(*letter)]).collect();
        let named = asked.letter.and_then(|named| match named {
            [one] => letters.iter().find(|letter| **letter == one.to_ascii_lowercase()),
            _ => None,
        });
        let shown = named.or(letters.first()).copied().unwrap_or_default();
        members.retain(|member| letter(member) == shown);
        let mut members = sorted(members);
        let chunks = (members.len() > size.max(1)).then(|| Chunks::of(&mut members, size.max(1), asked.chunk));
        Shown { all, members, letters: Some(Letters { all: letters, shown, chunks }) }
    }
}

impl Chunks {
    /// Leaves only the members of the piece that is shown. One behind the last is empty, as in Mailman.
    fn of(members: &mut Vec<ByteStr>, size: usize, named: Option<&[u8]>) -> Chunks {
        let ends =
            |chunk: &[ByteStr]| (chunk.first().cloned().unwrap_or_default(), chunk.last().cloned().unwrap_or_default());
        let ranges: Vec<_> = members.chunks(size).map(ends).collect();
        let number = named.and_then(|named| std::str::from_utf8(named).ok()?.trim().parse::<usize>().ok());
        let shown = number.filter(|number| *number <= ranges.len()).unwrap_or(0);
        *members = members.chunks(size).nth(shown).map(<[ByteStr]>::to_vec).unwrap_or_default();
        Chunks { shown, ranges }
    }
}

/// Whether a member's box is ticked; a box that there is not never is.
fn is_ticked(list: &MailList, member: &ByteStr, option: &[u8]) -> bool {
    std::str::from_utf8(option).is_ok_and(|option| rows::Shown::of(list, member).flag(option))
}

/// All members whose name or address matches; `None` if the pattern is none, or takes too long.
fn matching(list: &MailList, pattern: &[u8]) -> Option<Vec<ByteStr>> {
    let mut members = list.members();
    if pattern.is_empty() {
        return Some(members);
    }
    let charset = list.charset();
    let text = compat::codecs::decode_string(pattern, &charset, compat::codecs::Errors::Strict);
    let flags = Flags::IGNORE_CASE;
    let pattern = text.map_or_else(|_| Pattern::new(pattern, flags), |text| Pattern::new_text(&text, flags)).ok()?;
    let mut failed = false;
    members.retain(|member| {
        let name = list.name_of(member).map(|name| searched(&name, &charset)).unwrap_or_default();
        let found = pattern.is_match(name.as_bytes()).and_then(|found| Ok(found || pattern.is_match(member)?));
        found.unwrap_or_else(|_| {
            failed = true;
            false
        })
    });
    (!failed).then_some(members)
}

fn searched(name: &Value, charset: &[u8]) -> String {
    crate::web::texts::decode_value(name, charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(count: usize, size: usize, letter: Option<&str>, chunk: Option<&str>) -> Shown {
        let members = (0..count).map(|n| ByteStr::from(format!("{}{n:02}@b.c", if n < 5 { 'z' } else { 'a' })));
        let asked =
            Asked { pattern: b"", option: b"", letter: letter.map(str::as_bytes), chunk: chunk.map(str::as_bytes) };
        Shown::choose(members.collect(), size, &asked)
    }

    #[test]
    fn members_are_sorted_as_their_bytes() {
        let names = ["b", "", "a\0", "a", "0123456789abcdefg", "0123456789abcdef", "0123456789abcdeff", "\u{e9}"];
        let members: Vec<ByteStr> = names.into_iter().map(ByteStr::from).collect();
        let mut plainly = members.clone();
        plainly.sort();
        assert_eq!(sorted(members), plainly);
    }

    #[test]
    fn few_members_need_no_letters() {
        let few = shown(7, 8, Some("z"), None);
        assert!(few.letters.is_none());
        assert_eq!((few.all, few.members.len(), few.members[0].to_string()), (7, 7, "a05@b.c".to_string()));
        assert!(shown(0, 0, None, None).letters.is_none());
    }

    #[test]
    fn letters_and_chunks() {
        for (letter, chunk, first, count) in [
            (None, None, "a05@b.c", 4),
            (Some("Z"), None, "z00@b.c", 4),
            (Some("z"), Some("1"), "z04@b.c", 1),
            (Some("az"), Some("x"), "a05@b.c", 4),
            (Some("q"), Some("77"), "a05@b.c", 4),
            (Some("a"), Some("-1"), "a05@b.c", 4),
        ] {
            let shown = shown(13, 4, letter, chunk);
            assert_eq!((shown.members[0].to_string().as_str(), shown.members.len()), (first, count), "{letter:?}");
            assert_eq!(shown.letters.unwrap().all, b"az");
        }
        // One more than there are: nothing, as in Mailman.
        assert!(shown(13, 4, Some("a"), Some("2")).members.is_empty());
        let letters = shown(13, 4, Some("z"), None).letters.unwrap();
        assert_eq!(letters.chunks.unwrap().ranges[1], ("z04@b.c".into(), "z04@b.c".into()));
        assert!(shown(13, 8, Some("z"), None).letters.unwrap().chunks.is_none());
    }
}
