//! The second half of an entry: a dictionary that handlers and runners pass along.
//!
//! Keys are `str`; values are whatever Python can pickle, and what nobody here knows travels unchanged.

use crate::value::{Dict, Value};
use crate::ByteStr;
use std::rc::Rc;

/// A message's metadata. Cloning is cheap; a change copies the dictionary first where it is shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    dict: Rc<Dict>,
}

impl Metadata {
    /// Empty metadata.
    pub fn new() -> Self {
        Metadata::default()
    }

    /// Takes a dictionary over.
    pub fn from_dict(dict: impl Into<Rc<Dict>>) -> Self {
        Metadata { dict: dict.into() }
    }

    /// From a value that must be a dict.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Dict(dict) => Some(Metadata { dict: Rc::clone(dict) }),
            _ => None,
        }
    }

    /// As a value, to be pickled.
    pub fn to_value(&self) -> Value {
        Value::Dict(Rc::clone(&self.dict))
    }

    /// The dictionary.
    pub fn dict(&self) -> &Dict {
        &self.dict
    }

    /// The dictionary, to change.
    pub fn dict_mut(&mut self) -> &mut Dict {
        Rc::make_mut(&mut self.dict)
    }

    /// The value of a key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&Value> {
        self.dict.get(key.as_ref())
    }

    /// Whether the key is there, whatever its value (`has_key`).
    pub fn contains(&self, key: impl AsRef<[u8]>) -> bool {
        self.dict.contains(key.as_ref())
    }

    /// The bytes of a `str` (or the UTF-8 of a `unicode`); `None` when it is missing or something else.
    pub fn str(&self, key: impl AsRef<[u8]>) -> Option<ByteStr> {
        self.get(key)?.as_text().cloned()
    }

    /// An int, or a bool or long that is one.
    pub fn int(&self, key: impl AsRef<[u8]>) -> Option<i64> {
        self.get(key)?.as_int()
    }

    /// Any number.
    pub fn float(&self, key: impl AsRef<[u8]>) -> Option<f64> {
        self.get(key)?.as_float()
    }

    /// What Python's `if data.get(key):` finds: false when missing.
    pub fn truth(&self, key: impl AsRef<[u8]>) -> bool {
        self.get(key).is_some_and(Value::is_true)
    }

    /// The strings of a list or tuple; what is not a string in it is passed over. `None` when missing or no list.
    pub fn strings(&self, key: impl AsRef<[u8]>) -> Option<Vec<ByteStr>> {
        let items = self.get(key)?.as_items()?;
        Some(items.iter().filter_map(|item| item.as_text().cloned()).collect())
    }

    /// Sets a key.
    pub fn set(&mut self, key: impl Into<ByteStr>, value: Value) {
        self.dict_mut().set(key, value);
    }

    /// Sets a key to a `str`.
    pub fn set_str(&mut self, key: impl Into<ByteStr>, text: impl Into<ByteStr>) {
        self.set(key, Value::Str(text.into()));
    }

    /// Sets a key to an int.
    pub fn set_int(&mut self, key: impl Into<ByteStr>, number: i64) {
        self.set(key, Value::Int(number));
    }

    /// Sets a key to a bool.
    pub fn set_bool(&mut self, key: impl Into<ByteStr>, truth: bool) {
        self.set(key, Value::Bool(truth));
    }

    /// Sets a key to a float.
    pub fn set_float(&mut self, key: impl Into<ByteStr>, number: f64) {
        self.set(key, Value::Float(number));
    }

    /// Sets a key to a list of `str`.
    pub fn set_strings(&mut self, key: impl Into<ByteStr>, items: impl IntoIterator<Item = ByteStr>) {
        self.set(key, Value::list(items.into_iter().map(Value::Str).collect()));
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: impl AsRef<[u8]>) -> Option<Value> {
        match self.dict.contains(key.as_ref()) {
            true => self.dict_mut().remove(key.as_ref()),
            false => None,
        }
    }

    /// The items in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &(Value, Value)> + ExactSizeIterator {
        self.dict.iter()
    }

    /// Builder: the same with one more key.
    #[must_use]
    pub fn with(mut self, key: impl Into<ByteStr>, value: Value) -> Self {
        self.set(key, value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_reading() {
        let mut data = Metadata::new();
        data.set_str("listname", "test");
        data.set_bool("tolist", true);
        data.set_float("received_time", 1.5);
        data.set_strings("recips", [ByteStr::from("a@example.com")]);
        assert_eq!(data.str("listname").unwrap(), "test");
        assert_eq!(data.int("tolist"), Some(1));
        assert_eq!(data.float("received_time"), Some(1.5));
        assert_eq!(data.strings("recips").unwrap().len(), 1);
        assert!(data.truth("recips") && !data.truth("missing"));
        assert_eq!(data.str("recips"), None);
    }

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let mut data = Metadata::new().with("pipeline", Value::list(Vec::new()));
        let copy = data.clone();
        data.remove("pipeline");
        data.remove("pipeline");
        assert!(copy.contains("pipeline") && !data.contains("pipeline"));
    }
}
