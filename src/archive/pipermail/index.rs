//! The five index files of a volume: `database/VOLUME-{date,author,subject,article,thread}`.
//!
//! Each is a marshalled dictionary that is read whole, kept sorted as Python sorts its keys, and written whole. Keys are
//! tuples of `str` and `unicode`; a `str` that is not ASCII cannot be compared with a `unicode`, and Python raises there:
//! the archive of the list then stops until it is repaired, and so does ours, with the volume's name. Answers to
//! `DumbBTree` and `HyperDatabase`.

use crate::pipeline::HandlerError;
use compat::durable;
use compat::lock::Lock;
use compat::marshal::{self, MarshalError};
use compat::pickle::{Dict, UniStr, Value};
use compat::ByteStr;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest index that is read.
const SIZE_LIMIT: u64 = 1 << 30;
/// LockFile's own default.
const LOCK_LIFETIME: Duration = Duration::from_secs(15);
const FILE_MODE: u32 = 0o660;

/// One index: keys in order, each with its value.
pub struct Index {
    path: PathBuf,
    lock: Lock,
    entries: Vec<(Value, Value)>,
    /// Whether `entries` is in order.
    sorted: bool,
}

/// The indices of a volume.
pub struct Indices {
    pub volume: ByteStr,
    pub date: Index,
    pub author: Index,
    pub subject: Index,
    pub article: Articles,
    pub thread: Index,
}

/// The article index: message id to pickle. It has no order.
pub struct Articles {
    path: PathBuf,
    lock: Lock,
    pickles: HashMap<ByteStr, ByteStr>,
    order: Vec<ByteStr>,
}

impl Indices {
    /// Opens and locks the five files; missing ones are empty.
    ///
    /// # Errors
    /// A file is damaged (a truncated one counts as empty, as in Python), or cannot be read.
    pub fn open(folder: &Path, volume: &ByteStr) -> Result<Self, HandlerError> {
        let path = |kind: &str| folder.join(format!("{volume}-{kind}"));
        Ok(Indices {
            volume: volume.clone(),
            date: Index::open(path("date"))?,
            author: Index::open(path("author"))?,
            subject: Index::open(path("subject"))?,
            article: Articles::open(path("article"))?,
            thread: Index::open(path("thread"))?,
        })
    }

    /// Writes all five and gives their locks back.
    pub fn close(self) -> Result<(), HandlerError> {
        self.date.close()?;
        self.author.close()?;
        self.subject.close()?;
        self.thread.close()?;
        self.article.close()
    }
}

impl Index {
    fn open(path: PathBuf) -> Result<Self, HandlerError> {
        let lock = locked(&path)?;
        let entries = read(&path)?.iter().cloned().collect();
        Ok(Index { path, lock, entries, sorted: false })
    }

    /// Adds an item, or gives a key another value.
    pub fn set(&mut self, key: Value, value: ByteStr) {
        let value = Value::Str(value);
        match self.entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => {
                self.entries.push((key, value));
                self.sorted = false;
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The items in order.
    ///
    /// # Errors
    /// Keys that cannot be compared.
    pub fn items(&mut self) -> Result<&[(Value, Value)], HandlerError> {
        self.sort()?;
        Ok(&self.entries)
    }

    /// The message ids in order.
    pub fn ids(&mut self) -> Result<Vec<ByteStr>, HandlerError> {
        Ok(self.items()?.iter().filter_map(|(_, id)| id.as_text().cloned()).collect())
    }

    fn sort(&mut self) -> Result<(), HandlerError> {
        if self.sorted {
            return Ok(());
        }
        let mut trouble = None;
        self.entries.sort_by(|(a, _), (b, _)| {
            compare(a, b).unwrap_or_else(|text| {
                trouble.get_or_insert(text);
                Ordering::Equal
            })
        });
        match trouble {
            Some(text) => Err(HandlerError::Other(format!("{}: {text}", self.path.display()))),
            None => {
                self.sorted = true;
                Ok(())
            }
        }
    }

    fn close(self) -> Result<(), HandlerError> {
        write(&self.path, self.entries)?;
        release(self.lock)
    }
}

impl Articles {
    fn open(path: PathBuf) -> Result<Self, HandlerError> {
        let lock = locked(&path)?;
        let mut articles = Articles { path: path.clone(), lock, pickles: HashMap::new(), order: Vec::new() };
        for (id, pickle) in read(&path)?.iter() {
            if let (Some(id), Some(pickle)) = (id.as_text(), pickle.as_text()) {
                articles.set(id.clone(), pickle.clone());
            }
        }
        Ok(articles)
    }

    /// Stores an article.
    pub fn set(&mut self, id: ByteStr, pickle: ByteStr) {
        if self.pickles.insert(id.clone(), pickle).is_none() {
            self.order.push(id);
        }
    }

    /// The pickle of an article.
    pub fn get(&self, id: &ByteStr) -> Option<&ByteStr> {
        self.pickles.get(id)
    }

    fn close(self) -> Result<(), HandlerError> {
        let Articles { path, lock, pickles, order } = self;
        let pair = |id: ByteStr| pickles.get(&id).cloned().map(|pickle| (Value::Str(id), Value::Str(pickle)));
        write(&path, order.into_iter().filter_map(pair).collect())?;
        release(lock)
    }
}

fn locked(path: &Path) -> Result<Lock, HandlerError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut lock = Lock::new(PathBuf::from(name), LOCK_LIFETIME);
    lock.acquire(None)?;
    Ok(lock)
}

/// A lock that ran out while a long archive was made is no error: the list's own lock stands above it.
fn release(mut lock: Lock) -> Result<(), HandlerError> {
    let _ = lock.release();
    Ok(())
}

fn read(path: &Path) -> Result<Dict, HandlerError> {
    let data = match durable::read_file(path, SIZE_LIMIT) {
        Ok(data) => ByteStr::new(data),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Dict::new()),
        Err(e) => return Err(e.into()),
    };
    match marshal::load(&data) {
        Ok(Value::Dict(dict)) => Ok((*dict).clone()),
        Ok(_) => Err(HandlerError::Other(format!("{}: not an index", path.display()))),
        // Python takes a truncated index for an empty one.
        Err(MarshalError::End(_)) => Ok(Dict::new()),
        Err(e) => Err(HandlerError::Other(format!("{}: {e}", path.display()))),
    }
}

fn write(path: &Path, entries: Vec<(Value, Value)>) -> Result<(), HandlerError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(path, Path::new(&temporary), FILE_MODE, |out| {
        let mut bytes = Vec::new();
        marshal::dump(&Value::dict(Dict::from_entries(entries)), &mut bytes)?;
        out.write_all(&bytes)
    })?;
    Ok(())
}

/// Python's order of keys. The error is the text of its UnicodeDecodeError.
fn compare(a: &Value, b: &Value) -> Result<Ordering, String> {
    match (a, b) {
        (Value::Tuple(a), Value::Tuple(b)) => {
            for (a, b) in a.iter().zip(b.iter()) {
                match compare(a, b)? {
                    Ordering::Equal => continue,
                    order => return Ok(order),
                }
            }
            Ok(a.len().cmp(&b.len()))
        }
        (Value::Str(a), Value::Str(b)) | (Value::Unicode(UniStr(a)), Value::Unicode(UniStr(b))) => Ok(a.cmp(b)),
        (Value::Str(text), Value::Unicode(UniStr(other))) => ascii(text).map(|text| text.cmp(other)),
        (Value::Unicode(UniStr(other)), Value::Str(text)) => ascii(text).map(|text| other[..].cmp(text)),
        _ => Ok(a.type_name().cmp(b.type_name())),
    }
}

fn ascii(text: &ByteStr) -> Result<&[u8], String> {
    match text.iter().position(|byte| !byte.is_ascii()) {
        None => Ok(text),
        Some(at) => Err(format!(
            "'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
            text[at]
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_pythons_do() {
        let key = |a: Value, b: &str| Value::tuple(vec![a, Value::str(b)]);
        let uni = |text: &str| Value::Unicode(UniStr::from(text));
        assert_eq!(compare(&key(Value::str("a"), "2"), &key(uni("a"), "1")), Ok(Ordering::Greater));
        assert_eq!(compare(&key(uni("ä"), "1"), &key(Value::str("z"), "1")), Ok(Ordering::Greater));
        assert!(compare(&key(uni("ä"), "1"), &key(Value::str(b"\xe4"), "1")).is_err());
    }

    #[test]
    fn an_index_is_read_back_and_its_lock_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let volume = ByteStr::from("2026-March");
        let mut first = Indices::open(dir.path(), &volume).unwrap();
        let key = |date: &str| Value::tuple(vec![Value::str(date), Value::str("m")]);
        first.date.set(key("00000000002"), "late".into());
        first.date.set(key("00000000001"), "early".into());
        first.article.set("early".into(), "pickle".into());
        first.close().unwrap();
        let mut again = Indices::open(dir.path(), &volume).unwrap();
        assert_eq!(again.date.ids().unwrap(), ["early", "late"].map(ByteStr::from));
        assert_eq!(again.article.get(&"early".into()).unwrap(), &"pickle");
        again.close().unwrap();
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 5, "{left:?}");
    }
}
