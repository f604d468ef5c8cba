//! What bin/rmlist and the page of that name take away with a list.

use compat::durable;
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

const LIST_INFO: &str = "list info";
const HELD_MESSAGE: &str = "held message file";
/// What makes a folder a list, in the order of going.
const CONFIG_FILES: [&str; 4] = ["config.db.last", "config.db", "config.pck.last", "config.pck"];

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
    let own = own_folder(site, name);
    let mut all: Vec<_> = is_there(&own).then_some(own).into_iter().collect();
    let locks = site.settings.path(settings::LOCK_DIR);
    let is_lock = |file: &[u8]| file.split(|&byte| byte == b'.').next() == Some(&name[..]);
    all.extend(files(&locks, is_lock)?.into_iter().map(|path| one(path, "stale lock file")));
    if site.profile.has(Switch::RmlistHeldMessages) {
        let data = site.settings.path(settings::DATA_DIR);
        let held = files(&data, |file| is_held_message(file, name))?;
        all.extend(held.into_iter().map(|path| one(path, HELD_MESSAGE)));
    }
    if archives_too {
        all.extend(archives(site, name));
    }
    Ok(all)
}

/// What an earlier removal left that was cut off: the list is no list any more, but its folder or held messages are there.
///
/// # Errors
/// As [`everything`].
pub fn has_rest(site: &Site, name: &ByteStr) -> io::Result<bool> {
    let of_list = |item: &Removable| item.what == LIST_INFO || item.what == HELD_MESSAGE;
    Ok(!list::exists(site, name) && everything(site, name, false)?.iter().any(of_list))
}

fn is_there(item: &Removable) -> bool {
    item.path.symlink_metadata().is_ok()
}

/// What goes with a list that is removed on its page: folders alone, no locks and no held messages. The list's own goes
/// last, so that it can be removed again where that was cut off.
pub fn folders(site: &Site, name: &ByteStr, archives_too: bool) -> Vec<Removable> {
    let archives = if archives_too { archives(site, name) } else { Vec::new() };
    archives.into_iter().chain([own_folder(site, name)]).collect()
}

fn own_folder(site: &Site, name: &[u8]) -> Removable {
    let path = below(site, settings::LIST_DATA_DIR, "lists").join(OsStr::from_bytes(name));
    Removable { path, what: LIST_INFO }
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

/// `heldmsg-NAME-7.pck`, capital or not, and the same set aside (`decided-RUN-heldmsg-...`).
fn is_held_message(file: &[u8], name: &[u8]) -> bool {
    let file = file.to_ascii_lowercase();
    let file = compat::list::name_before(&file).unwrap_or(&file);
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
        Ok(kind) if kind.is_dir() => remove_folder(path).map(|()| Removed::Told),
        Ok(kind) if kind.is_file() => fs::remove_file(path).map(|()| Removed::Quietly),
        _ => Ok(Removed::Nothing),
    }
}

/// What makes it a list goes last: cut off before that, it is still one, which can be removed.
fn remove_folder(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false if CONFIG_FILES.iter().any(|name| *name == entry.file_name()) => {}
            false => fs::remove_file(entry.path())?,
        }
    }
    for name in CONFIG_FILES {
        durable::unlink_if_there(&path.join(name))?;
    }
    fs::remove_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;

    #[test]
    fn what_was_cut_off_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::bare(folder.path(), Version::parse("2.1.39").unwrap());
        let list = folder.path().join("lists/garden");
        for path in [&list, &folder.path().join("data"), &folder.path().join("locks")] {
            fs::create_dir_all(path).unwrap();
        }
        let name = ByteStr::from("garden");
        assert!(has_rest(&site, &name).unwrap());
        fs::write(list.join("config.pck"), "x").unwrap();
        assert!(!has_rest(&site, &name).unwrap(), "it is a list");
        fs::create_dir_all(list.join("en")).unwrap();
        fs::write(list.join("request.pck"), "x").unwrap();
        assert_eq!(remove(&list).unwrap(), Removed::Told);
        assert!(!list.exists() && !has_rest(&site, &name).unwrap());
        fs::write(folder.path().join("data/heldmsg-garden-1.pck"), "x").unwrap();
        assert!(has_rest(&site, &name).unwrap());
    }

    #[test]
    fn held_messages_of_the_very_list() {
        for file in ["heldmsg-a+b-1.pck", "heldmsg-A+B-12.TXT", "decided-0f-heldmsg-a+b-1.pck"] {
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
