//! The file that stands where Mailman's `bin/qrunner` was: `contrib/qrunner-shim`, carried in the program.

use std::fs;
use std::path::Path;

/// The file itself.
pub const TEXT: &[u8] = include_bytes!("../../../contrib/qrunner-shim");

/// What no other file of that name says.
const MARK: &[u8] = b"becomes mailman2-rs at once";

/// Whether a file is this shim, of this version or another.
pub fn is_ours(path: &Path) -> bool {
    fs::read(path).is_ok_and(|text| memchr::memmem::find(&text, MARK).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_in_the_shim() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("qrunner"), TEXT).unwrap();
        fs::write(dir.path().join("other"), "#! /usr/bin/python\nimport sys\n").unwrap();
        assert!(is_ours(&dir.path().join("qrunner")));
        assert!(!is_ours(&dir.path().join("other")) && !is_ours(&dir.path().join("none")));
    }
}
