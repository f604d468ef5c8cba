//! Arguments in text form, as protocol 0 writes them: decimal numbers, quoted strings, escaped unicode.

use super::Reason;
use crate::hex::hex_digit;
use crate::value::{UniStr, Value};
use crate::ByteStr;

/// The longest binary `long` that is converted to digits, in bytes. Mailman has no use for one.
const MAX_LONG: usize = 4096;

/// The argument of INT: `01` and `00` are the booleans of Python 2.3 and later.
pub(super) fn int(line: &[u8]) -> Result<Value, Reason> {
    match line {
        b"01" => return Ok(Value::Bool(true)),
        b"00" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let digits = decimal(line).ok_or(Reason::BadText("int"))?;
    Ok(parse_i64(digits).map_or_else(|| Value::Long(ByteStr::from(digits)), Value::Int))
}

/// The argument of LONG: decimal digits, usually with a final `L`.
pub(super) fn long(line: &ByteStr) -> Result<Value, Reason> {
    let len = line.strip_suffix(b"L").unwrap_or(line).len();
    let digits = line.slice(0..len);
    decimal(&digits).ok_or(Reason::BadText("long"))?;
    Ok(Value::Long(digits))
}

/// The argument of FLOAT.
pub(super) fn float(line: &[u8]) -> Result<Value, Reason> {
    parse::<f64>(line).map(Value::Float).ok_or(Reason::BadText("float"))
}

/// The number of a note.
pub(super) fn note(line: &[u8]) -> Result<u32, Reason> {
    parse(line).ok_or(Reason::BadText("number of a note"))
}

/// The argument of LONG1 and LONG4: two's complement, least byte first.
pub(super) fn binary_long(bytes: &[u8]) -> Result<Value, Reason> {
    if bytes.len() > MAX_LONG {
        return Err(Reason::TooMany(MAX_LONG));
    }
    let negative = bytes.last().is_some_and(|&top| top >= 0x80);
    let mut magnitude = bytes.to_vec();
    if negative {
        negate(&mut magnitude);
    }
    let mut digits = to_decimal(magnitude);
    if negative {
        digits.insert(0, b'-');
    }
    Ok(Value::Long(digits.into()))
}

/// A decimal number without leading zeros, which `cPickle` would take as octal.
fn decimal(text: &[u8]) -> Option<&[u8]> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let plain = digits.iter().all(u8::is_ascii_digit) && !digits.is_empty();
    (plain && (digits[0] != b'0' || digits.len() == 1)).then_some(text)
}

fn parse_i64(digits: &[u8]) -> Option<i64> {
    parse(digits)
}

fn parse<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        let (sum, over) = (!*byte).overflowing_add(u8::from(carry));
        (*byte, carry) = (sum, over);
    }
}

/// Decimal digits of a number of base 256, least byte first: divided by 10^9 until nothing is left.
fn to_decimal(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut groups = Vec::new();
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    while !bytes.is_empty() {
        let mut rest = 0u64;
        for byte in bytes.iter_mut().rev() {
            let part = rest << 8 | u64::from(*byte);
            *byte = (part / 1_000_000_000) as u8;
            rest = part % 1_000_000_000;
        }
        groups.push(rest);
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
    }
    let mut digits = groups.pop().unwrap_or(0).to_string();
    groups.iter().rev().for_each(|group| digits.push_str(&format!("{group:09}")));
    digits.into_bytes()
}

/// The argument of STRING: a `repr`. Without an escape in it, the result is a window on the line.
pub(super) fn quoted(line: &ByteStr) -> Result<ByteStr, Reason> {
    let end = line.iter().rposition(|&b| b > b' ').map_or(0, |at| at + 1);
    let quote = *line.first().ok_or(Reason::BadText("string"))?;
    if end < 2 || !matches!(quote, b'\'' | b'"') || line[end - 1] != quote {
        return Err(Reason::BadText("string"));
    }
    let inner = line.slice(1..end - 1);
    if memchr::memchr(b'\\', &inner).is_none() {
        return Ok(inner);
    }
    unescape(&inner).map(ByteStr::new)
}

/// Undoes the escapes of a Python string literal; an unknown one stays as it is.
fn unescape(text: &[u8]) -> Result<Vec<u8>, Reason> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = escape(&rest[at + 1..], &mut out)?;
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// One escape, from behind the backslash; returns what follows it.
fn escape<'t>(text: &'t [u8], out: &mut Vec<u8>) -> Result<&'t [u8], Reason> {
    let (&kind, rest) = text.split_first().ok_or(Reason::BadText("string"))?;
    let plain = match kind {
        b'\\' | b'\'' | b'"' => kind,
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'v' => 11,
        b'x' => return hex_escape(rest, out),
        b'0'..=b'7' => return Ok(octal_escape(text, out)),
        _ => {
            out.push(b'\\');
            kind
        }
    };
    out.push(plain);
    Ok(rest)
}

fn hex_escape<'t>(text: &'t [u8], out: &mut Vec<u8>) -> Result<&'t [u8], Reason> {
    let value = text.get(..2).and_then(hex).ok_or(Reason::BadText("string"))?;
    out.push(value as u8);
    Ok(&text[2..])
}

fn octal_escape<'t>(text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let len = text.iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
    // Python keeps the low byte of \400 and above.
    let value = text[..len].iter().fold(0u16, |sum, b| sum << 3 | u16::from(b - b'0'));
    out.push(value as u8);
    &text[len..]
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &b| Some(sum << 4 | u32::from(hex_digit(b)?)))
}

/// The argument of UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX` after an odd number of backslashes.
pub(super) fn raw_unicode(line: &ByteStr) -> Result<UniStr, Reason> {
    if line.is_ascii() && memchr::memchr(b'\\', line).is_none() {
        return Ok(UniStr(line.clone()));
    }
    let mut out = Vec::with_capacity(line.len() + 8);
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        at += 1;
        let slashes = if byte == b'\\' { 1 + line[at..].iter().take_while(|&&b| b == b'\\').count() } else { 0 };
        if slashes == 0 {
            push_code_point(&mut out, u32::from(byte));
            continue;
        }
        at += slashes - 1;
        let width = if slashes % 2 == 0 { None } else { unicode_width(line.get(at)) };
        out.resize(out.len() + slashes - usize::from(width.is_some()), b'\\');
        if let Some(width) = width {
            let digits = line.get(at + 1..at + 1 + width).and_then(hex).filter(|&n| n <= 0x10_ffff);
            push_code_point(&mut out, digits.ok_or(Reason::BadText("unicode escape"))?);
            at += 1 + width;
        }
    }
    Ok(UniStr(out.into()))
}

fn unicode_width(kind: Option<&u8>) -> Option<usize> {
    match kind {
        Some(b'u') => Some(4),
        Some(b'U') => Some(8),
        _ => None,
    }
}

/// UTF-8 that allows surrogates, which Python 2 has as code points like any other.
pub(super) fn push_code_point(out: &mut Vec<u8>, code: u32) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend([0xc0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend([0xe0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xf0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// The argument of BINUNICODE: UTF-8 as Python 2 reads it, surrogates allowed.
pub(super) fn utf8(bytes: ByteStr) -> Result<UniStr, Reason> {
    if !code_points(&bytes).all(|code| code.is_some()) {
        return Err(Reason::BadText("utf-8"));
    }
    Ok(UniStr(bytes))
}

/// The code points of UTF-8 with surrogates; `None` where it is malformed, and then no more.
pub(super) fn code_points(bytes: &[u8]) -> impl Iterator<Item = Option<u32>> + '_ {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let &first = rest.first()?;
        let (len, least) = match first {
            0..0x80 => (1, 0),
            0xc2..0xe0 => (2, 0x80),
            0xe0..0xf0 => (3, 0x800),
            0xf0..0xf5 => (4, 0x1_0000),
            _ => (0, 0),
        };
        let code = rest.get(..len).and_then(decode).filter(|&code| code >= least && code <= 0x10_ffff);
        rest = if code.is_some() { &rest[len..] } else { &[] };
        Some(code)
    })
}

fn decode(bytes: &[u8]) -> Option<u32> {
    let (&first, tail) = bytes.split_first()?;
    let lead = if tail.is_empty() { u32::from(first) } else { u32::from(first) & (0x3f >> tail.len()) };
    tail.iter().try_fold(lead, |sum, &b| (b & 0xc0 == 0x80).then_some(sum << 6 | u32::from(b & 0x3f)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_longs() {
        let digits = |bytes: &[u8]| match binary_long(bytes) {
            Ok(Value::Long(d)) => d.to_latin1(),
            other => format!("{other:?}"),
        };
        assert_eq!(digits(b""), "0");
        assert_eq!(digits(b"\xff"), "-1");
        assert_eq!(digits(b"\x00\x80"), "-32768");
        assert_eq!(digits(b"\xff\x00"), "255");
        assert_eq!(digits(&[0, 0, 0, 0, 0, 0, 0, 0, 1]), "18446744073709551616");
        assert!(binary_long(&[1; MAX_LONG + 1]).is_err());
    }

    #[test]
    fn numbers_as_text() {
        assert_eq!(int(b"01"), Ok(Value::Bool(true)));
        assert_eq!(int(b"1"), Ok(Value::Int(1)));
        assert_eq!(int(b"-9223372036854775809"), Ok(Value::Long("-9223372036854775809".into())));
        for bad in [&b"007"[..], b"", b"-", b"0x10", b"1 "] {
            assert!(int(bad).is_err(), "{bad:?}");
        }
        assert_eq!(long(&"12L".into()), Ok(Value::Long("12".into())));
        assert_eq!(float(b"1e+16"), Ok(Value::Float(1e16)));
        assert!(float(b"one").is_err());
    }

    #[test]
    fn quoted_strings() {
        let read = |text: &str| quoted(&text.into()).map(|s| s.to_latin1());
        assert_eq!(read("'plain'"), Ok("plain".into()));
        assert_eq!(read(r#"'a\n\\\x00\'\0q\101\777\q'"#), Ok("a\n\\\0'\0qA\u{ff}\\q".into()));
        for bad in ["", "'", "'a", "a'", "'a\"", r"'\x1'", r"'a\'", "x"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn raw_unicode_escapes() {
        let read = |text: &[u8]| raw_unicode(&text.into()).map(|s| s.0.to_vec());
        assert_eq!(read(b"a\xe9"), Ok("aé".as_bytes().to_vec()));
        assert_eq!(read(br"\u20ac\\u20ac\\\u20ac\x"), Ok(r"€\\u20ac\\€\x".as_bytes().to_vec()));
        assert_eq!(read(br"\U0001f600"), Ok("😀".as_bytes().to_vec()));
        assert_eq!(read(br"\ud83d"), Ok(b"\xed\xa0\xbd".to_vec()));
        assert!(read(br"\u12").is_err());
        assert!(read(br"\U00110000").is_err());
    }

    #[test]
    fn utf8_with_surrogates() {
        assert!(utf8("é€😀".into()).is_ok());
        assert!(utf8(b"\xed\xa0\xbd".into()).is_ok());
        for bad in [&b"\xff"[..], b"\xc0\x80", b"\xe2\x82", b"\xe0\x80\x80", b"\xf4\x90\x80\x80", b"a\x80"] {
            assert!(utf8(bad.into()).is_err(), "{bad:?}");
        }
    }
}
