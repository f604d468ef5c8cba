//! Confirmations that are awaited: `pending.pck`.
//!
//! Answers to Mailman/Pending.py. A pickle of protocol 0: cookie to record, `evictions` (cookie to the time when it
//! expires) and `version`. Each change is on the disk when the call returns; it needs the list's lock. Every save
//! prunes what has expired and keeps records and evictions in step, without which Python's own save fails.

use super::members::now;
use super::{ListError, LockedList, MailList};
use crate::durable::{self, Commit, NewFile};
use crate::hex::hexlify;
use crate::pickle::{self, Protocol};
use crate::random;
use crate::site::settings;
use crate::value::{Dict, Object, Value};
use crate::ByteStr;
use sha1::{Digest, Sha1};
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;

/// Maximum size of the file, in bytes.
const MAX_SIZE: u64 = 1 << 30;
/// PENDING_REQUEST_LIFE where the site does not say it.
const USUAL_LIFE: f64 = 3.0 * 86400.0;
/// PENDING_FILE_SCHEMA_VERSION
const SCHEMA_VERSION: i64 = 2;

/// What is awaited; the first item of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Subscription,
    Unsubscription,
    ChangeOfAddress,
    HeldMessage,
    ReEnable,
    ProbeBounce,
}

impl Kind {
    /// The letter in the file.
    pub fn letter(self) -> &'static str {
        match self {
            Kind::Subscription => "S",
            Kind::Unsubscription => "U",
            Kind::ChangeOfAddress => "C",
            Kind::HeldMessage => "H",
            Kind::ReEnable => "E",
            Kind::ProbeBounce => "P",
        }
    }

    /// From the letter in the file.
    pub fn from_letter(letter: &[u8]) -> Option<Kind> {
        use Kind::{ChangeOfAddress, HeldMessage, ProbeBounce, ReEnable, Subscription, Unsubscription};
        let all = [Subscription, Unsubscription, ChangeOfAddress, HeldMessage, ReEnable, ProbeBounce];
        all.into_iter().find(|kind| kind.letter().as_bytes() == letter)
    }
}

/// A record: what is awaited, and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Pended {
    pub kind: Kind,
    pub content: Vec<Value>,
}

impl Pended {
    /// From the tuple in the file; a kind that no Mailman 2.1 knows is none.
    pub fn from_value(value: &Value) -> Option<Pended> {
        let (kind, content) = value.as_items()?.split_first()?;
        Some(Pended { kind: Kind::from_letter(kind.as_text()?)?, content: content.to_vec() })
    }

    /// The tuple for the file.
    pub fn to_value(&self) -> Value {
        let mut items = vec![Value::str(self.kind.letter())];
        items.extend(self.content.iter().cloned());
        Value::tuple(items)
    }
}

/// A `Mailman.UserDesc.UserDesc`, which a subscription record holds.
pub fn user_desc(attributes: Dict) -> Value {
    Value::Object(Rc::new(Object::old_style("Mailman.UserDesc", "UserDesc", attributes)))
}

impl LockedList {
    /// `pend_new`: stores a record and returns its cookie, forty hex digits. It lives for `lifetime` seconds, or as long
    /// as the site says.
    ///
    /// # Errors
    /// The file can't be read or written.
    pub fn pend_new(&mut self, record: &Pended, lifetime: Option<f64>) -> Result<ByteStr, ListError> {
        let mut pending = self.load_pending()?;
        let mut cookie = new_cookie();
        while pending.contains(&cookie) {
            cookie = new_cookie();
        }
        self.put_pending(&mut pending, &cookie, record, lifetime)?;
        Ok(cookie)
    }

    /// `pend_repend`: stores a record under a cookie that was used before.
    ///
    /// # Errors
    /// As [`LockedList::pend_new`].
    pub fn pend_again(&mut self, cookie: &[u8], record: &Pended, lifetime: Option<f64>) -> Result<(), ListError> {
        self.used_cookies.retain(|used| *used != cookie);
        let mut pending = self.load_pending()?;
        self.put_pending(&mut pending, cookie, record, lifetime)
    }

    /// `pend_confirm(cookie)`: takes the record of a cookie out.
    ///
    /// # Errors
    /// As [`LockedList::pend_new`].
    pub fn pend_confirm(&mut self, cookie: &[u8]) -> Result<Option<Value>, ListError> {
        if is_reserved(cookie) {
            return Ok(None);
        }
        let mut pending = self.load_pending()?;
        let record = take_out(&mut pending, cookie);
        if record.is_some() {
            self.save_pending(&mut pending)?;
        }
        Ok(record)
    }

    /// The same for a cookie whose effect is stored with the list: it is used up with that, in one commit. Until then
    /// the file has it, so that what is cut off can be done again.
    ///
    /// # Errors
    /// As [`LockedList::pend_new`].
    pub fn pend_use(&mut self, cookie: &[u8]) -> Result<Option<Value>, ListError> {
        if self.used_cookies.iter().any(|used| *used == cookie) {
            return Ok(None);
        }
        let record = self.pend_look(cookie)?;
        if record.is_some() {
            self.used_cookies.push(cookie.into());
        }
        Ok(record)
    }

    /// Takes back [`LockedList::pend_use`]: what the cookies stand for has failed, and they stay good.
    pub fn leave_cookies(&mut self) {
        self.used_cookies.clear();
    }

    /// Writes the file without the records that have expired; where there is none, an empty one.
    ///
    /// # Errors
    /// As [`LockedList::pend_new`].
    pub fn pend_sweep(&mut self) -> Result<(), ListError> {
        let mut pending = self.load_pending()?;
        self.save_pending(&mut pending)
    }
}

impl MailList {
    /// `pend_confirm(cookie, expunge=False)`: the record of a cookie. Like Python's, this does not ask whether it has
    /// expired; the next save will.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn pend_look(&self, cookie: &[u8]) -> Result<Option<Value>, ListError> {
        if is_reserved(cookie) {
            return Ok(None);
        }
        Ok(self.load_pending()?.get(cookie).cloned())
    }

    /// All records, without those that have expired: cookie and tuple.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn pended(&self) -> Result<Vec<(ByteStr, Value)>, ListError> {
        let mut pending = self.load_pending()?;
        prune(&mut pending, now());
        let records = pending.iter().filter_map(|(key, value)| Some((key.as_text()?.clone(), value.clone())));
        Ok(records.filter(|(cookie, _)| !is_reserved(cookie)).collect())
    }

    fn put_pending(
        &self,
        pending: &mut Dict,
        cookie: &[u8],
        record: &Pended,
        lifetime: Option<f64>,
    ) -> Result<(), ListError> {
        let life =
            lifetime.or_else(|| self.site.settings.float(settings::PENDING_REQUEST_LIFE).ok()).unwrap_or(USUAL_LIFE);
        pending.set(cookie, record.to_value());
        set_eviction(pending, cookie, now() + life);
        self.save_pending(pending)
    }

    fn pending_file(&self) -> PathBuf {
        self.folder.join("pending.pck")
    }

    fn load_pending(&self) -> Result<Dict, ListError> {
        let path = self.pending_file();
        match durable::read_file(&path, MAX_SIZE) {
            Ok(bytes) => super::requests::parse(self, &path, bytes),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Ok(Dict::from_iter([("evictions".into(), Value::dict(Dict::new()))]))
            }
            Err(e) => Err(ListError::io(&self.name, &path, e)),
        }
    }

    fn save_pending(&self, pending: &mut Dict) -> Result<(), ListError> {
        let path = self.pending_file();
        let written = self.written_pending(pending).and_then(|mut file| {
            file.publish(&path)?;
            durable::sync_dir(&self.folder)
        });
        written.map_err(|e| ListError::io(&self.name, &path, e))
    }

    fn written_pending(&self, pending: &mut Dict) -> io::Result<NewFile> {
        let time = now();
        prune(pending, time);
        pending.set("version", Value::Int(SCHEMA_VERSION));
        let temporary = self.folder.join(format!("pending.pck.tmp.{}.{}", std::process::id(), time as u64));
        let mut file = NewFile::create_over(temporary, durable::FILE_MODE)?;
        pickle::dump_dict(pending, Protocol::P0, &mut file)?;
        file.flush()?;
        Ok(file)
    }

    /// Prepares the file without the cookies that were used, where there are any, and forgets them.
    pub(super) fn save_used_cookies(&mut self, commit: &mut Commit) -> Result<(), ListError> {
        let used = std::mem::take(&mut self.used_cookies);
        if used.is_empty() {
            return Ok(());
        }
        let mut pending = self.load_pending()?;
        for cookie in &used {
            take_out(&mut pending, cookie);
        }
        let path = self.pending_file();
        let file = self.written_pending(&mut pending).map_err(|e| ListError::io(&self.name, &path, e))?;
        commit.place_over(file, path).map_err(|e| ListError::io(&self.name, &e.path, e.source))
    }
}

/// Takes out a record and its eviction.
fn take_out(pending: &mut Dict, cookie: &[u8]) -> Option<Value> {
    let record = pending.remove(cookie)?;
    if let Some(evictions) = pending.get_mut(b"evictions").and_then(Value::as_dict_mut) {
        evictions.remove(cookie);
    }
    Some(record)
}

fn is_reserved(key: &[u8]) -> bool {
    key == b"evictions" || key == b"version"
}

/// Forty hex digits that nobody can guess. Python hashes a random float; only form and uniqueness matter.
fn new_cookie() -> ByteStr {
    let digest = Sha1::digest(random::bytes::<32>());
    hexlify(&digest).into()
}

fn set_eviction(pending: &mut Dict, cookie: &[u8], time: f64) {
    if pending.get(b"evictions").and_then(Value::as_dict).is_none() {
        pending.set("evictions", Value::dict(Dict::new()));
    }
    if let Some(evictions) = pending.get_mut(b"evictions").and_then(Value::as_dict_mut) {
        evictions.set(cookie, Value::Float(time));
    }
}

/// Drops records that have expired or that lack an eviction (Python's save would fail over one), and evictions
/// without a record.
fn prune(pending: &mut Dict, time: f64) {
    let expiry = |pending: &Dict, cookie: &[u8]| pending.get(b"evictions")?.as_dict()?.get(cookie)?.as_float();
    let stale: HashSet<ByteStr> = pending
        .iter()
        .filter_map(|(key, _)| key.as_text())
        .filter(|cookie| !is_reserved(cookie) && expiry(pending, cookie).is_none_or(|limit| time > limit))
        .cloned()
        .collect();
    pending.retain(|key, _| !key.as_text().is_some_and(|cookie| stale.contains(cookie)));
    let kept: HashSet<ByteStr> = pending.iter().filter_map(|(k, _)| k.as_text().cloned()).collect();
    if let Some(evictions) = pending.get_mut(b"evictions").and_then(Value::as_dict_mut) {
        evictions.retain(|key, _| key.as_text().is_some_and(|cookie| kept.contains(cookie)));
    }
}
