//! Handing a lock to a child process: mailmanctl takes it, forks, and the daemon keeps it.
//!
//! The new claim has no counter (`LOCKFILE.HOST.PID`), since `mailmanctl -s` takes what stands after the last dot for
//! the process number. The lock file is never absent and has three names for a moment.

use super::claim::{Claim, Holder};
use super::{registry, Lock, LockError};
use crate::durable;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

/// How often the child looks.
const POLL: Duration = Duration::from_millis(20);

impl Lock {
    /// In the parent: makes the lock the child's. Afterwards this object owns nothing.
    ///
    /// # Errors
    /// What the system reports.
    pub fn transfer_to(&mut self, pid: u32) -> Result<(), LockError> {
        self.refresh()?;
        let old = std::mem::replace(&mut self.claim, Claim::of_process(&self.path, pid));
        self.owner = None;
        registry::remove(&self.path, old.path());
        self.rewrite(&old).map_err(|source| LockError::Io { lock: self.path.clone(), source })?;
        match self.prolong()? {
            true => self.whisper("transferred the lock"),
            false => return Err(self.not_locked()),
        }
        Ok(())
    }

    fn rewrite(&self, old: &Claim) -> io::Result<()> {
        // A claim of this name can only be a dead process's.
        self.claim.remove()?;
        durable::link(&self.path, self.claim.path())?;
        durable::overwrite(&self.path, self.claim.path().as_os_str().as_bytes())?;
        old.remove().map(|_| ())
    }

    /// In the child: waits until the parent has done its part; then this object owns the lock. Python waits forever.
    /// `is_orphaned` says that the parent is gone: what it has not done by then it never will.
    ///
    /// # Errors
    /// `TimedOut` after the timeout, or when the parent went away before it was done; else the system's.
    pub fn take_possession(
        &mut self,
        timeout: Option<Duration>,
        is_orphaned: impl Fn() -> bool,
    ) -> Result<(), LockError> {
        let parents = std::mem::replace(&mut self.claim, Claim::of_process(&self.path, std::process::id()));
        let started = Instant::now();
        loop {
            let is_last_look = is_orphaned() || timeout.is_some_and(|limit| started.elapsed() > limit);
            if self.has_been_given(&parents) {
                break;
            }
            if is_last_look {
                return Err(LockError::TimedOut(self.path.clone()));
            }
            std::thread::sleep(POLL);
        }
        self.won();
        self.whisper("took possession of the lock");
        Ok(())
    }

    /// Whether the lock file names this process and has no third name. The last step of the parent is taken here too,
    /// in case it was killed before it.
    fn has_been_given(&self, parents: &Claim) -> bool {
        let is_ours = || {
            let holder = Holder::of(&self.path).ok().flatten();
            holder.filter(|holder| holder.claim == self.claim.path()).map(|holder| holder.links)
        };
        match is_ours() {
            Some(3) => parents.remove().is_ok() && is_ours() == Some(2),
            links => links == Some(2),
        }
    }

    /// Gives up ownership without touching the files: dropping this object then leaves the lock where it is.
    pub fn disown(&mut self) {
        self.owner = None;
        registry::remove(&self.path, self.claim.path());
    }
}
