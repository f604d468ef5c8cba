//! What bin/rmlist and the page of that name take away with a list.

use compat::list;
use compat::names::Place;
use compat::site::settings::Setting;
use compat::site::{settings, Site, Switch};
use compat::ByteStr;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file or folder, and what it is in Mailman's words.
pub struct Removable {
    pub path: PathBuf,
    pub what: &'static str,
}

/// What became of one.
#[derive(Debug, PartialEq, Eq)]
pub enum Removed {
    /// A folder or a link is gone, which is reported.
    Told,
    /// A file is gone, which is not.
    Quietly,
    /// There was nothing.
    Nothing,
}

/// Whether a name could lead out of the folders that are removed; Mailman does not ask.
pub fn leads_out(name: &[u8]) -> bool {
    name.contains(&b'/') || name.contains(&0) || matches!(name, b"" | b"." | b"..")
}

/// Everything of the list that is to go, in the order of going.
///
/// # Errors
/// The folder of locks, or that of held messages, cannot be read.
pub fn everything(site: &Site, name: &ByteStr, archives_too: bool) -> io::Result<Vec<Removable>> {
    let one = |path: PathBuf, what| Removable { path, what };
    let mut all: Vec<_> = list::exists(site, name).then(|| own_folder(site, name)).into_iter().collect();
    let locks = site.settings.path(settings::LOCK_DIR);
    let is_lock = |file: &[u8]| file.split(|&byte| byte == b'.').next() == Some(&name[..]);
    all.extend(files(&locks, is_lock)?.into_iter().map(|path| one(path, "stale lock file")));
    if site.profile.has(Switch::RmlistHeldMessages) {
        let data = site.settings.path(settings::DATA_DIR);
        let held = files(&data, |file| is_held_message(file, name))?;
        all.extend(held.into_iter().map(|path| one(path, "held message file")));
    }
    if archives_too {
        all.extend(archives(site, name));
    }
    Ok(all)
}

/// What goes with a list that is removed on its page: folders alone, no locks and no held messages.
pub fn folders(site: &Site, name: &ByteStr, archives_too: bool) -> Vec<Removable> {
    let archives = if archives_too { archives(site, name) } else { Vec::new() };
    std::iter::once(own_folder(site, name)).chain(archives).collect()
}

fn own_folder(site: &Site, name: &[u8]) -> Removable {
    let path = below(site, settings::LIST_DATA_DIR, "lists").join(OsStr::from_bytes(name));
    Removable { path, what: "list info" }
}

fn archives(site: &Site, name: &[u8]) -> Vec<Removable> {
    let private = below(site, settings::PRIVATE_ARCHIVE_FILE_DIR, "archives/private");
    let public = below(site, settings::PUBLIC_ARCHIVE_FILE_DIR, "archives/public");
    let mbox = [name, b".mbox"].concat();
    let mut all = Vec::new();
    for (folder, what) in [(private, "private archives"), (public, "public archives")] {
        for file in [name, &mbox] {
            all.push(Removable { path: folder.join(OsStr::from_bytes(file)), what });
        }
    }
    all
}

/// Older versions do not look at the settings.
fn below(site: &Site, setting: Setting<Place>, usual: &str) -> PathBuf {
    match site.profile.has(Switch::RmlistHeldMessages) {
        true => site.settings.path(setting),
        false => site.settings.path(settings::VAR_PREFIX).join(usual),
    }
}

fn files(folder: &Path, takes: impl Fn(&[u8]) -> bool) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    Ok(entries.iter().filter(|entry| takes(entry.file_name().as_bytes())).map(fs::DirEntry::path).collect())
}

/// `heldmsg-NAME-7.pck`, capital or not.
fn is_held_message(file: &[u8], name: &[u8]) -> bool {
    let file = file.to_ascii_lowercase();
    let prefix = [b"heldmsg-", name, b"-"].concat().to_ascii_lowercase();
    let number = file
        .strip_prefix(&prefix[..])
        .and_then(|rest| rest.strip_suffix(b".pck").or_else(|| rest.strip_suffix(b".txt")));
    number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

/// `remove_it`
///
/// # Errors
/// It is there, and does not go.
pub fn remove(path: &Path) -> io::Result<Removed> {
    match fs::symlink_metadata(path).map(|about| about.file_type()) {
        Ok(kind) if kind.is_symlink() => fs::remove_file(path).map(|()| Removed::Told),
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(path).map(|()| Removed::Told),
        Ok(kind) if kind.is_file() => fs::remove_file(path).map(|()| Removed::Quietly),
        _ => Ok(Removed::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_messages_of_the_very_list() {
        for file in ["heldmsg-a+b-1.pck", "heldmsg-A+B-12.TXT"] {
            assert!(is_held_message(file.as_bytes(), b"a+b"), "{file}");
        }
        for file in ["heldmsg-a+b-c-1.pck", "heldmsg-a+b-.pck", "heldmsg-a+b-1.pck.orig", "heldmsg-aab-1.pck"] {
            assert!(!is_held_message(file.as_bytes(), b"a+b"), "{file}");
        }
    }

    #[test]
    fn names_that_lead_out() {
        assert!(["", ".", "..", "a/b", "../a"].iter().all(|name| leads_out(name.as_bytes())));
        assert!(!leads_out(b"a..b"));
    }

    #[test]
    fn links_go_and_what_they_point_to_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::create_dir(&target).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert_eq!(remove(&link).unwrap(), Removed::Told);
        assert!(target.is_dir() && !link.exists());
        assert_eq!(remove(&link).unwrap(), Removed::Nothing);
    }
}
