//! Which lists there are. Answers to `Utils.list_exists`, `Utils.list_names` and Mailman/Site.py.

use crate::site::{settings, Site, Switch};
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
    site.settings.path(settings::LIST_DATA_DIR).join(OsStr::from_bytes(name))
}

/// The folder of a list's archive.
pub fn archive_folder(site: &Site, name: &[u8]) -> PathBuf {
    site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR).join(OsStr::from_bytes(name))
}

/// The mbox of a list's archive.
pub fn archive_mbox(site: &Site, name: &[u8]) -> PathBuf {
    let mbox = [name, b".mbox"].concat();
    archive_folder(site, &mbox).join(OsStr::from_bytes(&mbox))
}

/// Whether there is such a list. A name that could lead out of the folder of lists is never one.
pub fn exists(site: &Site, name: &[u8]) -> bool {
    is_name(site, name) && CONFIG_FILES.iter().any(|file| folder(site, name).join(file).exists())
}

/// The same for who must not take a folder that cannot be looked into for a list that is not there.
///
/// # Errors
/// The folder of lists is missing (a disk that is not mounted), or a folder may not be looked into.
pub fn look_up(site: &Site, name: &[u8]) -> io::Result<bool> {
    if !is_name(site, name) {
        return Ok(false);
    }
    for file in CONFIG_FILES {
        match fs::metadata(folder(site, name).join(file)) {
            Ok(_) => return Ok(true),
            Err(error) if is_absence(&error) => {}
            Err(error) => return Err(error),
        }
    }
    fs::metadata(site.settings.path(settings::LIST_DATA_DIR)).map(|_| false)
}

/// Whether an error says that nothing of that name can be there.
fn is_absence(error: &io::Error) -> bool {
    use nix::errno::Errno;
    let absent = [Errno::ENOENT, Errno::ENOTDIR, Errno::ENAMETOOLONG, Errno::ELOOP];
    error.raw_os_error().is_some_and(|code| absent.contains(&Errno::from_raw(code)))
}

/// Whether a list could be called so. A hostile name is logged where the site's version does so.
fn is_name(site: &Site, name: &[u8]) -> bool {
    let hostile = !has_only(name, &acceptable(site));
    if hostile && site.profile.has(Switch::ListNameCheckedOnOpen) {
        log_hostile(site, name);
        return false;
    }
    !(name.is_empty() || name == b"." || name == b".." || name.contains(&b'/') || name.contains(&0))
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
    for entry in fs::read_dir(site.settings.path(settings::LIST_DATA_DIR))? {
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
    let set = site.settings.optional_str(settings::ACCEPTABLE_LISTNAME_CHARACTERS);
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
