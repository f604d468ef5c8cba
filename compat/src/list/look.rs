//! Lists that are only looked at: their large tables of members are read when somebody asks for them.
//!
//! Most pages of a list of 100,000 members show none of them, or one. [`MailList::look`] leaves those tables as they lie in
//! the file; one member is looked for there, many make the table be read. Whoever changes such a list in memory, or locks
//! it, has it read whole first, so that nothing that is saved was ever left out.

use super::order::ORDERED_MEMBERS;
use super::{ListError, MailList};
use crate::names::by_name;
use crate::pickle::{self, Later};
use crate::site::Site;
use crate::value::{Dict, Value};
use crate::ByteStr;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// After so many members that were looked for one by one, a table is read.
const MOST_SEARCHES: usize = 8;
/// Answers that are kept for a table.
const MOST_ANSWERS: usize = 4096;
/// Only of lists with more members than this is a table left. Python's order of smaller ones is restored when they are read.
const MOST_READ: usize = ORDERED_MEMBERS;
/// A smaller file has no such table.
const LEAST_SIZE: usize = 10 * MOST_READ;

/// The tables that were left. Copies of a list share them.
#[derive(Clone)]
pub(super) struct Tables(Rc<[Table]>);

struct Table {
    name: ByteStr,
    lies: Later,
    whole: OnceCell<Value>,
    answers: RefCell<HashMap<ByteStr, Option<Value>>>,
    searches: Cell<usize>,
}

impl Tables {
    /// What a file holds, if it is so large that tables can be left in it.
    pub(super) fn outline(bytes: &ByteStr) -> Option<(Dict, Tables)> {
        if bytes.len() < LEAST_SIZE {
            return None;
        }
        let outline = pickle::outline(bytes, MOST_READ)?;
        let table = |(name, lies)| Table {
            name,
            lies,
            whole: OnceCell::new(),
            answers: RefCell::default(),
            searches: Cell::default(),
        };
        let tables: Vec<Table> = outline.later.into_iter().map(table).collect();
        (!tables.is_empty()).then(|| (outline.items, Tables(tables.into())))
    }

    fn find(&self, name: &[u8]) -> Option<&Table> {
        self.0.iter().find(|table| table.name == *name)
    }
}

impl Table {
    fn whole(&self) -> &Value {
        self.whole.get_or_init(|| {
            self.answers.take();
            Value::dict(self.lies.load())
        })
    }

    fn find(&self, key: &[u8]) -> Option<Cow<'_, Value>> {
        if let Some(answer) = self.answers.borrow().get(key) {
            return answer.clone().map(Cow::Owned);
        }
        if self.whole.get().is_some() || self.searches.get() >= MOST_SEARCHES {
            return self.whole().as_dict()?.get(key).map(Cow::Borrowed);
        }
        self.searches.set(self.searches.get() + 1);
        let answer = self.lies.find(key);
        self.answers.borrow_mut().insert(ByteStr::from(key), answer.clone());
        answer.map(Cow::Owned)
    }

    fn expect(&self, keys: &[ByteStr]) {
        if self.whole.get().is_some() || keys.len() > MOST_ANSWERS {
            return;
        }
        let mut found = self.lies.find_all(keys);
        let mut answers = self.answers.borrow_mut();
        if answers.len() + keys.len() > MOST_ANSWERS {
            answers.clear();
        }
        answers.extend(keys.iter().map(|key| (key.clone(), found.remove(key))));
    }
}

impl MailList {
    /// Reads a list without its lock, to look at it: as [`MailList::load`], but large tables of members are read only when
    /// they are asked for.
    ///
    /// # Errors
    /// As [`MailList::load`].
    pub fn look(site: &Rc<Site>, name: impl Into<ByteStr>) -> Result<MailList, ListError> {
        let mut list = MailList::unread(site, name.into());
        list.is_for_looking = true;
        list.read(None)?;
        Ok(list)
    }

    fn left(&self, attr: &str) -> Option<&Table> {
        self.left.as_ref()?.find(attr.as_bytes())
    }

    /// Whether a table was left, and not read since.
    pub(super) fn is_left(&self, attr: &str) -> bool {
        self.left(attr).is_some_and(|table| table.whole.get().is_none())
    }

    /// The table, if it was left; it is read now.
    pub(super) fn left_table(&self, attr: &str) -> Option<&Value> {
        self.left(attr).map(Table::whole)
    }

    /// An item of a table of members.
    pub(super) fn table_item(&self, attr: &str, key: &[u8]) -> Option<Cow<'_, Value>> {
        match self.left(attr) {
            Some(table) => table.find(key),
            None => self.get(by_name(attr))?.as_dict()?.get(key).map(Cow::Borrowed),
        }
    }

    /// How many items a table has.
    pub(super) fn table_len(&self, attr: &str) -> usize {
        let read = || self.get(by_name(attr)).and_then(Value::as_dict).map_or(0, Dict::len);
        self.left(attr).map_or_else(read, |table| table.lies.len())
    }

    /// The keys of a table.
    pub(super) fn table_keys(&self, attr: &str) -> Vec<ByteStr> {
        if let Some(table) = self.left(attr).filter(|table| table.whole.get().is_none()) {
            return table.lies.keys();
        }
        let dict = self.get(by_name(attr)).and_then(Value::as_dict);
        dict.into_iter().flat_map(Dict::iter).filter_map(|(key, _)| key.as_text().cloned()).collect()
    }

    /// Prepares for questions about these members, by their keys: all of them are looked for at once.
    pub fn expect_members(&self, keys: &[ByteStr]) {
        let tables = self.left.iter().flat_map(|tables| tables.0.iter());
        tables.for_each(|table| table.expect(keys));
    }

    /// All attributes that the file has, with the tables that were left.
    pub(super) fn whole_attributes(&self) -> Cow<'_, Dict> {
        let Some(tables) = &self.left else { return Cow::Borrowed(&self.attributes) };
        let mut attributes = self.attributes.clone();
        for table in tables.0.iter() {
            attributes.set(table.name.clone(), table.whole().clone());
        }
        Cow::Owned(attributes)
    }

    /// Reads what was left, so that the list can be changed.
    pub(super) fn have_whole(&mut self) {
        if self.left.is_some() {
            self.attributes = self.whole_attributes().into_owned();
            self.left = None;
            // Whoever saves the list reads it again, to know where in the file each value is.
            self.stamp = None;
        }
    }

    /// Makes a list that was looked at, and that is what its file says, one that can be saved: the same bytes are read
    /// again, whole. Whether that is done.
    pub(super) fn read_whole(&mut self) -> bool {
        let Some(source) = self.left.as_ref().and_then(|tables| Some(tables.0.first()?.lies.source().clone())) else {
            return true;
        };
        let Ok((Value::Dict(dict), layout)) = pickle::load_laid_out(&source) else { return false };
        self.left = None;
        self.attributes = Rc::unwrap_or_clone(dict);
        self.layout = layout.map(Rc::new);
        true
    }
}
