//! Mail boxes that Mailman appends to: a list's archive and its next digest. This is `AppendMessage` of
//! Mailman/Mailbox.py.
//!
//! The text is flattened first and appended in one piece; when the disk is full the file has its old length again.

use compat::durable::{self, Append};
use compat::email::generator::{self, FlattenError};
use compat::email::Message;
use compat::ByteStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Take, Write};
use std::path::Path;

/// Why a message is not in the mail box. Nothing of it is.
#[derive(Debug, thiserror::Error)]
pub enum MboxError {
    /// The message cannot be written as text.
    #[error(transparent)]
    Flatten(#[from] FlattenError),
    /// The file; Mailman logs this before it gives up.
    #[error("{path} {source}")]
    File { path: String, source: io::Error },
}

/// Appends a message, with the envelope line, `>` before "From " at the beginning of a line, and a newline after it.
/// A file that is made gets these permissions. Returns how long the file is now.
///
/// # Errors
/// The system's with the path, or a message that cannot be flattened.
pub fn append(path: &Path, mode: u32, msg: &mut Message) -> Result<u64, MboxError> {
    let text = generator::as_bytes(msg, true, true)?;
    let written = write(path, mode, &text).and_then(|(file, length)| file.commit().map(|()| length));
    written.map_err(|source| failed(path, source))
}

/// A message at the end of a mail box.
pub struct Added {
    /// Takes it out again unless this is committed; nothing, if it was there already.
    pub file: Option<Append>,
    /// Where it begins: as long was the file without it.
    pub start: u64,
}

/// The same, but the message is taken out again unless what this gives is committed. Nothing is done `unless_last`, if
/// the message is the last one there.
///
/// # Errors
/// The system's with the path, or a message that cannot be flattened.
pub fn add(path: &Path, mode: u32, msg: &mut Message, unless_last: bool) -> Result<Added, MboxError> {
    let text = generator::as_bytes(msg, true, true)?;
    add_text(path, mode, text, unless_last).map_err(|source| failed(path, source))
}

fn add_text(path: &Path, mode: u32, mut text: Vec<u8>, unless_last: bool) -> io::Result<Added> {
    if unless_last {
        text.push(b'\n');
        if ends_with_message(path, &text)? {
            return Ok(Added { file: None, start: std::fs::metadata(path)?.len() - text.len() as u64 });
        }
        text.pop();
    }
    let (file, _) = write(path, mode, &text)?;
    Ok(Added { start: file.old_len(), file: Some(file) })
}

fn failed(path: &Path, source: io::Error) -> MboxError {
    MboxError::File { path: path.display().to_string(), source }
}

/// Writes to the end of the file; the length that it has then.
fn write(path: &Path, mode: u32, text: &[u8]) -> io::Result<(Append, u64)> {
    let mut file = Append::open(path, mode)?;
    let cut_off = file.last_byte()?.is_some_and(|byte| byte != b'\n');
    let length = file.old_len() + u64::from(cut_off) + text.len() as u64 + 1;
    if cut_off {
        file.write_all(b"\n")?;
    }
    file.write_all(text)?;
    file.write_all(b"\n")?;
    file.flush()?;
    Ok((file, length))
}

/// The envelope line of a message that has none of its own is made when it is written, with the time of then.
const MADE_ENVELOPE: &[u8] = b"From nobody ";

/// Whether a file ends with a message, which may have been written at another time.
fn ends_with_message(path: &Path, text: &[u8]) -> io::Result<bool> {
    let line = memchr::memchr(b'\n', text).filter(|_| text.starts_with(MADE_ENVELOPE));
    let end = last_bytes(path, text.len())?;
    Ok(match (end, line) {
        (Some(end), Some(line)) => {
            end.starts_with(MADE_ENVELOPE) && !end[..line].contains(&b'\n') && end[line..] == text[line..]
        }
        (Some(end), None) => end == text,
        (None, _) => false,
    })
}

/// Whether a file ends with these bytes.
///
/// # Errors
/// The file is there and cannot be read.
pub fn ends_with(path: &Path, text: &[u8]) -> io::Result<bool> {
    Ok(last_bytes(path, text.len())?.is_some_and(|end| end == text))
}

/// So many bytes from the end of a file; none where there is no such file, or it is shorter.
fn last_bytes(path: &Path, count: usize) -> io::Result<Option<Vec<u8>>> {
    let mut file = match durable::open_regular(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let Some(start) = file.metadata()?.len().checked_sub(count as u64) else { return Ok(None) };
    file.seek(SeekFrom::Start(start))?;
    let mut end = Vec::with_capacity(count);
    file.take(count as u64).read_to_end(&mut end)?;
    Ok(Some(end).filter(|end| end.len() == count))
}

/// The messages of a mail box, each with its envelope line. Any line that begins with `From ` begins a message, as in
/// Python's PortableUnixMailbox; what stands before the first is nobody's.
pub fn split(mailbox: &ByteStr) -> Vec<ByteStr> {
    let mut starts: Vec<usize> = memchr::memmem::find_iter(mailbox, b"\nFrom ").map(|at| at + 1).collect();
    if mailbox.starts_with(b"From ") {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([mailbox.len()]);
    starts.iter().zip(ends).map(|(&start, end)| mailbox.slice(start..end)).collect()
}

/// What most messages need.
const ROOM: usize = 8 << 10;

/// The messages of a mail box in a file, one at a time, so that its size does not matter.
pub struct Messages {
    file: BufReader<Take<File>>,
    /// The line that begins the next message, and where it ends.
    line: Vec<u8>,
    position: u64,
}

impl Messages {
    /// Reads a file up to this place.
    pub fn new(file: File, end: u64) -> Self {
        Messages { file: BufReader::with_capacity(256 << 10, file.take(end)), line: Vec::new(), position: 0 }
    }

    /// The next message, and where it begins.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_message(&mut self) -> io::Result<Option<(u64, ByteStr)>> {
        while !self.line.starts_with(b"From ") {
            if !self.next_line()? {
                return Ok(None);
            }
        }
        let start = self.position - self.line.len() as u64;
        let mut message = Vec::with_capacity(ROOM);
        loop {
            message.append(&mut self.line);
            if !self.next_line()? || self.line.starts_with(b"From ") {
                return Ok(Some((start, message.into())));
            }
        }
    }

    fn next_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let length = self.file.read_until(b'\n', &mut self.line)?;
        self.position += length as u64;
        Ok(length > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::email::parser::parse;
    use std::fs;

    fn message(text: &str) -> Message {
        parse(&text.into())
    }

    #[test]
    fn messages_stand_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("digest.mbox");
        let mut first =
            message("From ann@example.org Mon Mar  2 12:00:00 2026\nSubject: one\n\nFrom here\n>From there\n");
        append(&path, 0o660, &mut first).unwrap();
        let mut second =
            message("From bob@example.org Mon Mar  2 13:00:00 2026\nSubject: two\n\nno newline at the end");
        let length = append(&path, 0o660, &mut second).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "From ann@example.org Mon Mar  2 12:00:00 2026\nSubject: one\n\n>From here\n>From there\n\n\
             From bob@example.org Mon Mar  2 13:00:00 2026\nSubject: two\n\nno newline at the end\n"
        );
        assert_eq!(length, text.len() as u64);
    }

    #[test]
    fn a_line_that_was_cut_off_is_ended_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l.mbox");
        fs::write(&path, "half a li").unwrap();
        let mut msg = message("From ann@example.org Mon Mar  2 12:00:00 2026\nSubject: one\n\nhi\n");
        append(&path, 0o660, &mut msg).unwrap();
        assert!(fs::read_to_string(&path).unwrap().starts_with("half a li\nFrom ann@"));
    }

    #[test]
    fn a_message_without_an_envelope_line_is_from_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l.mbox");
        append(&path, 0o660, &mut message("Subject: one\n\nhi\n")).unwrap();
        assert!(fs::read_to_string(&path).unwrap().starts_with("From nobody "));
    }

    #[test]
    fn a_made_envelope_line_tells_another_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mbox");
        for (first, text, is_there) in [
            ("From nobody Thu Nov 19 10:00:00 2026\n", "Subject: one\n\nx\n", true),
            ("From nobody Thu Nov 19 10:00:00 2026\n", "Subject: two\n\nx\n", false),
            ("From someone Thu Nov 1 10:00:00 2026\n", "Subject: one\n\nx\n", false),
        ] {
            std::fs::write(&path, format!("{first}{text}\n")).unwrap();
            let added = add(&path, 0o660, &mut message("Subject: one\n\nx\n"), true).unwrap();
            assert_eq!(added.file.is_none(), is_there, "{first}{text}");
            assert_eq!(added.start > 0, !is_there);
        }
    }

    #[test]
    fn a_message_that_is_the_last_is_not_added_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("l.mbox");
        let mut msg = message("From ann@example.org Mon Mar  2 12:00:00 2026\nSubject: one\n\nhi\n");
        for (unless_last, added) in [(true, true), (true, false), (false, true)] {
            let length = fs::metadata(&path).map_or(0, |file| file.len());
            let append = add(&path, 0o660, &mut msg, unless_last).unwrap();
            assert_eq!(append.file.is_some(), added);
            assert_eq!(append.start, if added { length } else { 0 });
            append.file.into_iter().for_each(|append| append.commit().unwrap());
        }
        assert_eq!(fs::read_to_string(&path).unwrap().matches("one").count(), 2);
        drop(add(&path, 0o660, &mut message("Subject: two\n\n"), true).unwrap());
        assert!(!fs::read_to_string(&path).unwrap().contains("two"), "taken out again");
    }

    #[test]
    fn a_folder_is_no_mail_box() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(append(dir.path(), 0o660, &mut message("A: b\n\n")), Err(MboxError::File { .. })));
    }

    fn messages(text: &str, end: u64) -> Vec<(u64, String)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        fs::write(&path, text).unwrap();
        let mut mbox = Messages::new(File::open(&path).unwrap(), end);
        std::iter::from_fn(|| mbox.next_message().unwrap()).map(|(at, text)| (at, text.to_string())).collect()
    }

    #[test]
    fn messages_come_one_at_a_time() {
        let text = "nobody's\nFrom a\nx\n\nFrom b\n>From y\nno end";
        let found = [(9, "From a\nx\n\n".to_string()), (19, "From b\n>From y\nno end".to_string())];
        assert_eq!(messages(text, u64::MAX), found);
        assert_eq!(messages(text, 19), found[..1]);
        assert!(messages("", u64::MAX).is_empty());
        assert_eq!(messages("From ", u64::MAX).len(), 1);
    }
}
