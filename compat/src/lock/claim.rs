//! Claim files, and what a lock file tells about its holder.

use crate::durable;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// As Python makes it under umask 002.
const CLAIM_MODE: u32 = 0o664;
/// Maximum length of a path, in bytes.
const PATH_LIMIT: u64 = 4096;
/// Maximum number of left-over claims of a process with our number that are skipped.
const TRIES: usize = 1000;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// The host's name as Python's socket.gethostname gives it: what the kernel says, dots and all.
pub(super) fn host_name() -> OsString {
    nix::unistd::gethostname().unwrap_or_else(|_| OsString::from("localhost"))
}

/// LOCKFILE.HOST.REST
pub(super) fn claim_path(lock: &Path, rest: &str) -> PathBuf {
    let mut text = lock.as_os_str().to_owned();
    text.push(".");
    text.push(host_name());
    text.push(".");
    text.push(rest);
    PathBuf::from(text)
}

/// The process number in the name of a claim of this host.
pub(super) fn local_pid(lock: &Path, claim: &OsStr) -> Option<i32> {
    let rest = claim.as_bytes().strip_prefix(lock.file_name()?.as_bytes())?.strip_prefix(b".")?;
    let rest = rest.strip_prefix(host_name().as_bytes())?.strip_prefix(b".")?;
    let mut parts = std::str::from_utf8(rest).ok()?.split('.');
    let pid = parts.next()?.parse().ok()?;
    parts.next().is_none_or(|counter| counter.parse::<u64>().is_ok()).then_some(())?;
    parts.next().is_none().then_some(pid)
}

/// A contender's claim file.
pub(super) struct Claim {
    lock: PathBuf,
    path: PathBuf,
}

impl Claim {
    /// A claim with the next number of this process.
    pub(super) fn named(lock: &Path) -> Claim {
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = claim_path(lock, &format!("{}.{counter}", std::process::id()));
        Claim { lock: lock.to_owned(), path }
    }

    /// The form without a counter, which mailmanctl can read the process number from.
    pub(super) fn of_process(lock: &Path, pid: u32) -> Claim {
        Claim { lock: lock.to_owned(), path: claim_path(lock, &pid.to_string()) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file, exclusively: one of this name that exists is of a dead process which had our number, and may be
    /// linked to the lock. Python overwrites it and then finds itself "already locked"; we take the next number.
    pub(super) fn make(&mut self) -> io::Result<()> {
        for _ in 0..TRIES {
            match self.make_again() {
                Err(e) if e.kind() == ErrorKind::AlreadyExists => *self = Claim::named(&self.lock),
                other => return other,
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, "too many left-over claims"))
    }

    /// Makes the file under its present name.
    pub(super) fn make_again(&self) -> io::Result<()> {
        durable::create_passing(&self.path, CLAIM_MODE, self.path.as_os_str().as_bytes())
    }

    pub(super) fn remove(&self) -> io::Result<bool> {
        durable::unlink_if_there(&self.path)
    }

    pub(super) fn links(&self) -> Option<u64> {
        self.path.symlink_metadata().ok().map(|about| about.nlink())
    }
}

/// What a lock file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The winner's claim file, as it spelled it.
    pub claim: PathBuf,
    /// How many names the lock file has; two when somebody has the lock.
    pub links: u64,
    /// When it expires, in seconds of Unix time.
    pub expires: i64,
    pub(super) identity: (u64, u64),
}

impl Holder {
    /// Reads a lock file; `None` when there is none.
    ///
    /// # Errors
    /// The system's, other than that there is no file.
    pub fn of(lock: &Path) -> io::Result<Option<Holder>> {
        match Holder::open(lock) {
            Ok(found) => Ok(found.map(|(holder, _)| holder)),
            Err(e) => Err(e),
        }
    }

    /// The same, with the file still open: opening is what makes NFS ask the server for fresh times.
    pub(super) fn open(lock: &Path) -> io::Result<Option<(Holder, File)>> {
        let mut file = match durable::open_regular(lock) {
            Ok(file) => file,
            Err(e) if is_gone(&e) => return Ok(None),
            Err(e) => return Err(e),
        };
        match Holder::read(&mut file) {
            Ok(holder) => Ok(Some((holder, file))),
            Err(e) if is_gone(&e) => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn read(file: &mut File) -> io::Result<Holder> {
        let mut text = Vec::new();
        file.take(PATH_LIMIT).read_to_end(&mut text)?;
        let about = file.metadata()?;
        Ok(Holder {
            claim: PathBuf::from(OsString::from_vec(text)),
            links: about.nlink(),
            expires: about.mtime(),
            identity: (about.dev(), about.ino()),
        })
    }

    /// The process number in the claim, if the claim is one of this host for this lock. With the counter or without.
    pub fn local_pid(&self, lock: &Path) -> Option<i32> {
        local_pid(lock, self.claim.file_name()?)
    }

    /// Host and process as `mailmanctl -s` reads them: the base name split at dots, the first part dropped, the last
    /// one the process, the rest the host.
    pub fn as_mailmanctl_reads(&self) -> Option<(String, i32)> {
        let name = self.claim.file_name().and_then(OsStr::to_str)?;
        let (_, rest) = name.split_once('.')?;
        let (host, pid) = rest.rsplit_once('.')?;
        Some((host.to_owned(), pid.parse().ok()?))
    }
}

/// The file went away between two looks; over NFS the handle is then stale.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::StaleNetworkFileHandle
}
