//! Reading `config.pck`, falling back to the state before, and putting a damaged file right.
//!
//! Answers to `MailList.Load`. Tried in turn: config.pck, config.pck.last, and the marshal files of Mailman 2.0, which
//! this program does not read.

use super::look::Tables;
use super::names::CONFIG_FILES;
use super::{names, ListError, MailList};
use crate::clock;
use crate::durable::{self, NewFile, FILE_MODE};
use crate::format::os_error;
use crate::lock::{Lock, LockError};
use crate::pickle::{self, Layout, PickleError, Reason};
use crate::value::{Dict, Value};
use crate::ByteStr;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

/// Maximum size of a list's file, in bytes: some ten million members.
const MAX_SIZE: u64 = 2 << 30;
/// A file's times stand still between two ticks of the kernel's clock.
const TICK: Duration = Duration::from_millis(20);
/// On a file system that keeps whole seconds.
const LONG_TICK: Duration = Duration::from_secs(2);

/// What came of one file.
enum Attempt {
    Read(Read),
    /// Python's text of why not; the next file is tried.
    Failed(String),
}

/// The attributes of a file.
struct Read {
    attributes: Dict,
    layout: Option<Rc<Layout>>,
    left: Option<Tables>,
}

/// Whether an error means that the file is damaged, and not that it goes beyond our bounds.
pub fn is_damage(error: &PickleError) -> bool {
    !matches!(
        error.reason,
        Reason::Outside(_) | Reason::Protocol(_) | Reason::ContainsItself | Reason::TooDeep(_) | Reason::TooMany(_)
    )
}

impl MailList {
    /// Reads the list anew. With the lock held it is passed in, for putting a damaged file right.
    pub(super) fn read(&mut self, lock: Option<&mut Lock>) -> Result<(), ListError> {
        self.refuse_extension()?;
        match names::look_up(&self.site, &self.name) {
            Ok(true) => {}
            Ok(false) => return Err(ListError::Unknown(self.name.clone())),
            Err(error) => return Err(ListError::io(&self.name, &self.folder, error)),
        }
        // Taken before the file is read: a file that is replaced meanwhile differs from the one that was read.
        self.stamp = Stamp::of(&self.folder.join("config.pck"));
        self.settled = self.stamp.as_ref().is_some_and(Stamp::is_settled);
        let used = self.read_first_good()?;
        if used == "config.pck.last" {
            self.repair(lock)?;
            self.stamp = None;
        }
        self.changed.clear();
        self.language_asked.set(false);
        self.requests = None;
        self.missing = Dict::new();
        self.fill_missing();
        self.check_values();
        self.corrected = !self.changed.is_empty();
        self.put_in_order();
        Ok(())
    }

    /// `extend.py` may replace any method and the whole roster. One without a line of code does nothing.
    pub(super) fn refuse_extension(&self) -> Result<(), ListError> {
        let path = self.folder.join("extend.py");
        let code = match fs::read(&path) {
            Ok(code) => code,
            Err(e) if e.kind() == io::ErrorKind::NotFound || e.kind() == io::ErrorKind::NotADirectory => return Ok(()),
            Err(e) => {
                let text = python_error_at(&e, &path);
                self.site.log("error", format!("IOError reading list extension: {text}"));
                return Ok(());
            }
        };
        let is_idle = |line: &[u8]| matches!(line.trim_ascii().first(), None | Some(b'#'));
        if code.split(|&b| b == b'\n').all(is_idle) {
            return Ok(());
        }
        Err(ListError::NeedsPython { list: self.name.clone(), path })
    }

    fn read_first_good(&mut self) -> Result<&'static str, ListError> {
        let mut reasons = Vec::new();
        for file in CONFIG_FILES {
            let path = self.folder.join(file);
            match self.attempt(&path)? {
                Attempt::Read(read) => {
                    self.take(read);
                    return Ok(file);
                }
                Attempt::Failed(why) => {
                    self.site.log("error", format!("couldn't load config file {}\n{why}", path.display()));
                    reasons.push((file, why));
                }
            }
        }
        self.site.log("error", format!("All {} fallbacks were corrupt, giving up", self.name));
        let damage = reasons.first().map(|(file, why)| format!("{file}: {why}")).unwrap_or_default();
        let reason = reasons.pop().map(|(_, why)| why).unwrap_or_default();
        Err(ListError::Corrupt { list: self.name.clone(), damage, reason })
    }

    fn take(&mut self, read: Read) {
        (self.attributes, self.layout, self.left) = (read.attributes, read.layout, read.left);
    }

    fn attempt(&self, path: &Path) -> Result<Attempt, ListError> {
        let (file, bytes) = match open_through_links(path).and_then(|file| {
            let bytes = durable::read_open(&file, MAX_SIZE)?;
            Ok((file, ByteStr::new(bytes)))
        }) {
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Attempt::Failed(python_error_at(&e, path))),
            Err(e) => return Err(ListError::io(&self.name, path, e)),
        };
        if path.as_os_str().to_string_lossy().contains(".db") {
            return Ok(Attempt::Failed(
                "a file of Mailman 2.0 (marshal): bin/update of Mailman 2.1 converts it".into(),
            ));
        }
        if let Some((attributes, left)) = self.is_for_looking.then(|| Tables::outline(file, &bytes)).flatten() {
            return Ok(Attempt::Read(Read { attributes, layout: None, left: Some(left) }));
        }
        match pickle::load_laid_out(&bytes) {
            Ok((Value::Dict(dict), layout)) => {
                let attributes = Rc::unwrap_or_clone(dict);
                Ok(Attempt::Read(Read { attributes, layout: layout.map(Rc::new), left: None }))
            }
            Ok(_) => Ok(Attempt::Failed("Load() expected to return a dictionary".into())),
            Err(e) if is_damage(&e) => Ok(Attempt::Failed(e.python_text())),
            Err(source) => Err(ListError::Refused { list: self.name.clone(), path: path.to_path_buf(), source }),
        }
    }

    /// The state before becomes the state, the damaged file is kept beside it. Needs the list's lock.
    fn repair(&mut self, lock: Option<&mut Lock>) -> Result<(), ListError> {
        let good = self.folder.join("config.pck.last");
        self.site.log("error", format!("fixing corrupt config file, using: {}", good.display()));
        if lock.is_some() {
            return self.replace_damaged(&good);
        }
        let mut lock = self.new_lock();
        match lock.acquire(None) {
            Ok(()) => {}
            Err(LockError::AlreadyLocked(_)) => return self.replace_damaged(&good),
            Err(source) => return Err(ListError::lock(&self.name, source)),
        }
        // Somebody may have saved the list, or put it right, while we waited.
        match self.attempt(&self.folder.join("config.pck"))? {
            Attempt::Read(read) => self.take(read),
            Attempt::Failed(_) => self.replace_damaged(&good)?,
        }
        lock.release().map_err(|source| ListError::lock(&self.name, source))
    }

    fn replace_damaged(&self, good: &Path) -> Result<(), ListError> {
        let main = self.folder.join("config.pck");
        let put_right = || {
            let mut copy = self.copy_of(good)?;
            let mut safety = self.copy_of(good)?;
            // Moved aside only when the copies are on the disk.
            copy.sync()?;
            safety.sync()?;
            ignore_missing(durable::rename(&main, &self.folder.join("config.pck.corrupt")))?;
            copy.publish(&main)?;
            durable::unlink_if_there(&self.folder.join("config.pck.safety"))?;
            safety.publish(&self.folder.join("config.pck.safety"))?;
            durable::sync_dir(&self.folder)
        };
        put_right().map_err(|e| ListError::io(&self.name, &main, e))
    }

    fn copy_of(&self, good: &Path) -> io::Result<NewFile> {
        let bytes = durable::read_open(&open_through_links(good)?, MAX_SIZE)?;
        let mode = fs::metadata(good).map_or(FILE_MODE, |about| about.permissions().mode() & 0o777);
        let mut number = 0;
        let mut copy = loop {
            let path = PathBuf::from(format!("{}.{number}", self.temporary().display()));
            match NewFile::create(path, mode) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
                made => break made?,
            }
        };
        copy.write_all(&bytes)?;
        Ok(copy)
    }

    /// The name under which a new config.pck is written: `config.pck.tmp.HOST.PID`.
    pub(super) fn temporary(&self) -> PathBuf {
        let host = nix::unistd::gethostname().unwrap_or_default();
        self.folder.join(format!("config.pck.tmp.{}.{}", host.to_string_lossy(), std::process::id()))
    }
}

/// What tells one state of config.pck from another: every save makes a new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Whether Python of 2.1.15 and later, having read the file just now, reads it again when it gets the lock: it
    /// compares with the whole second in which it began.
    pub(super) fn is_of_this_second(&self) -> bool {
        let now = clock::since_epoch().as_secs();
        u64::try_from(self.modified.0).is_ok_and(|second| second >= now)
    }

    /// Whether whatever is done to the file from now on gives it another stamp.
    fn is_settled(&self) -> bool {
        let tick = if self.changed.1 == 0 { LONG_TICK } else { TICK };
        let then = u64::try_from(self.changed.0).ok().zip(u32::try_from(self.changed.1).ok());
        let then = then.and_then(|(seconds, nanos)| UNIX_EPOCH.checked_add(Duration::new(seconds, nanos)));
        then.and_then(|then| clock::system().duration_since(then).ok()).is_some_and(|age| age >= tick)
    }

    /// The size of the file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// `None` where there is no such file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok()?;
        Some(Stamp {
            file: (about.dev(), about.ino()),
            size: about.size(),
            modified: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        })
    }
}

/// A config.pck may be a link: sites move lists to other disks so, and Python follows.
fn open_through_links(path: &Path) -> io::Result<File> {
    durable::open_regular(&fs::canonicalize(path)?)
}

/// Reads a file that is open once more, from its beginning.
pub(super) fn read_again(mut file: &File) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    durable::read_open(file, MAX_SIZE)
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn python_error_at(error: &io::Error, path: &Path) -> String {
    format!("{}: '{}'", os_error(error), path.display())
}
