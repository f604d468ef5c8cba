//! Where the values of a `%(name)s` come from.

use super::repr;
use crate::value::{Dict, UniStr, Value};
use std::collections::HashMap;

/// A mapping from names to values.
pub trait Lookup {
    /// The value of `key`; `None` is a `KeyError`.
    fn lookup(&self, key: &[u8]) -> Option<Value>;

    /// The same where the key is `unicode`, as those of a `unicode` template are. Only a `SafeDict` minds.
    fn lookup_unicode(&self, key: &[u8]) -> Option<Value> {
        self.lookup(key)
    }

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

/// `SafeDict`: what is missing stays in the text as `%(key)s`; see [`missing_unicode`].
pub struct Safe<'a>(pub &'a dyn Lookup);

impl Lookup for Safe<'_> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        Some(self.0.lookup(key).unwrap_or_else(|| missing(key)))
    }

    fn lookup_unicode(&self, key: &[u8]) -> Option<Value> {
        Some(self.0.lookup_unicode(key).unwrap_or_else(|| missing_unicode(key)))
    }
}

/// What a `SafeDict` has for a name that is not there.
pub fn missing(key: &[u8]) -> Value {
    Value::str([b"%(", key, b")s"].concat())
}

/// What a `SafeDict` has for a `unicode` name that is not there: it keeps names that are `str` alone.
pub fn missing_unicode(key: &[u8]) -> Value {
    Value::str([b"<Missing key: ", &repr(&Value::Unicode(UniStr(key.into())))[..], b">"].concat())
}
