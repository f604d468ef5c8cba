//! Waits until a queue folder has work.
//!
//! Python lists the folder once a second. Here the kernel tells when a .pck file appears (inotify), so that an idle
//! runner is never woken. A remote file system tells nothing about other hosts; there, and where inotify is not to be
//! had, the runner looks every QRUNNER_SLEEP_TIME as before.

use nix::errno::Errno;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent};
use nix::sys::statfs::{self, statfs, FsType};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Why [`Watcher::wait`] came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woke {
    /// An entry arrived, or may have: look.
    Arrived,
    /// Nothing happened for the time given, or it is time to look where nobody tells.
    TimedOut,
    /// A signal came.
    Signal,
    /// The extra descriptor is readable.
    Extra,
}

/// Waits for entries in one folder.
pub struct Watcher {
    dir: PathBuf,
    inotify: Option<Inotify>,
    interval: Duration,
}

impl Watcher {
    /// Begins to watch. Make it before the folder is listed: what arrives between is then told by the first wait.
    /// `interval` is how often a runner looks where nobody tells.
    pub fn new(dir: impl Into<PathBuf>, interval: Duration) -> Watcher {
        let dir = dir.into();
        let inotify = watch(&dir);
        Watcher { dir, inotify, interval }
    }

    /// Whether the kernel tells, so that no polling is needed.
    pub fn is_told(&self) -> bool {
        self.inotify.is_some()
    }

    /// Forgets what arrived until now. Call it before the folder is listed.
    pub fn drain(&mut self) {
        while self.read_news() != News::Nothing {}
    }

    /// Waits for an entry, a signal, the extra descriptor or the end of `timeout`, whichever comes first.
    ///
    /// # Errors
    /// What the system reports.
    pub fn wait(&mut self, timeout: Option<Duration>, extra: Option<BorrowedFd<'_>>) -> io::Result<Woke> {
        if self.inotify.is_none() {
            self.inotify = watch(&self.dir);
            if self.inotify.is_some() {
                // Nobody told what came before.
                return Ok(Woke::Arrived);
            }
        }
        let limit = match self.inotify {
            Some(_) => timeout,
            None => Some(timeout.map_or(self.interval, |t| t.min(self.interval))),
        };
        let end = limit.and_then(|limit| Instant::now().checked_add(limit));
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            match self.poll_once(left, extra)? {
                Some(woke) => return Ok(woke),
                None if left.is_some_and(|left| left.is_zero()) => return Ok(Woke::TimedOut),
                None => {}
            }
        }
    }

    /// One poll; `None` when only temporary files and the like moved.
    fn poll_once(&mut self, left: Option<Duration>, extra: Option<BorrowedFd<'_>>) -> io::Result<Option<Woke>> {
        match self.poll_fds(left, extra) {
            Err(Errno::EINTR) => return Ok(Some(Woke::Signal)),
            Err(e) => return Err(e.into()),
            Ok((true, _)) => return Ok(Some(Woke::Extra)),
            Ok((false, false)) => return Ok(None),
            Ok((false, true)) => {}
        }
        Ok((self.read_news() == News::Entry).then_some(Woke::Arrived))
    }

    /// Whether the extra descriptor and whether inotify have something.
    fn poll_fds(&self, left: Option<Duration>, extra: Option<BorrowedFd<'_>>) -> Result<(bool, bool), Errno> {
        let watched = self.inotify.as_ref().map(AsFd::as_fd);
        let mut fds: Vec<PollFd> =
            [extra, watched].into_iter().flatten().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        poll(&mut fds, poll_timeout(left))?;
        let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(true)).collect();
        let extra_ready = extra.is_some() && ready.first().copied().unwrap_or(false);
        Ok((extra_ready, watched.is_some() && ready.last().copied().unwrap_or(false)))
    }

    fn read_news(&mut self) -> News {
        let Some(inotify) = &self.inotify else { return News::Nothing };
        match inotify.read_events() {
            Ok(events) if events.iter().any(folder_is_lost) => {
                // The folder was moved or removed; the next wait looks for a new one of its name.
                self.inotify = None;
                News::Entry
            }
            Ok(events) if events.iter().any(is_entry) => News::Entry,
            Ok(_) => News::Other,
            Err(_) => News::Nothing,
        }
    }
}

#[derive(PartialEq, Eq)]
enum News {
    Nothing,
    Other,
    Entry,
}

fn watch(dir: &Path) -> Option<Inotify> {
    if is_remote(dir) {
        return None;
    }
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).ok()?;
    // An entry comes by rename from its temporary name, by link, or by a plain copy of a person.
    let arrivals = AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_CLOSE_WRITE;
    let folder = AddWatchFlags::IN_DELETE_SELF | AddWatchFlags::IN_MOVE_SELF | AddWatchFlags::IN_ONLYDIR;
    inotify.add_watch(dir, arrivals | folder).ok()?;
    Some(inotify)
}

fn folder_is_lost(event: &InotifyEvent) -> bool {
    event.mask.intersects(AddWatchFlags::IN_DELETE_SELF | AddWatchFlags::IN_MOVE_SELF | AddWatchFlags::IN_IGNORED)
}

fn is_entry(event: &InotifyEvent) -> bool {
    let named = event.name.as_ref().is_some_and(|name| Path::new(name).extension().is_some_and(|e| e == "pck"));
    named || event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW)
}

/// Whether other hosts may write to the file system of a folder without this kernel's knowledge.
pub(crate) fn is_remote(dir: &Path) -> bool {
    // SMB2, CIFS, 9p, Ceph, GFS2, OCFS2, Lustre have no names in nix.
    const OTHERS: [u64; 7] =
        [0xfe53_4d42, 0xff53_4d42, 0x0102_1997, 0x00c3_6400, 0x0116_1970, 0x7461_636f, 0x0bd0_0bd0];
    const NAMED: [FsType; 5] = [
        statfs::NFS_SUPER_MAGIC,
        statfs::SMB_SUPER_MAGIC,
        statfs::CODA_SUPER_MAGIC,
        statfs::AFS_SUPER_MAGIC,
        statfs::FUSE_SUPER_MAGIC,
    ];
    statfs(dir).is_ok_and(|about| {
        let kind = about.filesystem_type();
        NAMED.contains(&kind) || OTHERS.contains(&(u64::try_from(kind.0).unwrap_or(0) & 0xffff_ffff))
    })
}

fn poll_timeout(left: Option<Duration>) -> PollTimeout {
    match left {
        None => PollTimeout::NONE,
        // Rounded up, or the last millisecond would be spent spinning.
        Some(left) => PollTimeout::try_from(left.as_micros().div_ceil(1000)).unwrap_or(PollTimeout::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const SHORT: Option<Duration> = Some(Duration::from_millis(50));
    const LONG: Option<Duration> = Some(Duration::from_secs(20));

    #[test]
    fn an_entry_wakes_and_a_temporary_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new(dir.path(), Duration::from_secs(1));
        assert!(watcher.is_told());
        fs::write(dir.path().join("1.5+ab.pck.tmp"), "x").unwrap();
        assert_eq!(watcher.wait(SHORT, None).unwrap(), Woke::TimedOut);
        fs::rename(dir.path().join("1.5+ab.pck.tmp"), dir.path().join("1.5+ab.pck")).unwrap();
        assert_eq!(watcher.wait(LONG, None).unwrap(), Woke::Arrived);
        fs::rename(dir.path().join("1.5+ab.pck"), dir.path().join("1.5+ab.bak")).unwrap();
        assert_eq!(watcher.wait(SHORT, None).unwrap(), Woke::TimedOut);
    }

    #[test]
    fn what_was_drained_does_not_wake() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new(dir.path(), Duration::from_secs(1));
        fs::write(dir.path().join("1.5+ab.pck"), "x").unwrap();
        watcher.drain();
        assert_eq!(watcher.wait(SHORT, None).unwrap(), Woke::TimedOut);
    }

    #[test]
    fn the_extra_descriptor_wakes() {
        let dir = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::new(dir.path(), Duration::from_secs(1));
        let (read, write) = nix::unistd::pipe().unwrap();
        nix::unistd::write(&write, b"!").unwrap();
        assert_eq!(watcher.wait(LONG, Some(read.as_fd())).unwrap(), Woke::Extra);
    }

    #[test]
    fn a_folder_that_is_replaced_is_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let queue = dir.path().join("in");
        fs::create_dir(&queue).unwrap();
        let mut watcher = Watcher::new(&queue, Duration::from_millis(10));
        fs::rename(&queue, dir.path().join("old")).unwrap();
        assert_eq!(watcher.wait(LONG, None).unwrap(), Woke::Arrived);
        assert_eq!(watcher.wait(LONG, None).unwrap(), Woke::TimedOut, "polls while there is no folder");
        fs::create_dir(&queue).unwrap();
        assert_eq!(watcher.wait(LONG, None).unwrap(), Woke::Arrived);
        assert!(watcher.is_told());
    }
}
