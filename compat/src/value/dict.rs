//! A Python `dict` in the order in which the file lists it.
//!
//! Python 2 iterates in hash order, which a pickle preserves as the order of its items; so does this. Most look-ups are
//! by a `str` key; a dictionary with more than a few items gets an index for those when the first look-up comes.

use super::index::Index;
use super::Value;
use crate::ByteStr;
use std::cell::OnceCell;

/// Below this many items a scan is quicker than an index.
const SCAN_LIMIT: usize = 12;

/// An ordered dictionary of Python values.
#[derive(Default)]
pub struct Dict {
    entries: Vec<(Value, Value)>,
    index: OnceCell<Index>,
}

impl Dict {
    /// An empty dictionary.
    pub fn new() -> Self {
        Dict::default()
    }

    /// From items in order. Of equal keys, which Python never writes, all are kept and the last one is found.
    pub fn from_entries(entries: Vec<(Value, Value)>) -> Self {
        Dict { entries, index: OnceCell::new() }
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The items in order, as a slice.
    pub fn entries(&self) -> &[(Value, Value)] {
        &self.entries
    }

    /// The items in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &(Value, Value)> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The value of a `str` key (or of a `unicode` key with the same ASCII text: Python finds them equal).
    pub fn get(&self, key: &[u8]) -> Option<&Value> {
        self.position(key).and_then(|at| self.entries.get(at)).map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.position(key).is_some()
    }

    /// The value of any key.
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        match key {
            Value::Str(s) => self.get(s),
            _ => self.entries.iter().rfind(|(k, _)| is_same_key(k, key)).map(|(_, value)| value),
        }
    }

    /// The value of a `str` key, to change.
    pub fn get_mut(&mut self, key: &[u8]) -> Option<&mut Value> {
        let at = self.position(key)?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Sets a `str` key; a new one comes last.
    pub fn set(&mut self, key: impl Into<ByteStr>, value: Value) {
        let key = key.into();
        if let Some(at) = self.position(&key) {
            self.entries[at].1 = value;
            return;
        }
        let place = u32::try_from(self.entries.len()).ok();
        let full = match (self.index.get_mut(), place) {
            (Some(index), Some(place)) => index.insert(&key, place, &self.entries),
            _ => true,
        };
        self.entries.push((Value::Str(key), value));
        if full {
            self.index = OnceCell::new();
        }
    }

    /// Sets any key; a new one comes last.
    pub fn set_value(&mut self, key: Value, value: Value) {
        match key {
            Value::Str(s) => self.set(s, value),
            key => match self.entries.iter_mut().rfind(|(k, _)| is_same_key(k, &key)) {
                Some(entry) => entry.1 = value,
                None => self.entries.push((key, value)),
            },
        }
    }

    /// Takes a `str` key out; the others keep their order.
    pub fn remove(&mut self, key: &[u8]) -> Option<Value> {
        let at = self.position(key)?;
        if let Some(index) = self.index.get_mut() {
            index.remove(key, &self.entries);
        }
        Some(self.entries.remove(at).1)
    }

    /// Keeps only the items for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&Value, &Value) -> bool) {
        self.index = OnceCell::new();
        self.entries.retain(|(k, v)| keep(k, v));
    }

    fn position(&self, key: &[u8]) -> Option<usize> {
        if self.entries.len() <= SCAN_LIMIT {
            return self.entries.iter().rposition(|(k, _)| k.as_text().is_some_and(|s| *s == key));
        }
        self.index.get_or_init(|| Index::new(&self.entries)).find(key, &self.entries)
    }
}

impl Clone for Dict {
    /// With its index: who copies one is about to change it.
    fn clone(&self) -> Self {
        Dict { entries: self.entries.clone(), index: self.index.clone() }
    }
}

impl PartialEq for Dict {
    /// As Python compares: the order of the items does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(k, v)| other.get_value(k) == Some(v))
    }
}

impl std::fmt::Debug for Dict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter().map(|(k, v)| (k, v))).finish()
    }
}

impl FromIterator<(ByteStr, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (ByteStr, Value)>>(items: I) -> Self {
        let mut dict = Dict::new();
        items.into_iter().for_each(|(k, v)| dict.set(k, v));
        dict
    }
}

/// Whether Python takes two keys for one: `5`, `5L` and of 0 and 1 the bool are the same.
fn is_same_key(one: &Value, other: &Value) -> bool {
    one == other || one.as_int().is_some_and(|number| other.as_int() == Some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(n: i64) -> Dict {
        (0..n).map(|i| (ByteStr::from(format!("k{i}")), Value::Int(i))).collect()
    }

    #[test]
    fn small_and_large_find_the_same() {
        for n in [3, 40] {
            let mut dict = numbered(n);
            assert_eq!(dict.get(b"k2"), Some(&Value::Int(2)));
            assert_eq!(dict.get(b"none"), None);
            dict.set("new", Value::None);
            dict.set("k0", Value::Bool(true));
            assert_eq!(dict.get(b"new"), Some(&Value::None));
            assert_eq!(dict.remove(b"k1"), Some(Value::Int(1)));
            assert_eq!(dict.get(b"k2"), Some(&Value::Int(2)));
            assert_eq!(dict.iter().next().map(|(_, v)| v), Some(&Value::Bool(true)));
            assert_eq!(dict.len() as i64, n);
        }
    }

    #[test]
    fn many_changes_against_a_plain_map() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut dict, mut plain) = (Dict::new(), std::collections::BTreeMap::new());
        for step in 0..4000 {
            let key = format!("key{}", random.u32(..200));
            if random.bool() {
                dict.set(key.as_str(), Value::Int(step));
                plain.insert(key, step);
            } else {
                assert_eq!(dict.remove(key.as_bytes()), plain.remove(&key).map(Value::Int));
            }
            assert_eq!(dict.len(), plain.len());
        }
        assert!(plain.iter().all(|(key, n)| dict.get(key.as_bytes()) == Some(&Value::Int(*n))));
    }

    #[test]
    fn of_equal_keys_the_last_is_found() {
        for n in [2, 40] {
            let mut entries = vec![(Value::str("k"), Value::Int(1)); n];
            entries.push((Value::str("k"), Value::Int(2)));
            assert_eq!(Dict::from_entries(entries).get(b"k"), Some(&Value::Int(2)));
        }
    }

    #[test]
    fn order_does_not_matter_for_equality() {
        let forward = numbered(20);
        let backward: Dict = (0..20).rev().map(|i| (ByteStr::from(format!("k{i}")), Value::Int(i))).collect();
        assert_eq!(forward, backward);
    }
}
