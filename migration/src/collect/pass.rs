//! One walk over a site: what is new or changed goes into the archive, what is gone is noted.

use super::names::Names;
use super::output::{Before, Output};
use super::roots::{Archives, Root};
use super::take::{take, Taken};
use super::Collected;
use crate::archive::{self, digits, line, name_of, sum, Index, Known, Stamp};
use crate::progress::Progress;
use crate::spelling::spelled;
use crate::tar::{Kind, Member};
use compat::clock;
use sha1::{Digest, Sha1};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The index gets a piece after this number of names or bytes: at most as much is read again after a kill.
const NAMES: usize = 2_000;
const BYTES: u64 = 64 << 20;
/// Maximum depth of folders in a site.
const DEPTH: usize = 64;
const PIECE: usize = 256 * 1024;

/// An archive in the making, and what is known of it.
pub struct Pass<'a> {
    output: Output<'a>,
    index: Index,
    pieces: Vec<(String, String)>,
    /// Sums of notes that are no pieces.
    notes: Vec<(String, String)>,
    /// The lines of the next piece.
    fresh: Vec<u8>,
    names_since: usize,
    bytes_since: u64,
    archive: PathBuf,
    users: Names,
    pub report: Collected,
}

impl<'a> Pass<'a> {
    /// Goes on behind what was there before.
    pub fn new(output: Output<'a>, before: Before, archive: PathBuf) -> Pass<'a> {
        let notes = before.about.as_ref().map(|about| (archive::SITE.to_string(), sum(&about.text())));
        Pass {
            output,
            index: before.index,
            pieces: before.pieces,
            notes: notes.into_iter().collect(),
            fresh: Vec::new(),
            names_since: 0,
            bytes_since: 0,
            archive,
            users: Names::default(),
            report: Collected::default(),
        }
    }

    /// What the archive holds.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Writes a file of ours.
    ///
    /// # Errors
    /// The archive can't be written.
    pub fn note(&mut self, name: &str, text: &[u8]) -> io::Result<()> {
        self.output.member(&Member::note(name, text.len(), clock::seconds()), text)?;
        self.notes.push((name.to_string(), sum(text)));
        Ok(())
    }

    /// The lines of SHA1SUMS.
    pub fn sums(&self) -> Vec<u8> {
        let ours = self.notes.iter().chain(&self.pieces).map(|(name, sum)| (name.as_bytes(), &sum[..]));
        let lines = self.index.files().chain(ours).flat_map(|(name, sum)| {
            let (mark, name) = spelled(name);
            [mark.as_bytes(), sum.as_bytes(), b"  ", &name, b"\n"].concat()
        });
        lines.collect()
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// It can't be written.
    pub fn finish(self) -> io::Result<Collected> {
        self.output.finish()?;
        Ok(self.report)
    }

    /// Walks over a site and files of its machine.
    ///
    /// # Errors
    /// The archive can't be written. What can't be read is named in the report.
    pub fn walk(
        &mut self,
        roots: &[Root],
        machine: &Path,
        outside: &[PathBuf],
        archives: Archives,
        progress: &mut dyn Progress,
    ) -> io::Result<()> {
        self.index.begin_pass();
        (self.report.temporary, self.report.unreadable, self.report.outward, self.report.restless) = Default::default();
        let mut count = 0;
        for root in roots {
            for item in WalkDir::new(&root.real)
                .max_depth(DEPTH)
                .into_iter()
                .filter_entry(|item| is_wanted(item, root, archives))
            {
                count += 1;
                progress.at(root.name, count, 0);
                match item {
                    Ok(item) => self.item(&item, root, roots)?,
                    Err(error) => self.not_read(&error),
                }
            }
        }
        for path in outside.iter().filter(|path| !roots.iter().any(|root| path.starts_with(&root.real))) {
            let name = name_of(path.strip_prefix(machine).unwrap_or(path));
            self.file(path, name, false)?;
        }
        self.gone()?;
        self.piece()
    }

    fn not_read(&mut self, error: &walkdir::Error) {
        if error.io_error().is_none_or(|error| error.kind() != ErrorKind::NotFound) {
            self.report.unreadable.push(error.to_string());
        }
    }

    fn item(&mut self, item: &DirEntry, root: &Root, roots: &[Root]) -> io::Result<()> {
        let below = item.path().strip_prefix(&root.real).unwrap_or(Path::new(""));
        let name = name_of(&root.spelled.join(below));
        let kind = item.file_type();
        if kind.is_dir() {
            return self.folder(item.path(), name);
        }
        if kind.is_symlink() {
            let is_program = root.is_code() && fs::metadata(item.path()).is_ok_and(|about| about.is_file());
            return match is_program {
                true => self.file(item.path(), name, true),
                false => self.link(item.path(), name, roots),
            };
        }
        if !kind.is_file() {
            self.report.unreadable.push(format!("{}: no file, folder or link", item.path().display()));
            return Ok(());
        }
        if is_temporary(item.path()) {
            self.report.temporary += 1;
            return Ok(());
        }
        match item.path() == self.archive {
            true => Ok(()),
            false => self.file(item.path(), name, false),
        }
    }

    fn folder(&mut self, path: &Path, name: Vec<u8>) -> io::Result<()> {
        let Ok(about) = fs::symlink_metadata(path) else { return Ok(()) };
        let known = Known::Folder { mode: about.mode() & 0o7777, uid: about.uid(), gid: about.gid() };
        if self.index.has(&name, |there| *there == known) {
            return Ok(());
        }
        let mut member = self.member(&name, Kind::Folder, &about);
        member.path.push(b'/');
        self.output.member(&member, b"")?;
        self.put(name, known, 0)
    }

    fn link(&mut self, path: &Path, name: Vec<u8>, roots: &[Root]) -> io::Result<()> {
        let (Ok(about), Ok(target)) = (fs::symlink_metadata(path), fs::read_link(path)) else { return Ok(()) };
        let leads_to = fs::canonicalize(path).ok();
        if leads_to.is_some_and(|to| !roots.iter().any(|root| to.starts_with(&root.real))) {
            self.report.outward.push(format!("{} -> {}", path.display(), target.display()));
        }
        let target = target.as_os_str().as_bytes().to_vec();
        let known = Known::Link { sum: sum(&target) };
        if self.index.has(&name, |there| *there == known) {
            return Ok(());
        }
        let member = Member { target, size: 0, ..self.member(&name, Kind::Link, &about) };
        self.output.member(&member, b"")?;
        self.put(name, known, 0)
    }

    fn file(&mut self, path: &Path, name: Vec<u8>, follow: bool) -> io::Result<()> {
        let about = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
        let now = about.map(|about| Stamp::of(&about)).unwrap_or_default();
        if self.index.has(&name, |there| matches!(there, Known::File { stamp, .. } if *stamp == now)) {
            return Ok(());
        }
        match take(path, follow) {
            Ok(Taken::Gone) => Ok(()),
            Ok(Taken::Whole { bytes, about, stamp }) => {
                self.restless(path, stamp);
                let member = Member { size: bytes.len() as u64, ..self.member(&name, Kind::File, &about) };
                self.output.member(&member, &bytes)?;
                self.brought(name, sum(&bytes), stamp, bytes.len() as u64)
            }
            Ok(Taken::Large { file, about }) => self.large(path, name, file, &about),
            Err(error) => {
                self.report.unreadable.push(format!("{}: {error}", path.display()));
                Ok(())
            }
        }
    }

    /// As many bytes as there were in the beginning; a file that became shorter is filled up, and taken again later.
    fn large(&mut self, path: &Path, name: Vec<u8>, file: File, about: &Metadata) -> io::Result<()> {
        let member = Member { size: about.len(), ..self.member(&name, Kind::File, about) };
        self.output.begin(&member)?;
        let (mut hash, mut left, mut file) = (Sha1::new(), about.len(), file);
        let mut buffer = vec![0; PIECE];
        let mut is_whole = true;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let piece = buffer.get_mut(..most).unwrap_or_default();
            let read = if is_whole { file.read(piece).unwrap_or(0) } else { 0 };
            if read == 0 {
                is_whole = false;
                piece.fill(0);
            }
            let piece = if is_whole { piece.get(..read).unwrap_or_default() } else { &*piece };
            hash.update(piece);
            self.output.write(piece)?;
            left -= piece.len() as u64;
        }
        self.output.end(about.len())?;
        let after = file.metadata().map(|about| Stamp::of(&about)).unwrap_or_default();
        let stamp = if is_whole && after == Stamp::of(about) { after } else { Stamp::default() };
        self.restless(path, stamp);
        self.brought(name, digits(hash.finalize().as_slice()), stamp, about.len())
    }

    fn restless(&mut self, path: &Path, stamp: Stamp) {
        if stamp == Stamp::default() {
            self.report.restless.push(path.display().to_string());
        }
    }

    fn brought(&mut self, name: Vec<u8>, sum: String, stamp: Stamp, size: u64) -> io::Result<()> {
        self.report.brought += 1;
        self.report.bytes += size;
        self.put(name, Known::File { sum, stamp }, size)
    }

    fn member(&mut self, name: &[u8], kind: Kind, about: &Metadata) -> Member {
        Member {
            path: name.to_vec(),
            kind,
            mode: about.mode() & 0o7777,
            uid: about.uid(),
            gid: about.gid(),
            user: self.users.user(about.uid()),
            group: self.users.group(about.gid()),
            size: 0,
            modified: about.mtime(),
            target: Vec::new(),
        }
    }

    fn put(&mut self, name: Vec<u8>, known: Known, bytes: u64) -> io::Result<()> {
        self.fresh.extend(line(&name, Some(&known)));
        self.index.put(name, known);
        self.names_since += 1;
        self.bytes_since += bytes;
        match self.names_since >= NAMES || self.bytes_since >= BYTES {
            true => self.piece(),
            false => Ok(()),
        }
    }

    fn gone(&mut self) -> io::Result<()> {
        let gone = self.index.forget_unseen();
        self.report.gone += gone.len();
        gone.iter().for_each(|name| self.fresh.extend(line(name, None)));
        Ok(())
    }

    /// Writes down what came since the last piece.
    fn piece(&mut self) -> io::Result<()> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let name = format!("{}{:06}", archive::PIECES, self.pieces.len() + 1);
        let text = std::mem::take(&mut self.fresh);
        self.output.member(&Member::note(&name, text.len(), clock::seconds()), &text)?;
        self.pieces.push((name, sum(&text)));
        (self.names_since, self.bytes_since) = (0, 0);
        self.output.keep()
    }
}

/// Compiled Python, process numbers, and what a switch of this machine noted are of no use elsewhere.
fn is_wanted(item: &DirEntry, root: &Root, archives: Archives) -> bool {
    let name = item.file_name().as_bytes();
    let is_left = name.ends_with(b".pyc")
        || name.ends_with(b".pyo")
        || name == b"master-qrunner.pid"
        || name == crate::program::JOURNAL_NAME.as_bytes();
    let is_page = archives == Archives::Mboxes
        && item.depth() == 1
        && match root.name {
            "PRIVATE_ARCHIVE_FILE_DIR" => !name.ends_with(b".mbox"),
            other => other == "PUBLIC_ARCHIVE_FILE_DIR",
        };
    !is_left && !is_page
}

/// What a writer had not finished: `.pck.tmp` of a queue, `config.pck.tmp.HOST.PID` of a list.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_bytes();
    name.ends_with(b".tmp") || memchr::memmem::find(name, b".pck.tmp.").is_some()
}
