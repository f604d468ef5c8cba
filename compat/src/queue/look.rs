//! Looking at queues without touching them: what files are there, and what an entry is about.
//!
//! A runner takes entries ([`super::Switchboard`]); a survey, a manifest or an operator's command only reads. Nothing here
//! renames, logs or makes a folder, and a file that vanishes while one looks was simply taken.

use super::{Entry, EntryError, EntryMessage, EntryName, QueueFolders, QueueName, ENTRY_LIMIT};
use crate::durable;
use crate::email::parser;
use crate::email::Message;
use crate::ByteStr;
use std::ffi::{OsStr, OsString};
use std::fs::DirEntry;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// More of a raw message is not read for its headers.
const HEADER_LIMIT: usize = 256 * 1024;

/// What a file in a queue's folder is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// `.pck`: an entry that waits.
    Queued,
    /// `.bak`: in work, or left by a runner that was killed.
    InWork,
    /// `.psv`: set aside for a person.
    SetAside,
    /// `.hold`: put off by an operator. Runners of either engine pass over it.
    OnHold,
    /// `.pck.tmp`: being written, or left by a writer that was killed.
    Temporary,
    /// Anything else, a folder or a link among them. A Python runner may end over it.
    Other,
}

/// A file in a queue.
#[derive(Clone, Debug)]
pub struct QueueFile {
    pub queue: QueueName,
    pub file_name: OsString,
    pub kind: FileKind,
    /// In bytes.
    pub size: u64,
    pub modified: SystemTime,
}

impl QueueFile {
    fn of(queue: QueueName, item: &DirEntry) -> Option<QueueFile> {
        let about = item.metadata().ok()?;
        let file_name = item.file_name();
        let kind = if about.is_file() { kind_of(&file_name) } else { FileKind::Other };
        let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Some(QueueFile { queue, file_name, kind, size: about.len(), modified })
    }

    /// Whether it holds a message.
    pub fn is_entry(&self) -> bool {
        matches!(self.kind, FileKind::Queued | FileKind::InWork | FileKind::SetAside | FileKind::OnHold)
    }

    /// The name without its extension, where it has the form of an entry's.
    pub fn entry_name(&self) -> Option<EntryName> {
        EntryName::parse(Path::new(&self.file_name).file_stem()?.to_str()?)
    }

    /// Where it is.
    pub fn path(&self, folders: &QueueFolders) -> PathBuf {
        folders.of(self.queue).join(&self.file_name)
    }
}

fn kind_of(file_name: &OsStr) -> FileKind {
    let Some(name) = file_name.to_str() else { return FileKind::Other };
    let kinds = [
        (".pck", FileKind::Queued),
        (".bak", FileKind::InWork),
        (".psv", FileKind::SetAside),
        (".hold", FileKind::OnHold),
        (".pck.tmp", FileKind::Temporary),
    ];
    let found = kinds.iter().find_map(|(end, kind)| Some((name.strip_suffix(end)?, *kind)));
    match found {
        Some((base, kind)) if EntryName::parse(base).is_some() => kind,
        _ => FileKind::Other,
    }
}

/// The files of a queue by name. A folder that is not there is an empty queue.
///
/// # Errors
/// The folder can't be read.
pub fn look(folders: &QueueFolders, queue: QueueName) -> io::Result<Vec<QueueFile>> {
    let listing = match std::fs::read_dir(folders.of(queue)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut files = Vec::new();
    for item in listing {
        files.extend(QueueFile::of(queue, &item?));
    }
    files.sort_unstable_by(|a, b| a.file_name.cmp(&b.file_name));
    Ok(files)
}

/// Reads an entry where it is.
///
/// # Errors
/// It is gone, is no plain file, or is damaged.
pub fn read(path: &Path) -> Result<Entry, EntryError> {
    let bytes = durable::read_file(path, ENTRY_LIMIT)?;
    Entry::parse(&ByteStr::new(bytes))
}

/// What a person asks of an entry first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The list that it is for; empty where none is named.
    pub list: ByteStr,
    /// With its angle brackets; empty where there is none.
    pub message_id: ByteStr,
    /// The From header.
    pub from: ByteStr,
    /// The Subject header.
    pub subject: ByteStr,
}

impl Entry {
    /// What it is about.
    pub fn about(&self) -> About {
        let list = self.metadata.str("listname").unwrap_or_default();
        match &self.message {
            EntryMessage::Raw(text) => About { list, ..headers(&parser::parse(&head_of(text))) },
            EntryMessage::Object(value) => {
                let found = Message::from_value(value).map(|msg| headers(&msg)).unwrap_or_default();
                About { list, ..found }
            }
        }
    }
}

fn headers(msg: &Message) -> About {
    let text = |name: &str| msg.get(name).map(|value| value.text()).unwrap_or_default();
    About { list: ByteStr::default(), message_id: text("message-id"), from: text("from"), subject: text("subject") }
}

/// The headers of a raw message: what stands before the first empty line.
fn head_of(text: &ByteStr) -> ByteStr {
    let head = text.slice(0..HEADER_LIMIT);
    let ends = [memchr::memmem::find(&head, b"\n\n"), memchr::memmem::find(&head, b"\n\r\n")];
    match ends.into_iter().flatten().min() {
        Some(end) => head.slice(0..end + 1),
        None => head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Metadata;
    use crate::value::Value;

    #[test]
    fn kinds_are_told_by_the_name() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        for (end, kind) in [
            (".pck", FileKind::Queued),
            (".bak", FileKind::InWork),
            (".psv", FileKind::SetAside),
            (".hold", FileKind::OnHold),
            (".pck.tmp", FileKind::Temporary),
            (".pck.orig", FileKind::Other),
            ("", FileKind::Other),
        ] {
            assert_eq!(kind_of(OsStr::new(&format!("1795475402.73+{hash}{end}"))), kind, "{end}");
        }
        assert_eq!(kind_of(OsStr::new("copy-of-1.pck")), FileKind::Other);
    }

    #[test]
    fn looking_changes_nothing_and_makes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folders = QueueFolders::below(dir.path());
        assert!(look(&folders, QueueName::In).unwrap().is_empty());
        assert!(!folders.of(QueueName::In).exists());
        std::fs::create_dir_all(folders.of(QueueName::In).join("1.5+aa.pck")).unwrap();
        std::fs::write(folders.of(QueueName::In).join("2.5+bb.pck"), "x").unwrap();
        let files = look(&folders, QueueName::In).unwrap();
        let kinds: Vec<_> = files.iter().map(|file| (file.kind, file.size > 0)).collect();
        assert_eq!(kinds[0].0, FileKind::Other, "a folder is no entry");
        assert_eq!(kinds[1], (FileKind::Queued, true));
        assert!(read(&files[1].path(&folders)).is_err());
    }

    #[test]
    fn raw_messages_and_objects_say_what_they_are_about() {
        let text = "From: Ann <ann@example.org>\nSubject: Moss\nMessage-ID: <1@example.org>\n\nSubject: no header\n";
        let metadata = Metadata::new().with("listname", Value::str("garden"));
        let raw = Entry { message: EntryMessage::Raw(text.into()), metadata: metadata.clone() };
        let object = EntryMessage::Object(parser::parse(&text.into()).to_value());
        let about = raw.about();
        assert_eq!((&about.list[..], &about.subject[..]), (&b"garden"[..], &b"Moss"[..]));
        assert_eq!(about.message_id, "<1@example.org>");
        assert_eq!(Entry { message: object, metadata }.about(), about);
    }
}
