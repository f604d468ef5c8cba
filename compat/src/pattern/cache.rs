//! Patterns that were compiled lately, as Python's `re` keeps them: each post is tried against the same few.
//!
//! A compiled pattern may be some hundred kilobytes large, so that only a few are kept, and a runner that gives
//! memory back after large work forgets all of them.

use super::{Flags, Pattern, PatternError};
use std::cell::RefCell;

/// So many patterns are kept; Python keeps a hundred.
const KEPT: usize = 32;
/// Longer patterns are compiled each time.
const LONGEST: usize = 1024;

struct Entry {
    source: Vec<u8>,
    flags: Flags,
    pattern: Pattern,
}

thread_local! {
    static LATELY: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// The pattern of this source, compiled now or lately. One that is refused is not kept.
pub(super) fn get_or_compile(
    source: &[u8],
    flags: Flags,
    compile: impl FnOnce() -> Result<Pattern, PatternError>,
) -> Result<Pattern, PatternError> {
    if let Some(pattern) = find(source, flags) {
        return Ok(pattern);
    }
    let pattern = compile()?;
    if source.len() <= LONGEST {
        keep(Entry { source: source.to_vec(), flags, pattern: pattern.clone() });
    }
    Ok(pattern)
}

/// What is used moves to the end, away from where room is made.
fn find(source: &[u8], flags: Flags) -> Option<Pattern> {
    LATELY.with_borrow_mut(|kept| {
        let at = kept.iter().position(|entry| entry.flags == flags && entry.source == source)?;
        let entry = kept.remove(at);
        let pattern = entry.pattern.clone();
        kept.push(entry);
        Some(pattern)
    })
}

fn keep(entry: Entry) {
    LATELY.with_borrow_mut(|kept| {
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(entry);
    });
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
}
