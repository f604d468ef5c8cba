//! The codecs of Python's own string literals, `unicode_escape` and `raw_unicode_escape`, and `rot_13`. Nobody sends mail
//! in them on purpose; who names one in a header gets what Python makes of it.

use super::{CodecError, Decoding, Encoding};

const RAW: &str = "rawunicodeescape";
const ESCAPE: &str = "unicodeescape";
const LAST_POINT: u32 = 0x10_FFFF;

/// Bytes are Latin-1, except for `\uXXXX` and `\UXXXXXXXX` behind an odd number of backslashes.
pub(super) fn decode_raw(work: &mut Decoding) -> Result<(), CodecError> {
    let mut at = 0;
    while let Some(byte) = work.byte(at) {
        if byte != b'\\' {
            work.push(u32::from(byte));
            at += 1;
            continue;
        }
        let start = at;
        while work.byte(at) == Some(b'\\') {
            at += 1;
        }
        let digits = match work.byte(at) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let is_escape = (at - start) % 2 == 1 && digits > 0;
        (start..at - usize::from(is_escape)).for_each(|_| work.push(u32::from(b'\\')));
        if is_escape {
            let (point, end) = hex(work, at + 1, digits);
            match point {
                Some(point) if point <= LAST_POINT => work.push(point),
                Some(_) => work.bad(start, end, RAW, "\\Uxxxxxxxx out of range")?,
                None => work.bad(start, end, RAW, "truncated \\uXXXX")?,
            }
            at = end;
        }
    }
    Ok(())
}

/// A number of hexadecimal digits, and where they end; without a value where one of them is none.
fn hex(work: &Decoding, from: usize, digits: usize) -> (Option<u32>, usize) {
    let mut value = 0;
    for at in from..from + digits {
        match work.byte(at).and_then(|byte| char::from(byte).to_digit(16)) {
            Some(digit) => value = value << 4 | digit,
            None => return (None, at),
        }
    }
    (Some(value), from + digits)
}

/// Everything from U+0100 on as an escape.
pub(super) fn encode_raw(work: &mut Encoding) -> Result<(), CodecError> {
    for &point in work.text {
        match u8::try_from(point) {
            Ok(byte) => work.out.push(byte),
            Err(_) => work.out.extend(escape(point).bytes()),
        }
    }
    Ok(())
}

fn escape(point: u32) -> String {
    match point {
        0..=0xFF => format!("\\x{point:02x}"),
        0x100..=0xFFFF => format!("\\u{point:04x}"),
        _ => format!("\\U{point:08x}"),
    }
}

/// Latin-1 with the escapes of a literal. Names of characters (`\N{...}`) are not known here.
pub(super) fn decode_escape(work: &mut Decoding) -> Result<(), CodecError> {
    let mut at = 0;
    while let Some(byte) = work.byte(at) {
        if byte == b'\\' {
            at = one_escape(work, at)?;
        } else {
            work.push(u32::from(byte));
            at += 1;
        }
    }
    Ok(())
}

/// The escape whose backslash stands at `start`; the place behind it.
fn one_escape(work: &mut Decoding, start: usize) -> Result<usize, CodecError> {
    let Some(byte) = work.byte(start + 1) else {
        work.bad(start, start + 1, ESCAPE, "\\ at end of string")?;
        return Ok(start + 1);
    };
    match byte {
        b'x' => return long_escape(work, start, 2, "truncated \\xXX escape"),
        b'u' => return long_escape(work, start, 4, "truncated \\uXXXX escape"),
        b'U' => return long_escape(work, start, 8, "truncated \\UXXXXXXXX escape"),
        b'N' => return Err(CodecError::NotText("unicode_escape with names of characters".to_owned())),
        b'0'..=b'7' => return Ok(octal(work, start + 1)),
        b'\n' => {}
        _ => match short_escape(byte) {
            Some(point) => work.push(u32::from(point)),
            None => [b'\\', byte].into_iter().for_each(|byte| work.push(u32::from(byte))),
        },
    }
    Ok(start + 2)
}

fn short_escape(byte: u8) -> Option<u8> {
    Some(match byte {
        b'\\' | b'\'' | b'"' => byte,
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        _ => return None,
    })
}

/// Up to three octal digits.
fn octal(work: &mut Decoding, from: usize) -> usize {
    let (mut value, mut at) = (0, from);
    while let Some(digit @ b'0'..=b'7') = work.byte(at).filter(|_| at < from + 3) {
        value = value << 3 | u32::from(digit - b'0');
        at += 1;
    }
    work.push(value);
    at
}

fn long_escape(work: &mut Decoding, start: usize, digits: usize, cut: &'static str) -> Result<usize, CodecError> {
    match hex(work, start + 2, digits) {
        (Some(point), end) if point <= LAST_POINT => {
            work.push(point);
            Ok(end)
        }
        (Some(_), end) => work.bad(start, end, ESCAPE, "illegal Unicode character").map(|()| end),
        (None, end) => work.bad(start, end, ESCAPE, cut).map(|()| end),
    }
}

/// Printable ASCII, and everything else as an escape.
pub(super) fn encode_escape(work: &mut Encoding) -> Result<(), CodecError> {
    for &point in work.text {
        match u8::try_from(point) {
            Ok(b'\\') => work.out.extend(b"\\\\"),
            Ok(b'\t') => work.out.extend(b"\\t"),
            Ok(b'\n') => work.out.extend(b"\\n"),
            Ok(b'\r') => work.out.extend(b"\\r"),
            Ok(byte @ b' '..=b'~') => work.out.push(byte),
            _ => work.out.extend(escape(point).bytes()),
        }
    }
    Ok(())
}

/// Letters of ASCII moved by 13; the other bytes are Latin-1.
pub(super) fn decode_rot13(work: &mut Decoding) -> Result<(), CodecError> {
    for &byte in work.bytes {
        work.push(u32::from(moved(byte)));
    }
    Ok(())
}

/// The reverse.
pub(super) fn encode_rot13(work: &mut Encoding) -> Result<(), CodecError> {
    let mut at = 0;
    while let Some(&point) = work.text.get(at) {
        if let Ok(byte) = u8::try_from(point) {
            work.out.push(moved(byte));
            at += 1;
            continue;
        }
        let beyond = work.text.get(at..).unwrap_or_default().iter().take_while(|&&point| point > 0xFF).count();
        let stands_for = work.bad(at, at + beyond, "charmap", "character maps to <undefined>")?;
        work.out.extend(stands_for.bytes().map(moved));
        at += beyond;
    }
    Ok(())
}

fn moved(byte: u8) -> u8 {
    match byte {
        b'a'..=b'm' | b'A'..=b'M' => byte + 13,
        b'n'..=b'z' | b'N'..=b'Z' => byte - 13,
        _ => byte,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode, to_unistr, Errors};
    use super::*;

    fn said(outcome: Result<impl std::fmt::Debug, CodecError>) -> String {
        outcome.map_or_else(|error| error.to_string(), |good| format!("{good:?}"))
    }

    fn read(bytes: &[u8], charset: &str, errors: Errors) -> String {
        said(decode(bytes, charset, errors).map(|text| text.to_text()))
    }

    #[test]
    fn escapes_are_read_as_python_reads_them() {
        for (bytes, escape, raw) in [
            (&b"ab\\u20ac\xe9"[..], "\"ab\u{20ac}\u{e9}\"", "\"ab\u{20ac}\u{e9}\""),
            (b"\\\\u20ac", "\"\\\\u20ac\"", "\"\\\\\\\\u20ac\""),
            (b"\\\\\\u20ac", "\"\\\\\u{20ac}\"", "\"\\\\\\\\\u{20ac}\""),
            (b"\\7778\\18\\q", "\"\u{1ff}8\\u{1}8\\\\q\"", "\"\\\\7778\\\\18\\\\q\""),
            (b"a\\\nb\\t", "\"ab\\t\"", "\"a\\\\\\nb\\\\t\""),
        ] {
            assert_eq!(read(bytes, "unicode-escape", Errors::Strict), escape);
            assert_eq!(read(bytes, "raw-unicode-escape", Errors::Strict), raw);
        }
    }

    #[test]
    fn cut_off_escapes_are_refused_in_pythons_words() {
        let escape = |bytes: &[u8]| read(bytes, "unicode_escape", Errors::Strict);
        assert_eq!(
            escape(b"\\u12g4"),
            "'unicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape"
        );
        assert_eq!(
            escape(b"\xe9\\"),
            "'unicodeescape' codec can't decode byte 0x5c in position 1: \\ at end of string"
        );
        let illegal = "'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character";
        assert_eq!(escape(b"\\U00110000x"), illegal);
        let raw = "'rawunicodeescape' codec can't decode bytes in position 0-5: truncated \\uXXXX";
        assert_eq!(read(b"\\U0000", "raw_unicode_escape", Errors::Strict), raw);
        assert_eq!(read(b"\\xzz1", "unicode_escape", Errors::Replace), "\"\u{fffd}zz1\"");
    }

    #[test]
    fn texts_are_written_as_python_writes_them() {
        let text = to_unistr("a\\b\u{20ac}\n\u{e9}\u{1f600}".chars().map(u32::from));
        let write = |charset: &str| encode(&text, charset, Errors::Replace).unwrap();
        assert_eq!(write("unicode_escape"), br"a\\b\u20ac\n\xe9\U0001f600");
        assert_eq!(write("raw_unicode_escape"), b"a\\b\\u20ac\n\xe9\\U0001f600");
        assert_eq!(write("rot13"), b"n\\o?\n\xe9?");
        assert_eq!(read(b"Hello \xe9", "rot13", Errors::Strict), "\"Uryyb \u{e9}\"");
        let refused = said(encode(&to_unistr("ab\u{100}\u{101}z".chars().map(u32::from)), "rot13", Errors::Strict));
        assert_eq!(refused, "'charmap' codec can't encode characters in position 2-3: character maps to <undefined>");
    }
}
