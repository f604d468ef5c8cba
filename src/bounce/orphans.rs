//! Events files that nobody will read any more: of runners that were killed.
//!
//! Mailman forgets them, and so their bounces, until a process of the same number comes along. A bounce runner takes
//! them over: the file is renamed to its own name, which only one can do, while it has none itself.

use super::events::{number_of, BounceEvents};
use compat::durable;
use compat::site::Site;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Takes over one orphaned file, if there is one that was not written to for `untouched`: on a site that several
/// machines share, the process may live on another one, but a living one empties its file from time to time. True:
/// there are events to count now.
///
/// # Errors
/// What the system reports.
pub fn adopt(site: &Site, events: &mut BounceEvents, untouched: Duration) -> io::Result<bool> {
    if events.count() > 0 {
        return Ok(false);
    }
    if !events.path().exists() {
        let folder = durable::folder_of(events.path()).to_path_buf();
        let Some(orphan) = orphans(&folder, untouched)?.into_iter().next() else { return Ok(false) };
        match durable::rename(&orphan, events.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other?,
        }
        durable::sync_dir(&folder)?;
        site.log("bounce", format!("Taking over bounce events of a process that is gone: {}", orphan.display()));
    }
    events.recount();
    Ok(true)
}

fn orphans(folder: &Path, untouched: Duration) -> io::Result<Vec<PathBuf>> {
    let is_old = |path: &Path| {
        let age = path.metadata().and_then(|about| about.modified()).map(|time| time.elapsed());
        matches!(age, Ok(Ok(age)) if age >= untouched)
    };
    let mut found: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| number_of(path).is_some_and(|pid| !is_alive(pid)) && is_old(path));
    found.sort();
    Ok(found)
}

/// Whether a process of this number runs, whosever it is.
fn is_alive(pid: i32) -> bool {
    pid == 0 || kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH)
}
