//! Writing JSON, no reading. Monitoring takes it; a library for so little would be one crate more.

use std::fmt::{self, Write};

/// A value to write.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i64),
    /// What is not finite is written as `null`: JSON has no word for it.
    Float(f64),
    Text(String),
    Array(Vec<Json>),
    /// In the order given.
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// A text.
    pub fn text(text: impl Into<String>) -> Json {
        Json::Text(text.into())
    }

    /// A count. More than 2^63 do not occur.
    pub fn count(count: impl TryInto<i64>) -> Json {
        Json::Int(count.try_into().unwrap_or(i64::MAX))
    }

    /// One value per item.
    pub fn array<T>(items: impl IntoIterator<Item = T>, each: impl FnMut(T) -> Json) -> Json {
        Json::Array(items.into_iter().map(each).collect())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(truth) => write!(f, "{truth}"),
            Json::Float(number) if number.is_finite() => write!(f, "{number:?}"),
            Json::Float(_) => f.write_str("null"),
            Json::Int(number) => write!(f, "{number}"),
            Json::Text(text) => quoted(text, f),
            Json::Array(items) => {
                f.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
                }
                f.write_char(']')
            }
            Json::Object(fields) => {
                f.write_char('{')?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}\"{name}\": {value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            c if u32::from(c) < 0x20 || c == '\u{7f}' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_json() {
        let value = Json::Object(vec![
            ("a", Json::Array(vec![Json::Int(-1), Json::Bool(true)])),
            ("b", Json::text("\"\\\n\t\u{1}ä")),
            ("c", Json::Object(vec![])),
        ]);
        assert_eq!(value.to_string(), r#"{"a": [-1, true], "b": "\"\\\n\t\u0001ä", "c": {}}"#);
    }
}
