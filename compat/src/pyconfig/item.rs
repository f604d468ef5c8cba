//! Values while a file is evaluated.
//!
//! Unlike [`Value`], lists and dictionaries here have identity: `hosts = VIRTUAL_HOSTS; hosts.clear()` empties both
//! names, as in Python. At the end everything becomes a [`Value`]; functions and modules are left behind.

use super::ast::Definition;
use super::literal::Literal;
use super::scope::Namespace;
use crate::pydict;
use crate::value::{Dict, UniStr, Value};
use crate::ByteStr;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

/// Values may not nest deeper; a list that holds itself is caught by it.
const MAX_DEPTH: usize = 50;

/// A value.
#[derive(Clone)]
pub(super) enum Item {
    None,
    Bool(bool),
    Int(i64),
    Long(i128),
    Float(f64),
    Str(ByteStr),
    Unicode(UniStr),
    Tuple(Rc<Vec<Item>>),
    List(Rc<RefCell<Vec<Item>>>),
    Dict(Rc<RefCell<Vec<(Item, Item)>>>),
    /// A function of the file's own.
    Function(Rc<Function>),
    /// A function that Python brings, by its dotted name.
    Native(Rc<str>),
    /// A method that waits for its call.
    Method(Rc<(Item, String)>),
    /// A module that Python or Mailman brings.
    Module(Rc<str>),
    /// A module of the site's own.
    Namespace(Rc<Namespace>),
    /// What `open` gave: lines that were not read yet.
    File(Rc<RefCell<ByteStr>>),
    /// An exception's class, or one that was caught, with its text.
    Exception(Rc<(String, Option<ByteStr>)>),
}

/// A function defined in a settings file.
pub(super) struct Function {
    pub definition: Rc<Definition>,
    /// Where its global names are: its own file's, not the caller's.
    pub globals: Rc<Namespace>,
    pub defaults: Vec<Item>,
}

impl Item {
    pub(super) fn str(bytes: impl Into<ByteStr>) -> Item {
        Item::Str(bytes.into())
    }

    pub(super) fn list(items: Vec<Item>) -> Item {
        Item::List(Rc::new(RefCell::new(items)))
    }

    pub(super) fn tuple(items: Vec<Item>) -> Item {
        Item::Tuple(Rc::new(items))
    }

    pub(super) fn dict(entries: Vec<(Item, Item)>) -> Item {
        Item::Dict(Rc::new(RefCell::new(entries)))
    }

    pub(super) fn native(name: &str) -> Item {
        Item::Native(name.into())
    }

    pub(super) fn module(name: &str) -> Item {
        Item::Module(name.into())
    }

    /// An integer: a `long` where it does not fit, or where one took part.
    pub(super) fn integer(value: i128, long: bool) -> Item {
        match i64::try_from(value) {
            Ok(value) if !long => Item::Int(value),
            _ => Item::Long(value),
        }
    }

    pub(super) fn from_literal(literal: &Literal) -> Item {
        match literal {
            Literal::Int(n) => Item::Int(*n),
            Literal::Long(n) => Item::Long(*n),
            Literal::Float(x) => Item::Float(*x),
            Literal::Str(s) => Item::Str(s.clone()),
            Literal::Unicode(s) => Item::Unicode(s.clone()),
        }
    }

    /// Containers become new ones.
    pub(super) fn from_value(value: &Value) -> Item {
        let all = |items: &[Value]| items.iter().map(Item::from_value).collect();
        match value {
            Value::Bool(b) => Item::Bool(*b),
            Value::Int(n) => Item::Int(*n),
            Value::Long(_) => value.as_int().map_or(Item::None, |n| Item::Long(i128::from(n))),
            Value::Float(x) => Item::Float(*x),
            Value::Str(s) => Item::Str(s.clone()),
            Value::Unicode(s) => Item::Unicode(s.clone()),
            Value::Tuple(items) => Item::tuple(all(items)),
            Value::List(items) => Item::list(all(items)),
            Value::Dict(dict) => {
                Item::dict(dict.iter().map(|(k, v)| (Item::from_value(k), Item::from_value(v))).collect())
            }
            Value::None | Value::Global(_) | Value::Object(_) => Item::None,
        }
    }

    /// `None` for what is no data: functions, modules.
    pub(super) fn to_value(&self) -> Option<Value> {
        self.value_at(0)
    }

    fn value_at(&self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let all = |items: &[Item]| items.iter().map(|item| item.value_at(depth + 1)).collect::<Option<Vec<_>>>();
        Some(match self {
            Item::None => Value::None,
            Item::Bool(b) => Value::Bool(*b),
            Item::Int(n) => Value::Int(*n),
            Item::Long(n) => Value::Long(n.to_string().into()),
            Item::Float(x) => Value::Float(*x),
            Item::Str(s) => Value::Str(s.clone()),
            Item::Unicode(s) => Value::Unicode(s.clone()),
            Item::Tuple(items) => Value::tuple(all(items)?),
            Item::List(items) => Value::list(all(&items.borrow())?),
            Item::Dict(_) => {
                let entry = |(k, v): (Item, Item)| Some((k.value_at(depth + 1)?, v.value_at(depth + 1)?));
                let entries = self.entries().into_iter().map(entry).collect::<Option<Vec<_>>>()?;
                Value::dict(Dict::from_entries(entries))
            }
            _ => return None,
        })
    }

    /// A dictionary's items in the order in which Python finds them.
    pub(super) fn entries(&self) -> Vec<(Item, Item)> {
        let Item::Dict(entries) = self else { return Vec::new() };
        let entries = entries.borrow();
        let keys: Option<Vec<&[u8]>> = entries.iter().map(|(key, _)| key.bytes()).collect();
        match keys {
            Some(keys) => pydict::order(&keys).into_iter().filter_map(|at| entries.get(at).cloned()).collect(),
            None => entries.clone(),
        }
    }

    /// The bytes of a `str`.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Item::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The bytes of a `str` or the UTF-8 of a `unicode`.
    pub(super) fn text(&self) -> Option<&ByteStr> {
        match self {
            Item::Str(s) | Item::Unicode(UniStr(s)) => Some(s),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn whole(&self) -> Option<i128> {
        match self {
            Item::Bool(b) => Some(i128::from(*b)),
            Item::Int(n) => Some(i128::from(*n)),
            Item::Long(n) => Some(*n),
            _ => None,
        }
    }

    /// Any number.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Item::Float(x) => Some(*x),
            other => other.whole().map(|n| n as f64),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Item::None => false,
            Item::Str(s) | Item::Unicode(UniStr(s)) => !s.is_empty(),
            Item::Tuple(items) => !items.is_empty(),
            Item::List(items) => !items.borrow().is_empty(),
            Item::Dict(entries) => !entries.borrow().is_empty(),
            other => other.number() != Some(0.0),
        }
    }

    /// Python's name of the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Item::None => "NoneType",
            Item::Bool(_) => "bool",
            Item::Int(_) => "int",
            Item::Long(_) => "long",
            Item::Float(_) => "float",
            Item::Str(_) => "str",
            Item::Unicode(_) => "unicode",
            Item::Tuple(_) => "tuple",
            Item::List(_) => "list",
            Item::Dict(_) => "dict",
            Item::Function(_) => "function",
            Item::Native(_) | Item::Method(_) => "builtin_function_or_method",
            Item::Module(_) | Item::Namespace(_) => "module",
            Item::File(_) => "file",
            Item::Exception(_) => "exception",
        }
    }

    /// `is`
    pub(super) fn is(&self, other: &Item) -> bool {
        match (self, other) {
            (Item::List(a), Item::List(b)) => Rc::ptr_eq(a, b),
            (Item::Dict(a), Item::Dict(b)) => Rc::ptr_eq(a, b),
            (Item::Tuple(a), Item::Tuple(b)) => Rc::ptr_eq(a, b),
            (Item::Native(a) | Item::Module(a), Item::Native(b) | Item::Module(b)) => a == b,
            _ => self.type_name() == other.type_name() && self.equals(other),
        }
    }

    /// `==`
    pub(super) fn equals(&self, other: &Item) -> bool {
        self.equals_at(other, 0)
    }

    fn equals_at(&self, other: &Item, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let all =
            |a: &[Item], b: &[Item]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals_at(b, depth + 1));
        match (self, other) {
            (Item::None, Item::None) => true,
            (Item::Tuple(a), Item::Tuple(b)) => all(a, b),
            (Item::List(a), Item::List(b)) => Rc::ptr_eq(a, b) || all(&a.borrow(), &b.borrow()),
            (Item::Dict(a), Item::Dict(b)) => {
                let (a, b) = (a.borrow(), b.borrow());
                let has = |(k, v): &(Item, Item)| {
                    b.iter().any(|(l, w)| k.equals_at(l, depth + 1) && v.equals_at(w, depth + 1))
                };
                a.len() == b.len() && a.iter().all(has)
            }
            (Item::Native(a), Item::Native(b)) => a == b,
            (Item::Exception(a), Item::Exception(b)) => a.0 == b.0,
            _ => match (self.text(), other.text()) {
                // Bytes that are not ASCII never equal unicode.
                (Some(a), Some(b)) => a == b && (self.bytes().is_some() == other.bytes().is_some() || a.is_ascii()),
                (None, None) => match (self.whole(), other.whole()) {
                    (Some(a), Some(b)) => a == b,
                    _ => self.number().is_some() && self.number() == other.number(),
                },
                _ => false,
            },
        }
    }

    /// The order of any two values: None, numbers, then by the name of the type.
    pub(super) fn order(&self, other: &Item) -> Ordering {
        self.order_at(other, 0)
    }

    fn order_at(&self, other: &Item, depth: usize) -> Ordering {
        if depth > MAX_DEPTH {
            return Ordering::Equal;
        }
        let all = |a: &[Item], b: &[Item]| {
            let different = a.iter().zip(b).map(|(a, b)| a.order_at(b, depth + 1)).find(|order| order.is_ne());
            different.unwrap_or(a.len().cmp(&b.len()))
        };
        match (self, other) {
            (Item::Tuple(a), Item::Tuple(b)) => all(a, b),
            (Item::List(a), Item::List(b)) => all(&a.borrow(), &b.borrow()),
            _ => match (self.whole(), other.whole(), self.text(), other.text()) {
                (Some(a), Some(b), _, _) => a.cmp(&b),
                (_, _, Some(a), Some(b)) => a.cmp(b),
                _ => match (self.number(), other.number()) {
                    (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
                    _ => self.rank().cmp(&other.rank()),
                },
            },
        }
    }

    fn rank(&self) -> (u8, &'static str) {
        match self {
            Item::None => (0, ""),
            other if other.number().is_some() => (1, ""),
            other => (2, other.type_name()),
        }
    }

    /// What `for` goes over: items, keys, characters, lines.
    pub(super) fn members(&self) -> Option<Vec<Item>> {
        Some(match self {
            Item::Tuple(items) => items.to_vec(),
            Item::List(items) => items.borrow().clone(),
            Item::Dict(_) => self.entries().into_iter().map(|(key, _)| key).collect(),
            Item::Str(s) => (0..s.len()).map(|at| Item::Str(s.slice(at..at + 1))).collect(),
            Item::Unicode(s) => s.to_text().chars().map(|c| Item::Unicode(UniStr(c.to_string().into()))).collect(),
            Item::File(rest) => {
                let text = rest.replace(ByteStr::default());
                text.split_inclusive(|b| *b == b'\n').map(Item::str).collect()
            }
            _ => return None,
        })
    }

    /// `len()`
    pub(super) fn length(&self) -> Option<usize> {
        Some(match self {
            Item::Str(s) => s.len(),
            Item::Unicode(s) => s.to_text().chars().count(),
            Item::Tuple(items) => items.len(),
            Item::List(items) => items.borrow().len(),
            Item::Dict(entries) => entries.borrow().len(),
            _ => return None,
        })
    }

    /// The value of a key of a dictionary.
    pub(super) fn entry(&self, key: &Item) -> Option<Item> {
        match self {
            Item::Dict(entries) => entries.borrow().iter().find(|(k, _)| k.equals(key)).map(|(_, v)| v.clone()),
            _ => None,
        }
    }
}

/// `dict[key] = value`
pub(super) fn set_entry(entries: &RefCell<Vec<(Item, Item)>>, key: Item, value: Item) {
    let mut entries = entries.borrow_mut();
    match entries.iter_mut().find(|(k, _)| k.equals(&key)) {
        Some(entry) => entry.1 = value,
        None => entries.push((key, value)),
    }
}
