//! New entries on their way into queues, together.
//!
//! A post may become three or four entries (out, archive, news, a notice). Each must be on the disk before its source
//! may go; the waiting is shared: all files are written, the kernel begins with all of them, then each is synced, all
//! are renamed, and each folder is synced once. Nothing is visible to a runner before every file is safe.

use super::name::python_float;
use super::{EntryMessage, EntryName, Metadata, QueueError, QueueFolders, QueueName};
use crate::durable::{self, NewFile, DIR_MODE, FILE_MODE};
use crate::pickle::{self, Value};
use sha1::{Digest, Sha1};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

/// So many files are open at most; then those that wait are synced and closed early.
const OPEN_FILES: usize = 64;

/// Entries written but not yet in their queues. Dropped without [`Outbox::commit`], none of them ever was.
pub struct Outbox {
    folders: Rc<QueueFolders>,
    waiting: Vec<Waiting>,
}

struct Waiting {
    file: NewFile,
    name: EntryName,
    dir: PathBuf,
}

impl Outbox {
    /// An empty one for the queues of a site.
    pub fn new(folders: Rc<QueueFolders>) -> Outbox {
        Outbox { folders, waiting: Vec::new() }
    }

    /// The folders that this writes into.
    pub fn folders(&self) -> &Rc<QueueFolders> {
        &self.folders
    }

    /// Writes an entry for a queue. It is not there before [`Outbox::commit`].
    pub fn enqueue(
        &mut self,
        queue: QueueName,
        message: &EntryMessage,
        metadata: &Metadata,
    ) -> Result<EntryName, QueueError> {
        let folders = Rc::clone(&self.folders);
        self.enqueue_in(folders.of(queue), message, metadata)
    }

    /// The same for any folder, such as the `whichq` of a shunted entry; it is made if missing.
    pub fn enqueue_in(
        &mut self,
        dir: &Path,
        message: &EntryMessage,
        metadata: &Metadata,
    ) -> Result<EntryName, QueueError> {
        let waiting = write_entry(dir, message, metadata)
            .map_err(|source| QueueError::Enqueue { path: dir.to_owned(), source })?;
        let name = waiting.name.clone();
        self.waiting.push(waiting);
        if self.waiting.len() % OPEN_FILES == 0 {
            make_safe(&mut self.waiting)?;
        }
        Ok(name)
    }

    /// How many entries wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes back everything that was not committed.
    pub fn discard(&mut self) {
        self.waiting.clear();
    }

    /// Takes back what was enqueued after the first `kept`: the entry that it came from stays in its queue.
    pub fn discard_after(&mut self, kept: usize) {
        self.waiting.truncate(kept);
    }

    /// Makes all waiting entries safe and puts them into their queues. When this returns they survive a power cut and
    /// their source may go. After an error the source must stay; entries that were renamed before the error are in
    /// their queues (a later duplicate, no loss), the others are gone.
    pub fn commit(&mut self) -> Result<Vec<EntryName>, QueueError> {
        let mut waiting = std::mem::take(&mut self.waiting);
        make_safe(&mut waiting)?;
        for entry in &mut waiting {
            entry.publish().map_err(|e| entry.failed(e))?;
        }
        let dirs: BTreeSet<&Path> = waiting.iter().map(|entry| entry.dir.as_path()).collect();
        for dir in dirs {
            durable::sync_dir(dir).map_err(|source| QueueError::Enqueue { path: dir.to_owned(), source })?;
        }
        Ok(waiting.into_iter().map(|entry| entry.name).collect())
    }
}

/// fsync and close of all, with all of them under way before the first wait.
fn make_safe(waiting: &mut [Waiting]) -> Result<(), QueueError> {
    for entry in waiting.iter_mut() {
        entry.file.start_writing_back().map_err(|e| entry.failed(e))?;
    }
    for entry in waiting.iter_mut() {
        entry.file.sync().map_err(|e| entry.failed(e))?;
    }
    Ok(())
}

impl Waiting {
    fn publish(&mut self) -> io::Result<()> {
        let target = self.name.file(&self.dir, "pck");
        self.file.publish(&target)
    }

    fn failed(&self, source: io::Error) -> QueueError {
        QueueError::Enqueue { path: self.name.file(&self.dir, "pck"), source }
    }
}

fn write_entry(dir: &Path, message: &EntryMessage, metadata: &Metadata) -> io::Result<Waiting> {
    durable::mkdir(dir, DIR_MODE)?;
    let now = Moment::now();
    let (when, received) = received_time(metadata, &now);
    let listname = metadata.str("listname").unwrap_or_else(|| "--nolist--".into());
    let mut file = HashedFile::create(temporary_path(dir, &when, &listname))?;
    message.write(&mut file)?;
    let stored = message.stored_metadata(metadata, &received);
    let (mut file, hash) = file.finish(&listname, &now);
    pickle::dump(&stored.to_value(), message.protocol(), &mut file)?;
    let name = EntryName::compose(&when, &hash).ok_or_else(|| io::Error::other("the entry has no valid name"))?;
    Ok(Waiting { file, name, dir: dir.to_owned() })
}

/// The current time as Python's `time.time()` and its repr.
struct Moment {
    seconds: f64,
    text: String,
}

impl Moment {
    fn now() -> Moment {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // Python's clock has microseconds.
        let seconds = since.as_micros() as f64 / 1e6;
        Moment { seconds, text: python_float(seconds).unwrap_or_else(|| "0.0".into()) }
    }
}

/// The first part of the name, and the `received_time` for metadata that have none. A time that Python could not read
/// back out of a name (a long, a text, an exponent) is replaced in the name only.
fn received_time(metadata: &Metadata, now: &Moment) -> (String, Value) {
    let text = match metadata.get("received_time") {
        Some(Value::Int(n)) => Some(n.to_string()),
        Some(value @ (Value::Float(_) | Value::Long(_))) => value.as_float().and_then(python_float),
        _ => None,
    };
    (text.unwrap_or_else(|| now.text.clone()), Value::Float(now.seconds))
}

thread_local! {
    static COUNTER: Cell<u64> = const { Cell::new(0) };
}

/// A name of its own for the file while it is written: the final one is known only when the hash is.
fn temporary_path(dir: &Path, when: &str, listname: &[u8]) -> PathBuf {
    COUNTER.set(COUNTER.get() + 1);
    let mut hash = Sha1::new();
    hash.update(listname);
    hash.update(format!("{} {:?} {}", std::process::id(), std::thread::current().id(), COUNTER.get()));
    hash.update(format!("{:?}", SystemTime::now()));
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    dir.join(format!("{when}+{hex}.pck.tmp"))
}

/// A new file whose bytes are hashed on their way.
struct HashedFile {
    file: NewFile,
    hash: Sha1,
}

impl HashedFile {
    fn create(path: PathBuf) -> io::Result<HashedFile> {
        Ok(HashedFile { file: NewFile::create(path, FILE_MODE)?, hash: Sha1::new() })
    }

    /// Python hashes the message's pickle, the list's name and the repr of the time.
    fn finish(mut self, listname: &[u8], now: &Moment) -> (NewFile, [u8; 20]) {
        self.hash.update(listname);
        self.hash.update(&now.text);
        (self.file, self.hash.finalize().into())
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.file.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
