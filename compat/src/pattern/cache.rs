//! Patterns that were compiled recently, as Python's `re` keeps them: each post is tried against the same few.
//!
//! A compiled pattern is 20 to some hundred kilobytes large, so that only as many are kept as a list with many rules has,
//! and a runner that gives memory back after large work forgets all of them.

use super::{Flags, Pattern, PatternError};
use std::cell::RefCell;

/// Maximum number of patterns that are kept; Python keeps a hundred.
const KEPT: usize = 256;
/// Maximum total length of their sources, in bytes: compiled they take some thousand times that.
const KEPT_BYTES: usize = 4 << 10;
/// Longer patterns are compiled each time.
const LONGEST: usize = 1024;

struct Entry {
    source: Vec<u8>,
    flags: Flags,
    is_text: bool,
    pattern: Pattern,
}

thread_local! {
    static LATELY: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// The pattern of this source, a text's or that of bytes, compiled now or recently. One that is refused is not kept.
pub(super) fn get_or_compile(
    source: &[u8],
    flags: Flags,
    is_text: bool,
    compile: impl FnOnce() -> Result<Pattern, PatternError>,
) -> Result<Pattern, PatternError> {
    if let Some(pattern) = find(source, flags, is_text) {
        return Ok(pattern);
    }
    let pattern = compile()?;
    if source.len() <= LONGEST {
        keep(Entry { source: source.to_vec(), flags, is_text, pattern: pattern.clone() });
    }
    Ok(pattern)
}

/// What is used moves to the end, away from where room is made.
fn find(source: &[u8], flags: Flags, is_text: bool) -> Option<Pattern> {
    LATELY.with_borrow_mut(|kept| {
        let is_it = |entry: &Entry| entry.source == source && entry.flags == flags && entry.is_text == is_text;
        let at = kept.iter().position(is_it)?;
        let entry = kept.remove(at);
        let pattern = entry.pattern.clone();
        kept.push(entry);
        Some(pattern)
    })
}

fn keep(entry: Entry) {
    LATELY.with_borrow_mut(|kept| {
        kept.push(entry);
        let bytes = |kept: &[Entry]| kept.iter().map(|entry| entry.source.len()).sum::<usize>();
        while kept.len() > KEPT || bytes(kept) > KEPT_BYTES {
            kept.remove(0);
        }
    });
}

/// How many patterns are kept.
pub fn count() -> usize {
    LATELY.with_borrow(Vec::len)
}

/// Gives the memory of all kept patterns back.
pub fn forget() {
    LATELY.with_borrow_mut(|kept| *kept = Vec::new());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    fn get(source: &str, flags: Flags) -> Pattern {
        Pattern::new(source.as_bytes(), flags).unwrap()
    }

    fn is_same(a: &Pattern, b: &Pattern) -> bool {
        Rc::ptr_eq(&a.0, &b.0)
    }

    #[test]
    fn a_pattern_is_compiled_once_for_its_flags() {
        let first = get("a.b", Flags::default());
        assert!(is_same(&first, &get("a.b", Flags::default())));
        let other = get("a.b", Flags::IGNORE_CASE);
        assert!(!is_same(&first, &other));
        assert!(other.is_match(b"AxB").unwrap() && !first.is_match(b"AxB").unwrap());
        forget();
        assert!(!is_same(&first, &get("a.b", Flags::default())));
    }

    #[test]
    fn few_are_kept_and_those_used_last() {
        let used = get("used", Flags::default());
        let unused = get("unused", Flags::default());
        for number in 0..KEPT - 1 {
            get(&format!("other{number}"), Flags::default());
            get("used", Flags::default());
        }
        assert!(LATELY.with_borrow(|kept| kept.len() == KEPT));
        assert!(is_same(&used, &get("used", Flags::default())));
        assert!(!is_same(&unused, &get("unused", Flags::default())));
    }

    #[test]
    fn long_ones_are_fewer() {
        let first = get("first", Flags::default());
        for number in 0..4 {
            get(&format!("{number:01000}"), Flags::default());
        }
        assert!(is_same(&first, &get("first", Flags::default())));
        for number in 0..5 {
            get(&format!("{number:01000}"), Flags::default());
        }
        assert!(!is_same(&first, &get("first", Flags::default())));
    }

    #[test]
    fn none_is_kept_when_all_are_forgotten() {
        let first = get("first", Flags::default());
        assert_eq!(count(), 1);
        forget();
        assert_eq!(count(), 0);
        assert!(!is_same(&first, &get("first", Flags::default())));
    }

    #[test]
    fn text_and_bytes_are_two_patterns() {
        let (text, bytes) = (Pattern::new_text("\\w", Flags::default()).unwrap(), get("\\w", Flags::default()));
        assert!(!is_same(&text, &bytes));
        assert!(is_same(&text, &Pattern::new_text("\\w", Flags::default()).unwrap()));
    }
}
