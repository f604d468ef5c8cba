//! The lock of the master: one for each site, shared with the Python mailmanctl.
//!
//! It lives a day and six hours. Python refreshes it once a day, we each hour, to notice sooner that it was stolen: versions up to 2.1.15 let `-s` take the lock of a living
//! master, and so left two of them; here only the lock of a process that is gone is ever taken.

use compat::durable;
use compat::lock::{Holder, Lock, LockError};
use compat::site::{settings, Site, Switch};
use nix::unistd::gethostname;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// How often the lock is refreshed.
pub const REFRESH: Duration = Duration::from_secs(3600);
const LIFETIME: Duration = Duration::from_secs(30 * 3600);
const TIMEOUT: Duration = Duration::from_millis(100);

/// Who has a lock that we did not get.
#[derive(Debug, PartialEq, Eq)]
pub enum LockState {
    /// A living process of this host.
    Running(i32),
    /// A process of this host that is gone.
    Stale,
    /// A process of another host.
    Elsewhere(String),
}

/// Where the lock is.
pub fn path(site: &Site) -> PathBuf {
    let named = site
        .settings
        .optional_str(settings::MASTER_LOCK_FILE)
        .filter(|_| site.profile.has(Switch::MasterLockFileSetting));
    let name = named.map_or_else(|| "master-qrunner".to_string(), |name| name.to_latin1());
    site.settings.path(settings::LOCK_DIR).join(name)
}

/// Takes the lock; with `force` also that of a process that is gone.
///
/// # Errors
/// The system's. That somebody else has the lock is no error but the inner `Err`.
pub fn acquire(site: &Rc<Site>, force: bool) -> Result<Result<Lock, LockState>, LockError> {
    match attempt(site) {
        Err(LockError::TimedOut(_)) if force && state(site)? == LockState::Stale => {
            remove(site)?;
            match attempt(site) {
                Err(LockError::TimedOut(_)) => Ok(Err(state(site)?)),
                other => other.map(Ok),
            }
        }
        Err(LockError::TimedOut(_)) => Ok(Err(state(site)?)),
        other => other.map(Ok),
    }
}

fn attempt(site: &Rc<Site>) -> Result<Lock, LockError> {
    let log = {
        let site = Rc::clone(site);
        Rc::new(move |line: &str| site.log("locks", line))
    };
    let mut lock = Lock::new(path(site), LIFETIME).logging(log, site.settings.truth(settings::LIST_LOCK_DEBUGGING));
    lock.acquire(Some(TIMEOUT)).map(|()| lock)
}

/// Who has the lock now. Nobody, or a claim that tells nothing, counts as stale.
fn state(site: &Site) -> Result<LockState, LockError> {
    let holder = holder(site)?;
    // A mailmanctl that was killed before it handed the lock over: its claim has a counter, which Python takes for the
    // process number.
    if let Some(pid) = holder.as_ref().and_then(|holder| holder.local_pid(&path(site))) {
        return Ok(if super::is_running(pid) { LockState::Running(pid) } else { LockState::Stale });
    }
    let Some((host, pid)) = holder.and_then(|holder| holder.as_mailmanctl_reads()) else {
        return Ok(LockState::Stale);
    };
    if gethostname().map_or(true, |own| own.to_string_lossy() != host) {
        return Ok(LockState::Elsewhere(host));
    }
    Ok(if super::is_running(pid) { LockState::Running(pid) } else { LockState::Stale })
}

fn holder(site: &Site) -> Result<Option<Holder>, LockError> {
    let lock = path(site);
    Holder::of(&lock).map_err(|source| LockError::Io { lock, source })
}

/// Takes a dead process's lock and claim away.
fn remove(site: &Site) -> Result<(), LockError> {
    let lock = path(site);
    let claim = holder(site)?.and_then(|holder| Some(lock.with_file_name(holder.claim.file_name()?)));
    let outcome =
        durable::unlink_if_there(&lock).and_then(|_| claim.map_or(Ok(false), |c| durable::unlink_if_there(&c)));
    outcome.map(|_| ()).map_err(|source| LockError::Io { lock, source })
}
