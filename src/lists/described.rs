//! A list as JSON: for tools with `--json`, and for programs that use the JSON interface.

use compat::codecs::{self, Errors};
use compat::format::text_of;
use compat::list::{attributes, MailList};
use compat::value::Value;
use migration::json::Json;

/// What a list is.
pub fn list(list: &MailList) -> Json {
    let text = |bytes: &[u8]| Json::text(String::from_utf8_lossy(bytes));
    Json::Object(vec![
        ("list", text(list.name())),
        ("name", text(&list.real_name())),
        ("host", text(&list.host_name())),
        ("description", value(list.get(attributes::DESCRIPTION).unwrap_or(&Value::None), &list.charset())),
        ("advertised", Json::Bool(list.truth(attributes::ADVERTISED))),
        ("public_archive", Json::Bool(!list.truth(attributes::ARCHIVE_PRIVATE))),
        ("members", Json::count(list.member_count())),
    ])
}

/// A value of an option. Strings are in the charset of the list; `None` is null.
pub fn value(value: &Value, charset: &[u8]) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::Int(*number),
        Value::Float(number) => Json::Float(*number),
        Value::Unicode(text) => Json::text(text.to_text()),
        Value::Str(bytes) => Json::text(decoded(bytes, charset)),
        other => match other.as_items() {
            Some(items) => Json::array(items, |item| self::value(item, charset)),
            None => Json::text(decoded(&text_of(other), charset)),
        },
    }
}

fn decoded(bytes: &[u8], charset: &[u8]) -> String {
    let utf8 = || String::from_utf8_lossy(bytes).into_owned();
    codecs::decode_string(bytes, charset, Errors::Strict).unwrap_or_else(|_| utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_kinds() {
        let items =
            Value::list(vec![Value::tuple(vec![Value::str("\u{e4}"), Value::Int(3)]), Value::Unicode("x".into())]);
        assert_eq!(value(&items, b"utf-8").to_string(), "[[\"\u{e4}\", 3], \"x\"]");
        assert_eq!(value(&Value::str(&b"\xe4"[..]), b"iso-8859-1").to_string(), "\"\u{e4}\"");
        assert_eq!(value(&Value::Float(5.0), b"utf-8").to_string(), "5.0");
        assert_eq!([value(&Value::None, b""), value(&Value::Bool(true), b"")], [Json::Null, Json::Bool(true)]);
    }
}
