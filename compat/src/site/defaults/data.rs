//! Python values that can stand in a table.

use crate::value::Dict as PyDict;
use crate::value::Value;

/// A value known at compile time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Data {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'static str),
    Bytes(&'static [u8]),
    List(&'static [Data]),
    Tuple(&'static [Data]),
    Dict(&'static [(Data, Data)]),
}

impl Data {
    pub(super) fn value(&self) -> Value {
        let all = |items: &[Data]| items.iter().map(Data::value).collect();
        match self {
            Data::Null => Value::None,
            Data::Bool(b) => Value::Bool(*b),
            Data::Int(n) => Value::Int(*n),
            Data::Float(x) => Value::Float(*x),
            Data::Str(text) => Value::str(*text),
            Data::Bytes(bytes) => Value::str(*bytes),
            Data::List(items) => Value::list(all(items)),
            Data::Tuple(items) => Value::tuple(all(items)),
            Data::Dict(entries) => {
                Value::dict(PyDict::from_entries(entries.iter().map(|(k, v)| (k.value(), v.value())).collect()))
            }
        }
    }
}
