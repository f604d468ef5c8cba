//! The files of one message's attachments: free names in its folder, and one wait for the disk for all of them.
//!
//! The lock of the folder is taken once and held until all files are in their places, since a digest and the archiver
//! may scrub the same post at the same time. Names are counted up from the last one given, so that a message of
//! thousands of attachments without names does not try them all for each.

use crate::error::HandlerError;
use compat::durable::{self, Commit, NewFile};
use compat::lock::Lock;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const DIR_MODE: u32 = 0o2775;
const FILE_MODE: u32 = 0o664;
/// LockFile's own default: how long the folder's lock holds.
const LOCK_LIFETIME: Duration = Duration::from_secs(15);
/// How long the lock is held before it is prolonged.
const REFRESH: Duration = Duration::from_secs(5);

/// The folder, locked. Dropped before [`Store::commit`] it leaves no files behind.
pub(super) struct Store {
    folder: PathBuf,
    lock: Lock,
    refreshed: Instant,
    files: Commit,
    written: usize,
    /// The counter of the last name given, by base name and extension.
    counters: HashMap<(Vec<u8>, Vec<u8>), usize>,
}

impl Store {
    /// Makes the folder and locks it.
    ///
    /// # Errors
    /// The folder or its lock.
    pub fn open(folder: PathBuf) -> Result<Store, HandlerError> {
        durable::mkdir_all(&folder, DIR_MODE)?;
        let mut lock = Lock::new(folder.join("attachments.lock"), LOCK_LIFETIME);
        lock.acquire(None)?;
        let counters = HashMap::new();
        Ok(Store { folder, lock, refreshed: Instant::now(), files: Commit::new(), written: 0, counters })
    }

    /// A file of the folder.
    pub fn path(&self, stem: &[u8], extension: &[u8]) -> PathBuf {
        self.folder.join(OsStr::from_bytes(&[stem, extension].concat()))
    }

    /// The base name, with a number behind it where the folder or this message has a file of that name.
    pub fn free_stem(&self, base: &[u8], extension: &[u8]) -> Vec<u8> {
        let key = (base.to_vec(), extension.to_vec());
        let first = self.counters.get(&key).map_or(0, |last| last + 1);
        let is_free = |stem: &Vec<u8>| !self.path(stem, extension).exists();
        (first..).map(|counter| numbered(base, counter)).find(is_free).unwrap_or_default()
    }

    /// Writes a file that gets its place with the others. One of that name is replaced: the digest may have stored the
    /// same sanitized text.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put(&mut self, base: &[u8], stem: &[u8], extension: &[u8], body: &[u8]) -> Result<(), HandlerError> {
        self.keep_locked();
        let target = self.path(stem, extension);
        self.written += 1;
        let temporary = self.path(stem, format!(".{}.tmp", self.written).as_bytes());
        let mut file = NewFile::create_over(temporary, FILE_MODE)?;
        file.write_all(body)?;
        self.files.place(file, target).map_err(|error| HandlerError::Cause(Box::new(error)))?;
        let counter = (stem.get(base.len() + 1..).and_then(|number| std::str::from_utf8(number).ok()))
            .and_then(|number| number.parse().ok());
        self.counters.insert((base.to_vec(), extension.to_vec()), counter.unwrap_or(0));
        Ok(())
    }

    /// Prolongs the lock of a message that takes long. A lock that is lost all the same excludes nobody any more; the
    /// files are written as they would be in Python, which gives it up before it writes.
    fn keep_locked(&mut self) {
        if self.refreshed.elapsed() >= REFRESH {
            self.refreshed = Instant::now();
            let _ = self.lock.refresh();
        }
    }

    /// Brings all files to the disk and to their places.
    ///
    /// # Errors
    /// The disk; then none of them is there.
    pub fn commit(mut self) -> Result<(), HandlerError> {
        let committed = self.files.commit().map_err(|error| HandlerError::Cause(Box::new(error)));
        let _ = self.lock.release();
        committed
    }
}

/// `base`, `base-0001`, `base-0002`, ...
fn numbered(base: &[u8], counter: usize) -> Vec<u8> {
    match counter {
        0 => base.to_vec(),
        counter => [base, format!("-{counter:04}").as_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn put(store: &mut Store, base: &str, extension: &str, body: &str) -> String {
        let stem = store.free_stem(base.as_bytes(), extension.as_bytes());
        store.put(base.as_bytes(), &stem, extension.as_bytes(), body.as_bytes()).unwrap();
        String::from_utf8(stem).unwrap()
    }

    #[test]
    fn names_are_counted_by_base_and_extension_past_those_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("x-0001.bin"), "theirs").unwrap();
        let mut store = Store::open(folder.clone()).unwrap();
        let names: Vec<String> = [("x", ".bin"), ("x", ".bin"), ("x", ".txt"), ("x", ".bin"), ("y", ".bin")]
            .iter()
            .map(|(base, extension)| put(&mut store, base, extension, base))
            .collect();
        assert_eq!(names, ["x", "x-0002", "x", "x-0003", "y"]);
        store.commit().unwrap();
        let mut found: Vec<String> =
            fs::read_dir(&folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap()).collect();
        found.sort();
        assert_eq!(found, ["x-0001.bin", "x-0002.bin", "x-0003.bin", "x.bin", "x.txt", "y.bin"]);
        assert_eq!(fs::read(folder.join("x-0001.bin")).unwrap(), b"theirs");
    }

    #[test]
    fn nothing_stays_of_a_message_that_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path().to_owned()).unwrap();
        put(&mut store, "x", ".bin", "x");
        drop(store);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_last_of_one_name_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path().to_owned()).unwrap();
        store.put(b"x", b"x", b".txt", b"first").unwrap();
        store.put(b"x", b"x", b".txt", b"second").unwrap();
        store.commit().unwrap();
        assert_eq!(fs::read(dir.path().join("x.txt")).unwrap(), b"second");
    }
}
