//! What is wrong is put right, without being led astray by a link.

use super::{Check, PermissionsError};
use compat::site::settings;
use nix::fcntl::{open, AtFlags, OFlag};
use nix::sys::stat::Mode;
use nix::unistd::{fchownat, Gid, Uid};
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

impl Check<'_> {
    /// Whether the permissions were set.
    pub(super) fn set_mode(&self, path: &Path, mode: u32) -> Result<bool, PermissionsError> {
        self.act(path, |file| fs::set_permissions(by_number(file), Permissions::from_mode(mode & 0o7777)))
    }

    pub(super) fn set_group(&self, path: &Path) -> Result<bool, PermissionsError> {
        self.act(path, |file| give(file, None, self.group.1))
    }

    pub(super) fn set_owner(&self, path: &Path) -> Result<bool, PermissionsError> {
        self.act(path, |file| give(file, Some(self.user.1), self.group.1))
    }

    /// A link is followed only to what belongs to the site as well.
    fn act(&self, path: &Path, change: impl FnOnce(&OwnedFd) -> io::Result<()>) -> Result<bool, PermissionsError> {
        if !self.fix {
            return Ok(false);
        }
        let at = |source| PermissionsError::Io { path: path.to_path_buf(), source };
        let real = fs::canonicalize(path).map_err(at)?;
        let is_link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
        if is_link && !self.roots().iter().any(|root| real.starts_with(root)) {
            return Ok(false);
        }
        let file = open_in_place(&real).map_err(at)?;
        change(&file).map_err(at)?;
        Ok(true)
    }

    fn roots(&self) -> Vec<PathBuf> {
        let roots = [settings::PREFIX, settings::EXEC_PREFIX, settings::VAR_PREFIX, settings::LOG_DIR];
        roots.iter().filter_map(|setting| fs::canonicalize(self.path(*setting)).ok()).collect()
    }
}

/// Opens a path in which there are no links, and makes sure that none came in meanwhile.
fn open_in_place(path: &Path) -> io::Result<OwnedFd> {
    let file = open(path, OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::empty())?;
    match fs::read_link(by_number(&file))? == path {
        true => Ok(file),
        false => Err(io::Error::other("it was moved while it was looked at")),
    }
}

fn by_number(file: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

fn give(file: &OwnedFd, user: Option<Uid>, group: Gid) -> io::Result<()> {
    Ok(fchownat(file.as_fd(), "", user, Some(group), AtFlags::AT_EMPTY_PATH)?)
}
