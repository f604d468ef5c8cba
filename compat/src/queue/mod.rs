//! The queues: folders of entries, each a file with a message and its metadata, moved by rename.
//!
//! This answers to Mailman/Queue/Switchboard.py. The one rule is that an entry leaves a queue only after what it became
//! is safely on disk; docs/queue.md lists every state that a crash can leave and who cleans it up.
//!
//! [`Switchboard`] reads one queue (or a slice of it) for its runner; [`Outbox`] writes entries into any queue; [`look`] only
//! looks.

mod entry;
mod events;
pub mod look;
mod metadata;
mod name;
mod names;
mod outbox;
mod recover;
mod switchboard;
mod text_entry;
mod watch;

pub use entry::{read_entry, Entry, EntryError, EntryMessage, ENTRY_LIMIT};
pub use events::QueueEvent;
pub use metadata::Metadata;
pub use name::{python_float, EntryName, Slice};
pub use names::{QueueFolders, QueueName};
pub use outbox::{Outbox, OutboxMark};
pub use switchboard::{DequeueError, Stage, Switchboard};
pub use text_entry::TextEntry;
pub use watch::{Watcher, Woke};

use std::io;
use std::path::PathBuf;

/// The number that Mailman writes into each entry's metadata as `version`.
pub const QFILE_SCHEMA_VERSION: i64 = 3;
/// An entry found in work this many times is set aside.
pub const MAX_BAK_COUNT: i64 = 3;

/// What can go wrong with a queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// A folder is not there, or not ours to read.
    #[error("queue {dir}: {source}")]
    Folder { dir: PathBuf, source: io::Error },
    /// A new entry did not get to the disk. Nothing of it remains; its source must stay.
    #[error("new entry {path}: {source}")]
    Enqueue { path: PathBuf, source: io::Error },
    /// The entry in work could not be taken away or set aside.
    #[error("Failed to unlink/preserve backup file: {path}\n{source}")]
    Finish { path: PathBuf, source: io::Error },
    /// The site does not say where this queue is.
    #[error("no folder is known for queue {0}")]
    NoSuchQueue(String),
}

#[cfg(test)]
mod tests;
