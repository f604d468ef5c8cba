//! Which lists there are. Answers to `Utils.list_exists`, `Utils.list_names` and Mailman/Site.py.

use crate::site::{Site, Switch};
use crate::ByteStr;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Any of these files makes a folder a list, and they are tried in this order.
pub(super) const CONFIG_FILES: [&str; 4] = ["config.pck", "config.pck.last", "config.db", "config.db.last"];

/// The characters of list names where the site's own pattern can't be understood.
const USUAL_CHARACTERS: &[u8] = b"-+_.=a-z0-9";

pub(super) fn folder(site: &Site, name: &[u8]) -> PathBuf {
    site.settings.path("LIST_DATA_DIR").join(OsStr::from_bytes(name))
}

/// Whether there is such a list. A name that could lead out of the folder of lists is never one.
pub fn exists(site: &Site, name: &[u8]) -> bool {
    let hostile = !has_only(name, &acceptable(site));
    if hostile && site.profile.has(Switch::ListNameCheckedOnOpen) {
        log_hostile(site, name);
        return false;
    }
    if name.is_empty() || name == b"." || name == b".." || name.contains(&b'/') || name.contains(&0) {
        return false;
    }
    CONFIG_FILES.iter().any(|file| folder(site, name).join(file).exists())
}

/// Whether a new list may be called so: all of it is of ACCEPTABLE_LISTNAME_CHARACTERS.
pub fn is_acceptable(site: &Site, name: &[u8]) -> bool {
    has_only(name, &acceptable(site))
}

/// The names of all lists, in the order of the directory.
///
/// # Errors
/// The folder of lists can't be read.
pub fn names(site: &Site) -> io::Result<Vec<ByteStr>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(site.settings.path("LIST_DATA_DIR"))? {
        let name = ByteStr::new(entry?.file_name().into_vec());
        if exists(site, &name) {
            found.push(name);
        }
    }
    Ok(found)
}

fn log_hostile(site: &Site, name: &[u8]) {
    let mut line = b"Hostile listname: ".to_vec();
    if site.profile.has(Switch::ListNameWithRemoteInMischief) {
        line.extend_from_slice(b"listname=");
        line.extend_from_slice(name);
        line.extend_from_slice(b": remote=");
        line.extend_from_slice(&site.origin());
    } else {
        line.extend_from_slice(name);
    }
    site.log("mischief", line);
}

/// What stands between the brackets of ACCEPTABLE_LISTNAME_CHARACTERS.
fn acceptable(site: &Site) -> Vec<u8> {
    let set = site.settings.optional_str("ACCEPTABLE_LISTNAME_CHARACTERS");
    let inner = set.as_deref().and_then(|s| s.strip_prefix(b"[")?.strip_suffix(b"]"));
    let plain = inner.filter(|set| !set.starts_with(b"^") && !set.iter().any(|b| b"[]\\".contains(b)));
    plain.unwrap_or(USUAL_CHARACTERS).to_vec()
}

fn has_only(name: &[u8], set: &[u8]) -> bool {
    name.iter().all(|&byte| in_set(byte, set))
}

/// Whether a byte is in a set such as `-+_.=a-z0-9`; a hyphen at either end stands for itself.
fn in_set(byte: u8, set: &[u8]) -> bool {
    let mut rest = set;
    while let [first, tail @ ..] = rest {
        if let [b'-', last, after @ ..] = tail {
            if (*first..=*last).contains(&byte) {
                return true;
            }
            rest = after;
            continue;
        }
        if *first == byte {
            return true;
        }
        rest = tail;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_characters() {
        for name in ["a", "test-list", "l+1", "a.b=c_d", "09"] {
            assert!(has_only(name.as_bytes(), USUAL_CHARACTERS), "{name}");
        }
        for name in ["A", "a/b", "a b", "ä", "a,b"] {
            assert!(!has_only(name.as_bytes(), USUAL_CHARACTERS), "{name}");
        }
        assert!(in_set(b'-', b"a-"));
        assert!(!in_set(b'b', b"a-"));
    }
}
