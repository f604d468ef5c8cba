//! Requests that wait for a moderator: `request.pck`, and the held messages that it names.
//!
//! Answers to the file side of Mailman/ListAdmin.py. A pickle of protocol 1: request number to (kind, data), and `version`.
//! It is read when first needed, under the list's lock, kept with the list, and written whole when the list is saved.

use super::members::now;
use super::{ListError, LockedList, MailList};
use crate::durable::{self, Commit, NewFile};
use crate::list::attributes;
use crate::pickle::{self, Protocol};
use crate::site::{settings, Switch};
use crate::value::{Dict, Value};
use crate::ByteStr;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
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

/// The requests of one list.
#[derive(Clone)]
pub struct Requests {
    records: Dict,
    /// Whether one was taken out since they were read.
    has_shrunk: bool,
}

impl Requests {
    pub(super) fn load(list: &MailList) -> Result<Requests, ListError> {
        let path = list.folder.join("request.pck");
        match durable::read_file(&path, MAX_SIZE) {
            Ok(bytes) => Ok(Requests { records: parse(list, &path, bytes)?, has_shrunk: false }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let mut records = Dict::new();
                records.set("version", version());
                Ok(Requests { records, has_shrunk: false })
            }
            Err(e) => Err(ListError::io(&list.name, &path, e)),
        }
    }

    /// How many requests wait (`NumRequestsPending`).
    pub fn len(&self) -> usize {
        self.records.len().saturating_sub(1)
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of all requests of a kind, sorted.
    pub fn ids(&self, kind: RequestKind) -> Vec<i64> {
        let of_kind = |record: &Value| record.as_items().and_then(|r| r.first()?.as_int()) == Some(kind as i64);
        let matching = self.records.iter().filter(|(_, record)| of_kind(record));
        let mut ids: Vec<i64> = matching.filter_map(|(id, _)| id.as_int()).collect();
        ids.sort_unstable();
        ids
    }

    /// Whether a number is in use.
    pub fn contains(&self, id: i64) -> bool {
        self.records.get_value(&Value::Int(id)).is_some()
    }

    /// A request's kind and data; `None` for a number that is gone, or a record that no Mailman 2.1 writes.
    pub fn get(&self, id: i64) -> Option<(RequestKind, &Value)> {
        let [kind, data] = self.records.get_value(&Value::Int(id))?.as_items()? else { return None };
        let kinds = [RequestKind::HeldMessage, RequestKind::Subscription, RequestKind::Unsubscription];
        Some((kinds.into_iter().find(|known| Some(*known as i64) == kind.as_int())?, data))
    }

    /// Stores a request under a number, an `int` or a `long`.
    pub fn put(&mut self, id: Value, kind: RequestKind, data: Value) {
        self.records.set_value(id, Value::tuple(vec![Value::Int(kind as i64), data]));
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
        let found = self.contains(id);
        self.has_shrunk |= found;
        self.records.retain(|key, _| key.as_int() != Some(id) || key.as_text().is_some());
        found
    }
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

/// What a held message's record says of it.
pub struct Held {
    /// `msg.get_sender()`, or the translated `<missing>`.
    pub sender: ByteStr,
    /// The raw header value: `str` or an `email.Header`.
    pub subject: Value,
    /// Why it is held, in the list's language.
    pub reason: Value,
    /// Metadata of the entry, with which it goes on when it is approved.
    pub metadata: Value,
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

    /// `HoldMessage`: writes the message to a file of its own, then stores the request. `write` gets the file and
    /// whether it is to hold a pickle (HOLD_MESSAGES_AS_PICKLES) or the flattened text.
    ///
    /// # Errors
    /// The requests can't be read, or a file can't be written.
    pub fn hold_message(
        &mut self,
        held: Held,
        write: impl FnOnce(&mut dyn Write, bool) -> io::Result<()>,
    ) -> Result<i64, ListError> {
        let (id, key) = self.next_request_id()?;
        let as_pickle = self.site.settings.truth(settings::HOLD_MESSAGES_AS_PICKLES);
        let extension = if as_pickle { "pck" } else { "txt" };
        let file = [&b"heldmsg-"[..], &self.name, format!("-{id}.{extension}").as_bytes()].concat();
        let path = self.held_file(&file);
        durable::replace(&path, &with_suffix(&path, ".tmp"), self.request_mode(), |out| write(out, as_pickle))
            .map_err(|e| ListError::io(&self.name, &path, e))?;
        let items = vec![
            Value::Float(now()),
            Value::Str(held.sender),
            held.subject,
            held.reason,
            Value::str(file),
            held.metadata,
        ];
        self.requests()?.put(key, RequestKind::HeldMessage, Value::tuple(items));
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
    /// The path of a held message's file, which a record names without its folder. A name with one is cut to its last
    /// part.
    pub fn held_file(&self, name: &[u8]) -> PathBuf {
        let base = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
        self.site.settings.path(settings::DATA_DIR).join(OsStr::from_bytes(base))
    }

    /// Older versions left these files readable to everybody.
    fn request_mode(&self) -> u32 {
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
        let Some(mut requests) = self.requests.take() else { return Ok(()) };
        requests.records.set("version", version());
        let path = self.folder.join("request.pck");
        let written = || {
            let mut file = NewFile::create_over(with_suffix(&path, ".tmp"), self.request_mode())?;
            pickle::dump_dict(&requests.records, Protocol::P1, &mut file)?;
            file.flush()?;
            Ok(file)
        };
        let file = written().map_err(|e| ListError::io(&self.name, &path, e))?;
        commit.place_over(file, path).map_err(|e| ListError::io(&self.name, &e.path, e.source))
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
