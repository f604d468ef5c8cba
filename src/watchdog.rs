//! A watchdog bounds every entry: one that hangs the runner is found, named in the log and set aside.
//!
//! A thread sleeps beside the runner. It watches all that has to do with entries: listing the queue, reading an entry,
//! handling it, and the commit of what came of it. When an entry shows no sign of life for MAILMAN2_RS_ENTRY_LIMIT seconds (a delivery
//! shows one with every transaction), nothing can be hoped from the thread that works on it. So the entry's `.bak` is moved to
//! the folder of bad entries, where a person finds it; the locks of this process are given back, since nobody else would
//! for hours; and the process ends in the way that makes the master start it again. The other entries of the batch are
//! then found as after any crash. A runner that idles has no such thread awake: the first entry wakes it, and it sleeps
//! for the whole limit, however many entries come and go meanwhile.

use compat::durable::{self, DIR_MODE};
use compat::site::{own, settings, ErrorLog, Site};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The exit status after which the master starts a runner again without counting.
const START_AGAIN: i32 = 2;

/// Counts signs of life.
static LIFE: AtomicU64 = AtomicU64::new(0);

/// The entry in work is still getting on: for work that may rightly take longer than the limit.
pub fn sign_of_life() {
    LIFE.fetch_add(1, Ordering::Relaxed);
}

/// What the two threads tell each other.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    work: Option<Work>,
    /// The thread waits for work and not for a time.
    asleep: bool,
    /// The runner is gone.
    over: bool,
}

/// What the runner does.
#[derive(Clone)]
struct Work {
    /// The file of the entry in work, `.bak`; none while the queue is read or a batch is brought to the disk.
    file: Option<PathBuf>,
    alive: Instant,
    life: u64,
}

/// The watchdog of one runner.
pub struct Watchdog {
    shared: Option<Arc<Shared>>,
}

impl Watchdog {
    /// Begins to watch; a limit of 0 is none.
    pub fn start(site: &Site, runner: &'static str) -> Watchdog {
        let limit = Duration::from_secs(
            u64::try_from(own::int(&site.settings, settings::MAILMAN2_RS_ENTRY_LIMIT)).unwrap_or(0),
        );
        if limit.is_zero() {
            return Watchdog { shared: None };
        }
        let guard = Guard { runner, limit, bad: site.settings.path(settings::BADQUEUE_DIR), log: site.error_log() };
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(move || guard.watch(&theirs));
        // A system without a thread to spare has other troubles.
        Watchdog { shared: thread.is_ok().then_some(shared) }
    }

    /// From now on this entry is in work, or the queue as a whole.
    pub fn begins(&self, file: Option<PathBuf>) {
        self.tell(Some(Work { file, alive: Instant::now(), life: LIFE.load(Ordering::Relaxed) }));
    }

    /// The runner does nothing with its queue now.
    pub fn ends(&self) {
        self.tell(None);
    }

    fn tell(&self, work: Option<Work>) {
        let Some(shared) = &self.shared else { return };
        let mut state = shared.lock();
        state.work = work;
        if state.asleep && state.work.is_some() {
            shared.news.notify_one();
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            shared.lock().over = true;
            shared.news.notify_one();
        }
    }
}

impl Work {
    /// How much of its time is left; `None` when it is over.
    fn left(&mut self, limit: Duration) -> Option<Duration> {
        let life = LIFE.load(Ordering::Relaxed);
        if life != self.life {
            (self.life, self.alive) = (life, Instant::now());
        }
        limit.checked_sub(self.alive.elapsed()).filter(|left| !left.is_zero())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A name and a time are whole after a panic, too.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the watching thread needs.
struct Guard {
    runner: &'static str,
    limit: Duration,
    bad: PathBuf,
    log: ErrorLog,
}

impl Guard {
    fn watch(self, shared: &Shared) {
        if let Some(hung) = self.wait_for_hung(shared) {
            match hung {
                Some(entry) => self.set_aside(&entry),
                None => self.tell("its queue: the disk does not answer"),
            }
            compat::lock::abandon_all();
            std::process::exit(START_AGAIN);
        }
    }

    /// Sleeps until an entry is in work, then until its time is over; comes back when it really is, or with nothing when
    /// the runner is gone.
    fn wait_for_hung(&self, shared: &Shared) -> Option<Option<PathBuf>> {
        let mut state = shared.lock();
        while !state.over {
            state.asleep = state.work.is_none();
            let Some(work) = &mut state.work else {
                state = shared.news.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let Some(left) = work.left(self.limit) else { return Some(work.file.clone()) };
            state = shared.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        None
    }

    fn set_aside(&self, hung: &Path) {
        let mut name = hung.file_stem().unwrap_or_default().to_owned();
        name.push(".psv");
        let target = self.bad.join(name);
        let moved = durable::mkdir(&self.bad, DIR_MODE)
            .and_then(|_| durable::rename(hung, &target))
            .and_then(|()| durable::sync_dir(&self.bad));
        let outcome = match moved {
            Ok(()) => format!("it is set aside as {}", target.display()),
            Err(error) => format!("it could not be set aside: {error}"),
        };
        self.tell(&format!("{}; {outcome}", hung.display()));
    }

    fn tell(&self, what: &str) {
        let (runner, seconds) = (self.runner, self.limit.as_secs());
        self.log.write(&format!("{runner}: no sign of life for {seconds} s from {what}; the runner ends"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;

    fn guard(dir: &Path, limit: Duration) -> Guard {
        std::fs::create_dir_all(dir.join("logs")).unwrap();
        let site = Site::bare(dir, Version { micro: 39 });
        Guard { runner: "TestRunner", limit, bad: dir.join("bad"), log: site.error_log() }
    }

    #[test]
    fn an_entry_whose_time_is_over_is_found_and_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let (shared, file) = (Arc::new(Shared::default()), dir.path().join("1.5+ab.bak"));
        std::fs::write(&file, "x").unwrap();
        let watchdog = Watchdog { shared: Some(Arc::clone(&shared)) };
        watchdog.begins(Some(dir.path().join("0.5+ab.bak")));
        watchdog.begins(None);
        watchdog.ends();
        watchdog.begins(Some(file.clone()));
        let guard = guard(dir.path(), Duration::from_millis(1));
        assert_eq!(guard.wait_for_hung(&shared), Some(Some(file.clone())));
        guard.set_aside(&file);
        assert!(!file.exists() && dir.path().join("bad/1.5+ab.psv").exists());
        let log = std::fs::read_to_string(dir.path().join("logs/error")).unwrap();
        assert!(log.contains("TestRunner: no sign of life for 0 s from ") && log.contains("bad/1.5+ab.psv"), "{log}");
    }

    #[test]
    fn signs_of_life_count_and_the_end_of_the_runner_ends_it() {
        let limit = Duration::from_secs(3600);
        let long_ago = Instant::now().checked_sub(limit * 2).unwrap_or_else(Instant::now);
        let mut work = Work { file: None, alive: long_ago, life: LIFE.load(Ordering::Relaxed) };
        sign_of_life();
        assert!(work.left(limit).is_some());
        let dir = tempfile::tempdir().unwrap();
        let shared = Arc::new(Shared::default());
        drop(Watchdog { shared: Some(Arc::clone(&shared)) });
        assert_eq!(guard(dir.path(), limit).wait_for_hung(&shared), None);
    }
}
