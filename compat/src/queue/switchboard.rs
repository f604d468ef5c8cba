//! One queue as its runner sees it: which entries are there, take one, be done with it.

use super::{Entry, EntryError, EntryName, QueueError, QueueEvent, Slice, ENTRY_LIMIT};
use crate::durable::{self, DIR_MODE};
use crate::ByteStr;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{DirEntry, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An entry that could not even be opened is left in peace for so long.
const HOLD_BACK: Duration = Duration::from_secs(300);
/// Maximum number of names that are no entries and are remembered as reported.
const REPORTED: usize = 1000;

/// A queue, or a slice of it.
pub struct Switchboard {
    dir: PathBuf,
    bad: PathBuf,
    slice: Slice,
    reported: HashSet<OsString>,
    held_back: HashMap<String, Instant>,
    events: Vec<QueueEvent>,
    /// In work when an earlier runner ended, and not brought back yet.
    pub(super) unrecovered: Vec<EntryName>,
}

/// How far a dequeue came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The entry is gone: somebody else took it. Nothing to do.
    Gone,
    /// It is still NAME.pck; it will be left in peace for some minutes.
    Queued,
    /// It is NAME.bak: `finish(name, true)` sets it aside.
    InWork,
}

/// An entry that could not be taken.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {source}")]
pub struct DequeueError {
    /// Which one.
    pub name: EntryName,
    /// Where it is now.
    pub stage: Stage,
    /// Why.
    pub source: EntryError,
}

impl Switchboard {
    /// Opens the queue in `dir`, which is made if missing. `bad` is where entries are set aside (BADQUEUE_DIR).
    ///
    /// # Errors
    /// A folder that cannot be made or read.
    pub fn open(dir: impl Into<PathBuf>, bad: impl Into<PathBuf>, slice: Slice) -> Result<Switchboard, QueueError> {
        let dir = dir.into();
        durable::mkdir(&dir, DIR_MODE).map_err(|source| QueueError::Folder { dir: dir.clone(), source })?;
        Ok(Switchboard {
            dir,
            bad: bad.into(),
            slice,
            reported: HashSet::new(),
            held_back: HashMap::new(),
            events: Vec::new(),
            unrecovered: Vec::new(),
        })
    }

    /// The folder, spelled as the settings spell it (`whichq`).
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What there is to tell since the last call.
    pub fn take_events(&mut self) -> Vec<QueueEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn tell(&mut self, event: QueueEvent) {
        self.events.push(event);
    }

    /// The entries of this slice that wait, first come first. What is no entry is reported once and left alone.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn files(&mut self) -> Result<Vec<EntryName>, QueueError> {
        self.held_back.retain(|_, since| since.elapsed() < HOLD_BACK);
        let mut names = self.names_with("pck")?;
        if !self.held_back.is_empty() {
            names.retain(|name| !self.held_back.contains_key(name.as_str()));
        }
        Ok(names)
    }

    /// The names with an extension that belong to this slice, in order.
    pub(super) fn names_with(&mut self, extension: &str) -> Result<Vec<EntryName>, QueueError> {
        let listing = std::fs::read_dir(&self.dir).map_err(|e| self.folder_error(e))?;
        let mut names = Vec::new();
        for item in listing {
            let item = item.map_err(|e| self.folder_error(e))?;
            if !has_extension(&item, extension) {
                continue;
            }
            match self.entry_name(&item, extension) {
                Some(name) => names.extend(Some(name).filter(|name| self.owns(name))),
                None => self.report_foreign(item.file_name()),
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The name of an entry, or `None` for what is none: Python's runner would end here with ValueError.
    fn entry_name(&self, item: &DirEntry, extension: &str) -> Option<EntryName> {
        let file_name = item.file_name();
        let base = file_name.to_str()?.strip_suffix(extension)?.strip_suffix('.')?;
        let name = EntryName::parse(base)?;
        let kind = item.file_type().ok()?;
        let number_needed = !self.slice.is_whole();
        (kind.is_file() && !(number_needed && name.hash().is_none())).then_some(name)
    }

    fn owns(&self, name: &EntryName) -> bool {
        self.slice.is_whole() || name.hash().is_some_and(|hash| self.slice.owns(&hash))
    }

    fn report_foreign(&mut self, file_name: OsString) {
        if self.reported.len() < REPORTED && self.reported.insert(file_name.clone()) {
            let file = self.dir.join(file_name);
            self.tell(QueueEvent::Foreign { file });
        }
    }

    fn folder_error(&self, source: io::Error) -> QueueError {
        QueueError::Folder { dir: self.dir.clone(), source }
    }

    /// Takes an entry: it becomes NAME.bak before it is read, so that a crash in any later step is noticed at the
    /// next start.
    ///
    /// # Errors
    /// An entry that cannot be taken or read; [`DequeueError::stage`] says where it is now.
    pub fn dequeue(&mut self, name: &EntryName) -> Result<Entry, DequeueError> {
        let file = self.take(name).map_err(|e| self.not_taken(name, e))?;
        let parsed = durable::read_open(&file, ENTRY_LIMIT)
            .map_err(EntryError::from)
            .and_then(|bytes| Entry::parse(&ByteStr::new(bytes)));
        parsed.map_err(|source| DequeueError { name: name.clone(), stage: Stage::InWork, source })
    }

    fn take(&self, name: &EntryName) -> io::Result<File> {
        let (queued, in_work) = (name.file(&self.dir, "pck"), name.file(&self.dir, "bak"));
        let file = durable::open_regular(&queued)?;
        // Two files of one name are somebody's copy: neither may vanish under the other.
        if in_work.symlink_metadata().is_ok() {
            return Err(io::Error::new(ErrorKind::AlreadyExists, "the entry exists a second time as .bak"));
        }
        durable::rename(&queued, &in_work)?;
        Ok(file)
    }

    fn not_taken(&mut self, name: &EntryName, source: io::Error) -> DequeueError {
        let stage = match source.kind() {
            ErrorKind::NotFound => Stage::Gone,
            _ => {
                self.held_back.insert(name.to_string(), Instant::now());
                Stage::Queued
            }
        };
        DequeueError { name: name.clone(), stage, source: source.into() }
    }

    /// Is done with an entry in work: takes it away, or sets it aside as bad/NAME.psv for a person to look at.
    ///
    /// # Errors
    /// What the system reports, with the path.
    pub fn finish(&self, name: &EntryName, preserve: bool) -> Result<(), QueueError> {
        let in_work = name.file(&self.dir, "bak");
        let outcome = match preserve {
            true => self.set_aside(name, &in_work),
            false => durable::unlink(&in_work),
        };
        outcome.map_err(|source| QueueError::Finish { path: in_work, source })
    }

    fn set_aside(&self, name: &EntryName, in_work: &Path) -> io::Result<()> {
        durable::mkdir(&self.bad, DIR_MODE)?;
        durable::rename(in_work, &name.file(&self.bad, "psv"))
    }

    /// Puts an entry in work back as it was, for a runner that is stopped before it began.
    ///
    /// # Errors
    /// What the system reports, with the path.
    pub fn put_back(&self, name: &EntryName) -> Result<(), QueueError> {
        let in_work = name.file(&self.dir, "bak");
        durable::rename(&in_work, &name.file(&self.dir, "pck"))
            .map_err(|source| QueueError::Finish { path: in_work, source })
    }
}

fn has_extension(item: &DirEntry, extension: &str) -> bool {
    Path::new(&item.file_name()).extension().is_some_and(|found| found == extension)
}
