//! Adding to a file that ends in a mark: the archiver's databases.
//!
//! A marshalled dictionary is a list of items and a byte that ends it; whoever reads it stops there. So new items and a
//! new mark are written *behind* the mark, brought to the disk, and then the one byte that was the mark becomes the first
//! byte of the first new item. Before that instant the file is what it was, after it everything is there, and a database
//! of a hundred thousand messages grows by what is new.

use super::fault::{step, Op};
use super::{close, open_regular};
use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A file that is being added to. Dropped before [`MarkedAppend::commit`] it is, to its readers, as it was.
pub struct MarkedAppend {
    path: PathBuf,
    file: File,
    /// Where the mark stands.
    mark: u64,
    /// What becomes of the mark.
    first: Option<u8>,
    /// Where the next byte goes.
    at: u64,
}

impl MarkedAppend {
    /// Opens a file whose mark stands at `mark`. What an addition that was never committed left behind it is cut off.
    ///
    /// # Errors
    /// The file cannot be opened, is no plain file, or is too short.
    pub fn open(path: &Path, mark: u64) -> io::Result<MarkedAppend> {
        step(Op::Open, path, None)?;
        let flags = (OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC).bits();
        let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
        let about = file.metadata()?;
        if !about.is_file() || about.len() <= mark {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file that ends in a mark"));
        }
        if about.len() > mark + 1 {
            step(Op::Truncate, path, None)?;
            file.set_len(mark + 1)?;
        }
        Ok(MarkedAppend { path: path.to_owned(), file, mark, first: None, at: mark })
    }

    /// Adds bytes; readers do not see them yet.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        if let (None, Some((first, behind))) = (self.first, bytes.split_first()) {
            self.first = Some(*first);
            self.at = self.mark + 1;
            rest = behind;
        }
        step(Op::Write, &self.path, None)?;
        self.file.write_all_at(rest, self.at)?;
        self.at += rest.len() as u64;
        Ok(())
    }

    /// Reads back what was added, or what was there.
    ///
    /// # Errors
    /// The file is shorter, or cannot be read.
    pub fn read(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, at).map(|()| bytes)
    }

    /// Makes what was added part of the file; it must be on the disk by then (see [`super::Commit::sync_also`]). Not synced.
    ///
    /// # Errors
    /// The byte cannot be written.
    pub fn commit(&mut self) -> io::Result<()> {
        if let Some(first) = self.first.take() {
            step(Op::Write, &self.path, None)?;
            self.file.write_all_at(&[first], self.mark)?;
            self.mark = self.at.saturating_sub(1);
        }
        Ok(())
    }

    /// Where the mark stands; after a commit, the new one.
    pub fn mark(&self) -> u64 {
        self.mark
    }

    /// The file, to be brought to the disk together with others.
    pub fn file(&self) -> (&File, &Path) {
        (&self.file, &self.path)
    }

    /// The open file, which is to be brought to the disk once more.
    pub fn into_file(self) -> (File, PathBuf) {
        (self.file, self.path)
    }

    /// Closes the file.
    ///
    /// # Errors
    /// What the file system had kept back.
    pub fn close(self) -> io::Result<()> {
        close(self.file, &self.path)
    }
}

/// Reads a piece of a plain file.
///
/// # Errors
/// The file is shorter, or cannot be read.
pub fn read_piece(path: &Path, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    open_regular(path)?.read_exact_at(&mut bytes, at).map(|()| bytes)
}

/// Brings all files of a file system to the disk: for what was written in bulk.
///
/// # Errors
/// The folder cannot be opened, or the disk fails.
pub fn sync_file_system(dir: &Path) -> io::Result<()> {
    step(Op::SyncDir, dir, None)?;
    nix::unistd::syncfs(File::open(dir)?).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::super::fault::{self, Fault};
    use super::*;
    use std::fs;

    fn sync(tail: &MarkedAppend) -> io::Result<()> {
        step(Op::Sync, &tail.path, None)?;
        tail.file.sync_data()
    }

    fn add(path: &Path, mark: u64) -> io::Result<u64> {
        let mut tail = MarkedAppend::open(path, mark)?;
        tail.push(b"new")?;
        tail.push(b"er0")?;
        sync(&tail)?;
        tail.commit()?;
        sync(&tail)?;
        let mark = tail.mark();
        tail.close().map(|()| mark)
    }

    #[test]
    fn the_mark_moves() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, "{old0left over").unwrap();
        assert_eq!(add(&path, 4).unwrap(), 9);
        assert_eq!(fs::read(&path).unwrap(), b"{oldnewer0");
        assert_eq!(add(&path, 9).unwrap(), 14);
        assert_eq!(fs::read(&path).unwrap(), b"{oldnewernewer0");
        assert!(MarkedAppend::open(&path, 15).is_err());
        assert_eq!(read_piece(&path, 1, 3).unwrap(), b"old");
    }

    #[test]
    fn readers_see_all_or_nothing() {
        for nth in 1.. {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x");
            fs::write(&path, "{old0").unwrap();
            let armed = fault::arm(nth, Fault::CutOff);
            let outcome = add(&path, 4);
            let met = armed.was_met();
            drop(armed);
            let now = fs::read(&path).unwrap();
            assert!(now.starts_with(b"{old0") || now == b"{oldnewer0", "step {nth}: {}", now.escape_ascii());
            assert!(outcome.is_err() || now == b"{oldnewer0", "step {nth}");
            if !met {
                break;
            }
        }
    }
}
