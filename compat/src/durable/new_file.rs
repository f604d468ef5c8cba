//! A file on its way to its name: written beside, made safe, renamed.

use super::fault::{step, torn_len, Op};
use super::gathering::Gathering;
use super::{close, folder_of, rename, sync_dir, unlink, unlink_if_there};
use nix::fcntl::{posix_fadvise, OFlag, PosixFadviseAdvice};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A new file under a temporary name. Dropped before [`NewFile::publish`] it leaves nothing behind.
pub struct NewFile {
    path: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Writing,
    /// On the disk and closed.
    Safe,
    /// A write, fsync or close failed: what is in the file is unknown, and no later call may call it safe.
    Spoilt,
    Published,
}

impl NewFile {
    /// Makes the file, which must not exist, with exactly these permissions whatever the umask is.
    ///
    /// # Errors
    /// The system's; `AlreadyExists` for a name that is taken.
    pub fn create(path: impl Into<PathBuf>, mode: u32) -> io::Result<NewFile> {
        let path = path.into();
        step(Op::Create, &path, None)?;
        let flags = OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).custom_flags(flags.bits()).open(&path)?;
        let made = NewFile { path, file: Some(file), buffer: Vec::new(), state: State::Writing };
        made.set_mode(mode)?;
        Ok(made)
    }

    /// The same; a left-over of that name is removed.
    ///
    /// # Errors
    /// What the system reports.
    pub fn create_over(path: impl Into<PathBuf>, mode: u32) -> io::Result<NewFile> {
        let path = path.into();
        match NewFile::create(&path, mode) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                unlink_if_there(&path)?;
                NewFile::create(path, mode)
            }
            other => other,
        }
    }

    fn set_mode(&self, mode: u32) -> io::Result<()> {
        step(Op::Mode, &self.path, None)?;
        self.file.as_ref().map_or(Ok(()), |file| file.set_permissions(Permissions::from_mode(mode)))
    }

    /// The temporary name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets the kernel begin to write, without waiting: several files are then on their way at once, and the fsyncs
    /// that follow find the work done.
    ///
    /// # Errors
    /// What the system reports.
    pub fn start_writing_back(&mut self) -> io::Result<()> {
        self.flush()?;
        if let Some(file) = &self.file {
            // Advice only: where it is refused the fsync does the work.
            let _ = posix_fadvise(file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        }
        Ok(())
    }

    /// fsync and close; nothing when that is done. After an error the file is spoilt for good; it is never tried again.
    ///
    /// # Errors
    /// The system's. The kernel may have dropped what it could not write, so the file is of no use any more.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.is_safe() {
            return Ok(());
        }
        let outcome = self.written_out()?.sync_all();
        self.synced(outcome)
    }

    /// Whether it was synced and closed.
    pub(super) fn is_safe(&self) -> bool {
        self.state == State::Safe
    }

    /// The open file, all written, for an fsync whose outcome goes to [`NewFile::synced`].
    pub(super) fn written_out(&mut self) -> io::Result<&File> {
        if self.state != State::Writing {
            return Err(used_up());
        }
        self.flush()?;
        let stepped = step(Op::Sync, &self.path, None);
        self.spoil(stepped)?;
        self.file.as_ref().ok_or_else(used_up)
    }

    /// Closes the file after its fsync.
    pub(super) fn synced(&mut self, outcome: io::Result<()>) -> io::Result<()> {
        let Some(file) = self.file.take() else { return self.spoil(Err(used_up())) };
        let closed = close(file, &self.path);
        self.spoil(outcome.and(closed))?;
        self.state = State::Safe;
        self.buffer = Vec::new();
        Ok(())
    }

    /// Gives the file its name. It is synced first if that has not been done; the folder is not.
    ///
    /// # Errors
    /// The system's. The target is then as it was.
    pub fn publish(&mut self, target: &Path) -> io::Result<()> {
        self.sync()?;
        rename(&self.path, target)?;
        self.state = State::Published;
        Ok(())
    }

    /// Gives the file its name without waiting for the disk: for what can be made again, such as an archive's pages.
    /// Readers see the old file or the new one; after a power cut it may be empty.
    ///
    /// # Errors
    /// The system's. The target is then as it was.
    pub fn publish_unsynced(&mut self, target: &Path) -> io::Result<()> {
        self.flush()?;
        let Some(file) = self.file.take() else { return Err(used_up()) };
        let closed = close(file, &self.path);
        self.spoil(closed)?;
        rename(&self.path, target)?;
        self.state = State::Published;
        Ok(())
    }

    fn spoil<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        if outcome.is_err() {
            self.state = State::Spoilt;
        }
        outcome
    }
}

/// One write as a step: a fault leaves half of it in the file.
pub(super) fn write_step(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    match step(Op::Write, path, None) {
        Ok(()) => file.write_all(bytes),
        Err(e) => {
            let torn = bytes.get(..torn_len(bytes.len())).unwrap_or_default();
            file.write_all(torn).and(Err(e))
        }
    }
}

fn used_up() -> io::Error {
    io::Error::other("the temporary file is spoilt by an earlier error and is thrown away")
}

impl Gathering for NewFile {
    fn gathered(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    fn write_out(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(file) = self.file.as_mut().filter(|_| self.state == State::Writing) else { return Err(used_up()) };
        let outcome = write_step(file, &self.path, bytes);
        self.spoil(outcome)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gather(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_out()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if self.state != State::Published {
            // Nobody is left to tell; a temporary that stays is swept later and is never read.
            let _ = unlink(&self.path);
        }
    }
}

/// Puts a file in place, all or nothing: written under `temporary` (beside the target; a left-over of that name is
/// removed), fsync, close, rename, fsync of the folder. When this returns the file survives a power cut.
///
/// # Errors
/// The system's, or that of `contents`. The target is then as it was.
pub fn replace(
    target: &Path,
    temporary: &Path,
    mode: u32,
    contents: impl FnOnce(&mut NewFile) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = NewFile::create_over(temporary, mode)?;
    contents(&mut file)?;
    file.publish(target)?;
    sync_dir(folder_of(target))
}

/// A small new file that means nothing after a power cut, such as a claim to a lock: made exclusively, not synced.
///
/// # Errors
/// What the system reports.
pub fn create_passing(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = NewFile::create(path, mode)?;
    file.write_all(bytes)?;
    file.flush()?;
    if let Some(open) = file.file.take() {
        close(open, path)?;
    }
    file.state = State::Published;
    Ok(())
}

/// Writes new bytes into an existing small file, which keeps its inode, then cuts it to their length. Not synced.
///
/// # Errors
/// What the system reports.
pub fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    step(Op::Open, path, None)?;
    let mut file = OpenOptions::new().write(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)?;
    write_step(&mut file, path, bytes)?;
    step(Op::Truncate, path, None)?;
    file.set_len(bytes.len() as u64)?;
    close(file, path)
}

/// The same for what can be made again: in place whole, but not waited for.
///
/// # Errors
/// The system's. The target is then as it was, or is not there.
pub fn put_page(target: &Path, mode: u32, page: &[u8]) -> io::Result<()> {
    let mut name = target.as_os_str().to_owned();
    name.push(".tmp");
    let temporary = PathBuf::from(name);
    let mut file = NewFile::create_over(temporary, mode)?;
    file.write_all(page)?;
    file.publish_unsynced(target)
}

/// The same where most likely nothing stands in the way, and nobody looks yet: written where it belongs.
///
/// # Errors
/// The system's. The target is then as it was, or is not there.
pub fn put_new_page(target: &Path, mode: u32, page: &[u8]) -> io::Result<()> {
    match create_passing(target, mode, page) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => put_page(target, mode, page),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::{self, Fault};
    use super::super::gathering::BUFFER;
    use super::*;
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    const ENOSPC: i32 = nix::errno::Errno::ENOSPC as i32;

    fn put(dir: &Path, text: &[u8]) -> io::Result<()> {
        replace(&dir.join("f"), &dir.join("f.tmp"), 0o660, |out| out.write_all(text))
    }

    #[test]
    fn the_order_of_steps() {
        let dir = tempfile::tempdir().unwrap();
        let armed = fault::record();
        put(dir.path(), b"new").unwrap();
        let ops: Vec<Op> = armed.steps().iter().map(|s| s.op).collect();
        use Op::*;
        assert_eq!(ops, [Create, Mode, Write, Sync, Close, Rename, SyncDir]);
        assert_eq!(fs::metadata(dir.path().join("f")).unwrap().mode() & 0o777, 0o660);
    }

    #[test]
    fn each_failure_leaves_the_old_file_or_the_new_one() {
        let big = vec![b'n'; 3 * BUFFER];
        for fault in [Fault::Fail(ENOSPC), Fault::FailOnward(ENOSPC), Fault::CutOff] {
            for nth in 1.. {
                let dir = tempfile::tempdir().unwrap();
                put(dir.path(), b"old").unwrap();
                let armed = fault::arm(nth, fault);
                let outcome = put(dir.path(), &big);
                let met = armed.was_met();
                drop(armed);
                let now = fs::read(dir.path().join("f")).unwrap();
                assert!(now == b"old" || now == big, "step {nth} {fault:?}");
                if outcome.is_ok() {
                    assert_eq!(now, big);
                }
                if matches!(fault, Fault::Fail(_)) && met && nth > 1 {
                    assert!(!dir.path().join("f.tmp").exists(), "step {nth} left its temporary");
                }
                if !met {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_failed_fsync_is_final() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = NewFile::create(dir.path().join("t"), 0o660).unwrap();
        file.write_all(b"text").unwrap();
        let armed = fault::arm(2, Fault::Fail(nix::errno::Errno::EIO as i32));
        assert!(file.sync().is_err());
        drop(armed);
        assert!(file.sync().is_err());
        assert!(file.publish(&dir.path().join("f")).is_err());
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_link_in_the_way_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("victim"), "safe").unwrap();
        std::os::unix::fs::symlink("victim", dir.path().join("f.tmp")).unwrap();
        assert!(NewFile::create(dir.path().join("f.tmp"), 0o660).is_err());
        put(dir.path(), b"new").unwrap();
        assert_eq!(fs::read(dir.path().join("victim")).unwrap(), b"safe");
    }
}
