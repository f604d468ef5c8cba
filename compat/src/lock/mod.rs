//! The lock protocol of Mailman's LockFile.py, so that runners of both engines exclude each other, over NFS too.
//!
//! Each contender makes a claim file `LOCKFILE.HOST.PID.COUNTER` that holds its own path, sets its times to the moment
//! at which the lock may be broken, and tries to hard-link it to LOCKFILE. Who succeeds has the lock: LOCKFILE then has
//! two names and tells the winner's claim. flock and exclusive creation exclude nobody here.
//!
//! What differs from Python is only what nobody can see in the files: waiting begins with short pauses, a link whose
//! success the network swallowed is noticed, and breaking ([`breaking`]) looks twice before it removes anything.

mod breaking;
mod claim;
mod orphan;
mod pythons;
mod registry;
mod transfer;

pub use claim::Holder;

use crate::clock;
use crate::durable;
use crate::format::os_error;
use crate::random;
use breaking::Breaker;
use claim::Claim;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

/// The lifetime of a lock where the caller names none.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(15);
/// Seconds after its expiry that a lock is still respected: clocks differ a little.
pub const CLOCK_SLOP: i64 = 10;
/// The same for a lock of another host, whose clock may be further off.
pub const FOREIGN_CLOCK_SLOP: i64 = 60;

/// Takes the lines for the `locks` log.
pub type LockLog = Rc<dyn Fn(&str)>;

/// Why a lock was not obtained.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else kept it for as long as the caller would wait.
    #[error("lock {0}: timed out")]
    TimedOut(PathBuf),
    /// This very thread has it, through this or another [`Lock`]; waiting would be forever.
    #[error("lock {0}: already locked by this process")]
    AlreadyLocked(PathBuf),
    /// It was thought to be ours and is not: it was broken or stolen.
    #[error("lock {lock}: not locked by us but by {}", winner_text(winner))]
    NotLocked { lock: PathBuf, winner: Option<PathBuf> },
    /// The files could not be handled, for instance because the folder of locks is missing.
    #[error("lock {lock}: {source}")]
    Io { lock: PathBuf, source: io::Error },
}

fn winner_text(winner: &Option<PathBuf>) -> String {
    winner.as_ref().map_or("nobody".into(), |path| path.display().to_string())
}

/// One lock. It is released when this is dropped, in the process that took it.
pub struct Lock {
    path: PathBuf,
    lifetime: Duration,
    claim: Claim,
    owner: Option<u32>,
    log: Option<LockLog>,
    verbose: bool,
    /// Nobody else comes for it, since another lock stands above it.
    is_below: bool,
}

impl Lock {
    /// A lock on `path`, not taken yet.
    pub fn new(path: impl Into<PathBuf>, lifetime: Duration) -> Lock {
        let path = path.into();
        let claim = Claim::named(&path);
        Lock { path, lifetime, claim, owner: None, log: None, verbose: false, is_below: false }
    }

    /// For a lock that is only taken with another one in hand: it is not looked for others who wait for it, since that
    /// takes as long as its folder is large.
    #[must_use]
    pub fn below_another(mut self) -> Lock {
        self.is_below = true;
        self
    }

    /// Sends what is unusual to a log, and each step too when `verbose` (LIST_LOCK_DEBUGGING).
    #[must_use]
    pub fn logging(mut self, log: LockLog, verbose: bool) -> Lock {
        self.log = Some(log);
        self.verbose = verbose;
        self
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// This contender's claim file.
    pub fn claim(&self) -> &Path {
        self.claim.path()
    }

    /// From the next taking or refreshing on.
    pub fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    /// Takes the lock, waiting as long as it takes or until `timeout` has passed. (Python's "0" is `None` here.)
    ///
    /// # Errors
    /// `TimedOut` after the timeout; `AlreadyLocked` for a lock that this object holds; else the system's.
    pub fn acquire(&mut self, timeout: Option<Duration>) -> Result<(), LockError> {
        if registry::held_by_this_thread(&self.path) {
            self.whisper("already locked");
            return Err(LockError::AlreadyLocked(self.path.clone()));
        }
        self.claim.make().map_err(|e| self.io_error(e))?;
        let outcome = self.touch().and_then(|()| self.contend(timeout));
        match outcome {
            Ok(()) => self.won(),
            // Best effort: the error that is returned matters more.
            Err(_) => drop(self.give_up()),
        }
        outcome
    }

    /// After an error. It may have come when the lock was won already; nobody should wait for that one's lifetime.
    fn give_up(&self) -> io::Result<()> {
        let won = Holder::of(&self.path)?.is_some_and(|holder| holder.claim == self.claim.path());
        if won && self.claim.links() == Some(2) {
            durable::unlink_if_there(&self.path)?;
        }
        self.claim.remove().map(|_| ())
    }

    fn contend(&mut self, timeout: Option<Duration>) -> Result<(), LockError> {
        self.whisper("laying claim");
        let started = Instant::now();
        let mut breaker = Breaker::new();
        loop {
            if self.try_link(&mut breaker)? && self.keeps()? {
                self.whisper("got the lock");
                return Ok(());
            }
            if breaker.is_first_look() {
                self.whisper("waiting for claim");
            }
            let waited = started.elapsed();
            if timeout.is_some_and(|limit| waited > limit) {
                self.whisper("timed out");
                return Err(LockError::TimedOut(self.path.clone()));
            }
            let broken = breaker.try_break(&self.path, self.lifetime, waited).map_err(|e| self.io_error(e))?;
            match broken {
                Some(text) => self.shout(&text),
                None => std::thread::sleep(pause(waited, timeout)),
            }
        }
    }

    /// One attempt. An error of link(2) is not believed before the claim has been looked at: over NFS the reply to a
    /// successful link may be lost.
    fn try_link(&mut self, breaker: &mut Breaker) -> Result<bool, LockError> {
        let Err(error) = durable::link(self.claim.path(), &self.path) else { return Ok(true) };
        if self.claim.links() == Some(2) {
            return Ok(true);
        }
        match error.kind() {
            // The claim vanished (a careless rm, a stale handle). Python tries to link nothing forever.
            ErrorKind::NotFound => self.claim.make_again().map_err(|e| self.io_error(e)).and_then(|()| self.touch())?,
            ErrorKind::AlreadyExists => {
                if let Some(text) = breaker.odd_link_count(&self.path) {
                    self.shout(&text);
                }
            }
            _ => {
                self.shout(&format!("unexpected link error: {}", os_error(&error)));
                return Err(self.io_error(error));
            }
        }
        Ok(false)
    }

    /// Whether the lock that was just won stays ours: see [`pythons`].
    fn keeps(&self) -> Result<bool, LockError> {
        self.touch()?;
        match !self.is_below && pythons::let_pass(&self.path, self.claim.path()) {
            true => self.prolong(),
            false => Ok(true),
        }
    }

    fn won(&mut self) {
        self.owner = Some(std::process::id());
        registry::add(&self.path, self.claim.path());
    }

    /// Whether we have the lock. Asking prolongs it, so that it is not broken between the question and its use.
    pub fn is_held(&self) -> bool {
        self.owner.is_some() && self.prolong().unwrap_or(false)
    }

    /// Prolongs the lock by its lifetime; an error when it is no longer ours.
    ///
    /// # Errors
    /// `NotLocked` where the lock is not ours any more; else the system's.
    pub fn refresh(&mut self) -> Result<(), LockError> {
        match self.prolong()? {
            true => Ok(()),
            false => Err(self.not_locked()),
        }
    }

    fn prolong(&self) -> Result<bool, LockError> {
        match durable::set_times(self.claim.path(), self.expiry()) {
            Err(e) if e.kind() == ErrorKind::PermissionDenied => return Ok(false),
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(self.io_error(e)),
            _ => {}
        }
        let holder = Holder::of(&self.path).map_err(|e| self.io_error(e))?;
        Ok(holder.is_some_and(|holder| holder.links == 2 && holder.claim == self.claim.path()))
    }

    /// Gives the lock back: first the lock file, then the claim. An error when it was not ours any more.
    ///
    /// # Errors
    /// `NotLocked` where the lock was not ours any more; else the system's.
    pub fn release(&mut self) -> Result<(), LockError> {
        self.owner = None;
        registry::remove(&self.path, self.claim.path());
        let held = self.prolong()?;
        if held {
            durable::unlink_if_there(&self.path).map_err(|e| self.io_error(e))?;
        }
        self.claim.remove().map_err(|e| self.io_error(e))?;
        self.whisper("unlocked");
        match held {
            true => Ok(()),
            false => Err(self.not_locked()),
        }
    }

    fn expiry(&self) -> SystemTime {
        pythons::signed(clock::system() + self.lifetime)
    }

    fn touch(&self) -> Result<(), LockError> {
        match durable::set_times(self.claim.path(), self.expiry()) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(self.io_error(e)),
            _ => Ok(()),
        }
    }

    fn not_locked(&self) -> LockError {
        let winner = Holder::of(&self.path).ok().flatten().map(|holder| holder.claim);
        LockError::NotLocked { lock: self.path.clone(), winner }
    }

    fn io_error(&self, source: io::Error) -> LockError {
        LockError::Io { lock: self.path.clone(), source }
    }

    /// A line that is always logged, after the lock's base name as in Python.
    fn shout(&self, text: &str) {
        if let Some(log) = &self.log {
            let name = self.path.file_name().unwrap_or_default().to_string_lossy();
            log(&format!("{name} {text}"));
        }
    }

    fn whisper(&self, text: &str) {
        if self.verbose {
            self.shout(text);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A forked child does not release its parent's lock; Python's would.
        if self.owner == Some(std::process::id()) {
            let _ = self.release();
        }
    }
}

/// Gives back all locks of this process, whichever threads took them: for a process that is about to end because one of
/// them hangs.
pub fn abandon_all() {
    for (lock, claim) in registry::take_all() {
        let ours = Holder::of(&lock).is_ok_and(|holder| holder.is_some_and(|holder| holder.claim == claim));
        // Nobody is left to tell; what stays expires.
        if ours {
            let _ = durable::unlink_if_there(&lock);
        }
        let _ = durable::unlink_if_there(&claim);
    }
}

/// How long to sleep: an eighth of the time waited so far, so that a lock which is held for milliseconds is had in
/// milliseconds, and at most Python's random 0.01 to 2.01 seconds. Not much beyond the caller's limit.
fn pause(waited: Duration, timeout: Option<Duration>) -> Duration {
    let longest = Duration::from_millis(10 + random::number() % 2001);
    let shortest = Duration::from_micros(1000 + random::number() % 2001);
    let wished = (waited / 8).max(shortest).min(longest);
    let left = timeout.map_or(Duration::MAX, |limit| limit.saturating_sub(waited));
    wished.min(left.saturating_add(Duration::from_millis(1)))
}

#[cfg(test)]
mod tests;
