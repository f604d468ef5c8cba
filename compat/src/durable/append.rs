//! Appending to a file that grows: mail boxes and event files.
//!
//! An append cannot be renamed into place. What can be done is to take half an entry out again: the file is cut back to
//! its old length when a write or fsync fails, as Postfix does with its bounce log. Only one process may append to such
//! a file at a time; a list's lock sees to that.

use super::fault::{step, Op};
use super::gathering::Gathering;
use super::new_file::write_step;
use super::{close, folder_of, sync_dir, unlink};
use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Bytes on their way to the end of a file. Dropped before [`Append::commit`] it takes back what it wrote.
pub struct Append {
    path: PathBuf,
    file: Option<File>,
    old_len: u64,
    created: bool,
    failed: bool,
    buffer: Vec<u8>,
}

impl Append {
    /// Opens the file, or makes it with exactly these permissions. Anything but a plain file is refused.
    ///
    /// # Errors
    /// The system's; `InvalidInput` for what is not a plain file.
    pub fn open(path: impl Into<PathBuf>, mode: u32) -> io::Result<Append> {
        let path = path.into();
        let (file, created) = open_or_create(&path, mode)?;
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "not a plain file"));
        }
        Ok(Append { path, file: Some(file), old_len: about.len(), created, failed: false, buffer: Vec::new() })
    }

    /// The length before this append.
    pub fn old_len(&self) -> u64 {
        self.old_len
    }

    /// The byte at the end of what was there before; `None` for an empty file.
    ///
    /// # Errors
    /// The system's, for a file that cannot be read.
    pub fn last_byte(&self) -> io::Result<Option<u8>> {
        let (Some(at), Some(file)) = (self.old_len.checked_sub(1), &self.file) else { return Ok(None) };
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).map(|()| Some(byte[0]))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Brings everything to the disk. On an error the file has its old length again.
    ///
    /// # Errors
    /// The system's: the disk is full, say. The file then has its old length.
    pub fn commit(mut self) -> io::Result<()> {
        let outcome = self.written_out().and_then(File::sync_all);
        self.synced(outcome)?;
        if self.created {
            sync_dir(folder_of(&self.path))?;
        }
        self.keep();
        Ok(())
    }

    /// Writes everything out and closes the file, without waiting for the disk: for what can be made again.
    ///
    /// # Errors
    /// The system's. What was written before stays.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        let Some(file) = self.file.take() else { return Ok(()) };
        close(file, &self.path)
    }

    /// Whether the file was made for this, so that its folder has to be synced too.
    pub(super) fn is_new(&self) -> bool {
        self.created
    }

    /// Writes to the file what was gathered, for a reader that comes before the sync.
    pub(super) fn hand_over(&mut self) -> io::Result<()> {
        self.flush()
    }

    /// The open file, all written, for an fsync whose outcome goes to [`Append::synced`]. It can still be taken back, by
    /// dropping this.
    pub(super) fn written_out(&mut self) -> io::Result<&File> {
        self.flush()?;
        let stepped = step(Op::Sync, &self.path, None);
        self.failed |= stepped.is_err();
        stepped?;
        self.file.as_ref().ok_or_else(|| io::Error::other("the file is closed"))
    }

    pub(super) fn synced(&mut self, outcome: io::Result<()>) -> io::Result<()> {
        self.failed |= outcome.is_err();
        outcome
    }

    /// What was brought to the disk stays. Closing has nothing left to report.
    pub(super) fn keep(mut self) {
        self.file = None;
    }

    fn take_back(&self, file: &File) -> io::Result<()> {
        if self.created {
            return unlink(&self.path);
        }
        step(Op::Truncate, &self.path, None)?;
        file.set_len(self.old_len)
    }
}

fn open_or_create(path: &Path, mode: u32) -> io::Result<(File, bool)> {
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).bits();
    step(Op::Open, path, None)?;
    match OpenOptions::new().read(true).append(true).custom_flags(flags).open(path) {
        Ok(file) => Ok((file, false)),
        Err(e) if e.kind() == ErrorKind::NotFound => create(path, mode, flags).map(|file| (file, true)),
        Err(e) => Err(e),
    }
}

fn create(path: &Path, mode: u32, flags: i32) -> io::Result<File> {
    step(Op::Create, path, None)?;
    let file = OpenOptions::new().read(true).append(true).create_new(true).mode(mode).custom_flags(flags).open(path)?;
    step(Op::Mode, path, None).and_then(|()| file.set_permissions(Permissions::from_mode(mode)))?;
    Ok(file)
}

impl Gathering for Append {
    fn gathered(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    fn write_out(&mut self, bytes: &[u8]) -> io::Result<()> {
        let outcome = match self.file.as_mut() {
            Some(file) if !self.failed => write_step(file, &self.path, bytes),
            _ => Err(io::Error::other("an earlier write to this file failed")),
        };
        self.failed |= outcome.is_err();
        outcome
    }
}

impl Write for Append {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gather(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_out()
    }
}

impl Drop for Append {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Nobody is left to tell; the error that led here was returned already.
            let _ = self.take_back(&file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::{self, Fault};
    use super::super::gathering::BUFFER;
    use super::*;
    use std::fs;

    fn add(path: &Path, text: &[u8]) -> io::Result<()> {
        let mut append = Append::open(path, 0o660)?;
        append.write_all(text)?;
        append.commit()
    }

    #[test]
    fn adds_at_the_end_and_knows_the_last_byte() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mbox");
        assert_eq!(Append::open(&path, 0o660).unwrap().last_byte().unwrap(), None);
        assert!(!path.exists(), "an append without bytes leaves no file");
        add(&path, b"one\n").unwrap();
        assert_eq!(Append::open(&path, 0o660).unwrap().last_byte().unwrap(), Some(b'\n'));
        add(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one\ntwo");
        let mut unwaited = Append::open(&path, 0o660).unwrap();
        unwaited.write_all(b"three").unwrap();
        unwaited.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one\ntwothree");
    }

    #[test]
    fn each_failure_leaves_all_or_nothing() {
        let big = vec![b'x'; 3 * BUFFER + 7];
        for old in [None, Some(b"old\n".as_slice())] {
            for nth in 1.. {
                let dir = tempfile::tempdir().unwrap();
                let path = dir.path().join("mbox");
                if let Some(text) = old {
                    fs::write(&path, text).unwrap()
                }
                let armed = fault::arm(nth, Fault::Fail(nix::errno::Errno::ENOSPC as i32));
                let outcome = add(&path, &big);
                let met = armed.was_met();
                drop(armed);
                let now = fs::read(&path).unwrap_or_default();
                let before = old.unwrap_or_default();
                let after = [before, big.as_slice()].concat();
                assert!(now == before || now == after, "step {nth}");
                assert!(outcome.is_err() || now == after, "step {nth}");
                if !met {
                    break;
                }
            }
        }
    }
}
