//! An end to entries that nobody put back: old files leave the `bad` and `shunt` queues.
//!
//! Answers to cron/cull_bad_shunt. What an operator has asked for is done: files are moved to
//! `BAD_SHUNT_ARCHIVE_DIRECTORY`, or removed where that is no folder to write to.

use crate::clock;
use compat::durable::{self, NewFile};
use compat::site::{settings, Site};
use nix::unistd::{access, AccessFlags};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What is done with old files.
#[derive(Debug, PartialEq)]
pub struct Cull {
    /// Files that were changed last at this moment or before.
    before: SystemTime,
    /// Where they go.
    pub archive: Archive,
}

/// Where old files go.
#[derive(Clone, Debug, PartialEq)]
pub enum Archive {
    /// They are removed.
    None,
    /// To this folder.
    Folder(PathBuf),
    /// A folder was named that cannot be written to: they are removed, which is to be said.
    Unusable(PathBuf),
}

impl Cull {
    /// As the settings have it; `None` where files stay forever.
    pub fn of(site: &Site) -> Option<Cull> {
        let limit = site.settings.float(settings::BAD_SHUNT_STALE_AFTER).unwrap_or(0.0);
        let limit = Duration::try_from_secs_f64(limit).ok().filter(|limit| !limit.is_zero())?;
        let before = clock::system().checked_sub(limit)?;
        let named =
            site.settings.optional_str(settings::BAD_SHUNT_ARCHIVE_DIRECTORY).filter(|folder| !folder.is_empty());
        let archive = match named.map(|_| site.settings.path(settings::BAD_SHUNT_ARCHIVE_DIRECTORY)) {
            None => Archive::None,
            Some(folder) if is_usable(&folder) => Archive::Folder(folder),
            Some(folder) => Archive::Unusable(folder),
        };
        Some(Cull { before, archive })
    }

    /// Goes through one queue's folder; regular files only. A folder that is not there holds nothing.
    ///
    /// # Errors
    /// The folder cannot be read, or a file cannot be moved or removed.
    pub fn queue(&self, folder: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            // A link that leads nowhere, or an entry that was put back meanwhile.
            let Ok(about) = fs::metadata(&path) else { continue };
            if about.is_file() && about.modified()? <= self.before {
                self.remove(&path)?;
            }
        }
        durable::sync_dir(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match (&self.archive, path.file_name()) {
            (Archive::Folder(folder), Some(name)) => move_to(path, &folder.join(name)),
            _ => durable::unlink_if_there(path).map(drop),
        }
    }
}

fn is_usable(folder: &Path) -> bool {
    folder.is_dir() && access(folder, AccessFlags::W_OK | AccessFlags::X_OK).is_ok()
}

/// By a new name, or by a copy where the folder is on another file system.
fn move_to(path: &Path, target: &Path) -> io::Result<()> {
    match durable::rename(path, target) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let mut source = File::open(path)?;
            let mut temporary = target.as_os_str().to_owned();
            temporary.push(".tmp");
            let mut copy = NewFile::create_over(PathBuf::from(temporary), source.metadata()?.permissions().mode())?;
            io::copy(&mut source, &mut copy)?;
            copy.publish(target)?;
            durable::sync_dir(durable::folder_of(target))?;
            durable::unlink(path)
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_files_go_and_others_stay() {
        let queue = tempfile::tempdir().unwrap();
        let kept = tempfile::tempdir().unwrap();
        let put = |name: &str, days: u64| {
            let file = File::create(queue.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(days * 86400)).unwrap();
        };
        put("old.pck", 8);
        put("new.pck", 6);
        fs::create_dir(queue.path().join("folder")).unwrap();
        std::os::unix::fs::symlink("nowhere", queue.path().join("link")).unwrap();
        let before = SystemTime::now() - Duration::from_secs(7 * 86400);
        let cull = Cull { before, archive: Archive::Folder(kept.path().to_path_buf()) };
        cull.queue(queue.path()).unwrap();
        assert!(kept.path().join("old.pck").exists() && queue.path().join("new.pck").exists());
        put("older.pck", 9);
        Cull { before, archive: Archive::None }.queue(queue.path()).unwrap();
        assert_eq!(fs::read_dir(queue.path()).unwrap().count(), 3);
        cull.queue(&queue.path().join("none")).unwrap();
    }
}
