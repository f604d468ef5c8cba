//! What is wrong is put right, without being led astray by a link.

use super::{Check, PermissionsError};
use compat::durable;
use compat::site::settings;
use nix::fcntl::AtFlags;
use nix::unistd::{fchownat, Gid, Uid};
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

impl Check<'_> {
    /// Whether the permissions were set.
    pub(super) fn set_mode(&self, path: &Path, mode: u32) -> Result<bool, PermissionsError> {
        self.act(path, |file| fs::set_permissions(durable::by_number(file), Permissions::from_mode(mode & 0o7777)))
    }

    pub(super) fn set_group(&self, path: &Path) -> Result<bool, PermissionsError> {
        self.act(path, |file| give(file, None, self.group.1))
    }

    pub(super) fn set_owner(&self, path: &Path) -> Result<bool, PermissionsError> {
        self.act(path, |file| give(file, Some(self.user.1), self.group.1))
    }

    /// A path leads to what belongs to the site, by no link of a stranger's. Otherwise, and where what is changed has a
    /// second name elsewhere, nothing is done.
    fn act(&self, path: &Path, change: impl FnOnce(&OwnedFd) -> io::Result<()>) -> Result<bool, PermissionsError> {
        if !self.fix {
            return Ok(false);
        }
        let at = |source| PermissionsError::Io { path: path.to_path_buf(), source };
        let file = match durable::open_trusted(path) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(false),
            file => file.map_err(at)?,
        };
        let real = fs::read_link(durable::by_number(&file)).map_err(at)?;
        let about = fs::metadata(durable::by_number(&file)).map_err(at)?;
        let has_second_name = about.is_file() && about.nlink() > 1;
        if has_second_name || !self.roots().iter().any(|root| real.starts_with(root)) {
            return Ok(false);
        }
        change(&file).map_err(at)?;
        Ok(true)
    }

    fn roots(&self) -> Vec<PathBuf> {
        let roots = [settings::PREFIX, settings::EXEC_PREFIX, settings::VAR_PREFIX, settings::LOG_DIR];
        roots.iter().filter_map(|setting| fs::canonicalize(self.path(*setting)).ok()).collect()
    }
}

fn give(file: &OwnedFd, user: Option<Uid>, group: Gid) -> io::Result<()> {
    Ok(fchownat(file.as_fd(), "", user, Some(group), AtFlags::AT_EMPTY_PATH)?)
}
