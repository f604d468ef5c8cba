//! New entries on their way into queues, together with whatever else has to be safe before their source may go.
//!
//! A post may become three or four entries (out, archive, news, a notice). Each must be on the disk before its source
//! may go; the waiting is shared ([`Commit`]). Nothing is visible to a runner before everything is safe.

use super::name::python_float;
use super::{EntryMessage, EntryName, Metadata, QueueError, QueueFolders, QueueName, TextEntry};
use crate::clock;
use crate::durable::{self, Commit, CommitError, Mark, NewFile, DIR_MODE, FILE_MODE};
use crate::hex::hexlify;
use crate::pickle;
use crate::value::Value;
use sha1::{Digest, Sha1};
use std::cell::Cell;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Entries written but not yet in their queues. Dropped without [`Outbox::commit`], none of them ever was.
pub struct Outbox {
    folders: Rc<QueueFolders>,
    names: Vec<EntryName>,
    commit: Commit,
}

/// What an outbox held at some moment.
#[derive(Clone, Copy, Debug)]
pub struct OutboxMark {
    entries: usize,
    commit: Mark,
}

impl Outbox {
    /// An empty one for the queues of a site.
    pub fn new(folders: Rc<QueueFolders>) -> Outbox {
        Outbox { folders, names: Vec::new(), commit: Commit::new() }
    }

    /// The folders that this writes into.
    pub fn folders(&self) -> &Rc<QueueFolders> {
        &self.folders
    }

    /// Writes an entry for a queue. It is not there before [`Outbox::commit`].
    ///
    /// # Errors
    /// An entry that cannot be written: the system's error with the path.
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
    ///
    /// # Errors
    /// An entry that cannot be written: the system's error with the path.
    pub fn enqueue_in(
        &mut self,
        dir: &Path,
        message: &EntryMessage,
        metadata: &Metadata,
    ) -> Result<EntryName, QueueError> {
        let (file, name) = write_entry(dir, message, metadata)
            .map_err(|source| QueueError::Enqueue { path: dir.to_owned(), source })?;
        self.commit.place(file, name.file(dir, "pck"))?;
        self.names.push(name.clone());
        Ok(name)
    }

    /// Takes an entry whose message came in pieces and is complete now.
    ///
    /// # Errors
    /// The entry did not get to the disk.
    pub fn place(&mut self, entry: TextEntry) -> Result<EntryName, QueueError> {
        let target = entry.target().to_owned();
        let (file, name) = entry.finish().map_err(|source| QueueError::Enqueue { path: target.clone(), source })?;
        self.commit.place(file, target)?;
        self.names.push(name.clone());
        Ok(name)
    }

    /// Other changes that become safe with the entries: mailboxes that grow, a list's new state.
    pub fn pending(&mut self) -> &mut Commit {
        &mut self.commit
    }

    /// How many entries wait.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.commit.is_empty()
    }

    /// What waits now, for [`Outbox::back_to`].
    pub fn mark(&self) -> OutboxMark {
        OutboxMark { entries: self.names.len(), commit: self.commit.mark() }
    }

    /// Takes back what came after a mark: the entry that it came from stays in its queue.
    pub fn back_to(&mut self, mark: OutboxMark) {
        self.names.truncate(mark.entries);
        self.commit.back_to(mark.commit);
    }

    /// Makes all waiting entries safe and puts them into their queues. When this returns they survive a power cut and
    /// their source may go. After an error the source must stay, and nothing is left in the queues but what a runner has
    /// taken up already (a later duplicate, no loss).
    ///
    /// # Errors
    /// The first entry that could not be made safe. Those that are in place stay there.
    pub fn commit(&mut self) -> Result<Vec<EntryName>, QueueError> {
        let names = std::mem::take(&mut self.names);
        self.commit.commit()?;
        Ok(names)
    }
}

impl From<CommitError> for QueueError {
    fn from(error: CommitError) -> Self {
        QueueError::Enqueue { path: error.path, source: error.source }
    }
}

fn write_entry(dir: &Path, message: &EntryMessage, metadata: &Metadata) -> io::Result<(NewFile, EntryName)> {
    let now = Moment::now();
    let (when, received) = received_time(metadata, &now);
    let listname = metadata.str("listname").unwrap_or_else(|| "--nolist--".into());
    let mut file = HashedFile::create(dir, &temporary_name(&when, &listname))?;
    message.write(&mut file)?;
    let stored = message.stored_metadata(metadata, &received);
    let (mut file, hash) = file.finish(&listname, &now);
    pickle::dump(&stored.to_value(), message.protocol(), &mut file)?;
    let name = EntryName::compose(&when, &hash).ok_or_else(|| io::Error::other("the entry has no valid name"))?;
    Ok((file, name))
}

/// The current time as Python's `time.time()` and its repr.
pub(super) struct Moment {
    seconds: f64,
    text: String,
}

impl Moment {
    pub(super) fn now() -> Moment {
        let since = clock::since_epoch();
        // Python's clock has microseconds.
        let seconds = since.as_micros() as f64 / 1e6;
        Moment { seconds, text: python_float(seconds).unwrap_or_else(|| "0.0".into()) }
    }
}

/// The first part of the name, and the `received_time` for metadata that have none. A time that Python could not read
/// back out of a name (a long, a text, an exponent) is replaced in the name only.
pub(super) fn received_time(metadata: &Metadata, now: &Moment) -> (String, Value) {
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
fn temporary_name(when: &str, listname: &[u8]) -> PathBuf {
    COUNTER.set(COUNTER.get() + 1);
    let mut hash = Sha1::new();
    hash.update(listname);
    hash.update(format!("{} {:?} {}", std::process::id(), std::thread::current().id(), COUNTER.get()));
    hash.update(format!("{:?}", clock::system()));
    let hex = hexlify(&hash.finalize());
    PathBuf::from(format!("{when}+{hex}.pck.tmp"))
}

/// A new file in a queue, whose folder is made where it is missing.
pub(super) fn create_in(dir: &Path, name: &Path) -> io::Result<NewFile> {
    match NewFile::create(dir.join(name), FILE_MODE) {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            durable::mkdir(dir, DIR_MODE)?;
            NewFile::create(dir.join(name), FILE_MODE)
        }
        other => other,
    }
}

/// A new file whose bytes are hashed on their way.
struct HashedFile {
    file: NewFile,
    hash: Sha1,
}

impl HashedFile {
    fn create(dir: &Path, name: &Path) -> io::Result<HashedFile> {
        Ok(HashedFile { file: create_in(dir, name)?, hash: Sha1::new() })
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
