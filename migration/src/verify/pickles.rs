//! Every pickle of a site: read by ours and by a second reader, written again, read again, compared.
//!
//! One file is in memory at a time. A file that vanishes meanwhile was taken by a runner and is no trouble.

use super::second::{opinion, Opinion};
use super::SiteError;
use crate::progress::Progress;
use compat::pickle::{self, Protocol};
use compat::queue::look::look;
use compat::queue::QueueName;
use compat::site::{settings, Site};
use compat::value::Value;
use compat::{durable, marshal, ByteStr};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Maximum size of a file, in bytes.
const LIMIT: u64 = 2 << 30;

/// How a file holds its pickles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One, of this protocol.
    One(Protocol),
    /// At least this number; what follows is ignored, as Python does.
    AtLeast(usize),
    /// As many as there are.
    Many,
    /// A marshalled dictionary of the archiver.
    Marshal,
}

/// What a check came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub files: usize,
    pub pickles: usize,
    /// Files that a re-encoding left as they were, to the byte.
    pub identical: usize,
    /// Files that ours can't read. Python can't either, or ours is at fault.
    pub unreadable: Vec<String>,
    /// Files of which the two readers saw different values, or that came back changed.
    pub different: Vec<String>,
    /// Files that the second reader can't read.
    pub unconfirmed: Vec<String>,
}

impl Outcome {
    /// Whether every pickle was read, confirmed and came back the same.
    pub fn is_good(&self) -> bool {
        self.unreadable.is_empty() && self.different.is_empty() && self.unconfirmed.is_empty()
    }
}

/// Takes a file, and how it holds its pickles.
type Check<'a> = &'a mut dyn FnMut(&Path, Form);

/// Checks every pickle of a site.
///
/// # Errors
/// A folder can't be read, or the site does not say where a queue is.
pub fn check(site: &Site, progress: &mut dyn Progress) -> Result<Outcome, SiteError> {
    let mut outcome = Outcome::default();
    let mut check = |path: &Path, form| {
        outcome.add(path, form);
        progress.at("reading pickles", outcome.files as u64, 0);
    };
    let folders = super::folders(site)?;
    for queue in QueueName::ALL {
        let files = look(&folders, queue).map_err(SiteError::at(folders.of(queue)))?;
        files.iter().filter(|file| file.is_entry()).for_each(|file| check(&file.path(&folders), Form::AtLeast(2)));
    }
    lists(site, &mut check)?;
    data(site, &mut check)?;
    archives(site, &mut check);
    Ok(outcome)
}

fn lists(site: &Site, check: Check<'_>) -> Result<(), SiteError> {
    for folder in children(&site.settings.path(settings::LIST_DATA_DIR))?.iter().filter(|path| path.is_dir()) {
        for file in ["config.pck", "config.pck.last", "config.pck.safety", "request.pck"] {
            check(&folder.join(file), Form::One(Protocol::P1));
        }
        check(&folder.join("pending.pck"), Form::One(Protocol::P0));
    }
    Ok(())
}

/// Held messages, and bounces that wait to be counted.
fn data(site: &Site, check: Check<'_>) -> Result<(), SiteError> {
    for path in children(&site.settings.path(settings::DATA_DIR))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_pickle = name.ends_with(".pck");
        if is_pickle && name.starts_with("heldmsg-") {
            check(&path, Form::One(Protocol::P1));
        } else if is_pickle && name.starts_with("bounce-events-") {
            check(&path, Form::Many);
        }
    }
    Ok(())
}

/// A site without archives has none; a list's that can't be read is reported with its file.
fn archives(site: &Site, check: Check<'_>) {
    for folder in children(&site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR)).unwrap_or_default() {
        check(&folder.join("pipermail.pck"), Form::One(Protocol::P0));
        for path in children(&folder.join("database")).unwrap_or_default() {
            check(&path, Form::Marshal);
        }
    }
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, SiteError> {
    let listing = fs::read_dir(folder).map_err(SiteError::at(folder))?;
    let mut paths: Vec<PathBuf> = listing.flatten().map(|item| item.path()).collect();
    paths.sort();
    Ok(paths)
}

impl Outcome {
    fn add(&mut self, path: &Path, form: Form) {
        let bytes = match durable::read_file(path, LIMIT) {
            Ok(bytes) => ByteStr::new(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => return self.unreadable.push(format!("{}: {error}", path.display())),
        };
        self.files += 1;
        let mut said = Said::default();
        match form {
            Form::Marshal => said.marshalled(&bytes),
            _ => said.pickles(&bytes, form),
        }
        self.pickles += said.pickles;
        self.identical += usize::from(said.is_identical());
        let name = |text: String| format!("{}: {text}", path.display());
        self.unreadable.extend(said.unreadable.map(name));
        self.different.extend(said.different.map(name));
        self.unconfirmed.extend(said.unconfirmed.map(name));
    }
}

/// What was found in one file; the first of each kind.
#[derive(Default)]
struct Said {
    pickles: usize,
    changed_bytes: bool,
    unreadable: Option<String>,
    different: Option<String>,
    unconfirmed: Option<String>,
}

impl Said {
    fn is_identical(&self) -> bool {
        !self.changed_bytes && self.unreadable.is_none() && self.different.is_none()
    }

    fn pickles(&mut self, bytes: &ByteStr, form: Form) {
        let mut at = 0;
        let wanted = match form {
            Form::One(_) => 1,
            Form::AtLeast(count) => count,
            Form::Many | Form::Marshal => usize::MAX,
        };
        while self.pickles < wanted && (at < bytes.len() || form != Form::Many) {
            match pickle::load(&bytes.slice_from(at)) {
                Ok((value, used)) => {
                    self.one(&bytes.slice(at..at + used), &value, form);
                    at += used;
                }
                Err(error) => {
                    self.unreadable = Some(format!("at byte {at}, {error}"));
                    return;
                }
            }
        }
    }

    fn one(&mut self, bytes: &ByteStr, value: &Value, form: Form) {
        self.pickles += 1;
        match opinion(bytes, value) {
            Opinion::Agrees => {}
            Opinion::Differs(place) => self.differs(format!("the second reader sees another value at {place}")),
            Opinion::CannotRead(why) => {
                self.unconfirmed.get_or_insert(format!("the second reader stops: {why}"));
            }
        }
        let protocol = match form {
            Form::One(protocol) => protocol,
            _ => protocol_of(bytes),
        };
        match written_again(value, protocol) {
            Ok(again) => self.changed_bytes |= again != bytes[..],
            Err(why) => self.differs(why),
        }
    }

    fn differs(&mut self, what: String) {
        self.different.get_or_insert(what);
    }

    fn marshalled(&mut self, bytes: &ByteStr) {
        let value = match marshal::load(bytes) {
            Ok(value) => value,
            Err(error) => {
                self.unreadable = Some(error.to_string());
                return;
            }
        };
        let mut again = Vec::new();
        let same = marshal::dump(&value, &mut again).is_ok()
            && marshal::load(&ByteStr::from(&again[..])).is_ok_and(|read| read == value);
        if !same {
            self.differs("it comes back changed".to_string());
        }
        self.changed_bytes |= again != bytes[..];
        // The index of articles holds a pickle for each.
        let articles = value.as_dict().into_iter().flat_map(|dict| dict.iter());
        let looks_pickled =
            |text: &&ByteStr| text.ends_with(b".") && pickle::load(text).is_ok_and(|(_, used)| used == text.len());
        let texts: Vec<&ByteStr> = articles.filter_map(|(_, value)| value.as_str()).filter(looks_pickled).collect();
        texts.into_iter().for_each(|text| self.pickles(text, Form::Many));
    }
}

/// Text pickles are of protocol 0, all others are written as protocol 1.
fn protocol_of(bytes: &[u8]) -> Protocol {
    match bytes.first() {
        Some(b'S' | b'(' | b'V') => Protocol::P0,
        _ => Protocol::P1,
    }
}

/// The bytes of a second writing; the value must come back the same, and a third writing must not change a byte.
fn written_again(value: &Value, protocol: Protocol) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("it can't be written: {error}");
    let again = pickle::dumps(value, protocol).map_err(failed)?;
    let (read, _) =
        pickle::load(&ByteStr::from(&again[..])).map_err(|e| format!("what was written can't be read: {e}"))?;
    if read != *value {
        return Err("it comes back changed".to_string());
    }
    match pickle::dumps(&read, protocol).map_err(failed)? == again {
        true => Ok(again),
        false => Err("a second writing differs from the first".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8], form: Form) -> Said {
        let mut said = Said::default();
        said.pickles(&ByteStr::from(bytes), form);
        said
    }

    #[test]
    fn an_entry_is_two_pickles_and_what_follows_is_ignored() {
        let text = b"S'Subject: x\\n\\ny\\n'\np1\n.(dp1\nS'listname'\np2\nS'test'\np3\ns.";
        let good = said(text, Form::AtLeast(2));
        assert!(good.unreadable.is_none() && good.different.is_none() && good.unconfirmed.is_none());
        assert_eq!(good.pickles, 2);
        assert!(said(&[&text[..], b"garbage"].concat(), Form::AtLeast(2)).unreadable.is_none());
        assert!(said(&text[..30], Form::AtLeast(2)).unreadable.is_some());
    }

    #[test]
    fn events_end_where_the_file_ends() {
        assert_eq!(said(b"K\x01.K\x02.", Form::Many).pickles, 2);
        assert_eq!(said(b"", Form::Many).pickles, 0);
        assert!(said(b"K\x01.K", Form::Many).unreadable.is_some());
        assert!(said(b"", Form::One(Protocol::P1)).unreadable.is_some());
    }

    #[test]
    fn what_only_one_reader_takes_is_told() {
        // A lone surrogate: Python 2 has it, the second reader's strings have not.
        let lone = said(b"V\\ud800\n.", Form::Many);
        assert!(lone.unconfirmed.is_some() && lone.different.is_none());
    }
}
