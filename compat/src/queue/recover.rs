//! What a runner finds at its start: entries that were in work when somebody was killed.
//!
//! Each NAME.bak of the slice goes back into the queue with its `_bak_count` one higher, or is set aside when it can't
//! be read or came back too often. Python rewrites the second pickle in place, which a crash can leave half done; here
//! the whole entry is written beside and renamed over the .bak, so that one complete file exists at every instant.

use super::entry::metadata_protocol;
use super::{Entry, EntryError, EntryName, Metadata, QueueError, QueueEvent, Switchboard, ENTRY_LIMIT, MAX_BAK_COUNT};
use crate::clock;
use crate::durable::{self, FILE_MODE};
use crate::{pickle, ByteStr};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// A temporary file this old has no writer any more.
const TEMPORARY_LIFETIME: Duration = Duration::from_secs(36 * 3600);

impl Switchboard {
    /// Brings back what was in work, and returns which entries are in the queue again. Whoever calls this must be the
    /// only runner, of either engine, of this slice: entries that a living runner has in work would be done twice.
    /// What the machine hinders is left for [`Switchboard::recover_rest`].
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn recover_backups(&mut self) -> Result<Vec<EntryName>, QueueError> {
        let names = self.names_with("bak")?;
        Ok(self.recover_each(names))
    }

    /// Tries again what could not be brought back before.
    pub fn recover_rest(&mut self) -> Vec<EntryName> {
        let names = std::mem::take(&mut self.unrecovered);
        self.recover_each(names)
    }

    /// Whether something in work could not be brought back yet.
    pub fn has_unrecovered(&self) -> bool {
        !self.unrecovered.is_empty()
    }

    fn recover_each(&mut self, names: Vec<EntryName>) -> Vec<EntryName> {
        let mut back = Vec::new();
        for name in names {
            let event = self.recover(&name).unwrap_or_else(|error| {
                self.unrecovered.push(name.clone());
                QueueEvent::Failed { text: error.to_string() }
            });
            if matches!(event, QueueEvent::Recovered { .. }) {
                back.push(name);
            }
            self.tell(event);
        }
        back
    }

    fn recover(&mut self, name: &EntryName) -> Result<QueueEvent, QueueError> {
        match name.file(self.dir(), "pck").symlink_metadata() {
            Ok(_) => self.set_aside_for(name, QueueEvent::Doubled { name: name.clone() }),
            Err(_) => self.recover_single(name),
        }
    }

    fn recover_single(&mut self, name: &EntryName) -> Result<QueueEvent, QueueError> {
        let path = name.file(self.dir(), "bak");
        match counted(&path) {
            // Nothing was read of the entry, so nothing is known of it.
            Err(EntryError::Io(source)) if durable::is_of_machine(&source) => Err(QueueError::Finish { path, source }),
            Err(e) => {
                let reason = e.to_string();
                self.set_aside_for(name, QueueEvent::Unreadable { name: name.clone(), reason })
            }
            Ok(entry) => {
                let count = entry.count;
                entry.rewrite(&path, &name.file(self.dir(), "pck.tmp"))?;
                if count >= MAX_BAK_COUNT {
                    return self.set_aside_for(name, QueueEvent::TooOften { name: name.clone() });
                }
                self.put_back(name)?;
                Ok(QueueEvent::Recovered { name: name.clone(), count })
            }
        }
    }

    fn set_aside_for(&self, name: &EntryName, event: QueueEvent) -> Result<QueueEvent, QueueError> {
        self.finish(name, true).map(|()| event)
    }

    /// Removes temporary files of entries whose writers are long gone. Nothing that was promised is in them: their
    /// sources are still where they were.
    pub fn sweep_temporaries(&mut self) {
        let Ok(listing) = std::fs::read_dir(self.dir()) else { return };
        for item in listing.flatten() {
            if is_old_temporary(&item) && durable::unlink(&item.path()).is_ok() {
                self.tell(QueueEvent::Swept { file: item.path() });
            }
        }
    }
}

fn is_old_temporary(item: &std::fs::DirEntry) -> bool {
    let name = item.file_name();
    let ours = name.to_str().and_then(|n| n.strip_suffix(".pck.tmp")).and_then(EntryName::parse);
    let age = item.metadata().ok().filter(|about| about.is_file()).and_then(|about| about.modified().ok());
    ours.is_some_and(|n| n.hash().is_some())
        && age.and_then(|t| clock::system().duration_since(t).ok()).is_some_and(|age| age > TEMPORARY_LIFETIME)
}

/// An entry read from a .bak, one time more often in work.
struct Counted {
    bytes: ByteStr,
    boundary: usize,
    metadata: Metadata,
    count: i64,
}

fn counted(path: &Path) -> Result<Counted, EntryError> {
    let bytes = ByteStr::new(durable::read_file(path, ENTRY_LIMIT)?);
    let (Entry { mut metadata, .. }, boundary) = Entry::parse_with_boundary(&bytes)?;
    let count = metadata.int("_bak_count").unwrap_or(0).saturating_add(1);
    metadata.set_int("_bak_count", count);
    Ok(Counted { bytes, boundary, metadata, count })
}

impl Counted {
    /// The message's pickle stays byte for byte; the metadata are written anew.
    fn rewrite(&self, path: &Path, temporary: &Path) -> Result<(), QueueError> {
        let protocol = metadata_protocol(&self.metadata);
        durable::replace(path, temporary, FILE_MODE, |out| {
            out.write_all(self.bytes.get(..self.boundary).unwrap_or_default())?;
            pickle::dump(&self.metadata.to_value(), protocol, out)
        })
        .map_err(|source: io::Error| QueueError::Enqueue { path: path.to_owned(), source })
    }
}
