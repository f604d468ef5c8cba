//! The thread index of a volume: each article below the one that it answers to.
//!
//! Python works it out anew from all articles with each post (`updateThreadedIndex` of `pipermail.py`). Here that is done
//! once; an article that comes later is put below its parent, as long as that cannot move any other.

use super::card::Card;
use super::cards::{Cards, Slot};
use super::key::Key;
use super::volume_data::VolumeData;
use crate::error::HandlerError;
use compat::pickle::Value;
use compat::ByteStr;
use std::collections::{BTreeMap, HashSet};

/// From what the thread index of now was made.
#[derive(Default)]
pub struct ThreadOrder {
    /// Articles that have come since; `None`: it has to be made anew.
    fresh: Option<Vec<Slot>>,
    /// Ids that articles answer to without their being there.
    absent: HashSet<ByteStr>,
}

impl ThreadOrder {
    /// Notes an article that comes. One whose id was known, or is another's missing parent, may move others.
    pub fn note(&mut self, slot: Slot, card: &Card, is_known: bool) {
        if is_known || self.absent.contains(&card.msgid) {
            self.fresh = None;
        }
        if let Some(fresh) = &mut self.fresh {
            fresh.push(slot);
        }
    }
}

impl VolumeData {
    /// Brings the thread index up to date; this counts as having read all articles.
    ///
    /// # Errors
    /// Keys that Python cannot compare.
    pub fn update_threads(&mut self) -> Result<(), HandlerError> {
        self.date.check()?;
        match self.order.fresh.take() {
            Some(fresh) => self.add_to_threads(fresh)?,
            None => self.make_threads()?,
        }
        self.cards.iter_mut().for_each(|card| card.was_read = true);
        self.order.fresh = Some(Vec::new());
        Ok(())
    }

    /// By date, each article below its parent's key of now.
    fn make_threads(&mut self) -> Result<(), HandlerError> {
        self.cards.iter_mut().for_each(|card| card.key = card.stored_key.clone());
        let mut items = BTreeMap::new();
        for slot in self.date.slots()? {
            if let Some(key) = thread_key(&self.cards, slot, |parent| &parent.key) {
                items.insert(put_below(&mut self.cards, slot, key), slot);
            }
        }
        let absent = self.cards.iter().filter_map(|(_, card)| card.parent.as_ref());
        self.order.absent = absent.filter(|id| self.cards.find(id).is_none()).cloned().collect();
        self.thread.set_all(items, &self.cards)
    }

    /// The same for articles that nothing answers to yet. A parent of a later date is not put in its place yet when its
    /// answer is.
    fn add_to_threads(&mut self, mut fresh: Vec<Slot>) -> Result<(), HandlerError> {
        let when = |card: &Card| (card.date.clone(), card.msgid.clone());
        fresh.sort_by_cached_key(|slot| self.cards.at(*slot).map(when));
        for slot in fresh {
            let own = self.cards.at(slot).map(when);
            let key = thread_key(&self.cards, slot, |parent| match Some(when(parent)) < own {
                true => &parent.key,
                false => &parent.stored_key,
            });
            if let Some(key) = key {
                let key = put_below(&mut self.cards, slot, key);
                self.thread.set(key, slot, &self.cards)?;
            }
        }
        Ok(())
    }
}

/// The key of an article below its parent, or its own.
fn thread_key(cards: &Cards, slot: Slot, key_of: impl Fn(&Card) -> &ByteStr) -> Option<ByteStr> {
    let card = cards.at(slot)?;
    let parent = card.parent.as_ref().and_then(|parent| cards.get(parent)).map(key_of);
    Some(match parent {
        Some(key) => Card::key_below(&card.date, card.sequence, Some(key)),
        None => card.key.clone(),
    })
}

/// Gives an article its key; as it stands in the index.
fn put_below(cards: &mut Cards, slot: Slot, key: ByteStr) -> Key {
    let id = Value::str(&cards.id(slot)[..]);
    if let Some(card) = cards.at_mut(slot) {
        card.key = key.clone();
    }
    Key::of(vec![Value::Str(key), id])
}
