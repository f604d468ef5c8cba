//! Items of a page that are numbered from 01: the fields of one, and what is done with it.
//!
//! Topics and header filters have a field of each kind for each item, `topic_box_01` for instance.

use super::form::Fields;

/// The fields of the item with this number.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    fields: &'a dyn Fields,
    prefix: &'static str,
    number: usize,
}

impl<'a> Item<'a> {
    /// The items from the first on, without end: it is their own fields that say which is the last.
    pub(super) fn all(fields: &'a dyn Fields, prefix: &'static str) -> impl Iterator<Item = Item<'a>> {
        (1..).map(move |number| Item { fields, prefix, number })
    }

    /// The first value of one of its fields.
    pub(super) fn get(&self, field: &str) -> Option<&'a [u8]> {
        self.fields.first(format!("{}_{field}_{:02}", self.prefix, self.number).as_bytes())
    }

    /// Whether one of its fields was sent: a button that was pressed.
    pub(super) fn has(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    /// Whether it is the first one.
    pub(super) fn is_first(&self) -> bool {
        self.number == 1
    }

    /// Its place, counted from 0, among those of the page.
    pub(super) fn place(&self) -> usize {
        self.number - 1
    }

    /// An item, with a new one before or after it where its button says so.
    pub(super) fn push_with_new<T>(&self, item: T, new: impl FnOnce() -> T, items: &mut Vec<T>) {
        match (self.has("add"), self.get("where")) {
            (true, Some(b"before")) => items.extend([new(), item]),
            (true, _) => items.extend([item, new()]),
            (false, _) => items.push(item),
        }
    }
}
