//! `pipermail.pck`: what an archive knows of itself between two posts.
//!
//! A dictionary of the archive object's attributes, protocol 0. Attributes of other versions are kept.

use super::layout::VERSION;
use super::setting::Setting;
use super::volume::{self, VolumeFacts};
use crate::error::HandlerError;
use compat::durable::{self, Commit, NewFile};
use compat::pickle::{self, PickleError, Protocol};
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const SIZE_LIMIT: u64 = 64 << 20;
const FILE_MODE: u32 = 0o660;

/// The patterns of volume names that Python keeps in the file.
const VOLUME_PATTERNS: [(&str, &str); 5] = [
    ("week", "^Week-of-Mon-(?P<year>[0-9]{4,4})(?P<month>[01][0-9])(?P<day>[0123][0-9])"),
    ("quarter", "^(?P<year>[0-9]{4,4})q(?P<quarter>[1234])$"),
    ("month", "^(?P<year>[0-9]{4,4})-(?P<month>[a-zA-Z]+)$"),
    ("day", "^(?P<year>[0-9]{4,4})(?P<month>[01][0-9])(?P<day>[0123][0-9])$"),
    ("year", "^(?P<year>[0-9]{4,4})$"),
];

/// The state of an archive.
pub struct State {
    path: PathBuf,
    /// Names of volumes, newest first.
    pub volumes: Vec<ByteStr>,
    /// The number of the next article.
    pub sequence: i64,
    /// Why the file does not count.
    pub lost: Option<Lost>,
    attributes: Dict,
}

/// A state that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    #[error("it is missing")]
    Missing,
    #[error("it is not the state of an archive")]
    OfAnotherKind,
    #[error(transparent)]
    Damaged(#[from] PickleError),
}

impl Lost {
    /// Whether there is a file, which is kept aside.
    pub fn leaves_a_file(&self) -> bool {
        !matches!(self, Lost::Missing)
    }
}

impl State {
    /// Reads the file. Without one, or with one that cannot be read, the volumes' folders and the numbers of their pages
    /// tell how things stand, so that no address changes (Python shunts each post, or begins again at number 0 and
    /// writes over old pages); the state is lost then.
    ///
    /// # Errors
    /// The disk fails.
    pub fn load(setting: &Setting<'_>) -> Result<Self, HandlerError> {
        let path = setting.folder.join("pipermail.pck");
        let read = match durable::read_file(&path, SIZE_LIMIT) {
            Ok(data) => parse(&ByteStr::new(data)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(Lost::Missing),
            Err(e) => return Err(e.into()),
        };
        let attributes = match read {
            Ok(attributes) => attributes,
            Err(lost) => {
                let (volumes, sequence) = volumes_below(&setting.folder)?;
                let is_new = volumes.is_empty() && !lost.leaves_a_file();
                let lost = (!is_new || unfinished(&path).exists()).then_some(lost);
                return Ok(State { path, volumes, sequence, lost, attributes: Dict::new() });
            }
        };
        let volumes = attributes.get(b"archives").and_then(Value::as_items).unwrap_or_default();
        Ok(State {
            path,
            volumes: volumes.iter().filter_map(|value| value.as_text().cloned()).collect(),
            sequence: attributes.get(b"sequence").and_then(Value::as_int).unwrap_or_default(),
            lost: None,
            attributes,
        })
    }

    /// Where is noted what is to be made again, as long as that is not done.
    pub fn unfinished(&self) -> PathBuf {
        unfinished(&self.path)
    }

    /// Says what became of a state that is lost.
    pub fn tell_loss(&self, setting: &Setting<'_>, told: &str) {
        if let Some(reason) = &self.lost {
            let list = setting.list.name();
            setting.site.log("error", format!("archive of {list}: pipermail.pck {told}: {reason}"));
        }
    }

    /// Keeps a damaged file aside.
    fn keep_aside(&self) -> io::Result<()> {
        if !self.lost.as_ref().is_some_and(Lost::leaves_a_file) {
            return Ok(());
        }
        let aside = aside_of(&self.path)?;
        match durable::link(&self.path, &aside) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // A file system without links.
            Err(_) => durable::rename(&self.path, &aside),
        }
    }

    /// What the index pages of a volume were made with.
    pub fn note_volume(&mut self, facts: &VolumeFacts, depth: usize) {
        let time = |seconds: i64| Value::str(compat::email::date::ctime(seconds));
        self.attributes.set("firstdate", time(facts.first));
        self.attributes.set("lastdate", time(facts.last));
        self.attributes.set("archivedate", time(facts.now));
        self.attributes.set("size", Value::Int(facts.size as i64));
        self.attributes.set("archive", Value::Str(facts.volume.clone()));
        self.attributes.set("version", Value::str(VERSION));
        self.attributes.set("type", Value::str("Thread"));
        self.attributes.set("depth", Value::Int(depth as i64));
    }

    /// Writes the file, which takes its place with the commit.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn save(mut self, setting: &Setting<'_>, commit: &mut Commit) -> Result<(), HandlerError> {
        self.keep_aside()?;
        let patterns = VOLUME_PATTERNS.iter().map(|(name, pattern)| (ByteStr::from(*name), Value::str(*pattern)));
        let folder = setting.folder.to_string_lossy().into_owned();
        let volumes = self.volumes.into_iter().map(Value::Str).collect();
        let attributes = [
            ("archives", Value::list(volumes)),
            ("_dirty_archives", Value::list(Vec::new())),
            ("sequence", Value::Int(self.sequence)),
            ("update_TOC", Value::Int(0)),
            ("basedir", Value::str(folder)),
            ("lang", setting.lang_value.clone()),
            ("_volre", Value::dict(patterns.collect())),
        ];
        attributes.into_iter().for_each(|(name, value)| self.attributes.set(name, value));
        let mut file = NewFile::create_over(self.path.with_extension("pck.tmp"), FILE_MODE)?;
        file.write_all(&pickle::dumps(&Value::dict(self.attributes), Protocol::P0)?)?;
        Ok(commit.place_for_good(file, self.path)?)
    }
}

fn parse(data: &ByteStr) -> Result<Dict, Lost> {
    match pickle::load(data)? {
        (Value::Dict(dict), _) => Ok((*dict).clone()),
        _ => Err(Lost::OfAnotherKind),
    }
}

/// Where a damaged file is kept: beside it, named by the time at which it was written.
pub fn aside_of(path: &Path) -> io::Result<PathBuf> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".broken-{}", fs::metadata(path)?.mtime()));
    Ok(PathBuf::from(aside))
}

fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("pck.unfinished")
}

/// The volumes below a folder, and the number behind that of their last page.
fn volumes_below(folder: &Path) -> io::Result<(Vec<ByteStr>, i64)> {
    let (mut volumes, mut sequence) = (Vec::new(), 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = ByteStr::from(entry.file_name().as_bytes());
        if entry.file_type()?.is_dir() && volume::is_name(&name) {
            sequence = sequence.max(number_behind_pages(&entry.path())?);
            volumes.push(name);
        }
    }
    Ok((volumes, sequence))
}

/// The number behind that of the last page in a volume's folder; 0: there is none.
pub fn number_behind_pages(volume: &Path) -> io::Result<i64> {
    let mut number = 0;
    for entry in fs::read_dir(volume)? {
        number = number.max(number_of_page(&entry?.file_name()).map_or(0, |page| page.saturating_add(1)));
    }
    Ok(number)
}

/// The number of the article whose page has this name.
pub fn number_of_page(name: &OsStr) -> Option<i64> {
    name.to_str()?.strip_suffix(".html")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_seen_in_the_folders() {
        let dir = tempfile::tempdir().unwrap();
        for (volume, page) in [("2026-March", "000007.html"), ("2026-April", "000012.html"), ("attachments", "99.html")]
        {
            fs::create_dir(dir.path().join(volume)).unwrap();
            fs::write(dir.path().join(volume).join(page), "x").unwrap();
            fs::write(dir.path().join(volume).join("thread.html"), "x").unwrap();
        }
        let (mut volumes, sequence) = volumes_below(dir.path()).unwrap();
        volumes.sort();
        assert_eq!((volumes, sequence), (["2026-April", "2026-March"].map(ByteStr::from).to_vec(), 13));
    }

    #[test]
    fn what_is_no_state_is_refused() {
        assert!(parse(&"(dp1\n.".into()).is_ok());
        for broken in ["", "(dp1\nS'arch", "(lp1\n.", "garbage"] {
            assert!(parse(&broken.into()).is_err(), "{broken}");
        }
    }
}
