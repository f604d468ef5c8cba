//! Any bytes as a list owner's pattern and the text that it searches: refused, found, or given up, never without end.
#![no_main]

use compat::pattern::{Flags, Pattern};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&bits, rest)) = data.split_first() else { return };
    let end = rest.iter().position(|&byte| byte == 0).unwrap_or(rest.len());
    let (pattern, subject) = (&rest[..end], &rest[end..]);
    let flags = Flags {
        ignore_case: bits & 1 != 0,
        multi_line: bits & 2 != 0,
        dot_all: bits & 4 != 0,
        verbose: bits & 8 != 0,
        unicode: false,
    };
    let Ok(pattern) = Pattern::new(pattern, flags) else { return };
    if let Ok(Some(found)) = pattern.search(subject) {
        for group in 0..=found.group_count() {
            found.group(group);
        }
    }
    let _ = (pattern.find_all(subject), pattern.replace_all(subject, b"x"));
});
