//! Which locks this process has, and through which thread: a thread that waits for itself waits forever.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::ThreadId;

struct Held {
    lock: PathBuf,
    claim: PathBuf,
    thread: ThreadId,
}

static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());

fn with<T>(use_it: impl FnOnce(&mut Vec<Held>) -> T) -> T {
    // A list of paths is whole after a panic, too.
    use_it(&mut HELD.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

pub(super) fn add(lock: &Path, claim: &Path) {
    let held = Held { lock: lock.to_owned(), claim: claim.to_owned(), thread: std::thread::current().id() };
    with(|all| all.push(held));
}

pub(super) fn remove(lock: &Path, claim: &Path) {
    with(|all| all.retain(|held| held.lock != lock || held.claim != claim));
}

/// Forgets all locks of this process, and tells which they were: lock and claim.
pub(super) fn take_all() -> Vec<(PathBuf, PathBuf)> {
    with(|all| all.drain(..).map(|held| (held.lock, held.claim)).collect())
}

pub(super) fn held_by_this_thread(lock: &Path) -> bool {
    let me = std::thread::current().id();
    with(|all| all.iter().any(|held| held.lock == lock && held.thread == me))
}

pub(super) fn is_ours(claim: &Path) -> bool {
    with(|all| all.iter().any(|held| held.claim == claim))
}
