//! What a switchboard has to tell: each event is one entry in the error log, in Mailman's words where it has some.

use super::EntryName;
use std::fmt;
use std::path::PathBuf;

/// Something that a person may want to know about a queue.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueEvent {
    /// An entry that was in work when its runner ended is back in the queue.
    Recovered { name: EntryName, count: i64 },
    /// An entry was in work too often when its runner ended; it is set aside.
    TooOften { name: EntryName },
    /// An entry in work can't be read; it is set aside.
    Unreadable { name: EntryName, reason: String },
    /// Both NAME.pck and NAME.bak exist; the .bak is set aside.
    Doubled { name: EntryName },
    /// A file is no entry and is left alone.
    Foreign { file: PathBuf },
    /// A temporary file whose writer is long gone was removed.
    Swept { file: PathBuf },
    /// Something could not be done now; it stays as it is and is tried again.
    Failed { text: String },
}

impl QueueEvent {
    /// Whether Mailman writes this to its error log; the others are good news.
    pub fn is_trouble(&self) -> bool {
        !matches!(self, QueueEvent::Recovered { .. } | QueueEvent::Swept { .. })
    }
}

impl fmt::Display for QueueEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueueEvent::Recovered { name, count } => write!(f, "Recovered from .bak (time {count}): {name}"),
            QueueEvent::TooOften { name } => write!(f, ".bak file max count, preserving file: {name}"),
            QueueEvent::Unreadable { name, reason } => {
                write!(f, "Unpickling .bak exception: {reason}\npreserving file: {name}")
            }
            QueueEvent::Doubled { name } => write!(f, ".bak beside .pck, preserving file: {name}"),
            QueueEvent::Foreign { file } => write!(f, "Not a queue entry, left alone: {}", file.display()),
            QueueEvent::Swept { file } => write!(f, "Old temporary file removed: {}", file.display()),
            QueueEvent::Failed { text } => f.write_str(text),
        }
    }
}
