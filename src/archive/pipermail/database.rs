//! One file of a volume's database: `database/VOLUME-KIND`, a marshalled dictionary.
//!
//! Python reads such a file whole and writes it whole. Ours adds what is new behind the end and moves the end
//! ([`MarkedAppend`]), and writes the whole file, beside and renamed, only where something had to be taken out.

use crate::error::{Culprit, HandlerError};
use compat::durable::{self, Commit, MarkedAppend, NewFile};
use compat::lock::Lock;
use compat::marshal::{self, MarshalError};
use compat::ByteStr;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest file that is read.
const SIZE_LIMIT: u64 = 1 << 30;
/// LockFile's own default.
const LOCK_LIFETIME: Duration = Duration::from_secs(15);
const FILE_MODE: u32 = 0o660;
/// What is new is written when there is so much of it.
const BUFFER: usize = 1 << 20;
/// A dictionary without items.
const EMPTY: &[u8] = b"{0";

/// A database file.
pub struct Database {
    path: PathBuf,
    lock: Option<Lock>,
    tail: Option<MarkedAppend>,
    /// Where the end stands in the file; `None`: there is no file, or one that must be written anew.
    mark: Option<u64>,
    /// Items that are not in the file.
    fresh: Vec<u8>,
    /// How many bytes of fresh items are in the file already, behind its mark.
    pushed: u64,
    about: About,
}

/// By what a file is known again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct About {
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl About {
    fn of(path: &Path) -> io::Result<About> {
        match std::fs::metadata(path) {
            Ok(file) => Ok(About {
                inode: file.ino(),
                length: file.len(),
                modified: (file.mtime(), file.mtime_nsec()),
                changed: (file.ctime(), file.ctime_nsec()),
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(About::default()),
            Err(e) => Err(e),
        }
    }
}

/// What was read from a database file.
pub struct Loaded {
    /// Marshalled keys and values, in the order of the file.
    pub items: Vec<(ByteStr, ByteStr)>,
    /// Where the file ended before its end.
    pub is_damaged: bool,
    /// The bytes of the file; the items are windows on it.
    pub data: ByteStr,
}

impl Database {
    /// Locks and reads a file; a missing one is empty.
    ///
    /// # Errors
    /// It cannot be locked or read, or is no index at all.
    pub fn open(path: PathBuf) -> Result<(Self, Loaded), HandlerError> {
        let lock = Some(locked(&path)?);
        let mut file =
            Database { path, lock, tail: None, mark: None, fresh: Vec::new(), pushed: 0, about: About::default() };
        let loaded = file.load()?;
        Ok((file, loaded))
    }

    fn load(&mut self) -> Result<Loaded, HandlerError> {
        let data = match durable::read_file(&self.path, SIZE_LIMIT) {
            Ok(data) => ByteStr::new(data),
            Err(e) if e.kind() == io::ErrorKind::NotFound => EMPTY.into(),
            Err(e) => return Err(e.into()),
        };
        match marshal::entries(&data) {
            Ok(found) => {
                self.mark = found.end.filter(|_| self.path.exists()).map(|end| end as u64);
                Ok(Loaded { items: found.items, is_damaged: found.end.is_none(), data })
            }
            Err(MarshalError::End(_)) => Ok(Loaded { items: Vec::new(), is_damaged: true, data }),
            Err(e) => Err(HandlerError::at(self.path.display())(e)),
        }
    }

    /// Locks a file that was closed, and tells whether it is as it was left.
    ///
    /// # Errors
    /// It cannot be locked.
    pub fn reopen(&mut self) -> Result<bool, HandlerError> {
        self.lock = Some(locked(&self.path)?);
        Ok(self.mark.is_some() && About::of(&self.path)? == self.about)
    }

    /// Adds an item; readers of the file see it after [`Database::commit`]. Gives the place of the value's last
    /// `length` bytes.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn add(&mut self, key: &[u8], value: &[u8], length: usize) -> Result<u64, HandlerError> {
        self.fresh.extend_from_slice(key);
        self.fresh.extend_from_slice(value);
        let end = self.mark.unwrap_or(1) + self.pushed + self.fresh.len() as u64;
        if self.fresh.len() > BUFFER {
            self.push()?;
        }
        Ok(end - length as u64)
    }

    fn push(&mut self) -> Result<(), HandlerError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let mark = match self.mark {
            Some(mark) => mark,
            None => self.begin()?,
        };
        if self.tail.is_none() {
            self.tail = Some(MarkedAppend::open(&self.path, mark)?);
        }
        if let Some(tail) = &mut self.tail {
            tail.push(&self.fresh)?;
        }
        self.pushed += self.fresh.len() as u64;
        self.fresh.clear();
        Ok(())
    }

    /// Puts an empty dictionary in place; where its end stands.
    fn begin(&mut self) -> Result<u64, HandlerError> {
        write_whole(&self.path, &mut |out| out.write_all(EMPTY))?;
        self.mark = Some(1);
        Ok(1)
    }

    /// A piece of the file, or of what will be there.
    ///
    /// # Errors
    /// The file is not as it was, or cannot be read.
    pub fn piece(&self, at: u64, length: usize) -> Result<Vec<u8>, HandlerError> {
        let fresh_from = self.mark.unwrap_or(1) + self.pushed;
        if at >= fresh_from {
            let start = (at - fresh_from) as usize;
            let piece = self.fresh.get(start..start.saturating_add(length));
            return piece.map(<[u8]>::to_vec).ok_or_else(|| Culprit::Program.says("a piece of a database is gone"));
        }
        Ok(match &self.tail {
            Some(tail) => tail.read(at, length)?,
            None => durable::read_piece(&self.path, at, length)?,
        })
    }

    /// Writes all items anew at once, in place of what is there and was added. Durable when this returns.
    ///
    /// # Errors
    /// The disk is full, or fails; the old file stays.
    pub fn replace(&mut self, items: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<(), HandlerError> {
        self.tail = None;
        self.fresh.clear();
        self.pushed = 0;
        let length = write_whole(&self.path, &mut |out| {
            out.write_all(&EMPTY[..1])?;
            items(out)?;
            out.write_all(&EMPTY[1..])
        })?;
        self.mark = Some(length.saturating_sub(1));
        Ok(())
    }

    /// Writes what is new behind the end of the file.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn seal(&mut self) -> Result<(), HandlerError> {
        if self.mark.is_none() && self.fresh.is_empty() {
            self.begin()?;
        }
        self.push()?;
        if let Some(tail) = &mut self.tail {
            tail.push(&EMPTY[1..])?;
        }
        Ok(())
    }

    /// Moves the end, so that readers see what was sealed and synced.
    ///
    /// # Errors
    /// The disk fails.
    pub fn commit(&mut self) -> Result<(), HandlerError> {
        if let Some(tail) = &mut self.tail {
            tail.commit()?;
            self.mark = Some(tail.mark());
        }
        self.pushed = 0;
        Ok(())
    }

    /// The file, if it waits for the disk.
    pub fn unsynced(&self) -> Option<(&std::fs::File, &Path)> {
        self.tail.as_ref().map(MarkedAppend::file)
    }

    /// Gives the lock back. What is kept in memory can be used again if the file stays as it is now. The file is to be
    /// brought to the disk with the commit.
    ///
    /// # Errors
    /// The file cannot be closed.
    pub fn close(&mut self, commit: Option<&mut Commit>) -> Result<(), HandlerError> {
        match (self.tail.take(), commit) {
            (Some(tail), Some(commit)) => {
                let (file, path) = tail.into_file();
                commit.sync_also(file, path);
            }
            (Some(tail), None) => tail.close()?,
            (None, _) => {}
        }
        self.about = About::of(&self.path)?;
        // A lock that ran out while a long archive was made is no error: the list's own lock stands above it.
        if let Some(mut lock) = self.lock.take() {
            let _ = lock.release();
        }
        Ok(())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn locked(path: &Path) -> Result<Lock, HandlerError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut lock = Lock::new(PathBuf::from(name), LOCK_LIFETIME).below_another();
    lock.acquire(None)?;
    Ok(lock)
}

/// Puts a whole file in place; its length.
fn write_whole(path: &Path, contents: &mut dyn FnMut(&mut NewFile) -> io::Result<()>) -> io::Result<u64> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(path, Path::new(&temporary), FILE_MODE, |out| contents(out))?;
    Ok(std::fs::metadata(path)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Vec<u8> {
        [&b"s\x01\x00\x00\x00"[..], text.as_bytes()].concat()
    }

    fn finish(file: &mut Database) {
        file.seal().unwrap();
        file.commit().unwrap();
        file.close(None).unwrap();
    }

    #[test]
    fn a_file_grows_and_is_known_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("2026-March-article");
        let (mut file, loaded) = Database::open(path.clone()).unwrap();
        assert!(loaded.items.is_empty() && !loaded.is_damaged);
        let at = file.add(&item("a"), &item("A"), 1).unwrap();
        assert_eq!(file.piece(at, 1).unwrap(), b"A");
        finish(&mut file);
        assert!(file.reopen().unwrap());
        assert_eq!(file.piece(at, 1).unwrap(), b"A");
        let at = file.add(&item("b"), &item("B"), 1).unwrap();
        finish(&mut file);
        assert_eq!(file.piece(at, 1).unwrap(), b"B");
        assert_eq!(
            std::fs::read(&path).unwrap(),
            [&b"{"[..], &item("a"), &item("A"), &item("b"), &item("B"), b"0"].concat()
        );
        std::fs::write(&path, "{0").unwrap();
        assert!(!file.reopen().unwrap());
    }

    #[test]
    fn damage_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, [&b"{"[..], &item("a"), &item("A"), b"s"].concat()).unwrap();
        let (mut file, loaded) = Database::open(path.clone()).unwrap();
        assert!(loaded.is_damaged && loaded.items.len() == 1);
        file.replace(&mut |out| out.write_all(&[item("a"), item("A")].concat())).unwrap();
        finish(&mut file);
        assert!(!Database::open(path).unwrap().1.is_damaged);
    }
}
