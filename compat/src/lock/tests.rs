//! The lock protocol: claims, expiry, breaking, transfer, and each step failing in turn.

use super::*;
use std::cell::RefCell;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

fn lines() -> (LockLog, Rc<RefCell<Vec<String>>>) {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&lines);
    (Rc::new(move |line: &str| sink.borrow_mut().push(line.to_owned())), lines)
}

const MINUTE: Duration = Duration::from_secs(60);
const NOW: Option<Duration> = Some(Duration::ZERO);

fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A lock that somebody else took: our own text, but not in the registry.
fn foreign_lock(path: &Path, rest: &str, expires: i64) -> PathBuf {
    let claim = claim::claim_path(path, rest);
    fs::write(&claim, claim.as_os_str().as_bytes()).unwrap();
    fs::hard_link(&claim, path).unwrap();
    durable::set_times(&claim, SystemTime::UNIX_EPOCH + Duration::from_secs(expires as u64)).unwrap();
    claim
}

#[test]
fn a_taken_lock_looks_as_python_leaves_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let mut lock = Lock::new(&path, MINUTE);
    lock.acquire(NOW).unwrap();
    let about = fs::metadata(&path).unwrap();
    assert_eq!(about.nlink(), 2);
    assert_eq!(about.mode() & 0o777, 0o664);
    assert!((now() + 58..=now() + 61).contains(&about.mtime()) && about.atime() == about.mtime());
    assert_eq!(fs::read(&path).unwrap(), lock.claim().as_os_str().as_bytes());
    let host = nix::unistd::gethostname().unwrap().into_string().unwrap();
    let start = format!("test.lock.{host}.{}.", std::process::id());
    assert!(lock.claim().file_name().unwrap().to_str().unwrap().starts_with(&start));
    lock.release().unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn dropping_releases_and_a_second_lock_of_the_same_thread_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let mut first = Lock::new(&path, MINUTE);
    first.acquire(None).unwrap();
    let mut second = Lock::new(&path, MINUTE);
    assert!(matches!(second.acquire(None), Err(LockError::AlreadyLocked(_))));
    assert!(first.is_held() && !second.is_held());
    drop(first);
    second.acquire(NOW).unwrap();
    drop(second);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_lock_held_elsewhere_times_out_and_leaves_no_claim() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    foreign_lock(&path, "1.0", now() + 100);
    let (log, lines) = lines();
    let mut lock = Lock::new(&path, MINUTE).logging(log, false);
    let started = Instant::now();
    assert!(matches!(lock.acquire(Some(Duration::from_millis(300))), Err(LockError::TimedOut(_))));
    assert!(started.elapsed() >= Duration::from_millis(300) && started.elapsed() < Duration::from_secs(3));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    assert!(lines.borrow().is_empty());
}

#[test]
fn a_lock_is_broken_ten_seconds_after_its_expiry_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    foreign_lock(&path, "1.0", now() - 7);
    let mut lock = Lock::new(&path, MINUTE);
    assert!(matches!(lock.acquire(Some(Duration::from_millis(50))), Err(LockError::TimedOut(_))));
    fs::remove_file(&path).unwrap();
    let claim = foreign_lock(&path, "1.0", now() - 12);
    let (log, lines) = lines();
    let mut lock = Lock::new(&path, MINUTE).logging(log, false);
    lock.acquire(Some(MINUTE)).unwrap();
    assert_eq!(*lines.borrow(), ["test.lock lifetime has expired, breaking"]);
    assert!(!claim.exists() && lock.is_held());
}

#[test]
fn another_hosts_clock_gets_more_patience() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let claim = PathBuf::from(format!("{}.elsewhere.example.1.0", path.display()));
    fs::write(&claim, claim.as_os_str().as_bytes()).unwrap();
    fs::hard_link(&claim, &path).unwrap();
    for (age, free) in [(30, false), (65, true)] {
        durable::set_times(&path, SystemTime::now() - Duration::from_secs(age)).unwrap();
        let mut lock = Lock::new(&path, MINUTE);
        assert_eq!(lock.acquire(Some(Duration::from_millis(100))).is_ok(), free, "{age} seconds");
    }
}

#[test]
fn a_lock_files_text_does_not_name_what_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (path, precious) = (dir.path().join("test.lock"), dir.path().join("test.lock.precious"));
    fs::write(&precious, "mail").unwrap();
    fs::write(&path, precious.as_os_str().as_bytes()).unwrap();
    durable::set_times(&path, SystemTime::now() - Duration::from_secs(99)).unwrap();
    let (log, lines) = lines();
    Lock::new(&path, MINUTE).logging(log, false).acquire(Some(MINUTE)).unwrap();
    assert!(precious.exists());
    assert_eq!(lines.borrow()[0], "test.lock unexpected linkcount: 1");
}

#[test]
fn a_stolen_lock_is_noticed_and_the_thief_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let mut lock = Lock::new(&path, MINUTE);
    lock.acquire(NOW).unwrap();
    fs::remove_file(&path).unwrap();
    let claim = foreign_lock(&path, "1.0", now() + 100);
    assert!(!lock.is_held());
    match lock.refresh() {
        Err(LockError::NotLocked { winner, .. }) => assert_eq!(winner, Some(claim.clone())),
        other => panic!("{other:?}"),
    }
    drop(lock);
    assert!(path.exists() && claim.exists());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn refreshing_prolongs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let mut lock = Lock::new(&path, MINUTE);
    lock.acquire(NOW).unwrap();
    lock.set_lifetime(5 * MINUTE);
    lock.refresh().unwrap();
    assert!(fs::metadata(&path).unwrap().mtime() >= now() + 298);
}

#[test]
fn a_left_over_claim_of_our_number_is_not_taken_for_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let mut lock = Lock::new(&path, MINUTE);
    fs::write(lock.claim(), "old").unwrap();
    fs::hard_link(lock.claim(), &path).unwrap();
    durable::set_times(&path, SystemTime::now() + MINUTE).unwrap();
    assert!(matches!(lock.acquire(Some(Duration::from_millis(20))), Err(LockError::TimedOut(_))));
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_missing_folder_is_an_error_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut lock = Lock::new(dir.path().join("gone/test.lock"), MINUTE);
    assert!(matches!(lock.acquire(None), Err(LockError::Io { .. })));
}

#[test]
fn a_lost_reply_to_link_is_seen_in_the_claim() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let mut lock = Lock::new(&path, MINUTE);
    lock.claim.make().unwrap();
    fs::hard_link(lock.claim(), &path).unwrap();
    assert!(lock.try_link(&mut Breaker::new()).unwrap());
}

#[test]
fn the_lock_passes_to_another_process_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master-qrunner");
    let mut parent = Lock::new(&path, MINUTE);
    parent.acquire(NOW).unwrap();
    // This process plays its own child: the claim without a counter is what matters.
    parent.transfer_to(std::process::id()).unwrap();
    drop(parent);
    let mut child = Lock::new(&path, MINUTE);
    child.take_possession(Some(MINUTE), || true).unwrap();
    assert!(child.is_held());
    let holder = Holder::of(&path).unwrap().unwrap();
    let host = nix::unistd::gethostname().unwrap().into_string().unwrap();
    assert_eq!(holder.as_mailmanctl_reads(), Some((host, std::process::id() as i32)));
    drop(child);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_child_whose_parent_went_away_before_it_handed_over_does_not_wait() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master-qrunner");
    let mut parent = Lock::new(&path, MINUTE);
    parent.acquire(NOW).unwrap();
    let before = Holder::of(&path).unwrap();
    let mut child = Lock::new(&path, MINUTE);
    assert!(matches!(child.take_possession(Some(MINUTE), || true), Err(LockError::TimedOut(_))));
    drop(child);
    assert_eq!(Holder::of(&path).unwrap(), before);
}

#[test]
fn a_process_that_is_gone_need_not_be_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.lock");
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    foreign_lock(&path, &format!("{}.0", child.id()), now() + 5000);
    let holder = Holder::of(&path).unwrap().unwrap();
    assert_eq!(holder.local_pid(&path), Some(child.id() as i32));
    if orphan::proven_dead(&path, &holder).is_none() {
        eprintln!("skipped: this machine does not let us prove that a process is gone");
        return;
    }
    Lock::new(&path, MINUTE).acquire(Some(MINUTE)).unwrap();
}

#[test]
fn threads_exclude_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let (path, count) = (dir.path().join("test.lock"), dir.path().join("count"));
    fs::write(&count, "0").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let mut lock = Lock::new(&path, MINUTE);
                    lock.acquire(None).unwrap();
                    let seen: u32 = fs::read_to_string(&count).unwrap().parse().unwrap();
                    fs::write(&count, (seen + 1).to_string()).unwrap();
                    lock.release().unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_to_string(&count).unwrap(), "100");
}

#[test]
fn the_order_of_steps() {
    use crate::durable::fault::{self, Op::*};
    let dir = tempfile::tempdir().unwrap();
    let armed = fault::record();
    let mut lock = Lock::new(dir.path().join("test.lock"), MINUTE);
    lock.acquire(NOW).unwrap();
    lock.release().unwrap();
    let steps: Vec<_> = armed.steps().iter().map(|step| step.op).collect();
    assert_eq!(steps, [Create, Mode, Write, Close, Times, Link, Times, Times, Unlink, Unlink]);
    assert_eq!(armed.steps()[8].path, lock.path(), "the lock file goes before the claim");
}

#[test]
fn each_failing_step_is_an_error_and_never_a_lock_without_an_owner() {
    use crate::durable::fault::{self, Fault};
    for nth in 1.. {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("test.lock");
        let armed = fault::arm(nth, Fault::Fail(nix::errno::Errno::EIO as i32));
        let mut lock = Lock::new(&path, MINUTE);
        let taken = lock.acquire(NOW);
        let met = armed.was_met();
        drop(armed);
        assert_eq!(taken.is_ok(), lock.is_held(), "step {nth}");
        drop(lock);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "step {nth}");
        if !met {
            break;
        }
    }
}
