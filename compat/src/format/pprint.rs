//! Python 2.7's `pprint.PrettyPrinter(indent=4).pformat`, as bin/dumpdb prints what a file holds. Operators compare its output
//! with `diff`, so the breaks and blanks are Python's: a container whose text does not fit what is left of 80 columns has a
//! line for each item.

use super::repr;
use crate::value::{Dict, Object, Value};
use std::cmp::Ordering;

/// Indentation of a level, in columns.
const INDENT: usize = 4;
/// Width of a line, in columns.
const WIDTH: usize = 80;
/// Nesting beyond this is cut short.
const MAX_DEPTH: usize = 64;

/// How an instance is shown: by its class's own `__repr__`.
pub type ShowInstance<'a> = &'a dyn Fn(&Object) -> Vec<u8>;

/// The value on one or more lines, without a newline at the end.
pub fn pprint(value: &Value, instance: ShowInstance<'_>) -> Vec<u8> {
    let mut printer = Printer { out: Vec::new(), instance };
    printer.format(value, 0, 0, 0);
    printer.out
}

struct Printer<'a> {
    out: Vec<u8>,
    instance: ShowInstance<'a>,
}

impl Printer<'_> {
    /// `PrettyPrinter._format`: `indent` columns stand before, `allowance` brackets and commas will follow.
    fn format(&mut self, value: &Value, indent: usize, allowance: usize, depth: usize) {
        let whole = self.one_line(value, depth);
        let breaks = (whole.len() + indent + allowance) as i64 > WIDTH as i64 - 1;
        match value {
            _ if depth > MAX_DEPTH => self.out.extend(whole),
            Value::Dict(dict) => self.dict(dict, indent, allowance, breaks, depth),
            Value::List(items) => self.items(items, (b"[", b"]"), (indent, allowance, breaks), depth),
            Value::Tuple(items) => {
                let end: &[u8] = if items.len() == 1 { b",)" } else { b")" };
                self.items(items, (b"(", end), (indent, allowance, breaks), depth);
            }
            _ => self.out.extend(whole),
        }
    }

    fn dict(&mut self, dict: &Dict, indent: usize, allowance: usize, breaks: bool, depth: usize) {
        // The blanks come whether it breaks or not: a quirk of Python's.
        self.out.extend_from_slice(b"{   ");
        let indent = indent + INDENT;
        for (at, (key, value)) in sorted(dict).into_iter().enumerate() {
            if at > 0 {
                self.separate(indent, breaks);
            }
            let key = self.one_line(key, depth + 1);
            let column = indent + key.len() + 2;
            self.out.extend(key);
            self.out.extend_from_slice(b": ");
            self.format(value, column, allowance + 1, depth + 1);
        }
        self.out.push(b'}');
    }

    fn items(
        &mut self,
        items: &[Value],
        (start, end): (&[u8], &[u8]),
        (indent, allowance, breaks): (usize, usize, bool),
        depth: usize,
    ) {
        self.out.extend_from_slice(start);
        if breaks {
            self.out.extend_from_slice(&[b' '; INDENT - 1]);
        }
        let indent = indent + INDENT;
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.separate(indent, breaks);
            }
            self.format(item, indent, allowance + 1, depth + 1);
        }
        self.out.extend_from_slice(end);
    }

    fn separate(&mut self, indent: usize, breaks: bool) {
        match breaks {
            true => {
                self.out.extend_from_slice(b",\n");
                self.out.resize(self.out.len() + indent, b' ');
            }
            false => self.out.extend_from_slice(b", "),
        }
    }

    /// `_safe_repr`: as `repr`, with sorted dictionaries.
    fn one_line(&self, value: &Value, depth: usize) -> Vec<u8> {
        let items = |items: &[Value]| {
            items.iter().map(|item| self.one_line(item, depth + 1)).collect::<Vec<_>>().join(&b", "[..])
        };
        match value {
            _ if depth > MAX_DEPTH => b"...".to_vec(),
            Value::Dict(dict) => {
                let pair = |(key, value): (&Value, &Value)| {
                    [self.one_line(key, depth + 1), self.one_line(value, depth + 1)].join(&b": "[..])
                };
                let pairs = sorted(dict).into_iter().map(pair).collect::<Vec<_>>();
                [b"{", &pairs.join(&b", "[..])[..], b"}"].concat()
            }
            Value::List(list) => [b"[", &items(list)[..], b"]"].concat(),
            Value::Tuple(tuple) if tuple.len() == 1 => [b"(", &items(tuple)[..], b",)"].concat(),
            Value::Tuple(tuple) => [b"(", &items(tuple)[..], b")"].concat(),
            Value::Object(object) => (self.instance)(object),
            other => repr(other).to_vec(),
        }
    }
}

fn sorted(dict: &Dict) -> Vec<(&Value, &Value)> {
    let mut items: Vec<(&Value, &Value)> = dict.iter().map(|(key, value)| (key, value)).collect();
    items.sort_by(|(a, _), (b, _)| compare(a, b));
    items
}

fn compare_items(x: &[Value], y: &[Value]) -> Ordering {
    let unequal = x.iter().zip(y.iter()).map(|(a, b)| compare(a, b)).find(|order| *order != Ordering::Equal);
    unequal.unwrap_or_else(|| x.len().cmp(&y.len()))
}

/// Python 2's order of unlike things: nothing, numbers, then by the name of the type.
fn compare(a: &Value, b: &Value) -> Ordering {
    let (a_rank, b_rank) = (rank(a), rank(b));
    let by_kind = || a_rank.cmp(&b_rank);
    match (a, b) {
        (Value::Tuple(x), Value::Tuple(y)) => compare_items(x, y),
        (Value::List(x), Value::List(y)) => compare_items(x, y),
        _ if a.as_text().is_some() && b.as_text().is_some() => a.as_text().cmp(&b.as_text()),
        _ => match (a.as_float(), b.as_float()) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            _ => by_kind(),
        },
    }
}

fn rank(value: &Value) -> (u8, &'static str) {
    match value {
        Value::None => (0, ""),
        _ if value.as_float().is_some() => (1, ""),
        // Python has `unicode` among strings by its text and among other things by its name, which is no order.
        Value::Unicode(_) => (2, "str"),
        other => (2, other.type_name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pickle::load;
    use crate::ByteStr;

    fn printed(pickle: &[u8]) -> String {
        let (value, _) = load(&ByteStr::from(pickle)).unwrap();
        String::from_utf8(pprint(&value, &|_| b"<an instance>".to_vec())).unwrap()
    }

    /// A file may bring keys that Python would sort in a circle.
    #[test]
    fn any_keys_are_put_in_an_order() {
        let printed = printed(b"}((K\x01tNX\x01\x00\x00\x00aNU\x01bNK\x02NL3L\nNNNu.");
        assert_eq!(printed, "{   None: None, 2: None, 3L: None, u'a': None, 'b': None, (1,): None}");
    }

    /// Printed by pprint.PrettyPrinter(indent=4) of CPython 2.7.18.
    #[test]
    fn containers_as_python_prints_them() {
        assert_eq!(printed(b"}."), "{   }");
        assert_eq!(printed(b"]."), "[]");
        assert_eq!(printed(b"}(U\x01bK\x02K\x01NU\x01a](K\x01K\x02eu."), "{   1: None, 'a': [1, 2], 'b': 2}");
        assert_eq!(printed(b"(K\x01t."), "(1,)");
        let long = |text: &str| Value::str(text.repeat(30));
        let mut dict = Dict::new();
        dict.set("recips", Value::list(vec![long("a"), long("b"), Value::tuple(vec![long("c"), long("d")])]));
        dict.set("lang", Value::str("en"));
        let value = Value::dict(dict);
        let (a, b, c, d) = ("a".repeat(30), "b".repeat(30), "c".repeat(30), "d".repeat(30));
        let expected = format!(
            "{{   'lang': 'en',\n    'recips': [   '{a}',\n                  '{b}',\n                  (   '{c}',\n                      '{d}')]}}"
        );
        assert_eq!(String::from_utf8(pprint(&value, &|_| Vec::new())).unwrap(), expected);
    }
}
