//! Requests that wait for a moderator: `request.pck`.
//!
//! Answers to the file side of Mailman/ListAdmin.py. A pickle of protocol 1: request number to (kind, data), and `version`.
//! It is read when first needed, under the list's lock, kept with the list, and written whole when the list is saved.

use super::held::Aside;
use super::{ListError, LockedList, MailList};
use crate::durable::{self, Commit, NewFile};
use crate::list::attributes;
use crate::pickle::{self, Protocol};
use crate::site::Switch;
use crate::value::{Dict, Value};
use crate::ByteStr;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Maximum size of the file, in bytes.
const MAX_SIZE: u64 = 1 << 30;

/// What is asked for; the first item of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    HeldMessage = 1,
    Subscription = 2,
    Unsubscription = 3,
}

/// The requests of one list. Thousands may wait, and all be decided about at once: each is found, and taken out, by its
/// number.
#[derive(Clone)]
pub struct Requests {
    /// In the order of the file; what was taken out leaves its place.
    records: Vec<Option<(Value, Value)>>,
    /// Where the record of a number stands.
    places: HashMap<i64, usize>,
    /// Whether one was taken out since they were read.
    has_shrunk: bool,
    /// What was set aside when it was decided about, once somebody asked.
    pub(super) aside: Option<Aside>,
}

impl Requests {
    pub(super) fn load(list: &MailList) -> Result<Requests, ListError> {
        let path = list.folder.join("request.pck");
        match durable::read_file(&path, MAX_SIZE) {
            Ok(bytes) => Ok(Requests::of(&parse(list, &path, bytes)?)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Requests::of(&Dict::new())),
            Err(e) => Err(ListError::io(&list.name, &path, e)),
        }
    }

    fn of(records: &Dict) -> Requests {
        let records: Vec<_> = records.iter().cloned().map(Some).collect();
        let numbers = records.iter().flatten().map(|(key, _)| key.as_int()).enumerate();
        let places = numbers.filter_map(|(at, number)| Some((number?, at))).collect();
        Requests { records, places, has_shrunk: false, aside: None }
    }

    fn to_dict(&self) -> Dict {
        let mut dict = Dict::from_entries(self.records.iter().flatten().cloned().collect());
        dict.set("version", version());
        dict
    }

    fn all(&self) -> impl Iterator<Item = &(Value, Value)> {
        self.records.iter().flatten().filter(|(key, _)| !is_version(key))
    }

    /// How many requests wait (`NumRequestsPending`).
    pub fn len(&self) -> usize {
        self.all().count()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// The numbers of all requests of a kind, sorted.
    pub fn ids(&self, kind: RequestKind) -> Vec<i64> {
        let of_kind = |record: &Value| record.as_items().and_then(|r| r.first()?.as_int()) == Some(kind as i64);
        let matching = self.all().filter(|(_, record)| of_kind(record));
        let mut ids: Vec<i64> = matching.filter_map(|(id, _)| id.as_int()).collect();
        ids.sort_unstable();
        ids
    }

    /// Whether a number is in use.
    pub fn contains(&self, id: i64) -> bool {
        self.places.contains_key(&id)
    }

    /// A request's kind and data; `None` for a number that is gone, or a record that no Mailman 2.1 writes.
    pub fn get(&self, id: i64) -> Option<(RequestKind, &Value)> {
        let (_, record) = self.records.get(*self.places.get(&id)?)?.as_ref()?;
        let [kind, data] = record.as_items()? else { return None };
        let kinds = [RequestKind::HeldMessage, RequestKind::Subscription, RequestKind::Unsubscription];
        Some((kinds.into_iter().find(|known| Some(*known as i64) == kind.as_int())?, data))
    }

    /// Stores a request under a number, an `int` or a `long`.
    pub fn put(&mut self, id: Value, kind: RequestKind, data: Value) {
        let record = Value::tuple(vec![Value::Int(kind as i64), data]);
        let Some(number) = id.as_int() else { return self.records.push(Some((id, record))) };
        let place = *self.places.entry(number).or_insert(self.records.len());
        match self.records.get_mut(place) {
            Some(Some(known)) => known.1 = record,
            _ => self.records.push(Some((id, record))),
        }
    }

    /// Changes the metadata of a held message, if that is what has this number.
    pub fn change_metadata(&mut self, id: i64, change: impl FnOnce(&mut Dict)) {
        let Some((RequestKind::HeldMessage, data)) = self.get(id) else { return };
        let mut items = data.as_items().unwrap_or_default().to_vec();
        if let Some(metadata) = items.last_mut().and_then(Value::as_dict_mut) {
            change(metadata);
            self.put(Value::Int(id), RequestKind::HeldMessage, Value::tuple(items));
        }
    }

    /// Takes a request out; whether it was there.
    pub fn remove(&mut self, id: i64) -> bool {
        let Some(place) = self.places.remove(&id) else { return false };
        self.has_shrunk = true;
        if let Some(record) = self.records.get_mut(place) {
            *record = None;
        }
        true
    }
}

fn is_version(key: &Value) -> bool {
    key.as_text().is_some_and(|text| *text == b"version"[..])
}

/// The pair (0, 1) of the pseudo entry `version`: kind 0 means "to be ignored".
fn version() -> Value {
    Value::tuple(vec![Value::Int(0), Value::Int(1)])
}

/// A file that is one pickled dictionary, for which there is no fall-back.
pub(super) fn parse(list: &MailList, path: &Path, bytes: Vec<u8>) -> Result<Dict, ListError> {
    let damaged = |reason: String| ListError::Damaged { list: list.name.clone(), path: path.to_path_buf(), reason };
    match pickle::load(&ByteStr::new(bytes)) {
        Ok((Value::Dict(dict), _)) => Ok(std::rc::Rc::unwrap_or_clone(dict)),
        Ok((other, _)) => Err(damaged(format!("it holds a {}, not a dictionary", other.type_name()))),
        Err(e) => Err(damaged(e.to_string())),
    }
}

impl LockedList {
    /// The held requests, read when they are first asked for and written when the list is saved.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn requests(&mut self) -> Result<&mut Requests, ListError> {
        let list: &mut MailList = self;
        let requests = match list.requests.take() {
            Some(requests) => requests,
            None => Requests::load(list)?,
        };
        Ok(list.requests.insert(requests))
    }

    /// The next free request number, and the same as the list has it, where it may be a `long`. The list must be saved
    /// for it to stay used.
    ///
    /// # Errors
    /// As [`LockedList::requests`].
    pub fn next_request_id(&mut self) -> Result<(i64, Value), ListError> {
        let stored = self.get(attributes::NEXT_REQUEST_ID).filter(|value| value.as_int().is_some());
        let mut next = stored.cloned().unwrap_or(Value::Int(0));
        loop {
            let (id, value) = (next.as_int().unwrap_or_default(), next.clone());
            next = next.plus_one();
            if !self.requests()?.contains(id) {
                self.set(attributes::NEXT_REQUEST_ID, next);
                return Ok((id, value));
            }
        }
    }

    /// Stores a request under the next number.
    ///
    /// # Errors
    /// As [`LockedList::requests`].
    pub fn add_request(&mut self, kind: RequestKind, data: Value) -> Result<i64, ListError> {
        let (id, key) = self.next_request_id()?;
        self.requests()?.put(key, kind, data);
        Ok(id)
    }

    /// Writes the requests at once if they were opened, and reads them again when they are next asked for: another
    /// program may change them meanwhile.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn save_requests_now(&mut self) -> Result<(), ListError> {
        let mut commit = Commit::new();
        self.save_requests(&mut commit)?;
        commit.commit().map_err(|e| ListError::io(&self.name, &e.path, e.source))
    }
}

impl MailList {
    /// Older versions left these files readable to everybody.
    pub(super) fn request_mode(&self) -> u32 {
        if self.site.profile.has(Switch::RequestsNotWorldReadable) {
            0o660
        } else {
            0o664
        }
    }

    /// Whether requests have to take their place before the list: where they only grew. Cut off between the two, a post
    /// that is held again finds its number taken, and is held twice; the other way round its first file and the first
    /// notice about it would belong to no request. What was decided has to be in the list before its request goes.
    pub(super) fn requests_go_first(&self) -> bool {
        self.requests.as_ref().is_some_and(|requests| !requests.has_shrunk)
    }

    /// Writes the requests if they were opened, changed or not, and forgets them.
    pub(super) fn save_requests(&mut self, commit: &mut Commit) -> Result<(), ListError> {
        let Some(requests) = self.requests.take() else { return Ok(()) };
        let path = self.folder.join("request.pck");
        let written = || {
            let mut file = NewFile::create_over(with_suffix(&path, ".tmp"), self.request_mode())?;
            pickle::dump_dict(&requests.to_dict(), Protocol::P1, &mut file)?;
            file.flush()?;
            Ok(file)
        };
        let file = written().map_err(|e| ListError::io(&self.name, &path, e))?;
        commit.place_over(file, path).map_err(|e| ListError::io(&self.name, &e.path, e.source))
    }
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
