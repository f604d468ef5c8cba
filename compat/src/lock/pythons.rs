//! What a waiting Python may do to a lock that was just won.
//!
//! A Python contender whose link(2) failed asks for the lock file's time. If the lock was released just before, there is
//! none; Python takes that for a lock which expired in 1969 and breaks it: it removes whatever lock file is there by
//! then, and the claim that this names. When the lock is won again in that moment, two have it. Under load that is not rare (about one in
//! a thousand hand-overs); Python's own pauses of a second only make it rarer among Pythons.
//!
//! A Python that has once been seen asleep after our link is past that moment, and finds our lock when it wakes.

use super::claim::local_pid;
use crate::clock;
use crate::durable;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// The nanoseconds of our claims' times end in these digits; Python sets whole microseconds.
const SIGNATURE: u32 = 1;
/// For a contender that can't be watched: what it needs between looking and removing, with a margin.
const MOMENT: Duration = Duration::from_millis(3);
/// A contender that is watched gets so long to fall asleep.
const PATIENCE: Duration = Duration::from_millis(250);

/// A time that tells other contenders of this engine who set it.
pub(super) fn signed(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let nanos = since.subsec_micros() * 1000 + SIGNATURE;
    SystemTime::UNIX_EPOCH + Duration::new(since.as_secs(), nanos)
}

/// Waits until no other engine's contender can be in that moment any more. Tells whether there was any, so that the
/// lock must be looked at again.
pub(super) fn let_pass(lock: &Path, own: &Path) -> bool {
    let others = other_claims(lock, own);
    let end = Instant::now() + PATIENCE;
    for claim in &others {
        match local_pid(lock, claim) {
            Some(pid) => wait_until_asleep(pid, end),
            None => std::thread::sleep(MOMENT),
        }
    }
    !others.is_empty()
}

/// Claims to this lock that are not of this engine, or can't be told from one that is not. One that has expired is a
/// left-over: nobody waits with it.
fn other_claims(lock: &Path, own: &Path) -> Vec<OsString> {
    let Some(base) = lock.file_name() else { return Vec::new() };
    let Ok(listing) = std::fs::read_dir(durable::folder_of(lock)) else { return Vec::new() };
    let is_claim = |name: &OsString| {
        let rest = name.as_bytes().strip_prefix(base.as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b".")) && Some(name.as_os_str()) != own.file_name()
    };
    let others = listing.flatten().filter(|item| is_claim(&item.file_name()));
    others.filter(|item| item.metadata().is_ok_and(|about| may_wait(&about))).map(|item| item.file_name()).collect()
}

fn may_wait(claim: &std::fs::Metadata) -> bool {
    let is_past = claim.modified().is_ok_and(|expiry| expiry < clock::system());
    claim.mtime_nsec() % 1000 != i64::from(SIGNATURE) && !is_past
}

/// Between looking and removing a Python runs, or waits for a disk ("R", "D"); between its attempts it sleeps ("S").
fn wait_until_asleep(pid: i32, end: Instant) {
    let mut state = state_of(pid);
    if state.is_none() {
        std::thread::sleep(MOMENT);
    }
    while matches!(state, Some(b'R' | b'D')) && Instant::now() < end {
        std::thread::sleep(Duration::from_micros(300));
        state = state_of(pid);
    }
}

/// The letter in /proc/PID/stat, after the command's name in parentheses.
fn state_of(pid: i32) -> Option<u8> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let after = stat.iter().rposition(|byte| *byte == b')')?;
    stat.get(after + 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_survives_the_file_system() {
        let dir = tempfile::tempdir().unwrap();
        let (lock, ours) = (dir.path().join("x.lock"), dir.path().join("x.lock.host.1.0"));
        std::fs::write(&ours, "").unwrap();
        durable::set_times(&ours, signed(SystemTime::now() + Duration::from_secs(60))).unwrap();
        assert!(other_claims(&lock, Path::new("own")).is_empty());
        let whole = SystemTime::UNIX_EPOCH + Duration::from_secs(9_000_000_000);
        durable::set_times(&ours, whole).unwrap();
        assert_eq!(other_claims(&lock, Path::new("own")).len(), 1);
        assert!(other_claims(&lock, &ours).is_empty());
    }

    #[test]
    fn states_are_read() {
        let own = state_of(std::process::id() as i32).unwrap();
        assert!(own.is_ascii_uppercase(), "{own}");
        assert_eq!(state_of(-5), None);
    }
}
