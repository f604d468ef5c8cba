//! Python 2's numbers and strings as they stand in a source.

use crate::value::UniStr;
use crate::ByteStr;

/// The value of a literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Int(i64),
    Long(i128),
    Float(f64),
    Str(ByteStr),
    Unicode(UniStr),
}

/// `0x1f`, `0660`, `0o660`, `0b1`, `10L`, `1.5e3`.
pub(super) fn number(text: &str) -> Result<Literal, String> {
    let lower = text.to_ascii_lowercase();
    let (digits, long) = match lower.strip_suffix('l') {
        Some(digits) => (digits, true),
        None => (lower.as_str(), false),
    };
    let wrong = || format!("{text} is not a number that Python 2 knows");
    let is_float = digits.contains('.') || (digits.contains('e') && !digits.starts_with("0x"));
    if is_float && !long {
        return digits.parse().map(Literal::Float).map_err(|_| wrong());
    }
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x', ..] => (&digits[2..], 16),
        [b'0', b'o', ..] => (&digits[2..], 8),
        [b'0', b'b', ..] => (&digits[2..], 2),
        // A leading zero makes a number octal in Python 2.
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    let value = i128::from_str_radix(digits, radix).map_err(|_| wrong())?;
    match i64::try_from(value) {
        Ok(value) if !long => Ok(Literal::Int(value)),
        _ => Ok(Literal::Long(value)),
    }
}

/// The value of a string with its prefix (in lower case) and what stands between the quotes.
pub(super) fn string(prefix: &[u8], body: &[u8]) -> Result<Literal, String> {
    let (unicode, raw) = (prefix.contains(&b'u'), prefix.contains(&b'r'));
    match (unicode, raw) {
        (false, true) => Ok(Literal::Str(body.into())),
        (false, false) => unescape(body).map(|bytes| Literal::Str(bytes.into())),
        (true, _) => Ok(Literal::Unicode(UniStr(unescape_unicode(&decode(body), raw)?.into()))),
    }
}

/// The bytes of a `u''`: its charset is named in the file's first lines, and in practice is utf-8 or Latin-1.
fn decode(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_string(),
        Err(_) => ByteStr::from(body).to_latin1(),
    }
}

fn unescape(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&kind, tail)) = rest.split_first() else { break };
        rest = tail;
        match kind {
            b'\n' => {}
            b'x' => {
                let code = hex(rest, 2).ok_or("\\x wants two hexadecimal digits")?;
                out.push(code as u8);
                rest = &rest[2..];
            }
            b'0'..=b'7' => {
                let (code, length) = octal(kind, rest);
                out.push(code as u8);
                rest = &rest[length..];
            }
            other => match simple_escape(other) {
                Some(byte) => out.push(byte),
                // What means nothing keeps its backslash.
                None => out.extend_from_slice(&[b'\\', other]),
            },
        }
    }
    Ok(out)
}

fn simple_escape(kind: u8) -> Option<u8> {
    Some(match kind {
        b'\\' | b'\'' | b'"' => kind,
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        _ => return None,
    })
}

fn hex(digits: &[u8], count: usize) -> Option<u32> {
    let digits = digits.get(..count).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Up to three digits, the first one given; how many more were read.
fn octal(first: u8, rest: &[u8]) -> (u32, usize) {
    let more: Vec<u8> = rest.iter().take(2).copied().take_while(|b| (b'0'..=b'7').contains(b)).collect();
    let code = std::iter::once(&first).chain(&more).fold(0, |code, b| code * 8 + u32::from(b - b'0'));
    (code, more.len())
}

/// The same for `unicode`; a raw one knows only `\u` and `\U`.
fn unescape_unicode(body: &str, raw: bool) -> Result<String, String> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(kind) = rest.bytes().next() else { break };
        let width = match kind {
            b'u' => 4,
            b'U' => 8,
            b'x' if !raw => 2,
            b'N' if !raw => return Err("\\N{...} is not supported: write the character's number".to_string()),
            _ => 0,
        };
        if width > 0 {
            let code = hex(&rest.as_bytes()[1..], width).ok_or("an escape in a unicode string is cut short")?;
            out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            rest = &rest[1 + width..];
            continue;
        }
        rest = plain_escape(rest, kind, raw, &mut out);
    }
    out.push_str(rest);
    Ok(out)
}

/// An escape of one character or of octal digits; gives back what follows.
fn plain_escape<'a>(rest: &'a str, kind: u8, raw: bool, out: &mut String) -> &'a str {
    let simple = simple_escape(kind).filter(|_| !raw);
    match (kind, simple) {
        (_, Some(byte)) => out.push(char::from(byte)),
        (b'\n', None) if !raw => {}
        (b'0'..=b'7', None) if !raw => {
            let (code, length) = octal(kind, &rest.as_bytes()[1..]);
            out.push(char::from_u32(code).unwrap_or('?'));
            return &rest[1 + length..];
        }
        _ => {
            out.push('\\');
            let first = rest.chars().next().unwrap_or('\\');
            out.push(first);
            return &rest[first.len_utf8()..];
        }
    }
    &rest[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(number("0660"), Ok(Literal::Int(0o660)));
        assert_eq!(number("0o660"), Ok(Literal::Int(0o660)));
        assert_eq!(number("0x1F"), Ok(Literal::Int(31)));
        assert_eq!(number("0"), Ok(Literal::Int(0)));
        assert_eq!(number("10L"), Ok(Literal::Long(10)));
        assert_eq!(number("9223372036854775808"), Ok(Literal::Long(9223372036854775808)));
        assert_eq!(number("1.5e3"), Ok(Literal::Float(1500.0)));
        assert_eq!(number(".5"), Ok(Literal::Float(0.5)));
        for wrong in ["08", "1j", "1_000", "0x", "1.2.3", "12abc"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    /// Made by CPython 2.7.18.
    #[test]
    fn strings() {
        let plain = |body: &str| match string(b"", body.as_bytes()) {
            Ok(Literal::Str(s)) => s.escape_ascii().to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(plain(r"a\n\t\\\'\x41\101\0\q\8"), r"a\n\t\\\'AA\x00\\q\\8");
        assert_eq!(plain("a\\\nb"), "ab");
        assert!(string(b"", b"\\x4").is_err());
        assert_eq!(string(b"r", b"\\n\\d"), Ok(Literal::Str(b"\\n\\d".into())));
        assert_eq!(string(b"u", "\\u20ac\\xe4ü\\101\\q".as_bytes()), Ok(Literal::Unicode("€äüA\\q".into())));
        assert_eq!(string(b"ur", b"\\u20ac\\n"), Ok(Literal::Unicode("€\\n".into())));
        assert_eq!(string(b"u", b"\xe4"), Ok(Literal::Unicode("ä".into())));
    }
}
