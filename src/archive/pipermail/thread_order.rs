//! The thread index of a volume: each article below the one that it answers to.
//!
//! Python works it out anew from all articles with each post (`updateThreadedIndex` of `pipermail.py`). Here that is done
//! once; an article that comes later is put below its parent, as long as that cannot move any other.

use super::index::Index;
use super::key::Key;
use super::summaries::{Slot, Summaries};
use super::summary::ArticleSummary;
use crate::error::HandlerError;
use compat::value::Value;
use compat::ByteStr;
use std::collections::{BTreeMap, HashSet};

/// What the thread index of now was made from.
#[derive(Default)]
pub struct ThreadOrder {
    /// Articles that have come since; `None`: it has to be made anew.
    fresh: Option<Vec<Slot>>,
    /// Ids that articles answer to without their being there.
    absent: HashSet<ByteStr>,
}

impl ThreadOrder {
    /// Notes an article that comes. One whose id was known, or is another's missing parent, may move others.
    pub fn note(&mut self, slot: Slot, summary: &ArticleSummary, is_known: bool) {
        if is_known || self.absent.contains(&summary.msgid) {
            self.fresh = None;
        }
        if let Some(fresh) = &mut self.fresh {
            fresh.push(slot);
        }
    }

    /// Brings the thread index up to date with the articles that `date` lists.
    ///
    /// # Errors
    /// Keys that Python cannot compare.
    pub fn update(
        &mut self,
        thread: &mut Index,
        date: &mut Index,
        summaries: &mut Summaries,
    ) -> Result<(), HandlerError> {
        date.check()?;
        match self.fresh.take() {
            Some(fresh) => add_to_threads(thread, summaries, fresh)?,
            None => self.make_threads(thread, date, summaries)?,
        }
        self.fresh = Some(Vec::new());
        Ok(())
    }

    /// By date, each article below its parent's key of now.
    fn make_threads(
        &mut self,
        thread: &mut Index,
        date: &mut Index,
        summaries: &mut Summaries,
    ) -> Result<(), HandlerError> {
        summaries.iter_mut().for_each(|summary| summary.key = summary.stored_key.clone());
        let mut items = BTreeMap::new();
        for slot in date.slots()? {
            if let Some(key) = thread_key(summaries, slot, |parent| &parent.key) {
                items.insert(put_below(summaries, slot, key), slot);
            }
        }
        let absent = summaries.iter().filter_map(|(_, summary)| summary.parent.as_ref());
        self.absent = absent.filter(|id| summaries.find(id).is_none()).cloned().collect();
        thread.set_all(items, summaries)
    }
}

/// Puts articles that nothing answers to yet into their places. A parent of a later date is not put in its place yet when
/// its answer is.
fn add_to_threads(thread: &mut Index, summaries: &mut Summaries, mut fresh: Vec<Slot>) -> Result<(), HandlerError> {
    let when = |summary: &ArticleSummary| (summary.date.clone(), summary.msgid.clone());
    fresh.sort_by_cached_key(|slot| summaries.at(*slot).map(when));
    for slot in fresh {
        let own = summaries.at(slot).map(when);
        let key = thread_key(summaries, slot, |parent| match Some(when(parent)) < own {
            true => &parent.key,
            false => &parent.stored_key,
        });
        if let Some(key) = key {
            let key = put_below(summaries, slot, key);
            thread.set(key, slot, summaries)?;
        }
    }
    Ok(())
}

/// The key of an article below its parent, or its own.
fn thread_key(summaries: &Summaries, slot: Slot, key_of: impl Fn(&ArticleSummary) -> &ByteStr) -> Option<ByteStr> {
    let summary = summaries.at(slot)?;
    let parent = summary.parent.as_ref().and_then(|parent| summaries.get(parent)).map(key_of);
    Some(match parent {
        Some(key) => ArticleSummary::key_below(&summary.date, summary.sequence, Some(key)),
        None => summary.key.clone(),
    })
}

/// Gives an article its key; as it stands in the index.
fn put_below(summaries: &mut Summaries, slot: Slot, key: ByteStr) -> Key {
    let id = Value::str(&summaries.id(slot)[..]);
    if let Some(summary) = summaries.at_mut(slot) {
        summary.key = key.clone();
    }
    Key::of(vec![Value::Str(key), id])
}
