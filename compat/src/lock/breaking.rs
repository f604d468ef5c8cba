//! Breaking a lock whose holder let it expire, or is proven dead.
//!
//! In Python two breakers can each judge the old lock and the slower one then removes the lock that a fresh winner
//! just took. Here a breaker holds an flock on the very file it judged (which keeps out other breakers of this engine)
//! and looks again, at that file and at the name, before it removes anything.

use super::claim::Holder;
use super::{orphan, CLOCK_SLOP, FOREIGN_CLOCK_SLOP};
use crate::clock;
use crate::durable;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// The proof of death costs a look at every process: first after this long, then ever more rarely.
const FIRST_PROOF: Duration = Duration::from_millis(500);
const LAST_INTERVAL: Duration = Duration::from_secs(60);

/// What one contender remembers while it waits.
pub(super) struct Breaker {
    next_proof: Duration,
    odd_links: Option<u64>,
    looked: bool,
}

impl Breaker {
    pub(super) fn new() -> Breaker {
        Breaker { next_proof: FIRST_PROOF, odd_links: None, looked: false }
    }

    /// True at the first call only.
    pub(super) fn is_first_look(&mut self) -> bool {
        !std::mem::replace(&mut self.looked, true)
    }

    /// The log line about a lock file that does not have two names, once for each odd number. A lock that vanished
    /// in between is not odd.
    pub(super) fn odd_link_count(&mut self, lock: &Path) -> Option<String> {
        let links = lock.symlink_metadata().ok()?.nlink();
        if links == 2 || self.odd_links.replace(links) == Some(links) {
            return None;
        }
        Some(format!("unexpected linkcount: {links}"))
    }

    /// Breaks the lock if that is justified; returns the log line if it was done.
    pub(super) fn try_break(
        &mut self,
        lock: &Path,
        lifetime: Duration,
        waited: Duration,
    ) -> io::Result<Option<String>> {
        let Some((holder, file)) = Holder::open(lock)? else { return Ok(None) };
        let Some(reason) = self.reason(lock, &holder, waited) else { return Ok(None) };
        Ok(break_lock(lock, &holder, file, lifetime)?.then_some(reason))
    }

    fn reason(&mut self, lock: &Path, holder: &Holder, waited: Duration) -> Option<String> {
        if has_expired(lock, holder) {
            return Some("lifetime has expired, breaking".into());
        }
        if waited < self.next_proof {
            return None;
        }
        self.next_proof = waited + waited.min(LAST_INTERVAL);
        let pid = orphan::proven_dead(lock, holder)?;
        Some(format!("process {pid} that held it is gone, breaking"))
    }
}

/// Whole seconds, as Python compares them.
fn has_expired(lock: &Path, holder: &Holder) -> bool {
    let now = clock::since_epoch().as_secs_f64();
    let slop = match holder.local_pid(lock) {
        Some(_) => CLOCK_SLOP,
        None => FOREIGN_CLOCK_SLOP,
    };
    now > (holder.expires.saturating_add(slop)) as f64
}

/// Removes the lock that `holder` describes and nothing else; tells whether it did.
fn break_lock(lock: &Path, holder: &Holder, file: File, lifetime: Duration) -> io::Result<bool> {
    // Somebody of this engine is at it already: leave it to him. Where flock is not to be had the checks must do.
    let guard = Flock::lock(file.try_clone()?, FlockArg::LockExclusiveNonblock);
    if matches!(guard, Err((_, Errno::EWOULDBLOCK))) {
        return Ok(false);
    }
    if file.metadata()?.mtime() != holder.expires {
        return Ok(false);
    }
    discourage_others(lock, &file, lifetime)?;
    if !is_still(lock, holder) {
        return Ok(false);
    }
    durable::unlink_if_there(lock)?;
    remove_claim(lock, holder)?;
    Ok(true)
}

/// A Python breaker that looks now finds the lock fresh. Not allowed for another user's file; that is no harm.
fn discourage_others(lock: &Path, file: &File, lifetime: Duration) -> io::Result<()> {
    match durable::set_open_times(file, lock, clock::system() + lifetime) {
        Err(e) if e.kind() != ErrorKind::PermissionDenied => Err(e),
        _ => Ok(()),
    }
}

fn is_still(path: &Path, holder: &Holder) -> bool {
    path.symlink_metadata().is_ok_and(|about| (about.dev(), about.ino()) == holder.identity)
}

/// Takes the dead contender's claim away, if the path in the lock file really is another name of the lock file: a lock
/// file's text alone must not make us remove just any file.
fn remove_claim(lock: &Path, holder: &Holder) -> io::Result<()> {
    let beside = holder
        .claim
        .file_name()
        .zip(lock.file_name())
        .is_some_and(|(claim, lock)| claim.as_encoded_bytes().starts_with(lock.as_encoded_bytes()));
    if beside && is_still(&holder.claim, holder) {
        durable::unlink_if_there(&holder.claim)?;
    }
    Ok(())
}
