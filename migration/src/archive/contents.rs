//! An archive read whole before anything is believed of it: every header and sum, every name, and its end.

use super::index::{parse, Known};
use super::{digits, sum, About, End, END, MESSAGES, OURS, PIECES, SITE, SUMS};
use crate::progress::Progress;
use crate::spelling::plain;
use crate::tar::{Kind, Member, Reader, TarError};
use compat::durable;
use sha1::{Digest, Sha1};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What is ours in an archive is not larger.
const NOTE_LIMIT: u64 = 1 << 30;
const PIECE: usize = 256 * 1024;

/// Why an archive is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file can't be read.
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    /// It is no tar file, damaged, or cut off.
    #[error("{}: {error}", path.display())]
    Tar { path: PathBuf, error: TarError },
    /// It is one of somebody else's.
    #[error("{} is no archive of collect: {what}", path.display())]
    NotOurs { path: PathBuf, what: &'static str },
    /// It has no end: the collection was killed, or the copy was cut off.
    #[error("{} is not whole: it has no end. Let collect finish, or copy it again", path.display())]
    NoEnd { path: PathBuf },
    /// A file in it is not the one that was collected.
    #[error("{}: {name} is damaged or was altered: its sum is another", path.display())]
    Altered { path: PathBuf, name: String },
    /// A file that was collected is not there, or one is there that was not.
    #[error("{}: {name}: {what}", path.display())]
    Count { path: PathBuf, name: String, what: &'static str },
    /// A name that would lead elsewhere.
    #[error("{}: the name {name} is refused: {what}", path.display())]
    Unsafe { path: PathBuf, name: String, what: &'static str },
}

/// A file in an archive.
#[derive(Clone, Debug)]
pub struct Stored {
    pub member: Member,
    /// Where its contents begin.
    pub at: u64,
    pub sum: String,
}

/// All that an archive holds. Names have neither a slash at an end nor `.` or `..` in them.
#[derive(Debug)]
pub struct Contents {
    path: PathBuf,
    file: File,
    pub about: About,
    pub end: End,
    pub files: BTreeMap<Vec<u8>, Stored>,
    pub folders: BTreeMap<Vec<u8>, Member>,
    pub links: BTreeMap<Vec<u8>, Member>,
    /// The manifest of waiting messages, if it was taken.
    pub messages: Option<Vec<u8>>,
}

impl Contents {
    /// Reads and checks an archive.
    ///
    /// # Errors
    /// See [`ArchiveError`]; nothing of it is to be believed then.
    pub fn read(path: &Path, progress: &mut dyn Progress) -> Result<Contents, ArchiveError> {
        let io = |error| ArchiveError::Io { path: path.to_path_buf(), error };
        let file = durable::open_regular(path).map_err(io)?;
        let reader = Reader::new(BufReader::with_capacity(PIECE, file.try_clone().map_err(io)?)).map_err(io)?;
        let mut walk = Walk { path, reader, found: Found::default(), notes: HashMap::new() };
        walk.all(progress)?;
        let Walk { found, mut notes, .. } = walk;
        let about = notes.remove(SITE).as_deref().and_then(About::parse);
        let not_ours = |what| ArchiveError::NotOurs { path: path.to_path_buf(), what };
        let about = about.ok_or_else(|| not_ours("it does not say which site it is of"))?;
        let end = notes.remove(END).ok_or_else(|| ArchiveError::NoEnd { path: path.to_path_buf() })?;
        let end = End::parse(&end).ok_or_else(|| not_ours("its end is not understood"))?;
        let contents = Contents {
            path: path.to_path_buf(),
            file,
            about,
            end,
            files: found.files,
            folders: found.folders,
            links: found.links,
            messages: notes.remove(MESSAGES),
        };
        contents.check_sums(&notes.remove(SUMS).unwrap_or_default(), &found.sums)?;
        contents.check_links(&found.link_sums)?;
        contents.check_places()?;
        Ok(contents)
    }

    /// The contents of a file in it, piece by piece.
    ///
    /// # Errors
    /// The archive can't be read, or `take` fails.
    pub fn copy(&self, stored: &Stored, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        let (mut at, mut left) = (stored.at, stored.member.size);
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let piece = buffer.get_mut(..most).unwrap_or_default();
            self.file.read_exact_at(piece, at)?;
            take(piece)?;
            at += piece.len() as u64;
            left -= piece.len() as u64;
        }
        Ok(())
    }

    /// The contents of a small file.
    ///
    /// # Errors
    /// The archive can't be read.
    pub fn bytes(&self, stored: &Stored) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.copy(stored, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// The sum of what the archive says about itself: no other archive has it.
    pub fn id(&self) -> String {
        sum(&[&self.about.text()[..], &self.end.text()].concat())
    }

    /// The bytes of all files.
    pub fn size(&self) -> u64 {
        self.files.values().map(|stored| stored.member.size).sum()
    }

    fn shown(&self, name: &[u8]) -> String {
        name.escape_ascii().to_string()
    }

    /// Every file is the one of its line, and there is no file without a line.
    fn check_sums(&self, sums: &[u8], ours: &HashMap<Vec<u8>, String>) -> Result<(), ArchiveError> {
        let altered = |name: &[u8]| ArchiveError::Altered { path: self.path.clone(), name: self.shown(name) };
        let count = |name: &[u8], what| ArchiveError::Count { path: self.path.clone(), name: self.shown(name), what };
        if sum(sums) != self.end.sums {
            return Err(altered(SUMS.as_bytes()));
        }
        let (mut named, mut of_ours) = (0, 0);
        for line in sums.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            let (sum, name) = sum_line(line).ok_or_else(|| altered(SUMS.as_bytes()))?;
            let found = match name.starts_with(OURS.as_bytes()) {
                true => {
                    of_ours += 1;
                    ours.get(&name)
                }
                false => {
                    named += 1;
                    self.files.get(&name).map(|stored| &stored.sum)
                }
            };
            match found {
                Some(found) if *found == sum => {}
                Some(_) => return Err(altered(&name)),
                None => return Err(count(&name, "it was collected and is not there")),
            }
        }
        // Neither the sums nor the end can name themselves.
        match named == self.files.len() && named == self.end.files && of_ours + 2 == ours.len() {
            true => Ok(()),
            false => Err(count(SUMS.as_bytes(), "it names another number of files than there are")),
        }
    }

    /// Links lead where they led when they were collected.
    fn check_links(&self, sums: &HashMap<Vec<u8>, String>) -> Result<(), ArchiveError> {
        let is_altered =
            |(name, link): &(&Vec<u8>, &Member)| sums.get(*name).is_some_and(|said| *said != sum(&link.target));
        match self.links.iter().find(is_altered) {
            None => Ok(()),
            Some((name, _)) => Err(ArchiveError::Altered { path: self.path.clone(), name: self.shown(name) }),
        }
    }

    /// No file stands where another name says that there is a link or a file: it would be written to where that leads.
    fn check_places(&self) -> Result<(), ArchiveError> {
        let names = self.files.keys().chain(self.folders.keys()).chain(self.links.keys());
        for name in names {
            let above = name.iter().enumerate().filter(|(_, &b)| b == b'/').map(|(at, _)| &name[..at]);
            for folder in above {
                if self.links.contains_key(folder) || self.files.contains_key(folder) {
                    let what = "it stands below a link or a file";
                    return Err(ArchiveError::Unsafe { path: self.path.clone(), name: self.shown(name), what });
                }
            }
        }
        Ok(())
    }
}

/// A line of `sha1sum`: the sum, two blanks (or a blank and a star), the name.
fn sum_line(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let (line, is_marked) = line.strip_prefix(b"\\").map_or((line, false), |rest| (rest, true));
    let (sum, rest) = line.split_at_checked(40)?;
    let name = rest.strip_prefix(b"  ").or_else(|| rest.strip_prefix(b" *"))?;
    let name = if is_marked { plain(name) } else { name.to_vec() };
    Some((String::from_utf8_lossy(sum).into_owned(), clean(&name)?))
}

/// A name without a slash in front or behind and without `.`; `None` for one with `..`, or of nothing.
fn clean(name: &[u8]) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> = name.split(|&b| b == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    let is_good = !parts.is_empty() && parts.iter().all(|part| *part != b".." && !part.contains(&0));
    is_good.then(|| parts.join(&b'/'))
}

#[derive(Default)]
struct Found {
    files: BTreeMap<Vec<u8>, Stored>,
    folders: BTreeMap<Vec<u8>, Member>,
    links: BTreeMap<Vec<u8>, Member>,
    /// Of the files that are ours.
    sums: HashMap<Vec<u8>, String>,
    /// Of where links lead, from the pieces of the index.
    link_sums: HashMap<Vec<u8>, String>,
}

impl Found {
    fn forget(&mut self, name: &[u8]) {
        self.files.remove(name);
        self.folders.remove(name);
        self.links.remove(name);
    }
}

struct Walk<'a> {
    path: &'a Path,
    reader: Reader<BufReader<File>>,
    found: Found,
    notes: HashMap<String, Vec<u8>>,
}

impl Walk<'_> {
    fn all(&mut self, progress: &mut dyn Progress) -> Result<(), ArchiveError> {
        let mut count = 0;
        while let Some(member) = self.next()? {
            if self.notes.contains_key(END) {
                return Err(ArchiveError::NotOurs { path: self.path.to_path_buf(), what: "something follows its end" });
            }
            count += 1;
            progress.at("reading the archive", count, 0);
            self.one(member)?;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Member>, ArchiveError> {
        self.reader.next_member().map_err(|error| ArchiveError::Tar { path: self.path.to_path_buf(), error })
    }

    fn one(&mut self, mut member: Member) -> Result<(), ArchiveError> {
        let raw = std::mem::take(&mut member.path);
        // `tar -C / .` has the root itself.
        let Some(name) = clean(&raw) else {
            return match raw.split(|&b| b == b'/').any(|part| part == b"..") {
                true => Err(self.refused(&raw, "it leads upwards")),
                false => Ok(()),
            };
        };
        member.path.clone_from(&name);
        if name.starts_with(OURS.as_bytes()) {
            return self.note(&name, &member);
        }
        self.found.forget(&name);
        match member.kind {
            Kind::Folder => drop(self.found.folders.insert(name, member)),
            Kind::Link => drop(self.found.links.insert(name, member)),
            Kind::Twin => self.second_name(name, member)?,
            Kind::File => {
                let at = self.reader.position();
                let sum = self.hash()?;
                self.found.files.insert(name, Stored { member, at, sum });
            }
            Kind::Other(_) => return Err(self.refused(&name, "it is a device or a pipe")),
        }
        Ok(())
    }

    /// Another name of a file becomes a file of its own.
    fn second_name(&mut self, name: Vec<u8>, member: Member) -> Result<(), ArchiveError> {
        let first = clean(&member.target).and_then(|target| self.found.files.get(&target)).cloned();
        let first = first.ok_or_else(|| self.refused(&name, "it is another name of a file that is not there"))?;
        let member = Member { size: first.member.size, kind: Kind::File, ..member };
        self.found.files.insert(name, Stored { member, ..first });
        Ok(())
    }

    fn note(&mut self, name: &[u8], member: &Member) -> Result<(), ArchiveError> {
        let text = String::from_utf8_lossy(name).into_owned();
        if member.size > NOTE_LIMIT || member.kind != Kind::File && member.kind != Kind::Folder {
            return Err(self.refused(name, "it is nothing that collect writes"));
        }
        let mut bytes = Vec::new();
        self.reader.read_to_end(&mut bytes).map_err(|error| self.io(error))?;
        if member.kind == Kind::Folder {
            return Ok(());
        }
        self.found.sums.insert(name.to_vec(), sum(&bytes));
        if text.starts_with(PIECES) {
            self.piece(&bytes);
            return Ok(());
        }
        self.notes.insert(text, bytes);
        Ok(())
    }

    /// What a later pass did not find any more is gone; where links lead stands in no other place.
    fn piece(&mut self, piece: &[u8]) {
        let lines = piece.split(|&b| b == b'\n').filter(|line| !line.is_empty());
        for (name, known) in lines.filter_map(parse) {
            match known {
                None => self.found.forget(&name),
                Some(Known::Link { sum }) => drop(self.found.link_sums.insert(name, sum)),
                Some(_) => {}
            }
        }
    }

    fn hash(&mut self) -> Result<String, ArchiveError> {
        let (mut hash, mut buffer) = (Sha1::new(), vec![0; PIECE.min(64 * 1024)]);
        loop {
            let read = self.reader.read(&mut buffer).map_err(|error| self.io(error))?;
            if read == 0 {
                return Ok(digits(hash.finalize().as_slice()));
            }
            hash.update(buffer.get(..read).unwrap_or_default());
        }
    }

    fn io(&self, error: io::Error) -> ArchiveError {
        ArchiveError::Io { path: self.path.to_path_buf(), error }
    }

    fn refused(&self, name: &[u8], what: &'static str) -> ArchiveError {
        ArchiveError::Unsafe { path: self.path.to_path_buf(), name: name.escape_ascii().to_string(), what }
    }
}
