//! Lists that are only looked at: their large tables of members are read when somebody asks for them.
//!
//! Most pages of a list of 100,000 members show none of them, or one. [`MailList::look`] leaves those tables as they lie in
//! the file; one member is looked for there, many make the table be read. Whoever changes such a list in memory, or locks
//! it, has it read whole first, so that nothing that is saved was ever left out.

use super::order::ORDERED_MEMBERS;
use super::{config, names, ListError, MailList};
use crate::names::by_name;
use crate::pickle::{self, Later};
use crate::site::Site;
use crate::value::{Dict, Value};
use crate::ByteStr;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::path::Path;
use std::rc::Rc;

/// After so many members that were looked for one by one, a table is read.
const MOST_SEARCHES: usize = 8;
/// Answers that are kept for a table.
const MOST_ANSWERS: usize = 4096;
/// Only of lists with more members than this is a table left. Python's order of smaller ones is restored when they are read.
const MOST_READ: usize = ORDERED_MEMBERS;
/// A smaller file has no such table.
const LEAST_SIZE: usize = 10 * MOST_READ;

/// So many lists are kept by [`Looks`].
const MOST_LISTS: usize = 16;

/// The tables that were left. Copies of a list share them.
#[derive(Clone)]
pub(super) struct Tables(Rc<Inner>);

struct Inner {
    tables: Vec<Table>,
    /// The file, open: what it held stays there when somebody saves the list.
    file: Rc<File>,
    /// What was left in it; read when it is needed, by lists of [`Looks`].
    lies: OnceCell<Lies>,
}

/// The bytes of a file, and where in them each table lies.
type Lies = (ByteStr, Vec<(ByteStr, Later)>);

struct Table {
    name: ByteStr,
    items: usize,
    whole: OnceCell<Value>,
    answers: RefCell<HashMap<ByteStr, Option<Value>>>,
    searches: Cell<usize>,
}

impl Tables {
    /// What a file holds, if it is so large that tables can be left in it.
    pub(super) fn outline(file: File, bytes: &ByteStr) -> Option<(Dict, Tables)> {
        if bytes.len() < LEAST_SIZE {
            return None;
        }
        let outline = pickle::outline(bytes, MOST_READ).filter(|outline| !outline.later.is_empty())?;
        let tables = outline.later.iter().map(|(name, lies)| Table::new(name, lies.len())).collect();
        let lies = OnceCell::from((bytes.clone(), outline.later));
        Some((outline.items, Tables(Rc::new(Inner { tables, file: Rc::new(file), lies }))))
    }

    /// The same without what was read: it is read again where it is needed.
    fn unread(&self) -> Tables {
        let tables = self.0.tables.iter().map(|table| Table::new(&table.name, table.items)).collect();
        Tables(Rc::new(Inner { tables, file: Rc::clone(&self.0.file), lies: OnceCell::new() }))
    }

    #[cfg(test)]
    pub(super) fn is_unread(&self) -> bool {
        self.0.lies.get().is_none()
    }

    /// A file that somebody has written over, which no Mailman does, has no tables any more.
    fn lies(&self) -> &Lies {
        self.0.lies.get_or_init(|| {
            let bytes = ByteStr::new(config::read_again(&self.0.file).unwrap_or_default());
            let later = pickle::outline(&bytes, MOST_READ).map(|outline| outline.later);
            (bytes, later.unwrap_or_default())
        })
    }

    fn later(&self, table: &Table) -> Option<&Later> {
        self.lies().1.iter().find(|(name, _)| *name == table.name).map(|(_, later)| later)
    }

    fn find(&self, name: &[u8]) -> Option<&Table> {
        self.0.tables.iter().find(|table| table.name == *name)
    }

    fn whole<'a>(&'a self, table: &'a Table) -> &'a Value {
        table.whole.get_or_init(|| {
            table.answers.take();
            Value::dict(self.later(table).map(Later::load).unwrap_or_default())
        })
    }

    fn item<'a>(&'a self, table: &'a Table, key: &[u8]) -> Option<Cow<'a, Value>> {
        if let Some(answer) = table.answers.borrow().get(key) {
            return answer.clone().map(Cow::Owned);
        }
        if table.whole.get().is_some() || table.searches.get() >= MOST_SEARCHES {
            return self.whole(table).as_dict()?.get(key).map(Cow::Borrowed);
        }
        table.searches.set(table.searches.get() + 1);
        let answer = self.later(table)?.find(key);
        table.answers.borrow_mut().insert(ByteStr::from(key), answer.clone());
        answer.map(Cow::Owned)
    }

    fn expect(&self, table: &Table, keys: &[ByteStr]) {
        if table.whole.get().is_some() || keys.len() > MOST_ANSWERS {
            return;
        }
        let mut found = self.later(table).map(|later| later.find_all(keys)).unwrap_or_default();
        let mut answers = table.answers.borrow_mut();
        if answers.len() + keys.len() > MOST_ANSWERS {
            answers.clear();
        }
        answers.extend(keys.iter().map(|key| (key.clone(), found.remove(key))));
    }
}

impl Table {
    fn new(name: &ByteStr, items: usize) -> Table {
        let name = name.clone();
        Table { name, items, whole: OnceCell::new(), answers: RefCell::default(), searches: Cell::default() }
    }
}

/// Lists that were looked at of late, for a server of pages: what is not in their large tables, which is little.
#[derive(Default)]
pub struct Looks(RefCell<VecDeque<MailList>>);

impl Looks {
    /// As [`MailList::look`]; a large list whose file is the one that was looked at before is not read again.
    ///
    /// # Errors
    /// As [`MailList::look`].
    pub fn look(&self, site: &Rc<Site>, name: impl Into<ByteStr>) -> Result<MailList, ListError> {
        let name = name.into();
        if let Some(list) = self.again(&names::folder(site, &name)) {
            return Ok(list);
        }
        let list = MailList::look(site, name)?;
        if let Some(kept) = list.left.is_some().then(|| list.to_keep()).flatten().map(|(kept, _)| kept.unread_tables())
        {
            let mut lists = self.0.borrow_mut();
            lists.truncate(MOST_LISTS - 1);
            lists.push_front(kept);
        }
        Ok(list)
    }

    /// A list that is kept moves to the front; one that is another now is forgotten.
    fn again(&self, folder: &Path) -> Option<MailList> {
        let mut lists = self.0.borrow_mut();
        let at = lists.iter().position(|list| list.folder == folder)?;
        let kept = lists.remove(at)?;
        let again = kept.again().map(MailList::unread_tables);
        if again.is_some() {
            lists.push_front(kept);
        }
        again
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

    fn unread_tables(mut self) -> MailList {
        self.left = self.left.as_ref().map(Tables::unread);
        self
    }

    fn left(&self, attr: &str) -> Option<(&Tables, &Table)> {
        let tables = self.left.as_ref()?;
        Some((tables, tables.find(attr.as_bytes())?))
    }

    /// Whether a table was left, and not read since.
    pub(super) fn is_left(&self, attr: &str) -> bool {
        self.left(attr).is_some_and(|(_, table)| table.whole.get().is_none())
    }

    /// The table, if it was left; it is read now.
    pub(super) fn left_table(&self, attr: &str) -> Option<&Value> {
        self.left(attr).map(|(tables, table)| tables.whole(table))
    }

    /// An item of a table of members.
    pub(super) fn table_item(&self, attr: &str, key: &[u8]) -> Option<Cow<'_, Value>> {
        match self.left(attr) {
            Some((tables, table)) => tables.item(table, key),
            None => self.get(by_name(attr))?.as_dict()?.get(key).map(Cow::Borrowed),
        }
    }

    /// How many items a table has.
    pub(super) fn table_len(&self, attr: &str) -> usize {
        let read = || self.get(by_name(attr)).and_then(Value::as_dict).map_or(0, Dict::len);
        self.left(attr).map_or_else(read, |(_, table)| table.items)
    }

    /// The keys of a table.
    pub(super) fn table_keys(&self, attr: &str) -> Vec<ByteStr> {
        if let Some((tables, table)) = self.left(attr).filter(|(_, table)| table.whole.get().is_none()) {
            return tables.later(table).map(Later::keys).unwrap_or_default();
        }
        let dict = self.get(by_name(attr)).and_then(Value::as_dict);
        dict.into_iter().flat_map(Dict::iter).filter_map(|(key, _)| key.as_text().cloned()).collect()
    }

    /// Prepares for questions about these members, by their keys: all of them are looked for at once.
    pub fn expect_members(&self, keys: &[ByteStr]) {
        if let Some(tables) = &self.left {
            tables.0.tables.iter().for_each(|table| tables.expect(table, keys));
        }
    }

    /// All attributes that the file has, with the tables that were left.
    pub(super) fn whole_attributes(&self) -> Cow<'_, Dict> {
        let Some(tables) = &self.left else { return Cow::Borrowed(&self.attributes) };
        let mut attributes = self.attributes.clone();
        for table in &tables.0.tables {
            attributes.set(table.name.clone(), tables.whole(table).clone());
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
        let Some(source) = self.left.as_ref().map(|tables| tables.lies().0.clone()) else { return true };
        let Ok((Value::Dict(dict), layout)) = pickle::load_laid_out(&source) else { return false };
        self.left = None;
        self.attributes = Rc::unwrap_or_clone(dict);
        self.layout = layout.map(Rc::new);
        true
    }
}
