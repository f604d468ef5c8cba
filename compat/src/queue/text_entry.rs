//! An entry whose message comes in pieces: a mail of any size goes into a queue in little memory.
//!
//! The file is what `Switchboard.enqueue` writes for plain text: a `str` in protocol 0, then the metadata. Its first byte
//! depends on the whole text, because Python's repr takes double quotes for a text that has single ones and no double
//! one. So until the first double quote is met, which in nearly all mails is soon, the text is kept: a little of it in
//! memory, more in a file without a name.

use super::entry::stored_metadata;
use super::outbox::{create_in, received_time, Moment};
use super::{EntryName, Metadata, ENTRY_LIMIT};
use crate::durable::{NewFile, Scratch};
use crate::pickle::{self, Protocol};
use crate::random;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The most text that is kept in memory, in bytes; pieces are no larger.
const PIECE: usize = 64 * 1024;
const DOUBLE: u8 = b'"';
const SINGLE: u8 = b'\'';

/// An entry that is being written. Dropped before [`Outbox::place`](super::Outbox::place) it leaves nothing behind.
pub struct TextEntry {
    file: NewFile,
    name: EntryName,
    target: PathBuf,
    metadata: Metadata,
    state: Quoting,
    /// Bytes of text so far.
    length: u64,
    /// Bytes in the file so far.
    written: u64,
    /// A piece in its quoted form.
    quoted: Vec<u8>,
}

enum Quoting {
    /// No double quote so far.
    Open(Undecided),
    /// The quote, which is written.
    Decided(u8),
}

/// Text that waits for the first double quote.
#[derive(Default)]
struct Undecided {
    recent: Vec<u8>,
    earlier: Option<(Scratch, u64)>,
    has_single: bool,
}

impl TextEntry {
    /// Begins an entry in a queue's folder, which is made if it is missing.
    ///
    /// # Errors
    /// The folder cannot be written, or the disk is full.
    pub fn create(dir: &Path, metadata: &Metadata) -> io::Result<TextEntry> {
        let (when, received) = received_time(metadata, &Moment::now());
        // Python hashes the text; all that matters is that no two are equal and that slices get equal shares.
        let name = EntryName::compose(&when, &random::bytes())
            .ok_or_else(|| io::Error::other("the entry has no valid name"))?;
        Ok(TextEntry {
            file: create_in(dir, &name.file(Path::new(""), "pck.tmp"))?,
            target: name.file(dir, "pck"),
            name,
            metadata: stored_metadata(metadata, &received, true),
            state: Quoting::Open(Undecided::default()),
            length: 0,
            written: 0,
            quoted: Vec::new(),
        })
    }

    /// The file that this becomes.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Completes the entry.
    pub(super) fn finish(mut self) -> io::Result<(NewFile, EntryName)> {
        let quote = match &self.state {
            Quoting::Decided(quote) => *quote,
            Quoting::Open(kept) if kept.has_single => self.decide(DOUBLE)?,
            Quoting::Open(_) => self.decide(SINGLE)?,
        };
        self.put(&[quote, b'\n'])?;
        // cPickle leaves out the note of a string of which there is only one object.
        if self.length > 1 {
            self.put(b"p1\n")?;
        }
        self.put(b".")?;
        pickle::dump(&self.metadata.to_value(), Protocol::P0, &mut self.file)?;
        Ok((self.file, self.name))
    }

    /// Writes the quote and what was kept.
    fn decide(&mut self, quote: u8) -> io::Result<u8> {
        let state = std::mem::replace(&mut self.state, Quoting::Decided(quote));
        self.put(&[b'S', quote])?;
        if let Quoting::Open(kept) = state {
            kept.each_piece(|piece| self.put_quoted(piece, quote))?;
        }
        Ok(quote)
    }

    fn put_quoted(&mut self, piece: &[u8], quote: u8) -> io::Result<()> {
        let mut quoted = std::mem::take(&mut self.quoted);
        quoted.clear();
        pickle::escape_str(piece, quote, &mut quoted);
        let outcome = self.put(&quoted);
        self.quoted = quoted;
        outcome
    }

    /// No runner reads a file above the limit, so none is written.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        if self.written > ENTRY_LIMIT {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "the message is too large for a queue"));
        }
        self.file.write_all(bytes)
    }
}

impl Write for TextEntry {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..PIECE).unwrap_or(bytes);
        if matches!(self.state, Quoting::Open(_)) && piece.contains(&DOUBLE) {
            self.decide(SINGLE)?;
        }
        match &mut self.state {
            Quoting::Open(kept) => kept.add(piece, self.file.path())?,
            Quoting::Decided(quote) => {
                let quote = *quote;
                self.put_quoted(piece, quote)?;
            }
        }
        self.length += piece.len() as u64;
        Ok(piece.len())
    }

    /// What was written is safe only when the entry is; there is nothing to hurry.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Undecided {
    fn add(&mut self, piece: &[u8], beside: &Path) -> io::Result<()> {
        if self.recent.len() + piece.len() > PIECE {
            self.put_away(beside)?;
        }
        self.has_single |= piece.contains(&SINGLE);
        self.recent.extend_from_slice(piece);
        Ok(())
    }

    fn put_away(&mut self, beside: &Path) -> io::Result<()> {
        let mut name = beside.as_os_str().to_owned();
        name.push(".text");
        let (mut scratch, length) = match self.earlier.take() {
            Some(earlier) => earlier,
            None => (Scratch::new(Path::new(&name))?, 0),
        };
        scratch.push(&self.recent)?;
        self.earlier = Some((scratch, length + self.recent.len() as u64));
        self.recent.clear();
        Ok(())
    }

    fn each_piece(&self, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        if let Some((scratch, length)) = &self.earlier {
            let mut at = 0;
            while at < *length {
                let size = (*length - at).min(PIECE as u64);
                each(&scratch.read(at, size as usize)?)?;
                at += size;
            }
        }
        each(&self.recent)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_entry, EntryMessage, Outbox, QueueFolders, QueueName};
    use super::*;
    use crate::value::Value;
    use proptest::prelude::*;
    use std::rc::Rc;

    /// Puts a text into a queue in pieces of some size; the file's bytes.
    fn file_of(text: &[u8], piece: usize) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let folders = Rc::new(QueueFolders::below(dir.path()));
        let queue = folders.of(QueueName::In).to_owned();
        let mut entry = TextEntry::create(&queue, &Metadata::new().with("tolist", Value::Int(1))).unwrap();
        text.chunks(piece).for_each(|piece| entry.write_all(piece).unwrap());
        let mut outbox = Outbox::new(folders);
        let name = outbox.place(entry).unwrap();
        assert_eq!(std::fs::read_dir(&queue).unwrap().count(), 1);
        assert_eq!(outbox.commit().unwrap(), std::slice::from_ref(&name));
        let path = name.file(&queue, "pck");
        let found = read_entry(&mut std::fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(found.message, EntryMessage::Raw(text.into()));
        assert!(found.metadata.truth("_parsemsg"));
        assert_eq!(found.metadata.float("received_time"), Some(name.when()));
        std::fs::read(path).unwrap()
    }

    /// What cPickle of Python 2.7 dumps.
    #[test]
    fn the_message_is_written_as_cpickle_does() {
        for (text, pickled) in [
            (&b""[..], &b"S''\n."[..]),
            (b"a", b"S'a'\n."),
            (b"a'b", b"S\"a'b\"\np1\n."),
            (b"a\"b'c", b"S'a\"b\\'c'\np1\n."),
            (b"\xe4\0\n", b"S'\\xe4\\x00\\n'\np1\n."),
        ] {
            for piece in [1, 3] {
                assert!(file_of(text, piece).starts_with(pickled), "{text:?}");
            }
        }
    }

    #[test]
    fn a_quote_late_in_a_long_text_decides() {
        let long = b"it's long\n".repeat(30_000);
        assert!(file_of(&long, 5000).starts_with(b"S\"it's"));
        assert!(file_of(&[&long[..], b"\""].concat(), 5000).starts_with(b"S'it\\'s"));
    }

    #[test]
    fn a_dropped_entry_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut entry = TextEntry::create(&dir.path().join("in"), &Metadata::new()).unwrap();
        entry.write_all(&[b'x'; 3 * PIECE]).unwrap();
        drop(entry);
        assert_eq!(std::fs::read_dir(dir.path().join("in")).unwrap().count(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn pieces_make_no_difference(text in "[a'\"\\\\\n\0]{0,40}", piece in 1usize..9) {
            let whole = pickle::dumps(&Value::Str(text.as_bytes().into()), Protocol::P0).unwrap();
            let quoted = whole.strip_suffix(b".").unwrap();
            prop_assert!(file_of(text.as_bytes(), piece).starts_with(quoted));
        }
    }
}
