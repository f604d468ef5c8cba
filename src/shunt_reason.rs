//! Why an entry was shunted, kept with it: a remark beside the file, which Python does not see and which goes with it.
//!
//! Where the file system has no remarks, the error log tells it (`queues::stuck`).

use crate::sys;
use std::ffi::CStr;
use std::path::Path;

const NAME: &CStr = c"user.mailman2-rs.reason";
/// Longer reasons are cut, in bytes.
const LIMIT: usize = 1000;

/// Notes why an entry is where it is.
pub fn note(entry: &Path, reason: &str) {
    let end = (0..=LIMIT.min(reason.len())).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
    // Only a help for people: the log has it too.
    let _ = sys::set_remark(entry, NAME, reason.get(..end).unwrap_or_default().as_bytes());
}

/// What was noted.
pub fn of(entry: &Path) -> Option<String> {
    let text = sys::remark(entry, NAME)?;
    Some(String::from_utf8_lossy(&text).into_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_stays_with_its_file() {
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let (path, moved) = (folder.path().join("a.pck"), folder.path().join("b.pck"));
        std::fs::write(&path, "x").unwrap();
        assert_eq!(of(&path), None);
        note(&path, &format!("no such{}", "ä".repeat(LIMIT)));
        if let Some(reason) = of(&path) {
            assert!(reason.starts_with("no such") && reason.len() <= LIMIT, "{}", reason.len());
            std::fs::rename(&path, &moved).unwrap();
            assert_eq!(of(&moved), Some(reason));
        }
        assert_eq!(std::fs::read_to_string(if moved.exists() { moved } else { path }).unwrap(), "x");
    }
}
