//! What a pickle can hold, with the distinctions that Python 2 makes: `str` and `unicode`, `int`, `long` and `bool`,
//! tuple and list, and instances whose classes are labels that nobody imports.
//!
//! Containers are shared by reference count and changed by copy-on-write (`Rc::make_mut`). Two values that were one
//! object in the file stay one object until somebody changes one of them; the writer sees that and memoises.

mod dict;
mod hash;
mod index;

pub use dict::Dict;
pub(crate) use hash::Seed;

use crate::ByteStr;
use std::rc::Rc;

/// A Python 2 `unicode`: UTF-8 as Python 2 writes it, which allows lone surrogates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniStr(pub ByteStr);

impl UniStr {
    /// The text; a lone surrogate becomes U+FFFD.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl From<&str> for UniStr {
    fn from(text: &str) -> Self {
        UniStr(ByteStr::from(text))
    }
}

/// A class or function by its name: a label, never an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Global {
    /// The module, such as `Mailman.Bouncer`.
    pub module: ByteStr,
    /// The name in it, such as `_BounceInfo`.
    pub name: ByteStr,
}

/// How an instance was put together in the pickle, and so how it is written back.
#[derive(Clone, Debug, PartialEq)]
pub enum Construction {
    /// An old-style class: INST in protocol 0, OBJ in protocol 1 and 2.
    OldStyle { class: Rc<Global>, args: Vec<Value> },
    /// A callable with a tuple of arguments: REDUCE.
    Reduce { callable: Value, args: Value },
    /// `cls.__new__(cls, *args)`: NEWOBJ, protocol 2.
    NewObject { class: Value, args: Value },
}

/// An instance of a class that is not looked into.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// How it is made.
    pub construction: Construction,
    /// What BUILD gives it: for most classes the dictionary of its attributes.
    pub state: Option<Value>,
    /// Items of a list subclass (APPEND, APPENDS).
    pub items: Vec<Value>,
    /// Items of a dict subclass (SETITEM, SETITEMS).
    pub entries: Vec<(Value, Value)>,
}

/// A Python 2 value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `long` as its decimal digits, with a minus sign where it has one, without the final `L`.
    Long(ByteStr),
    /// `float`; the bit pattern is kept.
    Float(f64),
    /// `str`: bytes.
    Str(ByteStr),
    /// `unicode`
    Unicode(UniStr),
    /// `tuple`; one allocation, for a message has one a header.
    Tuple(Rc<[Value]>),
    /// `list`
    List(Rc<Vec<Value>>),
    /// `dict`
    Dict(Rc<Dict>),
    /// A class or function itself.
    Global(Rc<Global>),
    /// An instance.
    Object(Rc<Object>),
}

impl Value {
    /// A `str`.
    pub fn str(bytes: impl Into<ByteStr>) -> Self {
        Value::Str(bytes.into())
    }

    /// A `list`.
    pub fn list(items: Vec<Value>) -> Self {
        Value::List(Rc::new(items))
    }

    /// A `tuple`.
    pub fn tuple(items: Vec<Value>) -> Self {
        Value::Tuple(items.into())
    }

    /// A `dict`.
    pub fn dict(dict: Dict) -> Self {
        Value::Dict(Rc::new(dict))
    }

    /// The bytes of a `str`.
    pub fn as_str(&self) -> Option<&ByteStr> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The bytes of a `str`, or the UTF-8 of a `unicode`.
    pub fn as_text(&self) -> Option<&ByteStr> {
        match self {
            Value::Str(s) | Value::Unicode(UniStr(s)) => Some(s),
            _ => None,
        }
    }

    /// An `int`, a `bool` as 0 or 1, or a `long` that fits.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(n) => Some(*n),
            Value::Bool(b) => Some(i64::from(*b)),
            Value::Long(digits) => std::str::from_utf8(digits).ok()?.parse().ok(),
            _ => None,
        }
    }

    /// Any number as a float.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Value::Float(x) => Some(*x),
            Value::Long(digits) => std::str::from_utf8(digits).ok()?.parse().ok(),
            other => other.as_int().map(|n| n as f64),
        }
    }

    /// Another text, of the same kind as this one: `unicode` if this is.
    #[must_use]
    pub fn with_text(&self, text: impl Into<ByteStr>) -> Value {
        match self {
            Value::Unicode(_) => Value::Unicode(UniStr(text.into())),
            _ => Value::Str(text.into()),
        }
    }

    /// `value + 1`, which keeps a `long` and a `float` what they are; 1 where this is no number.
    #[must_use]
    pub fn plus_one(&self) -> Value {
        match self {
            Value::Float(x) => Value::Float(x + 1.0),
            Value::Long(_) => Value::Long(self.as_int().unwrap_or(0).saturating_add(1).to_string().into()),
            other => Value::Int(other.as_int().unwrap_or(0).saturating_add(1)),
        }
    }

    /// The items of a list or a tuple.
    pub fn as_items(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The dictionary.
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Value::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The dictionary to change; it is copied first where somebody else holds it too.
    pub fn as_dict_mut(&mut self) -> Option<&mut Dict> {
        match self {
            Value::Dict(dict) => Some(Rc::make_mut(dict)),
            _ => None,
        }
    }

    /// The items of a list to change; copied first where somebody else holds it too.
    pub fn as_list_mut(&mut self) -> Option<&mut Vec<Value>> {
        match self {
            Value::List(items) => Some(Rc::make_mut(items)),
            _ => None,
        }
    }

    /// The instance.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// What Python's `if value:` finds.
    pub fn is_true(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(b) => *b,
            Value::Int(n) => *n != 0,
            Value::Long(digits) => digits != &"0",
            Value::Float(x) => *x != 0.0,
            Value::Str(s) | Value::Unicode(UniStr(s)) => !s.is_empty(),
            Value::Tuple(items) => !items.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Dict(dict) => !dict.is_empty(),
            Value::Global(_) | Value::Object(_) => true,
        }
    }

    /// Python's name of the type, for errors.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Long(_) => "long",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Unicode(_) => "unicode",
            Value::Tuple(_) => "tuple",
            Value::List(_) => "list",
            Value::Dict(_) => "dict",
            Value::Global(_) => "classobj",
            Value::Object(_) => "instance",
        }
    }
}

impl Object {
    /// An old-style instance with a dictionary of attributes.
    pub fn old_style(module: &str, name: &str, attributes: Dict) -> Self {
        let class = Rc::new(Global { module: module.into(), name: name.into() });
        Object {
            construction: Construction::OldStyle { class, args: Vec::new() },
            state: Some(Value::dict(attributes)),
            items: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// The class, where the construction names one directly.
    pub fn class(&self) -> Option<&Global> {
        match &self.construction {
            Construction::OldStyle { class, .. } => Some(class),
            Construction::NewObject { class: Value::Global(class), .. } => Some(class),
            Construction::Reduce { .. } | Construction::NewObject { .. } => None,
        }
    }

    /// The dictionary of attributes, where the state is one.
    pub fn attributes(&self) -> Option<&Dict> {
        self.state.as_ref().and_then(Value::as_dict)
    }

    /// One attribute.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes().and_then(|dict| dict.get(name.as_bytes()))
    }
}
