//! Values in text form, as protocol 0 of Python 2.7 writes them.

use super::text::code_points;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A `str` as Python's `repr` shows it.
pub(super) fn repr(bytes: &[u8], out: &mut Vec<u8>) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.push(quote);
    escape(bytes, quote, out);
    out.push(quote);
}

/// A piece of a `str` as it stands between the quotes of its `repr`.
pub fn escape(bytes: &[u8], quote: u8, out: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            b'\\' => out.extend(b"\\\\"),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            _ if byte == quote => out.extend([b'\\', quote]),
            b' '..=b'~' => out.push(byte),
            _ => out.extend([b'\\', b'x', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
}

/// A `unicode` with the escapes of `cPickle`: what is beyond Latin-1, backslashes and newlines as `\uXXXX`.
pub(super) fn raw_unicode(utf8: &[u8], out: &mut Vec<u8>) {
    for code in code_points(utf8).map(|code| code.unwrap_or(0xfffd)) {
        match code {
            0x1_0000.. => out.extend(format!("\\U{code:08x}").bytes()),
            0x100.. | 0x5c | 0x0a => out.extend(format!("\\u{code:04x}").bytes()),
            _ => out.push(code as u8),
        }
    }
}

/// A `float` with seventeen significant digits, as C's `%.17g`.
pub(super) fn float(x: f64) -> String {
    if !x.is_finite() {
        let sign = if x == f64::NEG_INFINITY { "-" } else { "" };
        return format!("{sign}{}", if x.is_nan() { "nan" } else { "inf" });
    }
    let scientific = format!("{x:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..17).contains(&exponent) {
        return trimmed(&format!("{x:.*}", (16 - exponent) as usize));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs())
}

fn trimmed(digits: &str) -> String {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        digits.to_owned()
    }
}

/// A `long` of at most 128 bits as LONG1 has it: two's complement, least byte first, no byte too many.
pub(super) fn short_long(digits: &[u8]) -> Option<Vec<u8>> {
    let number: i128 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let mut bytes = number.to_le_bytes().to_vec();
    let filler = if number < 0 { 0xff } else { 0 };
    while let [.., below, top] = bytes[..] {
        if top != filler || (below ^ filler) & 0x80 != 0 {
            break;
        }
        bytes.pop();
    }
    if number == 0 {
        bytes.clear();
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_c_writes_them() {
        // Printed by Python 2.7: '%.17g' % x.
        for (x, text) in [
            (1.0, "1"),
            (0.1, "0.10000000000000001"),
            (1_795_475_402.733_003, "1795475402.7330029"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (1.5e-7, "1.4999999999999999e-07"),
            (0.0001, "0.0001"),
            (-0.0, "-0"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float(x), text);
        }
    }

    #[test]
    fn strings_as_repr_shows_them() {
        let shown = |bytes: &[u8]| {
            let mut out = Vec::new();
            repr(bytes, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(shown(b"it's"), r#""it's""#);
        assert_eq!(shown(b"'\""), r#"'\'"'"#);
        assert_eq!(shown(b"a\\\t\n\r\0\x7f\xff~"), r"'a\\\t\n\r\x00\x7f\xff~'");
    }

    #[test]
    fn unicode_as_cpickle_escapes_it() {
        let mut out = Vec::new();
        raw_unicode("é€😀\\\n".as_bytes(), &mut out);
        assert_eq!(out, b"\xe9\\u20ac\\U0001f600\\u005c\\u000a");
    }

    #[test]
    fn short_longs() {
        assert_eq!(short_long(b"0"), Some(vec![]));
        assert_eq!(short_long(b"255"), Some(vec![0xff, 0]));
        assert_eq!(short_long(b"-1"), Some(vec![0xff]));
        assert_eq!(short_long(b"-128"), Some(vec![0x80]));
        assert_eq!(short_long(b"-32769"), Some(vec![0xff, 0x7f, 0xff]));
        assert_eq!(short_long(&[b'9'; 60]), None);
    }
}
