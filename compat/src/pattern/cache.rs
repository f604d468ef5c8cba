//! Compiled patterns that are kept, as Python's `re` keeps its last hundred: a list's patterns meet each of its posts,
//! and making them ready costs far more than most searches.
//!
//! What could grow large is not kept: a long pattern, or one that repeats a counted number of times.

use super::{Flags, Pattern};
use std::cell::RefCell;
use std::collections::HashMap;

/// So many are kept; when there are more, all go, as in Python.
const KEPT: usize = 64;
/// Longer patterns are made anew each time.
const LONGEST: usize = 200;

/// What a pattern was made from: its characters, its flags, and whether it is for text.
type Source = (Vec<u32>, Flags, bool);

thread_local! {
    static PATTERNS: RefCell<HashMap<Source, Pattern>> = RefCell::default();
}

/// The pattern made from this before.
pub(super) fn known(source: &Source) -> Option<Pattern> {
    PATTERNS.with_borrow(|patterns| patterns.get(source).cloned())
}

/// Keeps a pattern for the next time.
pub(super) fn keep(source: Source, pattern: &Pattern) {
    let is_small = source.0.len() <= LONGEST && !source.0.contains(&u32::from('{'));
    if !is_small {
        return;
    }
    PATTERNS.with_borrow_mut(|patterns| {
        if patterns.len() >= KEPT {
            patterns.clear();
        }
        patterns.insert(source, pattern.clone());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known(text: &str) -> bool {
        let points = text.bytes().map(u32::from).collect();
        known(&(points, Flags::IGNORE_CASE, false)).is_some()
    }

    #[test]
    fn the_last_ones_are_kept_and_large_ones_are_not() {
        let make = |text: &str| Pattern::new(text.as_bytes(), Flags::IGNORE_CASE).unwrap();
        make("rose");
        assert!(is_known("rose") && !is_known("ROSE"));
        make("(a{2}){3}");
        make(&"x".repeat(LONGEST + 1));
        assert!(!is_known("(a{2}){3}") && !is_known(&"x".repeat(LONGEST + 1)));
        (0..KEPT).for_each(|number| drop(make(&format!("tulip{number}"))));
        assert!(is_known("tulip63") && !is_known("rose"));
        assert!(make("rose").is_match(b"ROSE").unwrap());
    }
}
