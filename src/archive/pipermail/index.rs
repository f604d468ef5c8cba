//! An index of a volume: `database/VOLUME-{date,author,subject,thread}`, keys in order, each with a message id.
//!
//! Answers to `DumbBTree`. Kept in order while the runner lives, so that a post costs a search and not a sort.

use super::database::Database;
use super::key::{Key, Mixture};
use super::summaries::{Slot, Summaries};
use crate::error::{Culprit, HandlerError};
use compat::marshal::{self, parts, Part};
use compat::value::Value;
use compat::ByteStr;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What an item takes in memory besides its bytes, about.
const ITEM_SIZE: usize = 80;

/// One index.
pub struct Index {
    file: Database,
    keys: BTreeMap<Key, Slot>,
    mixture: Mixture,
    /// Whether something in the file must go.
    must_be_replaced: bool,
    size: usize,
}

impl Index {
    /// Opens and locks the file; a missing one is empty. Also tells whether the file is damaged.
    ///
    /// # Errors
    /// It cannot be read, or is no index at all.
    pub fn open(path: PathBuf, summaries: &mut Summaries) -> Result<(Self, bool), HandlerError> {
        let (file, loaded) = Database::open(path)?;
        let mut index = Index {
            file,
            keys: BTreeMap::new(),
            mixture: Mixture::default(),
            must_be_replaced: loaded.is_damaged,
            size: loaded.data.len(),
        };
        for (key, id) in loaded.items {
            let text = parts(&id).next().map_or(0, |part| part.bytes.len());
            index.note(Key::read(key), summaries.slot(&id.slice_from(id.len() - text)));
        }
        Ok((index, loaded.is_damaged))
    }

    fn note(&mut self, key: Key, slot: Slot) {
        self.mixture.note(&key);
        self.size += ITEM_SIZE;
        self.keys.insert(key, slot);
    }

    /// Adds an item, or gives a key another id.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn set(&mut self, key: Key, slot: Slot, summaries: &Summaries) -> Result<(), HandlerError> {
        if self.keys.get(&key) == Some(&slot) {
            return Ok(());
        }
        self.file.add(key.raw(), &marshalled(&summaries.id(slot))?, 0)?;
        self.size += key.raw().len();
        self.note(key, slot);
        Ok(())
    }

    /// Makes these the items.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn set_all(&mut self, items: BTreeMap<Key, Slot>, summaries: &Summaries) -> Result<(), HandlerError> {
        if self.keys.iter().any(|(key, slot)| items.get(key) != Some(slot)) {
            self.must_be_replaced = true;
            self.keys = items;
            return Ok(());
        }
        for (key, slot) in items {
            self.set(key, slot, summaries)?;
        }
        Ok(())
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The articles in order.
    ///
    /// # Errors
    /// Keys that Python cannot compare.
    pub fn slots(&self) -> Result<Vec<Slot>, HandlerError> {
        self.check()?;
        Ok(self.keys.values().copied().collect())
    }

    /// The first part of the first key and of the last.
    pub fn ends(&self) -> (Option<Part<'_>>, Option<Part<'_>>) {
        let first = self.keys.first_key_value().and_then(|(key, _)| key.first());
        (first, self.keys.last_key_value().and_then(|(key, _)| key.first()))
    }

    /// The article of the first key that begins with this text.
    ///
    /// # Errors
    /// Keys that Python cannot compare.
    pub fn first_with(&self, text: &Value) -> Result<Option<Slot>, HandlerError> {
        self.check()?;
        let wanted = Key::of(vec![text.clone()]);
        let found = self.keys.range(&wanted..).next();
        Ok(found.filter(|(key, _)| key.first().is_some_and(|first| is(first, &wanted))).map(|(_, slot)| *slot))
    }

    /// Whether Python could sort the keys.
    ///
    /// # Errors
    /// It could not: its complaint.
    pub fn check(&self) -> Result<(), HandlerError> {
        let checked = self.mixture.check(self.keys.keys());
        let path = || self.file.path().display().to_string();
        checked.map_err(|none| Culprit::Record(path()).says(format!("{}: {none}", path())))
    }

    /// What this takes in memory, about.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Writes what is new, or the whole file where something must go.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub fn seal(&mut self, summaries: &Summaries) -> Result<(), HandlerError> {
        if !std::mem::take(&mut self.must_be_replaced) {
            return self.file.seal();
        }
        let keys = &self.keys;
        self.file.replace(&mut |out: &mut dyn Write| {
            keys.iter()
                .try_for_each(|(key, slot)| out.write_all(key.raw()).and_then(|()| write_id(&summaries.id(*slot), out)))
        })
    }

    /// The file below.
    pub fn file(&mut self) -> &mut Database {
        &mut self.file
    }
}

fn is(first: Part<'_>, wanted: &Key) -> bool {
    wanted.first().is_some_and(|wanted| {
        first.bytes == wanted.bytes && (first.is_unicode == wanted.is_unicode || first.bytes.is_ascii())
    })
}

fn write_id(id: &ByteStr, out: &mut dyn Write) -> io::Result<()> {
    marshal::dump(&Value::Str(id.clone()), out)
}

/// A string as it stands in the files.
pub fn marshalled(text: &ByteStr) -> io::Result<Vec<u8>> {
    let mut raw = Vec::with_capacity(text.len() + 5);
    write_id(text, &mut raw).map(|()| raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(date: &str, id: &str) -> Key {
        Key::of(vec![Value::str(date), Value::str(id)])
    }

    fn finish(index: &mut Index, summaries: &Summaries) {
        index.seal(summaries).unwrap();
        index.file().commit().unwrap();
        index.file().close(None).unwrap();
    }

    #[test]
    fn an_index_is_read_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("2026-March-date");
        let mut summaries = Summaries::default();
        let [late, early, other] = ["late", "early", "x"].map(|id| summaries.slot(&id.into()));
        let (mut index, _) = Index::open(path.clone(), &mut summaries).unwrap();
        index.set(key("00000000002", "late"), late, &summaries).unwrap();
        index.set(key("00000000001", "early"), early, &summaries).unwrap();
        finish(&mut index, &summaries);
        let (mut again, damaged) = Index::open(path.clone(), &mut summaries).unwrap();
        assert_eq!((again.slots().unwrap(), damaged), (vec![early, late], false));
        assert_eq!(again.first_with(&Value::str("00000000002")).unwrap(), Some(late));
        assert_eq!(again.first_with(&Value::str("0000000000")).unwrap(), None);
        again.set_all(BTreeMap::from([(key("00000000003", "x"), other)]), &summaries).unwrap();
        finish(&mut again, &summaries);
        assert_eq!(Index::open(path, &mut summaries).unwrap().0.slots().unwrap(), [other]);
    }
}
