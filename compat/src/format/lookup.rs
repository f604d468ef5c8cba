//! Where the values of a `%(name)s` come from.

use crate::pickle::{Dict, Value};
use std::collections::HashMap;

/// A mapping from names to values.
pub trait Lookup {
    /// The value of `key`; `None` is a `KeyError`.
    fn lookup(&self, key: &[u8]) -> Option<Value>;

    /// The mapping as a value, for a conversion without a name: Python prints all of it.
    fn whole(&self) -> Option<Value> {
        None
    }

    /// Whether the mapping is a `SafeDict`: an instance, as Python says when it wants a number.
    fn is_instance(&self) -> bool {
        false
    }
}

impl Lookup for Dict {
    fn whole(&self) -> Option<Value> {
        Some(Value::dict(self.clone()))
    }

    fn lookup(&self, key: &[u8]) -> Option<Value> {
        self.get(key).cloned()
    }
}

impl Lookup for [(&str, Value)] {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        self.iter().rev().find(|(name, _)| name.as_bytes() == key).map(|(_, value)| value.clone())
    }
}

impl<const N: usize> Lookup for [(&str, Value); N] {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        self.as_slice().lookup(key)
    }
}

impl Lookup for Vec<(&str, Value)> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        self.as_slice().lookup(key)
    }
}

impl Lookup for HashMap<String, Value> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        self.get(std::str::from_utf8(key).ok()?).cloned()
    }
}

/// A function as a mapping.
pub struct Func<F>(pub F);

impl<F: Fn(&[u8]) -> Option<Value>> Lookup for Func<F> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        (self.0)(key)
    }
}

/// `SafeDict`: what is missing stays in the text as `%(key)s`.
pub struct Safe<'a>(pub &'a dyn Lookup);

impl Lookup for Safe<'_> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        Some(self.0.lookup(key).unwrap_or_else(|| Value::str([b"%(", key, b")s"].concat())))
    }
}
