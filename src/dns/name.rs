//! Domain names as text, with the escapes of RFC 1035 as dnspython reads and writes them.

use super::DnsError;
use compat::ByteStr;

/// What is written behind a backslash.
const ESCAPED: &[u8] = b"\"().;\\@$";
const LABEL_LIMIT: usize = 63;
/// With the length bytes and the root's.
const NAME_LIMIT: usize = 255;

/// A name: its labels without the root's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name(pub Vec<Vec<u8>>);

impl Name {
    /// Reads a name; a dot at its end makes no difference.
    ///
    /// # Errors
    /// A label or name that is empty or too long.
    pub fn parse(text: &[u8]) -> Result<Name, DnsError> {
        if text == b"." {
            return Ok(Name::default());
        }
        let mut labels = vec![Vec::new()];
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            match (byte, labels.last_mut()) {
                (b'.', Some(label)) if label.is_empty() => return Err(DnsError::EmptyLabel),
                (b'.', _) => labels.push(Vec::new()),
                (b'\\', Some(label)) => label.push(unescape(&mut rest)?),
                (_, Some(label)) => label.push(byte),
                (_, None) => {}
            }
        }
        if labels.last().is_some_and(Vec::is_empty) {
            labels.pop();
        }
        Name(labels).checked()
    }

    /// The name, if it is not too long.
    ///
    /// # Errors
    /// A label of more than 63 bytes, or a name of more than 255.
    pub fn checked(self) -> Result<Name, DnsError> {
        if self.0.iter().any(|label| label.len() > LABEL_LIMIT) {
            return Err(DnsError::LongLabel);
        }
        match self.0.iter().map(|label| label.len() + 1).sum::<usize>() + 1 > NAME_LIMIT {
            true => Err(DnsError::LongName),
            false => Ok(self),
        }
    }

    /// The name as text with a dot at its end.
    pub fn text(&self) -> ByteStr {
        let mut text = Vec::new();
        for label in &self.0 {
            label.iter().for_each(|&byte| escape(byte, &mut text));
            text.push(b'.');
        }
        match text.is_empty() {
            true => ".".into(),
            false => ByteStr::new(text),
        }
    }

    /// The name as it travels.
    pub fn wire(&self) -> Vec<u8> {
        let mut wire: Vec<u8> = self.0.iter().flat_map(|label| [&[label.len() as u8], &label[..]].concat()).collect();
        wire.push(0);
        wire
    }

    /// Whether the two are one name: case does not count.
    pub fn is(&self, other: &Name) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(a, b)| a.eq_ignore_ascii_case(b))
    }
}

/// Reads what follows a backslash: three digits or one byte.
fn unescape(rest: &mut &[u8]) -> Result<u8, DnsError> {
    let (&first, after) = rest.split_first().ok_or(DnsError::BadEscape)?;
    if !first.is_ascii_digit() {
        *rest = after;
        return Ok(first);
    }
    let digits = rest.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit)).ok_or(DnsError::BadEscape)?;
    let number = digits.iter().fold(0u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    *rest = &rest[3..];
    u8::try_from(number).map_err(|_| DnsError::BadEscape)
}

fn escape(byte: u8, text: &mut Vec<u8>) {
    match byte {
        _ if ESCAPED.contains(&byte) => text.extend([b'\\', byte]),
        0x21..=0x7e => text.push(byte),
        _ => text.extend(format!("\\{byte:03}").bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_as_dnspython_does() {
        for (text, written) in [
            (&b"_dmarc.Example.com"[..], &b"_dmarc.Example.com."[..]),
            (b"a.b.", b"a.b."),
            (b".", b"."),
            (b"", b"."),
            (b"a\\.b\\065.c", b"a\\.bA.c."),
            (b"caf\xc3\xa9.$x", b"caf\\195\\169.\\$x."),
            (b"a b.c", b"a\\032b.c."),
        ] {
            assert_eq!(Name::parse(text).unwrap().text(), ByteStr::from(written));
        }
    }

    #[test]
    fn bad_names_are_told_apart() {
        let long = [b'x'; 64];
        for (text, error) in [
            (&b"a..b"[..], DnsError::EmptyLabel),
            (b".a", DnsError::EmptyLabel),
            (&long, DnsError::LongLabel),
            (&[b"x.".repeat(128)].concat(), DnsError::LongName),
            (b"a\\", DnsError::BadEscape),
            (b"a\\12", DnsError::BadEscape),
            (b"a\\256", DnsError::BadEscape),
        ] {
            assert_eq!(Name::parse(text), Err(error), "{}", text.escape_ascii());
        }
        assert!(Name::parse(&b"x.".repeat(127)).is_ok());
    }

    #[test]
    fn case_does_not_count() {
        let name = |text: &str| Name::parse(text.as_bytes()).unwrap();
        assert!(name("A.b").is(&name("a.B.")));
        assert!(!name("a.b").is(&name("a.b.c")));
        assert_eq!(name("ab.c").wire(), b"\x02ab\x01c\x00");
    }
}
