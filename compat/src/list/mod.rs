//! Mailing lists: `config.pck`, the roster, pending confirmations, held requests.
//!
//! Answers to Mailman/MailList.py, OldStyleMemberships.py, Pending.py and the file side of ListAdmin.py. A list is the
//! dictionary of its attributes as the file holds it: what this program does not know rides along unchanged, kinds and
//! all, and nothing is added that the installed Python would not know. Attributes of newer versions, which an older
//! file lacks, are looked up in [`defaults`] and not stored.
//!
//! A [`MailList`] may be changed in memory; only a [`LockedList`], which was read again under its lock, can be saved.

mod addresses;
pub mod attributes;
mod cache;
mod check;
mod config;
mod defaults;
mod error;
mod held;
mod locked;
mod look;
mod members;
mod names;
mod order;
pub mod pending;
pub mod requests;
mod roster;
mod urls;

#[cfg(test)]
mod tests;

pub use attributes::Attribute;
pub use cache::ListCache;
pub use check::is_valid_email;
pub use config::is_damage;
pub use defaults::added_attributes;
pub use error::ListError;
pub use held::{name_before, Held};
pub use locked::LockedList;
pub use look::Looks;
pub use members::NewMember;
pub use names::{archive_folder, archive_mbox, exists, is_acceptable, look_up, names};
pub use requests::Requests;
pub use roster::{options, DeliveryStatus};
pub use urls::url_parts;

use crate::codecs::{self, Errors};
use crate::format::repr;
use crate::names::{by_name, Any, Items, Named, Number, OfList, Table, Text};
use crate::pickle::Layout;
use crate::site::{ForList, Site};
use crate::value::{Dict, Value};
use crate::ByteStr;
use std::cell::Cell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A list as it was on disk when it was opened.
pub struct MailList {
    site: Rc<Site>,
    name: ByteStr,
    folder: PathBuf,
    attributes: Dict,
    /// Values for attributes that the file is too old to have.
    missing: Dict,
    /// Tables that were not read yet.
    left: Option<look::Tables>,
    /// Whether tables may be left when it is read.
    is_for_looking: bool,
    layout: Option<Rc<Layout>>,
    changed: HashSet<ByteStr>,
    tables: order::Tables,
    requests: Option<Requests>,
    /// Cookies that are used up when the list is saved.
    used_cookies: Vec<ByteStr>,
    stamp: Option<config::Stamp>,
    /// Whether the stamp, when it was taken, could already tell any later change.
    settled: bool,
    /// Whether somebody's language was asked for; see [`MailList::language_of`].
    language_asked: Cell<bool>,
    /// Whether values were put right when it was read.
    corrected: bool,
    /// Where it goes back to when it is dropped.
    home: Option<cache::Home>,
}

/// What a list held at some moment. It shares everything with the list but what changes later.
pub struct Checkpoint {
    attributes: Dict,
    changed: HashSet<ByteStr>,
}

impl MailList {
    /// Reads a list without its lock. A damaged file is put right from its last good state, as Mailman does; the
    /// lock is taken for that moment.
    ///
    /// # Errors
    /// The list does not exist, can't be read, or needs Python.
    pub fn load(site: &Rc<Site>, name: impl Into<ByteStr>) -> Result<MailList, ListError> {
        let mut list = MailList::unread(site, name.into());
        list.read(None)?;
        Ok(list)
    }

    fn unread(site: &Rc<Site>, name: ByteStr) -> MailList {
        let folder = names::folder(site, &name);
        MailList {
            site: Rc::clone(site),
            name,
            folder,
            attributes: Dict::new(),
            missing: Dict::new(),
            left: None,
            is_for_looking: false,
            layout: None,
            changed: HashSet::new(),
            tables: order::Tables::default(),
            requests: None,
            used_cookies: Vec::new(),
            stamp: None,
            settled: false,
            language_asked: Cell::new(false),
            corrected: false,
            home: None,
        }
    }

    /// What the list holds now.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { attributes: self.whole_attributes().into_owned(), changed: self.changed.clone() }
    }

    /// Takes back what was changed since; also requests that were not saved, and cookies that were used.
    pub fn back_to(&mut self, then: Checkpoint) {
        self.exchange(then);
        self.requests = None;
        self.used_cookies.clear();
    }

    fn exchange(&mut self, mut other: Checkpoint) -> Checkpoint {
        self.have_whole();
        std::mem::swap(&mut self.attributes, &mut other.attributes);
        std::mem::swap(&mut self.changed, &mut other.changed);
        other
    }

    /// Whether requests were asked for or cookies used, and so will be saved with the list.
    pub fn has_open_requests(&self) -> bool {
        self.requests.is_some() || !self.used_cookies.is_empty()
    }

    /// Whether what is in memory is what the file says, as it was read and is now; or what Mailman would go on with.
    fn is_current(&self) -> bool {
        let is_as_read = self.changed.is_empty() && self.requests.is_none();
        (is_as_read || self.is_shared()) && self.is_of_this_file()
    }

    /// The internal name, always lower case.
    pub fn name(&self) -> &ByteStr {
        &self.name
    }

    /// The site.
    pub fn site(&self) -> &Rc<Site> {
        &self.site
    }

    /// The list's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What a search for templates needs to know.
    pub fn for_templates(&self) -> ForList<'_> {
        let text = |attr: Attribute<Text>| self.get(attr).and_then(Value::as_text).map_or(&b""[..], |s| s.as_bytes());
        ForList {
            folder: &self.folder,
            host_name: text(attributes::HOST_NAME),
            language: text(attributes::PREFERRED_LANGUAGE),
        }
    }

    /// An attribute.
    pub fn get(&self, attr: impl Named<OfList, Any>) -> Option<&Value> {
        let attr = attr.name();
        let read = || self.attributes.get(attr.as_bytes()).or_else(|| self.missing.get(attr.as_bytes()));
        self.left_table(attr).or_else(read)
    }

    /// An attribute that must be there.
    ///
    /// # Errors
    /// It is not: Python's `AttributeError`.
    pub fn require(&self, attr: impl Named<OfList, Any>) -> Result<&Value, ListError> {
        let attr = attr.name();
        self.get(by_name(attr)).ok_or_else(|| self.no_attribute(attr))
    }

    /// Whether the list has the attribute.
    pub fn has(&self, attr: impl Named<OfList, Any>) -> bool {
        self.get(by_name(attr.name())).is_some()
    }

    /// Sets an attribute. Setting what it is already changes nothing.
    pub fn set(&mut self, attr: impl Named<OfList, Any>, value: Value) {
        let attr = attr.name();
        self.have_whole();
        let same = self.attributes.get(attr.as_bytes()).is_some_and(|old| is_same(old, &value));
        if !same {
            self.changed.insert(ByteStr::from(attr));
            self.attributes.set(attr, value);
        }
    }

    /// An attribute to change in place.
    pub fn get_mut(&mut self, attr: impl Named<OfList, Any>) -> Option<&mut Value> {
        let attr = attr.name();
        self.have_whole();
        let value = self.attributes.get_mut(attr.as_bytes())?;
        self.changed.insert(ByteStr::from(attr));
        Some(value)
    }

    /// A dictionary attribute; `None` where it is missing or something else.
    pub fn dict(&self, attr: impl Named<OfList, Table>) -> Option<&Dict> {
        self.get(by_name(attr.name())).and_then(Value::as_dict)
    }

    /// A dictionary attribute to change in place.
    ///
    /// # Errors
    /// It is missing, or no dictionary.
    pub fn dict_mut(&mut self, attr: impl Named<OfList, Table>) -> Result<&mut Dict, ListError> {
        let attr = attr.name();
        self.have_whole();
        let found = self.require(by_name(attr))?.type_name();
        if found != "dict" || !self.attributes.contains(attr.as_bytes()) {
            return Err(self.wrong_kind(attr, "a dictionary", found));
        }
        self.changed.insert(ByteStr::from(attr));
        let value = self.attributes.get_mut(attr.as_bytes()).and_then(Value::as_dict_mut);
        value.ok_or_else(|| ListError::NoAttribute { list: self.name.clone(), attribute: attr.to_owned() })
    }

    /// Sets an item of a dictionary attribute, in place; where there is none it is made.
    pub fn set_item(&mut self, attr: impl Named<OfList, Table>, key: &ByteStr, value: Value) {
        let attr = attr.name();
        match self.dict_mut(by_name(attr)) {
            Ok(dict) => dict.set(key.clone(), value),
            Err(_) => self.set(by_name(attr), Value::dict([(key.clone(), value)].into_iter().collect())),
        }
    }

    /// Takes an attribute away.
    pub fn remove(&mut self, attr: impl Named<OfList, Any>) {
        let attr = attr.name();
        self.have_whole();
        if self.attributes.remove(attr.as_bytes()).is_some() {
            self.changed.insert(ByteStr::from(attr));
        }
    }

    /// All attributes that the file has, changes included, as a value to pickle.
    pub fn to_value(&self) -> Value {
        Value::dict(self.whole_attributes().into_owned())
    }

    /// The names of all attributes that the file has, in its order.
    pub fn attribute_names(&self) -> impl Iterator<Item = &ByteStr> {
        self.attributes.iter().filter_map(|(name, _)| name.as_text())
    }

    /// A string, empty where there is none. A `unicode` comes in the charset of the list, as whatever it is put into has
    /// it; what that charset lacks becomes a question mark.
    pub fn str(&self, attr: impl Named<OfList, Text>) -> ByteStr {
        self.get(by_name(attr.name())).and_then(|value| self.text_of(value)).unwrap_or_default()
    }

    /// A text as bytes of the list's charset.
    fn text_of(&self, value: &Value) -> Option<ByteStr> {
        match value {
            Value::Unicode(text) if !text.0.is_ascii() => {
                let encoded = codecs::encode(text, self.charset(), Errors::Replace);
                Some(encoded.map_or_else(|_| text.0.clone(), ByteStr::new))
            }
            value => value.as_text().cloned(),
        }
    }

    /// A whole number, 0 where there is none. A float is cut. What is no number counts as 0, and the error log says so.
    pub fn int(&self, attr: impl Named<OfList, Number>) -> i64 {
        let attr = attr.name();
        let value = self.get(by_name(attr)).filter(|value| **value != Value::None);
        let number = value.and_then(|value| value.as_int().or_else(|| value.as_float().map(|x| x as i64)));
        if let (Some(value), None) = (value, number) {
            self.log_odd(attr, value);
        }
        number.unwrap_or(0)
    }

    /// A policy that is chosen by its number: [`MailList::int`], or -1 for what is no number. That equals no choice in
    /// Python either, where the strictest comes last and needs no comparison.
    pub fn choice(&self, attr: impl Named<OfList, Number>) -> i64 {
        let name = attr.name();
        match self.get(by_name(name)) {
            Some(value) if value.as_float().is_none() => {
                self.log_odd(name, value);
                -1
            }
            _ => self.int(attr),
        }
    }

    /// A number, 0 where there is none.
    pub fn float(&self, attr: impl Named<OfList, Number>) -> f64 {
        self.get(by_name(attr.name())).and_then(Value::as_float).unwrap_or(0.0)
    }

    /// Whether Python takes the attribute as true.
    pub fn truth(&self, attr: impl Named<OfList, Any>) -> bool {
        self.get(by_name(attr.name())).is_some_and(Value::is_true)
    }

    /// The strings of a list or tuple, a `unicode` as [`MailList::str`] has it. Python fails on anything else; here it is
    /// left out, and the error log says so.
    pub fn strings(&self, attr: impl Named<OfList, Items>) -> Vec<ByteStr> {
        let attr = attr.name();
        let Some(value) = self.get(by_name(attr)) else { return Vec::new() };
        let Some(items) = value.as_items() else {
            self.log_odd(attr, value);
            return Vec::new();
        };
        let text_of = |item: &Value| {
            let text = self.text_of(item);
            if text.is_none() {
                self.log_odd(attr, item);
            }
            text
        };
        items.iter().filter_map(text_of).collect()
    }

    /// Says that a value of an attribute is not understood.
    fn log_odd(&self, attr: &str, value: &Value) {
        let line = [attr.as_bytes(), b" of list ", &self.name, b": left out, not understood: ", &repr(value)].concat();
        self.site.log("error", line);
    }

    /// Notes a change of this list in the history; see [`Site::record`].
    pub fn record(&self, what: &[&[u8]]) {
        self.site.record(&self.name, what);
    }

    /// Whether there is a file of requests. Opening them under the lock and saving the list makes one.
    pub fn has_requests_file(&self) -> bool {
        self.folder.join("request.pck").exists()
    }

    /// The held requests as they are on disk now, to look at: whoever may change them needs [`LockedList::requests`].
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn read_requests(&self) -> Result<Requests, ListError> {
        Requests::load(self)
    }

    /// The same of a list that need not be read.
    ///
    /// # Errors
    /// As [`MailList::read_requests`].
    pub fn requests_of(site: &Rc<Site>, name: &ByteStr) -> Result<Requests, ListError> {
        MailList::unread(site, name.clone()).read_requests()
    }

    fn no_attribute(&self, attr: &str) -> ListError {
        ListError::NoAttribute { list: self.name.clone(), attribute: attr.to_owned() }
    }

    fn wrong_kind(&self, what: &str, wanted: &'static str, found: &'static str) -> ListError {
        ListError::WrongKind { list: self.name.clone(), what: what.to_owned(), wanted, found }
    }
}

/// Whether setting a plain value changes nothing. Kinds count: `1` is not `True`.
fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::None, Value::None) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Str(a), Value::Str(b)) => a == b,
        _ => false,
    }
}
