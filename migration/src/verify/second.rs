//! The second opinion on a pickle: serde-pickle reads it too, and both must have seen the same.
//!
//! It is an independent program by other people, which knows less: it drops the classes of instances and keeps what they
//! hold, takes a `long` that fits for an `int`, and of an instance that is fetched a second time from the memo it gives an
//! empty dictionary. Those are allowed for here; everything else must agree.

use super::words::in_other_words;
use compat::value::{Construction, Dict, Object, Value};
use serde_pickle::value::{HashableValue, Value as Theirs};
use serde_pickle::{value_from_slice, DeOptions};
use std::collections::HashSet;
use std::rc::Rc;

/// What the second reader says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// The same.
    Agrees,
    /// Another value, at this place.
    Differs(String),
    /// It can't read this pickle.
    CannotRead(String),
}

/// Reads the bytes of one pickle and compares with what ours made of them. Ours has checked depth and size before.
pub fn opinion(bytes: &[u8], ours: &Value) -> Opinion {
    let reworded = in_other_words(bytes);
    match value_from_slice(reworded.as_deref().unwrap_or(bytes), DeOptions::new().replace_unresolved_globals()) {
        Err(error) => Opinion::CannotRead(error.to_string().chars().take(80).collect()),
        Ok(theirs) => match Comparison::default().find_difference(ours, &theirs) {
            None => Opinion::Agrees,
            Some(place) => Opinion::Differs(place),
        },
    }
}

/// Walks both values in step.
#[derive(Default)]
struct Comparison {
    /// Instances that were met once; their memory, which stays while ours lives.
    met: HashSet<*const Object>,
}

impl Comparison {
    /// The place of the first difference, such as `.members['a@b']`; `None` where there is none.
    fn find_difference(&mut self, ours: &Value, theirs: &Theirs) -> Option<String> {
        match (ours, theirs) {
            (Value::List(a), Theirs::List(b)) => self.items(a, b),
            (Value::Tuple(a), Theirs::Tuple(b)) => self.items(a, b),
            (Value::Dict(a), Theirs::Dict(b)) => self.entries(a, b),
            (Value::Object(object), theirs) => self.instance(object, theirs),
            (Value::Global(_), Theirs::None) => None,
            _ => (!is_same_scalar(ours, theirs)).then(|| format!(": {} here", ours.type_name())),
        }
    }

    fn items(&mut self, ours: &[Value], theirs: &[Theirs]) -> Option<String> {
        if ours.len() != theirs.len() {
            return Some(format!(": {} items and {}", ours.len(), theirs.len()));
        }
        let mut pairs = ours.iter().zip(theirs).enumerate();
        pairs.find_map(|(at, (a, b))| Some(format!("[{at}]{}", self.find_difference(a, b)?)))
    }

    fn entries(&mut self, ours: &Dict, theirs: &std::collections::BTreeMap<HashableValue, Theirs>) -> Option<String> {
        if ours.len() != theirs.len() {
            return Some(format!(": {} keys and {}", ours.len(), theirs.len()));
        }
        for (key, value) in ours.iter() {
            let shown = || compat::format::repr(key).to_latin1();
            let found = hashable(key).and_then(|key| theirs.get(&key));
            let Some(found) = found else { return Some(format!(": no key {}", shown())) };
            if let Some(place) = self.find_difference(value, found) {
                return Some(format!("[{}]{place}", shown()));
            }
        }
        None
    }

    /// Theirs is the state alone, or an empty dictionary where there is none or where it was fetched from the memo.
    fn instance(&mut self, object: &Rc<Object>, theirs: &Theirs) -> Option<String> {
        let is_first = self.met.insert(Rc::as_ptr(object));
        let is_nothing = match theirs {
            Theirs::Dict(dict) => dict.is_empty(),
            Theirs::None => matches!(object.construction, Construction::Reduce { .. }),
            _ => false,
        };
        if is_nothing && (!is_first || object.state.is_none()) {
            return None;
        }
        match &object.state {
            Some(state) => self.find_difference(state, theirs).map(|place| format!(".{place}")),
            None => Some(": an instance without a state here".to_string()),
        }
    }
}

fn is_same_scalar(ours: &Value, theirs: &Theirs) -> bool {
    match (ours, theirs) {
        (Value::None, Theirs::None) => true,
        (Value::Bool(a), Theirs::Bool(b)) => a == b,
        (Value::Int(a), Theirs::I64(b)) => a == b,
        (Value::Long(_), Theirs::I64(b)) => ours.as_int() == Some(*b),
        (Value::Long(digits), Theirs::Int(b)) => *digits == b.to_string().as_bytes(),
        (Value::Float(a), Theirs::F64(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (Value::Str(a), Theirs::Bytes(b)) => *a == b[..],
        (Value::Unicode(a), Theirs::String(b)) => a.0 == b.as_bytes(),
        _ => false,
    }
}

fn hashable(key: &Value) -> Option<HashableValue> {
    Some(match key {
        Value::None => HashableValue::None,
        Value::Bool(b) => HashableValue::Bool(*b),
        Value::Int(n) => HashableValue::I64(*n),
        Value::Long(_) => HashableValue::I64(key.as_int()?),
        Value::Float(x) => HashableValue::F64(*x),
        Value::Str(s) => HashableValue::Bytes(s.to_vec()),
        Value::Unicode(text) => HashableValue::String(text.to_text()),
        Value::Tuple(items) => HashableValue::Tuple(items.iter().map(hashable).collect::<Option<_>>()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::pickle::load;
    use compat::ByteStr;

    fn of(pickle: &[u8], other: &[u8]) -> Opinion {
        let (value, _) = load(&ByteStr::from(other)).unwrap();
        opinion(pickle, &value)
    }

    /// cPickle.dumps({'a': [1, 2L, 1.5, None, True, u'\xe4'], 'b': ('x', 10**20)}, 1) of Python 2.7.
    const MIXED: &[u8] = b"}q\x01(U\x01a]q\x02(K\x01L2L\nG?\xf8\x00\x00\x00\x00\x00\x00NI01\nX\x02\x00\x00\x00\xc3\xa4q\x03eU\x01bU\x01xL100000000000000000000L\n\x86q\x04u.";

    #[test]
    fn both_see_the_same() {
        assert_eq!(of(MIXED, MIXED), Opinion::Agrees);
    }

    #[test]
    fn a_difference_is_found_and_named() {
        let one = b"}U\x01aK\x01s.";
        assert_eq!(of(one, b"}U\x01aK\x02s."), Opinion::Differs("['a']: int here".to_string()));
        assert_eq!(of(one, b"}U\x01bK\x01s."), Opinion::Differs(": no key 'b'".to_string()));
        assert_eq!(of(one, b"}."), Opinion::Differs(": 0 keys and 1".to_string()));
        assert_eq!(of(b"U\x01a.", b"X\x01\x00\x00\x00a."), Opinion::Differs(": unicode here".to_string()));
        assert!(matches!(of(b"\xff", b"N."), Opinion::CannotRead(_)));
    }

    #[test]
    fn an_instance_is_compared_by_what_it_holds() {
        // [o, o] where o is an old-style instance with {'x': 1}, by cPickle at protocol 1.
        let twice = b"](c__main__\nC\noq\x01}U\x01xK\x01sbh\x01e.";
        let marked = [&b"](("[..], &twice[2..]].concat();
        assert_eq!(of(&marked, &marked), Opinion::Agrees);
        let other = b"((c__main__\nC\no}U\x01xK\x02sbl.";
        let same = b"((c__main__\nC\no}U\x01xK\x01sbl.";
        assert!(matches!(of(same, other), Opinion::Differs(place) if place.starts_with("[0].['x']")));
    }
}
