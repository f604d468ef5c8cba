//! What `show_qfiles`, `dumpdb` and `queues show` have in common: pickled objects as people read them.

use compat::email::generator;
use compat::email::Message;
use compat::format::{self, text_of};
use compat::value::{Object, Value};

/// A value as `pprint` of Mailman's Python prints it, with each class's own `__repr__`.
pub fn pprint(value: &Value) -> Vec<u8> {
    format::pprint(value, &instance)
}

/// The text of a message, as its `as_string` makes it. What can't be flattened says why in its place.
pub fn message_text(value: &Value, unixfrom: bool) -> Option<Vec<u8>> {
    let mut msg = Message::from_value(value).ok()?;
    match generator::as_bytes(&mut msg, unixfrom, true) {
        Ok(text) => Some(text),
        Err(error) => Some(format!("[this message can't be written as text: {error}]\n").into_bytes()),
    }
}

/// The classes that Mailman pickles; all others are shown as Python shows what has no `__repr__`, except for the
/// address in memory, which says nothing.
fn instance(object: &Object) -> Vec<u8> {
    let class = object.class().map(|class| (&class.module[..], &class.name[..]));
    match class {
        Some((b"Mailman.Message", _)) => message_of(object),
        Some((b"Mailman.Bouncer", b"_BounceInfo")) => bounce_info(object),
        Some((b"Mailman.UserDesc", b"UserDesc")) => user_desc(object),
        Some((module, b"Charset")) if module.starts_with(b"email.") => charset(object),
        Some((module, name)) => [b"<", module, b".", name, b" instance>"].concat(),
        None => b"<an instance>".to_vec(),
    }
}

fn message_of(object: &Object) -> Vec<u8> {
    let value = Value::Object(std::rc::Rc::new(object.clone()));
    message_text(&value, true).unwrap_or_else(|| b"<Mailman.Message.Message instance>".to_vec())
}

/// `str()` of an attribute; Python fails on a missing one.
fn attribute(object: &Object, name: &str) -> Vec<u8> {
    object.attribute(name).map_or_else(|| b"n/a".to_vec(), |value| text_of(value).to_vec())
}

fn bounce_info(object: &Object) -> Vec<u8> {
    let mut out = [b"<bounce info for member ", &attribute(object, "member")[..]].concat();
    for (label, name) in [
        ("current score", "score"),
        ("last bounce date", "date"),
        ("email notices left", "noticesleft"),
        ("last notice date", "lastnotice"),
        ("confirmation cookie", "cookie"),
    ] {
        out.extend_from_slice(format!("\n        {label}: ").as_bytes());
        out.extend(attribute(object, name));
    }
    out.extend_from_slice(b"\n        >");
    out
}

fn user_desc(object: &Object) -> Vec<u8> {
    let digest = match object.attribute("digest").and_then(Value::as_int) {
        Some(0) => b"no".to_vec(),
        Some(1) => b"yes".to_vec(),
        _ => attribute(object, "digest"),
    };
    let field = |name| attribute(object, name);
    [
        &b"<UserDesc "[..],
        &field("address"),
        b" (",
        &ascii(object, "fullname"),
        b") [",
        &ascii(object, "password"),
        b"] [digest? ",
        &digest,
        b"] [",
        &field("language"),
        b"]>",
    ]
    .concat()
}

/// Text with a question mark for what is not ASCII, where it is `unicode`.
fn ascii(object: &Object, name: &str) -> Vec<u8> {
    match object.attribute(name) {
        Some(Value::Unicode(text)) => {
            text.to_text().chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect()
        }
        _ => attribute(object, name),
    }
}

fn charset(object: &Object) -> Vec<u8> {
    attribute(object, "input_charset").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::value::Dict;

    /// Shown by the classes of Mailman 2.1.39.
    #[test]
    fn instances_show_themselves() {
        let none = Value::tuple(vec![Value::Int(0), Value::Int(0), Value::Int(0)]);
        let attributes: Dict = [
            ("member", Value::str("a@example.org")),
            ("cookie", Value::None),
            ("score", Value::Float(1.0)),
            ("date", Value::tuple(vec![Value::Int(2026), Value::Int(11), Value::Int(25)])),
            ("noticesleft", Value::Int(3)),
            ("lastnotice", none),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect();
        let shown = instance(&Object::old_style("Mailman.Bouncer", "_BounceInfo", attributes));
        let expected =
            "<bounce info for member a@example.org\n        current score: 1.0\n        last bounce date: (2026, 11, \
                        25)\n        email notices left: 3\n        last notice date: (0, 0, 0)\n        confirmation \
                        cookie: None\n        >";
        assert_eq!(String::from_utf8(shown).unwrap(), expected);
        let attributes: Dict = [
            ("address", Value::str("b@example.org")),
            ("fullname", Value::Unicode("B\u{e4}r".into())),
            ("password", Value::str("pw")),
            ("digest", Value::Int(0)),
            ("language", Value::str("en")),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect();
        let shown = instance(&Object::old_style("Mailman.UserDesc", "UserDesc", attributes));
        assert_eq!(String::from_utf8(shown).unwrap(), "<UserDesc b@example.org (B?r) [pw] [digest? no] [en]>");
    }
}
