//! A Python `str` or `unicode`, where Python takes either and the difference shows.
//!
//! What an owner saves on a web page of 2.1.39, or with `config_list`, is `unicode` wherever Python made it so: names of
//! topics, patterns, texts. Mailman mixes the two freely; how a value folds, splits, matches and is pickled depends on its
//! kind.

use compat::pattern::{Flags, Pattern, PatternError};
use compat::value::{UniStr, Value};
use compat::ByteStr;

/// A Python `str` or `unicode`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// `str`
    Bytes(ByteStr),
    /// `unicode`
    Unicode(String),
}

impl Default for Text {
    fn default() -> Self {
        Text::Bytes(ByteStr::default())
    }
}

impl From<ByteStr> for Text {
    fn from(bytes: ByteStr) -> Self {
        Text::Bytes(bytes)
    }
}

impl Text {
    /// From an attribute of a pickled article.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Str(bytes) => Some(Text::Bytes(bytes.clone())),
            Value::Unicode(text) => Some(Text::Unicode(text.to_text())),
            _ => None,
        }
    }

    /// As a pickle holds it.
    pub fn to_value(&self) -> Value {
        match self {
            Text::Bytes(bytes) => Value::Str(bytes.clone()),
            Text::Unicode(text) => Value::Unicode(UniStr::from(text.as_str())),
        }
    }

    /// Python's `not text`.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// The bytes, or the UTF-8 of the characters.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Text::Bytes(bytes) => bytes,
            Text::Unicode(text) => text.as_bytes(),
        }
    }

    /// The same kind of text with other content; bytes that are not UTF-8 can only come from bytes.
    fn with(&self, content: Vec<u8>) -> Text {
        match self {
            Text::Bytes(_) => Text::Bytes(content.into()),
            Text::Unicode(_) => Text::Unicode(String::from_utf8_lossy(&content).into_owned()),
        }
    }

    /// A change that works on ASCII only, and so alike on bytes and on UTF-8.
    pub fn map(&self, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Text {
        self.with(change(self.bytes()))
    }

    /// `lower()`: bytes only fold ASCII.
    pub fn lower(&self) -> Text {
        match self {
            Text::Bytes(bytes) => Text::Bytes(bytes.to_ascii_lowercase().into()),
            Text::Unicode(text) => Text::Unicode(text.chars().map(simple_lower).collect()),
        }
    }

    /// `splitlines()`: a `unicode` knows more ends of lines than bytes do.
    pub fn lines(&self) -> Vec<Text> {
        match self {
            Text::Bytes(bytes) => super::lines(bytes).into_iter().map(|line| Text::Bytes(line.into())).collect(),
            Text::Unicode(text) => {
                super::lines_unicode(text).into_iter().map(|line| Text::Unicode(line.to_owned())).collect()
            }
        }
    }

    /// `separator.join(text.splitlines())`
    pub fn joined_lines(&self, separator: &str) -> Text {
        let lines = self.lines();
        self.with(lines.iter().map(Text::bytes).collect::<Vec<_>>().join(separator.as_bytes()))
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Text::Bytes(bytes) => super::strip(bytes).is_empty(),
            Text::Unicode(text) => super::strip_unicode(text).is_empty(),
        }
    }

    /// `re.compile(text, flags)`, to search byte strings.
    ///
    /// # Errors
    /// Python refuses the pattern, or it is too large.
    pub fn pattern(&self, flags: Flags) -> Result<Pattern, PatternError> {
        match self {
            Text::Bytes(bytes) => Pattern::new(bytes, flags),
            Text::Unicode(text) => Pattern::new_for_bytes(text, flags),
        }
    }
}

/// Python 2 lowers a character to one character; of `\u{130}`, which Rust lowers to two, that is the first.
pub fn simple_lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_blanks_are_those_of_the_kind() {
        let texts = |lines: &[&str]| lines.iter().map(|line| Text::Unicode((*line).into())).collect::<Vec<_>>();
        assert_eq!(Text::Unicode("a\u{85}b\r\nc".into()).lines(), texts(&["a", "b", "c"]));
        assert_eq!(Text::Bytes("a\u{85}b".into()).lines(), [Text::Bytes("a\u{85}b".into())]);
        assert!(Text::Unicode("\u{a0} ".into()).is_blank() && !Text::Bytes("\u{a0}".into()).is_blank());
    }

    /// As CPython 2.7 answers `re.search(u'...', '...', re.I)`: a byte is the character of its number.
    #[test]
    fn characters_of_a_pattern_stand_for_bytes() {
        let hit = |pattern: &str, text: &[u8]| {
            Text::Unicode(pattern.into()).pattern(Flags::IGNORE_CASE).unwrap().is_match(text).unwrap()
        };
        assert!(hit("J\u{fc}rgen", b"j\xfcrgen") && !hit("J\u{fc}rgen", "j\u{fc}rgen".as_bytes()));
        assert!(!hit("\u{dc}", b"\xfc") && !hit("\u{20ac}", "\u{20ac}".as_bytes()));
        assert!(hit("[\u{e0}-\u{ff}]", b"\xe9") && hit("[^\u{20ac}]", b"\xe2") && !hit(r"\w", b"\xe9"));
    }
}
