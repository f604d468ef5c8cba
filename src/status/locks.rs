//! Who holds which lock.

use super::StatusError;
use compat::lock::Holder;
use compat::site::{settings, Site};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// LIST_LOCK_LIFETIME where the site does not say it.
const USUAL_LIFETIME: u64 = 5 * 60 * 60;

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLock {
    /// The name of its file: a list's name and `.lock`, or another.
    pub name: String,
    /// The claim that won, which names host and process.
    pub claim: String,
    /// The process, where it is one of this host.
    pub pid: Option<i32>,
    pub is_alive: bool,
    /// How long it has been held, or refreshed last; for locks of lists.
    pub held: Option<Duration>,
}

/// All locks that are held, by name.
pub fn all(site: &Site, now: SystemTime) -> Result<Vec<HeldLock>, StatusError> {
    let folder = site.settings.path(settings::LOCK_DIR);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(StatusError::Io { path: folder, source }),
    };
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let lifetime = site.settings.int(settings::LIST_LOCK_LIFETIME).ok().and_then(|n| u64::try_from(n).ok());
    let lifetime = Duration::from_secs(lifetime.unwrap_or(USUAL_LIFETIME));
    let master = crate::master::lock::path(site);
    let is_lock = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "lock") || **path == master;
    let mut held: Vec<HeldLock> =
        paths.iter().filter(is_lock).filter_map(|path| state_of(path, lifetime, now)).collect();
    held.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(held)
}

fn state_of(path: &Path, lifetime: Duration, now: SystemTime) -> Option<HeldLock> {
    let holder = Holder::of(path).ok().flatten().filter(|holder| holder.links >= 2)?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    let pid = holder.local_pid(path).or_else(|| holder.as_mailmanctl_reads().map(|(_, pid)| pid));
    let expires = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(holder.expires).ok()?);
    let held = name.ends_with(".lock").then(|| super::age(expires.checked_sub(lifetime).unwrap_or(now), now));
    let claim = holder.claim.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Some(HeldLock { name, claim, is_alive: pid.is_some_and(crate::master::is_running), pid, held })
}
