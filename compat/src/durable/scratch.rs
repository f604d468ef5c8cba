//! A file without a name, for what is too much to be kept in memory and is of no use to anybody else.

use super::fault::{step, Op};
use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// So much is gathered before it is written.
const BUFFER: usize = 1 << 20;

/// The file. It is gone when this is dropped, or the process ends.
pub struct Scratch {
    file: File,
    path: PathBuf,
    /// How much of it is written.
    written: u64,
    buffer: Vec<u8>,
}

impl Scratch {
    /// Makes it on the file system of a path, where a file of that name stands for an instant.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn new(path: &Path) -> io::Result<Scratch> {
        super::unlink_if_there(path)?;
        step(Op::Create, path, None)?;
        let flags = (OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC).bits();
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).custom_flags(flags).open(path)?;
        super::unlink(path)?;
        Ok(Scratch { file, path: path.to_owned(), written: 0, buffer: Vec::new() })
    }

    /// Adds bytes; where they are.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<u64> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.write_out()?;
        }
        let at = self.written + self.buffer.len() as u64;
        self.buffer.extend_from_slice(bytes);
        Ok(at)
    }

    fn write_out(&mut self) -> io::Result<()> {
        step(Op::Write, &self.path, None)?;
        self.file.write_all_at(&self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// The bytes at a place.
    ///
    /// # Errors
    /// They are not there, or cannot be read.
    pub fn read(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        if let Some(start) = at.checked_sub(self.written) {
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let bytes = self.buffer.get(start..start.saturating_add(length));
            return bytes.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut scratch = Scratch::new(&dir.path().join("scratch")).unwrap();
        let large = vec![7; BUFFER];
        let places = [&b"one"[..], &large, b"", b"two"].map(|bytes| (scratch.push(bytes).unwrap(), bytes.len()));
        let read = places.map(|(at, length)| scratch.read(at, length).unwrap());
        assert_eq!(read, [b"one".to_vec(), large, Vec::new(), b"two".to_vec()]);
        assert!(scratch.read(places[3].0, 4).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
