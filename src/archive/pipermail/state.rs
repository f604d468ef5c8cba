//! `pipermail.pck`: what an archive knows of itself between two posts.
//!
//! A dictionary of the archive object's attributes, protocol 0. Attributes of other versions are kept.

use super::index_page::VolumeFacts;
use super::Setting;
use crate::pipeline::HandlerError;
use compat::durable;
use compat::pickle::{self, Dict, Protocol, Value};
use compat::ByteStr;
use std::io::{self, Write};
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
    attributes: Dict,
}

impl State {
    /// Reads the file; a missing or truncated one is a new archive.
    ///
    /// # Errors
    /// It cannot be read, or is no pickle of a dictionary.
    pub fn load(setting: &Setting<'_>) -> Result<Self, HandlerError> {
        let path = setting.folder.join("pipermail.pck");
        let attributes = match durable::read_file(&path, SIZE_LIMIT) {
            Ok(data) if data.is_empty() => Dict::new(),
            Ok(data) => parse(&path, ByteStr::new(data))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Dict::new(),
            Err(e) => return Err(e.into()),
        };
        let volumes = attributes.get(b"archives").and_then(Value::as_items).unwrap_or_default();
        Ok(State {
            path,
            volumes: volumes.iter().filter_map(|value| value.as_text().cloned()).collect(),
            sequence: attributes.get(b"sequence").and_then(Value::as_int).unwrap_or_default(),
            attributes,
        })
    }

    /// What the index pages of a volume were made with.
    pub fn note_volume(&mut self, facts: &VolumeFacts, depth: usize) {
        let time = |seconds: i64| Value::str(compat::email::date::ctime(seconds));
        self.attributes.set("firstdate", time(facts.first));
        self.attributes.set("lastdate", time(facts.last));
        self.attributes.set("archivedate", time(facts.now));
        self.attributes.set("size", Value::Int(facts.size as i64));
        self.attributes.set("archive", Value::Str(facts.volume.clone()));
        self.attributes.set("version", Value::str(super::VERSION));
        self.attributes.set("type", Value::str("Thread"));
        self.attributes.set("depth", Value::Int(depth as i64));
    }

    /// Writes the file.
    pub fn save(mut self, setting: &Setting<'_>) -> Result<(), HandlerError> {
        let patterns = VOLUME_PATTERNS.iter().map(|(name, pattern)| (ByteStr::from(*name), Value::str(*pattern)));
        let folder = setting.folder.to_string_lossy().into_owned();
        let volumes = self.volumes.into_iter().map(Value::Str).collect();
        let attributes = [
            ("archives", Value::list(volumes)),
            ("_dirty_archives", Value::list(Vec::new())),
            ("sequence", Value::Int(self.sequence)),
            ("update_TOC", Value::Int(0)),
            ("basedir", Value::str(folder)),
            ("lang", Value::Str(setting.lang.clone())),
            ("_volre", Value::dict(patterns.collect())),
        ];
        attributes.into_iter().for_each(|(name, value)| self.attributes.set(name, value));
        let temporary = self.path.with_extension("pck.tmp");
        let attributes = Value::dict(self.attributes);
        durable::replace(&self.path, &temporary, FILE_MODE, |out| {
            out.write_all(&pickle::dumps(&attributes, Protocol::P0)?)
        })?;
        Ok(())
    }
}

fn parse(path: &Path, data: ByteStr) -> Result<Dict, HandlerError> {
    match pickle::load(&data) {
        Ok((Value::Dict(dict), _)) => Ok((*dict).clone()),
        Ok(_) => Err(HandlerError::Other(format!("{}: not the state of an archive", path.display()))),
        Err(e) => Err(HandlerError::Other(format!("{}: {e}", path.display()))),
    }
}
