//! Opening by a path as root, where others may write to the folders on the way.

use nix::fcntl::{openat, readlinkat, OFlag, AT_FDCWD};
use nix::sys::stat::{fstat, Mode, SFlag};
use nix::unistd::geteuid;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// As many links as the system follows.
const MAX_LINKS: usize = 40;

/// Opens what a path leads to, to be looked at and changed but not read. Links are followed only where root laid them, or
/// this user did: Debian has such links, and the list user may lay others in the folders of its group.
///
/// # Errors
/// `PermissionDenied` for a link of somebody else's; the system's.
pub fn open_trusted(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let root = || openat(AT_FDCWD, "/", flags, Mode::empty());
    let mut steps: VecDeque<OsString> = steps(&std::path::absolute(path)?).collect();
    let (mut at, mut links) = (root()?, 0);
    while let Some(step) = steps.pop_front() {
        let next = openat(&at, step.as_os_str(), flags, Mode::empty())?;
        let about = fstat(&next)?;
        if SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT != SFlag::S_IFLNK {
            at = next;
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(nix::errno::Errno::ELOOP.into());
        }
        if about.st_uid != 0 && about.st_uid != geteuid().as_raw() {
            return Err(of_another(&step, about.st_uid));
        }
        let target = PathBuf::from(readlinkat(&next, "")?);
        if target.is_absolute() {
            at = root()?;
        }
        self::steps(&target).rev().for_each(|step| steps.push_front(step));
    }
    Ok(at)
}

/// A path that leads to an open file whatever becomes of its names.
pub fn by_number(file: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

fn steps(path: &Path) -> impl DoubleEndedIterator<Item = OsString> + '_ {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_os_string()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    })
}

fn of_another(step: &OsStr, owner: u32) -> io::Error {
    let name = String::from_utf8_lossy(step.as_bytes()).into_owned();
    io::Error::new(ErrorKind::PermissionDenied, format!("{name} is a link of user {owner}, which is not followed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{lchown, symlink};

    #[test]
    fn own_links_are_followed_and_those_of_others_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        let path = |name: &str| home.join(name);
        std::fs::create_dir_all(path("a/b")).unwrap();
        symlink("a", path("own")).unwrap();
        symlink(path("own/../own/b"), path("absolute")).unwrap();
        symlink("round", path("round")).unwrap();
        for (name, leads_to) in [("a/b", "a/b"), ("own/b", "a/b"), ("absolute", "a/b"), ("own", "a"), ("own/..", "")] {
            let opened = open_trusted(&path(name)).unwrap();
            assert_eq!(
                std::fs::read_link(by_number(&opened)).unwrap(),
                path(leads_to).components().collect::<PathBuf>()
            );
        }
        assert_eq!(open_trusted(&path("round")).unwrap_err().raw_os_error(), Some(nix::errno::Errno::ELOOP as i32));
        assert_eq!(open_trusted(&path("none")).unwrap_err().kind(), ErrorKind::NotFound);
        if !geteuid().is_root() {
            eprintln!("skipped: links of another user, which only root can make");
            return;
        }
        lchown(path("own"), Some(1), Some(1)).unwrap();
        assert_eq!(open_trusted(&path("own/b")).unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(open_trusted(&path("absolute")).unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}
