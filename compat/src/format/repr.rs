//! `repr()` and `str()` of Python 2 values.

use super::{float_repr, float_str};
use crate::value::{UniStr, Value};
use crate::ByteStr;

/// Nesting beyond this is cut short, as Python cuts a list that holds itself.
const MAX_DEPTH: usize = 64;

/// `repr(value)`: always ASCII, except for the names of classes.
pub fn repr(value: &Value) -> ByteStr {
    let mut out = Vec::new();
    write(value, 0, &mut out);
    out.into()
}

/// `str(value)` of anything but `unicode`, which has none that always works: its UTF-8 stands here.
pub fn text_of(value: &Value) -> ByteStr {
    match value {
        Value::Str(s) | Value::Unicode(UniStr(s)) => s.clone(),
        Value::Float(x) => float_str(*x).into(),
        Value::Long(digits) => digits.clone(),
        other => repr(other),
    }
}

fn write(value: &Value, depth: usize, out: &mut Vec<u8>) {
    if depth > MAX_DEPTH {
        return out.extend_from_slice(b"...");
    }
    match value {
        Value::None => out.extend_from_slice(b"None"),
        Value::Bool(b) => out.extend_from_slice(if *b { b"True" } else { b"False" }),
        Value::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
        Value::Long(digits) => out.extend_from_slice(&[digits, &b"L"[..]].concat()),
        Value::Float(x) => out.extend_from_slice(float_repr(*x).as_bytes()),
        Value::Str(s) => quote(s, out),
        Value::Unicode(text) => quote_unicode(text, out),
        Value::Tuple(items) => write_tuple(items, depth, out),
        Value::List(items) => {
            out.push(b'[');
            write_items(items, depth, out);
            out.push(b']');
        }
        Value::Dict(dict) => write_dict(dict.iter(), depth, out),
        Value::Global(class) => out.extend_from_slice(&class_text(b"class", &class.module, &class.name)),
        Value::Object(object) => match object.class() {
            Some(class) => out.extend_from_slice(&class_text(b"instance of", &class.module, &class.name)),
            None => out.extend_from_slice(b"<instance>"),
        },
    }
}

fn class_text(kind: &[u8], module: &[u8], name: &[u8]) -> Vec<u8> {
    [b"<", kind, b" ", module, b".", name, b">"].concat()
}

fn write_items(items: &[Value], depth: usize, out: &mut Vec<u8>) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        write(item, depth + 1, out);
    }
}

fn write_tuple(items: &[Value], depth: usize, out: &mut Vec<u8>) {
    out.push(b'(');
    write_items(items, depth, out);
    if items.len() == 1 {
        out.push(b',');
    }
    out.push(b')');
}

fn write_dict<'a>(entries: impl Iterator<Item = &'a (Value, Value)>, depth: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        write(key, depth + 1, out);
        out.extend_from_slice(b": ");
        write(value, depth + 1, out);
    }
    out.push(b'}');
}

/// Python prefers single quotes, and double ones where only those avoid a backslash.
fn quote_for(has: impl Fn(u8) -> bool) -> u8 {
    if has(b'\'') && !has(b'"') {
        return b'"';
    }
    b'\''
}

fn quote(s: &[u8], out: &mut Vec<u8>) {
    let quote = quote_for(|c| s.contains(&c));
    out.push(quote);
    for &b in s {
        match escape(u32::from(b), quote) {
            Some(escaped) => out.extend_from_slice(&escaped),
            None if (0x20..0x7f).contains(&b) => out.push(b),
            None => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
        }
    }
    out.push(quote);
}

fn quote_unicode(text: &UniStr, out: &mut Vec<u8>) {
    let quote = quote_for(|c| text.0.contains(&c));
    out.extend_from_slice(&[b'u', quote]);
    for c in text.to_text().chars().map(u32::from) {
        match escape(c, quote) {
            Some(escaped) => out.extend_from_slice(&escaped),
            None if (0x20..0x7f).contains(&c) => out.push(c as u8),
            None if c < 0x100 => out.extend_from_slice(format!("\\x{c:02x}").as_bytes()),
            None if c < 0x10000 => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
            None => out.extend_from_slice(format!("\\U{c:08x}").as_bytes()),
        }
    }
    out.push(quote);
}

fn escape(c: u32, quote: u8) -> Option<[u8; 2]> {
    match u8::try_from(c).ok()? {
        b if b == quote || b == b'\\' => Some([b'\\', b]),
        b'\t' => Some(*b"\\t"),
        b'\n' => Some(*b"\\n"),
        b'\r' => Some(*b"\\r"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `repr` of CPython 2.7.18.
    #[test]
    fn repr_of_nested_values() {
        let value = Value::list(vec![
            Value::Unicode("ä\u{20ac}".into()),
            Value::str("a'"),
            Value::str(b"\"'\\\x00\xe4\n"),
            Value::Long("1".into()),
            Value::None,
            Value::Bool(true),
            Value::Float(1.5),
            Value::tuple(vec![Value::Int(1)]),
        ]);
        let golden = r#"[u'\xe4\u20ac', "a'", '"\'\\\x00\xe4\n', 1L, None, True, 1.5, (1,)]"#;
        assert_eq!(repr(&value), golden);
    }

    #[test]
    fn str_of_numbers() {
        assert_eq!(text_of(&Value::Float(0.1 + 0.2)), "0.3");
        assert_eq!(text_of(&Value::Long("-12".into())), "-12");
        assert_eq!(text_of(&Value::tuple(vec![Value::Long("2".into())])), "(2L,)");
    }
}
