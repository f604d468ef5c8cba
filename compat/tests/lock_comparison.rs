//! Both engines want the same lock.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod python;

use compat::lock::{Holder, Lock, LockError};
use python::references;
use std::path::Path;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// Waits for a condition.
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < MINUTE, "waited too long: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Reads a number from a file, adds one: two at once would lose one.
fn count_up(path: &Path) {
    let seen: u32 = std::fs::read_to_string(path).unwrap().trim().parse().unwrap();
    std::thread::sleep(Duration::from_millis(1));
    std::fs::write(path, (seen + 1).to_string()).unwrap();
}

/// Python's pauses are made short, or a round would take a second.
const COUNT: &str = r#"
import time
from Mailman.LockFile import LockFile
LockFile._LockFile__sleep = lambda self: time.sleep(0.002)
for i in range(int(sys.argv[3])):
    lock = LockFile(os.path.join(site, 'test.lock'), 60)
    lock.lock()
    path = os.path.join(site, 'count')
    seen = int(open(path).read())
    time.sleep(0.001)
    open(path, 'w').write(str(seen + 1))
    assert lock.locked()
    lock.unlock()
"#;

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn a_thousand_rounds_lose_none() {
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        let (path, count) = (site.path().join("test.lock"), site.path().join("count"));
        std::fs::write(&count, "0").unwrap();
        // One Python only: two of them can break each other's fresh locks.
        let child = reference.start(COUNT, site.path(), &["500"]);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..250 {
                        let mut lock = Lock::new(&path, MINUTE);
                        lock.acquire(None).unwrap();
                        count_up(&count);
                        lock.release().unwrap();
                    }
                });
            }
        });
        child.finish();
        assert_eq!(std::fs::read_to_string(&count).unwrap(), "1000", "{:?}", reference.prefix);
        let left: Vec<_> = std::fs::read_dir(site.path()).unwrap().flatten().map(|item| item.file_name()).collect();
        assert!(left.iter().all(|name| name == "count" || name == "locks"), "{left:?}");
    }
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn python_waits_for_ours() {
    const SCRIPT: &str = r#"
from Mailman.LockFile import LockFile, TimeOutError
lock = LockFile(os.path.join(site, 'test.lock'), 60)
try:
    lock.lock(0.3)
    print 'taken'
except TimeOutError:
    print 'timed out'
"#;
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        let mut lock = Lock::new(site.path().join("test.lock"), MINUTE);
        lock.acquire(None).unwrap();
        assert_eq!(reference.run(SCRIPT, site.path(), &[]), "timed out\n");
        assert!(lock.is_held());
        lock.release().unwrap();
        assert_eq!(reference.run(SCRIPT, site.path(), &[]), "taken\n");
    }
}

const HOLD: &str = r#"
import time, os
from Mailman.LockFile import LockFile
lock = LockFile(os.path.join(site, 'test.lock'), int(sys.argv[3]))
lock.lock()
open(os.path.join(site, 'taken'), 'w').close()
while not os.path.exists(os.path.join(site, 'go')):
    time.sleep(0.01)
"#;

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn ours_waits_for_python() {
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        let path = site.path().join("test.lock");
        let child = reference.start(HOLD, site.path(), &["60"]);
        wait_for("Python takes the lock", || site.path().join("taken").exists());
        let holder = Holder::of(&path).unwrap().unwrap();
        assert_eq!((holder.links, holder.local_pid(&path)), (2, Some(child.id())));
        let mut lock = Lock::new(&path, MINUTE);
        assert!(matches!(lock.acquire(Some(Duration::from_millis(200))), Err(LockError::TimedOut(_))));
        std::fs::write(site.path().join("go"), "").unwrap();
        lock.acquire(Some(MINUTE)).unwrap();
        child.finish();
        assert!(lock.is_held());
    }
}

/// A Python that was killed: its lock is broken when it is proven dead, or ten seconds after its expiry.
#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn a_killed_pythons_lock_is_had_in_the_end() {
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        let path = site.path().join("test.lock");
        let child = reference.start(HOLD, site.path(), &["1"]);
        wait_for("Python takes the lock", || site.path().join("taken").exists());
        child.kill();
        let mut lock = Lock::new(&path, MINUTE);
        lock.acquire(Some(MINUTE)).unwrap();
        assert_eq!(Holder::of(&path).unwrap().unwrap().claim, lock.claim());
        lock.release().unwrap();
        let left = std::fs::read_dir(site.path()).unwrap().flatten();
        assert!(!left.into_iter().any(|item| item.file_name().to_string_lossy().starts_with("test.lock")));
    }
}

/// A Python master that starts while ours holds the master's lock sees a living process of this host.
#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn mailmanctl_reads_a_transferred_lock() {
    const SCRIPT: &str = r#"
from Mailman.LockFile import LockFile
lock = LockFile(os.path.join(site, 'master-qrunner'), 60)
name = lock._LockFile__read()
parts = os.path.split(name)[1].split('.')
print '.'.join(parts[1:-1]), parts[-1]
"#;
    for reference in references() {
        let site = tempfile::tempdir().unwrap();
        let path = site.path().join("master-qrunner");
        let mut parent = Lock::new(&path, MINUTE);
        parent.acquire(None).unwrap();
        parent.transfer_to(std::process::id()).unwrap();
        let mut child = Lock::new(&path, MINUTE);
        child.take_possession(Some(MINUTE), || true).unwrap();
        let host = nix::unistd::gethostname().unwrap().into_string().unwrap();
        let printed = reference.run(SCRIPT, site.path(), &[]);
        assert_eq!(printed, format!("{host} {}\n", std::process::id()));
    }
}
