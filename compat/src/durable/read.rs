//! Opening what others wrote: no link followed, nothing but plain files, no length trusted.

use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a plain file for reading. The last part of the path may not be a link; a pipe does not block.
///
/// # Errors
/// The system's; `InvalidInput` for what is not a plain file, `ELOOP` for a link.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "not a plain file")),
    }
}

/// Reads an open file whole; more than `limit` bytes are an error.
///
/// # Errors
/// The system's, and a file beyond the limit.
pub fn read_open(mut file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    if size > limit {
        return Err(too_large(size, limit));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let read = file.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes)? as u64;
    match read > limit {
        true => Err(too_large(read, limit)),
        false => Ok(bytes),
    }
}

/// Opens and reads a plain file whole.
///
/// # Errors
/// As [`open_regular`] and [`read_open`].
pub fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_open(&open_regular(path)?, limit)
}

/// The bytes that this user may still write to the file system of a folder.
///
/// # Errors
/// What the system reports.
pub fn free_space(dir: &Path) -> io::Result<u64> {
    let about = nix::sys::statvfs::statvfs(dir)?;
    Ok((about.blocks_available() as u64).saturating_mul(about.fragment_size() as u64))
}

fn too_large(size: u64, limit: u64) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, format!("{size} bytes where at most {limit} are read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_folders_pipes_and_giants_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("plain"), "12345").unwrap();
        std::os::unix::fs::symlink("plain", path("link")).unwrap();
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(read_file(&path("plain"), 5).unwrap(), b"12345");
        assert_eq!(read_file(&path("plain"), 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
        for name in ["link", "pipe", "."] {
            assert!(read_file(&path(name), 99).is_err(), "{name}");
        }
        assert!(free_space(dir.path()).unwrap() > 0);
    }
}
