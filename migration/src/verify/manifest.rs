//! A manifest: every queued and every held message of a site, with sums of its message and metadata.
//!
//! A text file of lines with fields between tabs, so that a person can read it and `sort` and `comm` can too:
//!
//! ```text
//! mailman2-rs manifest 1
//! grows  FILE       INODE  BYTES                    a log or mail box as it was; proofs count from there
//! entry  QUEUE      FILE   SUM  SUM  LIST  MESSAGE-ID
//! end    ENTRIES
//! ```
//!
//! The last line tells that it is whole. Backslashes, tabs and what is not ASCII are escaped as Rust's `escape_ascii` does. Sums
//! are SHA-1, which tells files apart that nobody forged.

use super::SiteError;
use compat::queue::look::{look, About, QueueFile};
use compat::queue::{Entry, EntryMessage, Metadata, QueueName};
use compat::site::{settings, Site};
use compat::{durable, pickle, ByteStr};
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The first line.
const TITLE: &str = "mailman2-rs manifest 1";
/// The name under which held messages stand.
pub(super) const HELD: &str = "held";
/// Maximum size of an entry, in bytes.
const LIMIT: u64 = 2 << 30;

/// Why there is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The site can't be read.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The manifest can't be written or read.
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    /// It is not one, or only a part.
    #[error("{}: {what}", path.display())]
    Form { path: PathBuf, what: String },
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The queue's folder name, or `held`.
    pub queue: String,
    /// The file's name.
    pub file: String,
    /// SHA-1 of the message's pickle; of the whole file where it can't be read.
    pub message: String,
    /// SHA-1 of the metadata's pickle.
    pub metadata: String,
    pub list: String,
    pub message_id: String,
}

impl Record {
    /// The file's name without its extension, which changes as an entry is worked on.
    pub fn base(&self) -> &str {
        self.file.rsplit_once('.').map_or(&self.file, |(base, _)| base)
    }
}

/// How large logs and mail boxes were: (inode, bytes) by path.
pub type Grown = BTreeMap<String, (u64, u64)>;

/// Every message of a site, one after the other.
pub(super) fn each(site: &Site, mut take: impl FnMut(Record)) -> Result<(), SiteError> {
    let folders = super::folders(site)?;
    for queue in QueueName::ALL {
        let files = look(&folders, queue).map_err(SiteError::at(folders.of(queue)))?;
        for file in files.iter().filter(|file| file.is_entry()) {
            of_entry(file, &file.path(&folders))?.map(&mut take);
        }
    }
    for path in held(site)? {
        of_held(&path)?.map(&mut take);
    }
    Ok(())
}

/// `None` for a file that was taken meanwhile.
fn of_entry(file: &QueueFile, path: &Path) -> Result<Option<Record>, SiteError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let queue = file.queue.folder().to_string();
    let file = file.file_name.to_string_lossy().into_owned();
    Ok(Some(match Entry::parse_with_boundary(&bytes) {
        Ok((entry, boundary)) => {
            let About { list, message_id, .. } = entry.about();
            Record {
                queue,
                file,
                message: sum(bytes.get(..boundary).unwrap_or_default()),
                metadata: sum(bytes.get(boundary..).unwrap_or_default()),
                list: list.to_latin1(),
                message_id: message_id.to_latin1(),
            }
        }
        Err(_) => Record { queue, file, message: sum(&bytes), ..Record::default() },
    }))
}

fn of_held(path: &Path) -> Result<Option<Record>, SiteError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let list = file.strip_prefix("heldmsg-").and_then(|rest| rest.rsplit_once('-')).map_or("", |(list, _)| list);
    let message = match path.extension().is_some_and(|extension| extension == "txt") {
        true => Some(EntryMessage::Raw(bytes.clone())),
        false => pickle::load(&bytes).ok().map(|(value, _)| EntryMessage::Object(value)),
    };
    let about = message.map(|message| Entry { message, metadata: Metadata::new() }.about()).unwrap_or_default();
    Ok(Some(Record {
        queue: HELD.to_string(),
        list: list.to_string(),
        message: sum(&bytes),
        message_id: about.message_id.to_latin1(),
        file,
        ..Record::default()
    }))
}

fn held(site: &Site) -> Result<Vec<PathBuf>, SiteError> {
    let folder = site.settings.path(settings::DATA_DIR);
    let listing = fs::read_dir(&folder).map_err(SiteError::at(&folder))?;
    let is_held = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("heldmsg-"));
    let mut paths: Vec<PathBuf> = listing.flatten().map(|item| item.path()).filter(is_held).collect();
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<Option<ByteStr>, SiteError> {
    match durable::read_file(path, LIMIT) {
        Ok(bytes) => Ok(Some(ByteStr::new(bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SiteError::Io { path: path.to_owned(), source }),
    }
}

fn sum(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The logs and mail boxes in which a message may be proved later.
fn growing(site: &Site) -> Vec<PathBuf> {
    let logs = super::proof::LOGS.map(|name| site.settings.path(settings::LOG_DIR).join(name));
    let archives = fs::read_dir(site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR));
    let folders = archives.map(|items| items.flatten().map(|item| item.path()).collect::<Vec<_>>()).unwrap_or_default();
    let is_mbox = |folder: &PathBuf| folder.extension().is_some_and(|extension| extension == "mbox");
    let mbox = |folder: PathBuf| folder.file_name().map(|name| folder.join(name));
    logs.into_iter().chain(folders.into_iter().filter(is_mbox).filter_map(mbox)).collect()
}

/// Writes a manifest of a site; returns how many messages it has. It is in place whole or not at all.
///
/// # Errors
/// A queue can't be read, or the manifest can't be written.
pub fn write(site: &Site, path: &Path) -> Result<usize, ManifestError> {
    let failed = |error| ManifestError::Io { path: path.to_path_buf(), error };
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let (mut count, mut unreadable) = (0, None);
    let replaced = durable::replace(path, Path::new(&temporary), 0o640, |file| {
        match write_lines(site, &mut BufWriter::new(file)) {
            Ok(written) => count = written,
            Err(WriteError::Out(error)) => return Err(error),
            Err(WriteError::Site(error)) => {
                unreadable = Some(error);
                return Err(io::Error::other("the site cannot be read"));
            }
        }
        Ok(())
    });
    match unreadable {
        Some(error) => Err(error.into()),
        None => replaced.map(|()| count).map_err(failed),
    }
}

/// The text of a manifest, and how many messages it has.
///
/// # Errors
/// A queue can't be read.
pub fn manifest_text(site: &Site) -> Result<(Vec<u8>, usize), ManifestError> {
    let mut text = Vec::new();
    match write_lines(site, &mut text) {
        Ok(count) => Ok((text, count)),
        Err(WriteError::Site(error)) => Err(error.into()),
        Err(WriteError::Out(error)) => Err(ManifestError::Io { path: PathBuf::new(), error }),
    }
}

/// Why the lines of a manifest did not get out.
enum WriteError {
    Site(SiteError),
    Out(io::Error),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> WriteError {
        WriteError::Out(error)
    }
}

fn write_lines(site: &Site, out: &mut dyn Write) -> Result<usize, WriteError> {
    writeln!(out, "{TITLE}")?;
    for path in growing(site) {
        let about = fs::metadata(&path).map_or((0, 0), |about| (about.ino(), about.len()));
        writeln!(out, "grows\t{}\t{}\t{}", escaped(&path.to_string_lossy()), about.0, about.1)?;
    }
    let (mut count, mut written) = (0, Ok(()));
    let walked = each(site, |record| {
        count += 1;
        if written.is_ok() {
            written = write_record(&record, out);
        }
    });
    written?;
    walked.map_err(WriteError::Site)?;
    writeln!(out, "end\t{count}")?;
    out.flush()?;
    Ok(count)
}

/// A manifest of a site that was brought elsewhere: logs and mail boxes are where `place` says, the same to the byte but of
/// another inode.
pub fn moved(text: &[u8], place: impl Fn(&Path) -> PathBuf) -> Vec<u8> {
    let line = |line: &[u8]| -> Vec<u8> {
        let shown = String::from_utf8_lossy(line);
        let fields: Vec<&str> = shown.trim_end_matches('\n').split('\t').collect();
        let ["grows", file, _, bytes] = fields[..] else { return line.to_vec() };
        let path = place(Path::new(&plain(file)));
        let inode = fs::metadata(&path).map_or(0, |about| about.ino());
        format!("grows\t{}\t{inode}\t{bytes}\n", escaped(&path.to_string_lossy())).into_bytes()
    };
    text.split_inclusive(|&b| b == b'\n').flat_map(line).collect()
}

fn write_record(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let Record { queue, file, message, metadata, list, message_id } = record;
    let (file, list, id) = (escaped(file), escaped(list), escaped(message_id));
    writeln!(out, "entry\t{queue}\t{file}\t{message}\t{metadata}\t{list}\t{id}")
}

fn escaped(text: &str) -> String {
    text.escape_default().to_string()
}

/// The reverse of [`escaped`]; an escape that it does not write stays as it is.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (c, used) = unescape(&rest[at..]);
        out.push(c);
        rest = &rest[at + used..];
    }
    out + rest
}

/// The character at a backslash, and the bytes of its escape.
fn unescape(text: &str) -> (char, usize) {
    let simple = |c| (c, 2);
    match text.as_bytes().get(1) {
        Some(b't') => simple('\t'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b'\'') => simple('\''),
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'u') => unescape_unicode(text).unwrap_or(('\\', 1)),
        _ => ('\\', 1),
    }
}

fn unescape_unicode(text: &str) -> Option<(char, usize)> {
    let (digits, _) = text.strip_prefix("\\u{")?.split_once('}')?;
    let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    Some((c, digits.len() + 4))
}

/// Reads a manifest line by line; returns how large logs and mail boxes were.
///
/// # Errors
/// It can't be read, is none, or is not whole.
pub(super) fn read_each(path: &Path, mut take: impl FnMut(Record)) -> Result<Grown, ManifestError> {
    let io = |error| ManifestError::Io { path: path.to_path_buf(), error };
    let form = |what: String| ManifestError::Form { path: path.to_path_buf(), what };
    let mut lines = BufReader::new(fs::File::open(path).map_err(io)?).lines();
    if lines.next().transpose().map_err(io)?.as_deref() != Some(TITLE) {
        return Err(form(format!("no manifest: the first line is not \"{TITLE}\"")));
    }
    let (mut grown, mut count, mut end) = (Grown::new(), 0, None);
    for line in lines {
        let line = line.map_err(io)?;
        match line.split('\t').collect::<Vec<_>>()[..] {
            ["grows", file, inode, bytes] => {
                grown.insert(plain(file), (inode.parse().unwrap_or(0), bytes.parse().unwrap_or(0)));
            }
            ["entry", queue, file, message, metadata, list, id] => {
                count += 1;
                take(record([queue, file, message, metadata, list, id]));
            }
            ["end", written] => end = written.parse().ok(),
            _ => return Err(form(format!("a line that no manifest has: {line}"))),
        }
    }
    match end == Some(count) {
        true => Ok(grown),
        false => Err(form(format!("the manifest is not whole: {count} entries, and {end:?} at its end"))),
    }
}

fn record(fields: [&str; 6]) -> Record {
    let [queue, file, message, metadata, list, message_id] = fields.map(plain);
    Record { queue, file, message, metadata, list, message_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_as_they_were() {
        for text in ["plain", "a\tb\\n\nc", "\u{e4}\u{20ac}\u{0}", "\\u{zz}", "tail\\"] {
            assert_eq!(plain(&escaped(text)), text);
        }
        assert_eq!(plain("\\x \\"), "\\x \\");
    }

    #[test]
    fn a_manifest_that_was_cut_off_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        let entry = "entry\tin\t1.5+aa.pck\t00\t11\tgarden\t<1@x>\n";
        fs::write(&path, format!("{TITLE}\n{entry}end\t1\n")).unwrap();
        let mut records = Vec::new();
        read_each(&path, |record| records.push(record)).unwrap();
        assert_eq!((records[0].base(), &records[0].message_id[..]), ("1.5+aa", "<1@x>"));
        for text in
            [format!("{TITLE}\n{entry}"), format!("{TITLE}\nend\t1\n"), entry.to_string(), format!("{TITLE}\nx\n")]
        {
            fs::write(&path, text).unwrap();
            assert!(read_each(&path, |_| {}).is_err());
        }
    }
}
