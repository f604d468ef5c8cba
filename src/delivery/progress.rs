//! How far a delivery has come, kept beside the queue so that a killed runner goes on where it was.
//!
//! Python notes the chunks that are left only in memory: after a crash everybody gets the message again. Here a delivery
//! of more than one transaction has a file below `data/delivery`, a line or two for each transaction, written as soon as
//! the server has answered. The next attempt at the same entry leaves those recipients out. Python does not know the
//! file and does not need it. It is taken away when the entry has left the queue.
//!
//! A line is `done`, `no` or `lost` and fields between tabs: `no ADDRESS CODE AGAIN TEXT` for a refusal, `lost ADDRESS
//! TEXT` for somebody whose message was refused for good, then `done ADDRESS...`, which makes them count. The file is
//! not synced: it is there for a process that is killed, after a power cut more may be repeated.

use super::refused::{Refused, RefusedDict};
use compat::durable;
use compat::hex::hexlify;
use compat::hex::unhexlify;
use md5::{Digest, Md5};
use nix::fcntl::OFlag;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// More than this is not a file of ours: a line for each of several million recipients.
const MAX_BYTES: u64 = 1 << 30;

/// The end of a line, by which one that was cut off is recognised.
const END: &[u8] = b"\t.\n";

/// What earlier attempts at the same entry achieved.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// How often each recipient was dealt with; a list of recipients may name one twice.
    pub served: HashMap<Vec<u8>, usize>,
    /// Who was refused.
    pub refused: RefusedDict,
    /// Whose copy the server refused for good, and why.
    pub lost: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What became of one transaction.
#[derive(Clone, Debug, Default)]
pub struct Done<'a> {
    pub recipients: Vec<&'a [u8]>,
    pub refused: Vec<(&'a [u8], Refused)>,
    pub lost: Vec<(&'a [u8], Vec<u8>)>,
}

/// The file of one delivery. It is made with the first line.
#[derive(Debug)]
pub struct Progress {
    path: PathBuf,
    file: Option<File>,
}

impl Progress {
    /// The file for an entry, known by what makes the entry itself: list, time, message-id, recipients.
    pub fn new(data_dir: &Path, identity: &[&[u8]]) -> Self {
        let mut bytes = Vec::new();
        for part in identity {
            bytes.extend_from_slice(format!("{}:", part.len()).as_bytes());
            bytes.extend_from_slice(part);
        }
        let name = hexlify(&Md5::digest(&bytes));
        Progress { path: data_dir.join("delivery").join(name), file: None }
    }

    /// What is known from before. A file that cannot be read is an error: to begin anew would send everything twice.
    ///
    /// # Errors
    /// What the system reports.
    pub fn past(&self) -> io::Result<Past> {
        let mut text = Vec::new();
        match File::open(&self.path) {
            Ok(file) => file.take(MAX_BYTES).read_to_end(&mut text)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Past::default()),
            Err(e) => return Err(e),
        };
        Ok(read(&text))
    }

    /// Notes a transaction, in one write, so that a killed process leaves all of it or a part that does not count.
    ///
    /// # Errors
    /// The system's: the disk is full, say. The transaction then counts as not done.
    pub fn note(&mut self, done: &Done) -> io::Result<()> {
        let text = lines(done);
        match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open(&self.path)?),
        }
        .write_all(&text)
    }

    /// Where the file is, for the time when the entry has left the queue.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A line that was cut off is closed first, so that the next one is not taken for its end.
fn open(path: &Path) -> io::Result<File> {
    durable::mkdir_all(durable::folder_of(path), durable::DIR_MODE)?;
    let flags = OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut file = OpenOptions::new().append(true).create(true).mode(0o660).custom_flags(flags.bits()).open(path)?;
    if file.metadata()?.len() > 0 {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

fn lines(done: &Done) -> Vec<u8> {
    let mut out = Vec::new();
    for (address, refused) in &done.refused {
        let again = if refused.try_again { "1" } else { "0" };
        push_line(&mut out, &[b"no", address, refused.code.to_string().as_bytes(), again.as_bytes(), &refused.text]);
    }
    for (address, reason) in &done.lost {
        push_line(&mut out, &[b"lost", address, reason]);
    }
    let mut fields: Vec<&[u8]> = vec![b"done"];
    fields.extend(&done.recipients);
    push_line(&mut out, &fields);
    out
}

fn push_line(out: &mut Vec<u8>, fields: &[&[u8]]) {
    for (nth, field) in fields.iter().enumerate() {
        if nth > 0 {
            out.push(b'\t');
        }
        for &byte in *field {
            match byte {
                b'\t' => out.extend_from_slice(b"%09"),
                b'\n' => out.extend_from_slice(b"%0a"),
                b'%' => out.extend_from_slice(b"%25"),
                byte => out.push(byte),
            }
        }
    }
    out.extend_from_slice(END);
}

fn read(text: &[u8]) -> Past {
    let mut past = Past::default();
    let mut fresh = Past::default();
    for line in text.split_inclusive(|&b| b == b'\n').filter_map(|line| line.strip_suffix(b"\n")) {
        let whole = line.strip_suffix(b"\t.").unwrap_or_default();
        let fields: Vec<Vec<u8>> = whole.split(|&b| b == b'\t').map(unescape).collect();
        match fields.iter().map(Vec::as_slice).collect::<Vec<_>>().as_slice() {
            [b"no", address, code, again, text] => {
                let code = std::str::from_utf8(code).ok().and_then(|c| c.parse().ok()).unwrap_or(-1);
                fresh.refused.insert(address, Refused { code, text: text.to_vec(), try_again: *again == b"1" });
            }
            [b"lost", address, reason] => fresh.lost.push((address.to_vec(), reason.to_vec())),
            [b"done", addresses @ ..] => {
                addresses.iter().for_each(|address| *past.served.entry(address.to_vec()).or_default() += 1);
                past.refused.update(&fresh.refused);
                past.lost.append(&mut fresh.lost);
                fresh = Past::default();
            }
            _ => fresh = Past::default(), // a line that was cut off: what came before it does not count
        }
    }
    past
}

fn unescape(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%').and_then(unhexlify);
        match code.and_then(|bytes| bytes.first().copied()) {
            Some(known) => {
                out.push(known);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(code: i32, text: &str) -> Refused {
        Refused { code, text: text.as_bytes().to_vec(), try_again: false }
    }

    fn done<'a>(recipients: &[&'a str]) -> Done<'a> {
        Done { recipients: recipients.iter().map(|r| r.as_bytes()).collect(), ..Done::default() }
    }

    #[test]
    fn what_was_noted_is_known_next_time() {
        let dir = tempfile::tempdir().unwrap();
        let identity: [&[u8]; 2] = [b"list", b"<id>"];
        let mut progress = Progress::new(dir.path(), &identity);
        assert!(progress.past().unwrap().served.is_empty());
        let mut first = done(&["a@x", "b\t%\n@x", "a@x"]);
        first.refused.push((b"b\t%\n@x", refused(450, "not\nnow")));
        progress.note(&first).unwrap();
        let mut again = Progress::new(dir.path(), &identity);
        let mut second = done(&["c@x"]);
        second.lost.push((b"c@x", b"554 bad".to_vec()));
        again.note(&second).unwrap();
        let past = Progress::new(dir.path(), &identity).past().unwrap();
        assert_eq!((past.served[&b"a@x"[..]], past.served[&b"b\t%\n@x"[..]], past.served[&b"c@x"[..]]), (2, 1, 1));
        assert_eq!(past.refused.iter().collect::<Vec<_>>(), [(&b"b\t%\n@x"[..], &refused(450, "not\nnow"))]);
        assert_eq!(past.lost, [(b"c@x".to_vec(), b"554 bad".to_vec())]);
        assert!(Progress::new(dir.path(), &[b"list", b"<other>"]).past().unwrap().served.is_empty());
    }

    #[test]
    fn a_line_that_was_cut_off_does_not_count() {
        let text = b"done\ta\t.\nno\tb\t450\t0\tx\t.\ndone\tb\tcecil@exam";
        let past = read(text);
        assert_eq!((past.served.len(), past.refused.len()), (1, 0));
        let past = read(&[&text[..], b"\nno\td\t450\t0\tx\t.\ndone\td\t.\n"].concat());
        assert_eq!((past.served.len(), past.refused.len()), (2, 1));
    }

    #[test]
    fn the_parts_of_an_identity_do_not_run_together() {
        let path = |identity: &[&[u8]]| Progress::new(Path::new("/d"), identity).path().to_owned();
        assert_ne!(path(&[b"ab", b"c"]), path(&[b"a", b"bc"]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn anything_may_stand_in_the_file(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&text);
        }

        #[test]
        fn any_bytes_come_back(field in proptest::collection::vec(any::<u8>(), 1..30)) {
            let past = read(&lines(&Done { recipients: vec![&field], ..Done::default() }));
            prop_assert_eq!(past.served.get(&field), Some(&1));
        }
    }
}
