//! Reading JSON that a program sends: small, and bounded in depth. The writer is [`migration::json`].

use std::fmt;

/// How deep arrays and objects may stand in each other.
const DEPTH: usize = 16;
/// How many fields an object may have.
const FIELDS: usize = 200;

/// A value that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Array(Vec<Given>),
    /// In the order in which it was sent; no name comes twice.
    Object(Vec<(String, Given)>),
}

/// What is wrong with a text that should be JSON, and at which byte.
#[derive(Debug, PartialEq)]
pub struct NotJson {
    what: &'static str,
    at: usize,
}

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not JSON: {} at byte {}", self.what, self.at)
    }
}

impl Given {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// It is not, or its parts stand too deep in each other.
    pub fn parse(text: &[u8]) -> Result<Given, NotJson> {
        let text = std::str::from_utf8(text).map_err(|error| NotJson { what: "no UTF-8", at: error.valid_up_to() })?;
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(DEPTH)?;
        reader.blanks();
        match reader.at == text.len() {
            true => Ok(value),
            false => Err(reader.wrong("more than one value")),
        }
    }

    /// What a value is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Given::Null => "null",
            Given::Bool(_) => "true or false",
            Given::Int(_) | Given::Float(_) => "a number",
            Given::Text(_) => "a string",
            Given::Array(_) => "an array",
            Given::Object(_) => "an object",
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, what: &'static str) -> NotJson {
        NotJson { what, at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Given, NotJson> {
        self.blanks();
        match self.peek() {
            Some(b'{' | b'[') if depth == 0 => Err(self.wrong("too deep")),
            Some(b'{') => self.object(depth - 1),
            Some(b'[') => self.array(depth - 1),
            Some(b'"') => self.string().map(Given::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.takes("null") => Ok(Given::Null),
            _ if self.takes("true") => Ok(Given::Bool(true)),
            _ if self.takes("false") => Ok(Given::Bool(false)),
            _ => Err(self.wrong("no value")),
        }
    }

    /// Whether one more item follows, behind the opening bracket or an item.
    fn more(&mut self, is_first: bool, end: &str) -> Result<bool, NotJson> {
        self.blanks();
        if self.takes(end) {
            return Ok(false);
        }
        match is_first || self.takes(",") {
            true => Ok(true),
            false => Err(self.wrong("no comma")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Given, NotJson> {
        self.at += 1;
        let mut items = Vec::new();
        while self.more(items.is_empty(), "]")? {
            items.push(self.value(depth)?);
        }
        Ok(Given::Array(items))
    }

    fn object(&mut self, depth: usize) -> Result<Given, NotJson> {
        self.at += 1;
        let mut fields: Vec<(String, Given)> = Vec::new();
        while self.more(fields.is_empty(), "}")? {
            self.blanks();
            let name = self.string()?;
            if fields.len() >= FIELDS {
                return Err(self.wrong("too many fields"));
            }
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(self.wrong("a name that comes twice"));
            }
            self.blanks();
            if !self.takes(":") {
                return Err(self.wrong("no colon"));
            }
            fields.push((name, self.value(depth)?));
        }
        Ok(Given::Object(fields))
    }

    fn number(&mut self) -> Result<Given, NotJson> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let has_zero = digits.len() > 1 && digits.starts_with('0') && !digits[1..].starts_with(['.', 'e', 'E']);
        let has_point = text.ends_with('.') || digits.starts_with('.') || text.contains(".e") || text.contains(".E");
        if has_zero || has_point {
            return Err(self.wrong("no number"));
        }
        let whole = text.parse().map(Given::Int);
        whole.or_else(|_| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Given::Float(number)),
            _ => Err(self.wrong("no number")),
        })
    }

    fn string(&mut self) -> Result<String, NotJson> {
        if !self.takes("\"") {
            return Err(self.wrong("no string"));
        }
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let length = rest.find(['"', '\\']).ok_or_else(|| self.wrong("a string without end"))?;
            if rest[..length].chars().any(|c| c < ' ') {
                return Err(self.wrong("a control character"));
            }
            text.push_str(&rest[..length]);
            self.at += length + 1;
            if rest.as_bytes()[length] == b'"' {
                return Ok(text);
            }
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, NotJson> {
        let letter = self.peek().ok_or_else(|| self.wrong("a string without end"))?;
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.wrong("an unknown escape")),
        })
    }

    /// One unit of UTF-16, or the two of one character.
    fn unicode(&mut self) -> Result<char, NotJson> {
        let first = self.unit()?;
        let units = match first {
            0xd800..=0xdbff if self.takes("\\u") => vec![first, self.unit()?],
            _ => vec![first],
        };
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(c)), None) => Ok(c),
            _ => Err(self.wrong("half a character")),
        }
    }

    fn unit(&mut self) -> Result<u16, NotJson> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit =
            digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).ok_or_else(|| self.wrong("no hex"))?;
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let text = br#" {"a": [1, -2.5e1, true, null], "b": "\u00e4\ud83d\ude00\n\/", "c": {}} "#;
        let expected = Given::Object(vec![
            ("a".into(), Given::Array(vec![Given::Int(1), Given::Float(-25.0), Given::Bool(true), Given::Null])),
            ("b".into(), Given::Text("ä😀\n/".into())),
            ("c".into(), Given::Object(vec![])),
        ]);
        assert_eq!(Given::parse(text), Ok(expected));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deep = "[".repeat(DEPTH + 1) + &"]".repeat(DEPTH + 1);
        for wrong in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "1.",
            ".5",
            "1.e5",
            "--1",
            "\"a",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\u{1}\"",
            "1 2",
            "{\"a\":1,\"a\":2}",
            "{a:1}",
            "nul",
            "NaN",
            "1e999",
            "\"\\u00e\"",
            &deep,
        ] {
            assert!(Given::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Given::parse(b"\"\xff\"").is_err());
        assert!(Given::parse(&deep.as_bytes()[1..deep.len() - 1]).is_ok());
    }
}
