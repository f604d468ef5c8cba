//! The articles of a volume in brief, each under a number of its own.
//!
//! An index page lists every article of its volume and is made anew with each post. So the indices name articles by
//! their [`Slot`] and not by their id: finding an article is then a look into a table.

use super::summary::ArticleSummary;
use compat::ByteStr;
use std::collections::HashMap;

/// The place of an id in its volume's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(usize);

/// The table.
#[derive(Default)]
pub struct Summaries {
    slots: HashMap<ByteStr, Slot>,
    rows: Vec<Row>,
    /// How many ids have an article.
    count: usize,
}

struct Row {
    id: ByteStr,
    /// What is known of the article; an index may name one that is not there.
    summary: Option<ArticleSummary>,
}

impl Summaries {
    /// The place of an id, which gets one if it has none.
    pub fn slot(&mut self, id: &ByteStr) -> Slot {
        if let Some(slot) = self.slots.get(id) {
            return *slot;
        }
        let (slot, id) = (Slot(self.rows.len()), ByteStr::from(&id[..]));
        self.slots.insert(id.clone(), slot);
        self.rows.push(Row { id, summary: None });
        slot
    }

    /// The place of an id that has an article.
    pub fn find(&self, id: &ByteStr) -> Option<Slot> {
        self.slots.get(id).copied().filter(|slot| self.at(*slot).is_some())
    }

    /// The id at a place.
    pub fn id(&self, slot: Slot) -> ByteStr {
        self.rows.get(slot.0).map(|row| row.id.clone()).unwrap_or_default()
    }

    /// The article at a place.
    pub fn at(&self, slot: Slot) -> Option<&ArticleSummary> {
        self.rows.get(slot.0)?.summary.as_ref()
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, slot: Slot) -> Option<&mut ArticleSummary> {
        self.rows.get_mut(slot.0)?.summary.as_mut()
    }

    /// The article of an id.
    pub fn get(&self, id: &ByteStr) -> Option<&ArticleSummary> {
        self.at(*self.slots.get(id)?)
    }

    /// Puts an article in its place.
    pub fn set(&mut self, slot: Slot, summary: ArticleSummary) {
        if let Some(row) = self.rows.get_mut(slot.0) {
            self.count += usize::from(row.summary.is_none());
            row.summary = Some(summary);
        }
    }

    /// How many articles there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// All articles.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &ArticleSummary)> {
        self.rows.iter().enumerate().filter_map(|(at, row)| Some((Slot(at), row.summary.as_ref()?)))
    }

    /// All articles, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut ArticleSummary> {
        self.rows.iter_mut().filter_map(|row| row.summary.as_mut())
    }
}
