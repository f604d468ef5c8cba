//! The one place that changes a site's files.
//!
//! Mail is lost between a write and the disk, so every step that counts is here, each a function of a few lines: make a
//! file under a temporary name, fsync it, check its close, rename it, fsync the folder. Python's Mailman leaves the
//! folder out. Three rules hold:
//!
//! - A failed fsync is never tried again: Linux drops the data it could not write and calls the next fsync a success.
//!   The temporary is thrown away, the source stays, and the error says so.
//! - A failed append is cut back to the old length ([`Append`]).
//! - Nothing follows a link that stands where a file is expected, and new files are made exclusively.
//!
//! Every step passes [`fault::step`], where a test may let the N-th one fail or stop the world before it.

mod append;
mod blame;
mod commit;
mod consumed;
pub mod fault;
mod gathering;
mod marked_append;
mod new_file;
mod parallel_fsync;
mod placed;
mod read;
mod scratch;
mod trusted;

pub use append::Append;
pub use blame::is_of_machine;
pub use commit::{Commit, CommitError, Mark};
pub use marked_append::{read_piece, sync_file_system, MarkedAppend};
pub use new_file::{create_passing, overwrite, put_new_page, put_page, replace, NewFile};
pub use read::{free_space, open_regular, read_file, read_open};
pub use scratch::Scratch;
pub use trusted::{by_number, open_trusted};

use fault::{step, Op};
use nix::fcntl::{OFlag, AT_FDCWD};
use nix::sys::stat::{utimensat, UtimensatFlags};
use nix::sys::time::TimeSpec;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The mode of a queue entry and of most files of a list.
pub const FILE_MODE: u32 = 0o660;
/// The mode of a queue's folder; the set-group-id bit comes from the folder above.
pub const DIR_MODE: u32 = 0o770;

/// Gives a file another name; a file that has it already is replaced in the same instant.
///
/// # Errors
/// What the system reports.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step(Op::Rename, from, Some(to))?;
    fs::rename(from, to)
}

/// Gives a file a second name. The new name must be free.
///
/// # Errors
/// What the system reports.
pub fn link(existing: &Path, new: &Path) -> io::Result<()> {
    step(Op::Link, existing, Some(new))?;
    fs::hard_link(existing, new)
}

/// Takes a name away.
///
/// # Errors
/// What the system reports.
pub fn unlink(path: &Path) -> io::Result<()> {
    step(Op::Unlink, path, None)?;
    fs::remove_file(path)
}

/// Takes a name away if it is there; tells whether it was.
///
/// # Errors
/// The system's, other than that the name is not there.
pub fn unlink_if_there(path: &Path) -> io::Result<bool> {
    match unlink(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Takes a folder away with all that is in it; links in it are not followed. One that is not there is no error.
///
/// # Errors
/// The system's, for the first file or folder that stays.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    step(Op::Unlink, path, None)?;
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes a symbolic link.
///
/// # Errors
/// What the system reports.
pub fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    step(Op::Symlink, path, None)?;
    std::os::unix::fs::symlink(target, path)
}

/// Brings the names in a folder to the disk. File systems that cannot do this for folders (some remote ones) are
/// forgiven: they keep names in their own way.
///
/// # Errors
/// The system's, other than that folders cannot be synced there.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    sync_dirs(&[dir]).map_err(|(_, error)| error)
}

/// The same for several folders at once; the first one that failed is named.
///
/// # Errors
/// The folder that failed, and the system's error.
pub fn sync_dirs<'a>(dirs: &[&'a Path]) -> Result<(), (&'a Path, io::Error)> {
    let opened: Result<Vec<File>, _> = dirs
        .iter()
        .map(|dir| step(Op::SyncDir, dir, None).and_then(|()| File::open(dir)).map_err(|error| (*dir, error)))
        .collect();
    let synced = parallel_fsync::sync_each(&opened?.iter().collect::<Vec<_>>());
    let forgiven = [io::ErrorKind::InvalidInput, io::ErrorKind::Unsupported];
    let failed = dirs.iter().zip(synced).find_map(|(dir, outcome)| Some((*dir, outcome.err()?)));
    match failed.filter(|(_, error)| !forgiven.contains(&error.kind())) {
        Some(failed) => Err(failed),
        None => Ok(()),
    }
}

/// The folder that a path stands in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

/// Makes a folder with exactly these permissions whatever the umask is; one that exists stays as it is.
/// Returns whether it was made.
///
/// # Errors
/// The system's, other than that the folder exists.
pub fn mkdir(path: &Path, mode: u32) -> io::Result<bool> {
    step(Op::Mkdir, path, None)?;
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => set_dir_mode(path, mode).map(|()| true),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e),
    }
}

/// Makes a folder and those above it that are missing.
///
/// # Errors
/// The system's, for the first folder that could not be made.
pub fn mkdir_all(path: &Path, mode: u32) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        mkdir_all(above, mode)?;
    }
    mkdir(path, mode).map(|_| ())
}

/// chmod clears the set-group-id bit that came from the folder above unless it is asked for.
fn set_dir_mode(path: &Path, mode: u32) -> io::Result<()> {
    let dir = open_to_change(path)?;
    let now = dir.metadata()?.mode();
    if now & 0o777 == mode & 0o777 {
        return Ok(());
    }
    step(Op::Mode, path, None)?;
    dir.set_permissions(Permissions::from_mode(mode | (now & 0o7000)))
}

/// Cuts a file to a length. A link is refused.
///
/// # Errors
/// The system's; `ELOOP` for a link.
pub fn truncate(path: &Path, length: u64) -> io::Result<()> {
    step(Op::Truncate, path, None)?;
    fs::OpenOptions::new().write(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)?.set_len(length)
}

/// Sets the permissions of a file or folder. A link is refused.
///
/// # Errors
/// The system's; `ELOOP` for a link.
pub fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    let file = open_to_change(path)?;
    step(Op::Mode, path, None)?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// Sets the owner and group of a file; nothing where it has them, so that nobody but root needs the right to do so. A
/// link is refused.
///
/// # Errors
/// The system's; `ELOOP` for a link.
pub fn set_owner(path: &Path, uid: u32, gid: u32) -> io::Result<()> {
    let file = open_to_change(path)?;
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (uid, gid) {
        return Ok(());
    }
    step(Op::Mode, path, None)?;
    std::os::unix::fs::fchown(file, Some(uid), Some(gid))
}

/// Sets the permissions of an open file, whatever its name leads to by now.
///
/// # Errors
/// The system's: the file belongs to somebody else, say.
pub fn set_open_mode(file: &File, path: &Path, mode: u32) -> io::Result<()> {
    step(Op::Mode, path, None)?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// Sets the owner and group of an open file. One that has other names is refused: they may stand where its owner would
/// not have it.
///
/// # Errors
/// The system's; a file with more than one name is refused.
pub fn set_open_owner(file: &File, path: &Path, uid: u32, gid: u32) -> io::Result<()> {
    if file.metadata()?.nlink() > 1 {
        return Err(io::Error::other("the file has more than one name"));
    }
    step(Op::Mode, path, None)?;
    std::os::unix::fs::fchown(file, Some(uid), Some(gid))
}

/// Opens a file or folder whose permissions or owner are to change. Root works in folders that the list user may write
/// to, who may put there a link, or a second name, of a file that is not his.
fn open_to_change(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    let about = file.metadata()?;
    if nix::unistd::geteuid().is_root() && about.is_file() && about.nlink() > 1 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file has a second name elsewhere"));
    }
    Ok(file)
}

/// Sets both times of a file; of a link its own.
///
/// # Errors
/// What the system reports.
pub fn set_times(path: &Path, time: SystemTime) -> io::Result<()> {
    step(Op::Times, path, None)?;
    let spec = time_spec(time);
    utimensat(AT_FDCWD, path, &spec, &spec, UtimensatFlags::NoFollowSymlink).map_err(io::Error::from)
}

/// Sets both times of an open file.
///
/// # Errors
/// What the system reports.
pub fn set_open_times(file: impl AsFd, path: &Path, time: SystemTime) -> io::Result<()> {
    step(Op::Times, path, None)?;
    let spec = time_spec(time);
    nix::sys::stat::futimens(file, &spec, &spec).map_err(io::Error::from)
}

fn time_spec(time: SystemTime) -> TimeSpec {
    TimeSpec::from_duration(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO))
}

/// Closes a file and says what the file system had kept back until then (NFS, quotas).
pub(crate) fn close(file: File, path: &Path) -> io::Result<()> {
    match step(Op::Close, path, None) {
        Ok(()) => nix::unistd::close(file).map_err(io::Error::from),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_the_group_bit_of_its_parent() {
        let dir = tempfile::tempdir().unwrap();
        set_mode(dir.path(), 0o2775).unwrap();
        let made = dir.path().join("bad");
        assert!(mkdir(&made, DIR_MODE).unwrap());
        assert!(!mkdir(&made, DIR_MODE).unwrap());
        assert_eq!(fs::metadata(&made).unwrap().mode() & 0o7777, 0o2770);
    }

    #[test]
    fn folders_above_are_made_too() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        mkdir_all(&deep, 0o2775).unwrap();
        mkdir_all(&deep, 0o2775).unwrap();
        assert_eq!(fs::metadata(&deep).unwrap().mode() & 0o777, 0o775);
    }

    #[test]
    fn no_link_leads_to_another_file() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, "x").unwrap();
        set_mode(&file, 0o600).unwrap();
        symlink(&file, &link).unwrap();
        assert!(
            set_mode(&link, 0o666).is_err() && set_owner(&link, 0, 0).is_err() && set_dir_mode(&link, 0o777).is_err()
        );
        set_times(&link, SystemTime::UNIX_EPOCH).unwrap();
        let now = fs::metadata(&file).unwrap();
        assert_eq!((now.mode() & 0o777, now.mtime() > 0), (0o600, true));
    }

    #[test]
    fn times_are_set() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, "x").unwrap();
        set_times(&path, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mtime(), 1_000_000);
        assert_eq!(fs::metadata(&path).unwrap().atime(), 1_000_000);
    }

    #[test]
    fn a_missing_name_is_no_error_where_it_need_not_be_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, "x").unwrap();
        assert!(unlink_if_there(&path).unwrap());
        assert!(!unlink_if_there(&path).unwrap());
    }
}
