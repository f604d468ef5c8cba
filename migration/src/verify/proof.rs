//! What proves that a message which left the queues was dealt with: a log line or a mail box that has its Message-ID.
//!
//! Only what was written after the manifest counts. Logs are read once, line by line, whatever their size; a log that was
//! rotated since is read from its rotated file too.

use super::manifest::Grown;
use compat::site::{settings, Site};
use memchr::memmem;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The logs whose lines name messages.
pub(super) const LOGS: [&str; 5] = ["post", "smtp", "smtp-failure", "vette", "bounce"];
/// What logrotate calls the last file.
const ROTATED: [&str; 3] = ["", ".1", ".0"];
/// A longer line is read in parts.
const LONGEST_LINE: u64 = 64 * 1024;
/// Ids that are not in angle brackets are searched one by one, up to this number.
const ODD_IDS: usize = 1000;

/// Where a proof was found: each proves something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A log: the message was delivered, held, refused.
    Log,
    /// The mail box of the archive: it was archived.
    Mbox,
}

/// What proves a message, from each source.
type Proofs = [Option<String>; 2];

/// Puts a proof into words.
type Say<'a> = &'a dyn Fn(&[u8]) -> String;

/// Message-IDs that are looked for, each with what proves it once that is found.
pub struct Wanted {
    ids: HashMap<Vec<u8>, Proofs>,
    odd: Vec<Vec<u8>>,
}

impl Wanted {
    /// Looks for these.
    pub fn new<'a>(ids: impl Iterator<Item = &'a str>) -> Wanted {
        let bytes = |id: &str| id.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect::<Vec<u8>>();
        let ids: HashMap<Vec<u8>, Proofs> =
            ids.filter(|id| !id.is_empty()).map(|id| (bytes(id), Proofs::default())).collect();
        let is_odd = |id: &&Vec<u8>| !is_bracketed(id);
        let odd = ids.keys().filter(is_odd).take(ODD_IDS).cloned().collect();
        Wanted { ids, odd }
    }

    /// What proves a message, from one of these sources.
    pub fn proof(&self, id: &str, sources: &[Source]) -> Option<&String> {
        let bytes: Vec<u8> = id.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        let proofs = self.ids.get(&bytes)?;
        sources.iter().find_map(|source| proofs.get(*source as usize)?.as_ref())
    }

    /// Reads the logs of a site.
    pub fn search_logs(&mut self, site: &Site, grown: &Grown) -> io::Result<()> {
        for name in LOGS {
            let path = site.settings.path(settings::LOG_DIR).join(name);
            self.search_grown(&path, grown, Source::Log, &|line| format!("log {name}: {}", shown(line)))?;
        }
        Ok(())
    }

    /// Reads the mail box of a list's archive.
    pub fn search_mbox(&mut self, site: &Site, list: &str, grown: &Grown) -> io::Result<()> {
        let file = format!("{list}.mbox");
        let path = site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR).join(&file).join(&file);
        self.search_grown(&path, grown, Source::Mbox, &|_| format!("in the archive's mail box {file}"))
    }

    /// A file that grew: what is new in it, and all of the files that came after the one that is known.
    fn search_grown(&mut self, path: &Path, grown: &Grown, source: Source, say: Say<'_>) -> io::Result<()> {
        let (inode, known) = grown.get(&*path.to_string_lossy()).copied().unwrap_or((0, 0));
        for suffix in ROTATED {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            let Some(mut file) = open(&PathBuf::from(name))? else { continue };
            let about = file.metadata()?;
            let is_known = about.ino() == inode;
            if is_known && about.len() >= known {
                file.seek(SeekFrom::Start(known))?;
            }
            self.search(BufReader::new(file), source, say)?;
            if is_known || known == 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    fn search(&mut self, mut file: impl BufRead, source: Source, say: Say<'_>) -> io::Result<()> {
        let mut line = Vec::new();
        while file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
            self.look_at(&line, source, say);
            line.clear();
        }
        Ok(())
    }

    fn look_at(&mut self, line: &[u8], source: Source, say: Say<'_>) {
        let mut rest = line;
        while let Some(start) = memchr::memchr(b'<', rest) {
            rest = rest.get(start..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'>', rest) else { break };
            self.found(rest.get(..=end).unwrap_or_default(), source, || say(line));
            rest = rest.get(1..).unwrap_or_default();
        }
        let odd: Vec<Vec<u8>> = self.odd.iter().filter(|id| memmem::find(line, id).is_some()).cloned().collect();
        odd.iter().for_each(|id| self.found(id, source, || say(line)));
    }

    fn found(&mut self, id: &[u8], source: Source, say: impl Fn() -> String) {
        if let Some(proof @ None) = self.ids.get_mut(id).and_then(|proofs| proofs.get_mut(source as usize)) {
            *proof = Some(say());
        }
    }
}

fn is_bracketed(id: &[u8]) -> bool {
    id.first() == Some(&b'<') && memchr::memchr(b'>', id) == Some(id.len() - 1)
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match fs::File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line.trim_ascii_end()).chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(ids: &[&str], line: &str) -> Vec<bool> {
        let mut wanted = Wanted::new(ids.iter().copied());
        wanted.search(line.as_bytes(), Source::Log, &|_| "here".to_string()).unwrap();
        assert!(ids.iter().all(|id| wanted.proof(id, &[Source::Mbox]).is_none()));
        ids.iter().map(|id| wanted.proof(id, &[Source::Mbox, Source::Log]).is_some()).collect()
    }

    #[test]
    fn log_lines_name_messages_in_several_ways() {
        let ids = ["<1@x>", "<2@x>", "odd id"];
        assert_eq!(
            found(&ids, "Nov 25 16:00:00 2026 (7) <1@x> smtp to garden for 2 recips, completed in 0.1 seconds\n"),
            [true, false, false]
        );
        assert_eq!(found(&ids, "post to garden from a@b, size=3, message-id=<2@x>, success\n"), [false, true, false]);
        assert_eq!(found(&ids, "x <a <2@x> y odd id\nMessage-ID: <1@x>\n"), [true, true, true]);
        assert_eq!(found(&["<1@x>"], "<11@x> <1@xx> <1@x"), [false]);
    }

    #[test]
    fn only_what_is_new_counts_also_after_a_rotation() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("smtp");
        fs::write(&log, "<old@x>\n").unwrap();
        let about = fs::metadata(&log).unwrap();
        let grown = Grown::from([(log.to_string_lossy().into_owned(), (about.ino(), about.len()))]);
        let add =
            |path: &Path, text: &str| fs::write(path, fs::read_to_string(path).unwrap_or_default() + text).unwrap();
        add(&log, "<new@x>\n");
        let look = || {
            let ids = ["<old@x>", "<new@x>", "<newest@x>"];
            let mut wanted = Wanted::new(ids.into_iter());
            wanted.search_grown(&log, &grown, Source::Log, &|_| String::new()).unwrap();
            ids.map(|id| wanted.proof(id, &[Source::Log]).is_some())
        };
        assert_eq!(look(), [false, true, false]);
        fs::rename(&log, dir.path().join("smtp.1")).unwrap();
        add(&log, "<newest@x>\n");
        assert_eq!(look(), [false, true, true]);
    }
}
