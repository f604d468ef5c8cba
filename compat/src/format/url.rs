//! Percent-encoding of URLs, as Python's `urllib` does it, and addresses as URLs of Mailman show them.

use crate::hex::{hex_digit, unhexlify};
use crate::ByteStr;

/// `urllib.quote(text)`: a slash stays.
pub fn quote(text: &[u8]) -> ByteStr {
    quote_with(text, b"/")
}

/// `urllib.quote(text, safe)`
pub fn quote_with(text: &[u8], safe: &[u8]) -> ByteStr {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"_.-".contains(&byte) || safe.contains(&byte) {
            out.push(byte);
        } else {
            out.extend(format!("%{byte:02X}").bytes());
        }
    }
    ByteStr::new(out)
}

/// `urllib.quote_plus(text)`: blanks become plus signs.
pub fn quote_plus(text: &[u8]) -> ByteStr {
    let quoted = quote_with(text, b" ");
    ByteStr::new(quoted.iter().map(|&byte| if byte == b' ' { b'+' } else { byte }).collect())
}

/// `urllib.unquote(text)`: a percent sign without two hexadecimal digits stays as it is.
pub fn unquote(text: &[u8]) -> ByteStr {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex_digit(*high).is_some() && hex_digit(*low).is_some() => {
                out.extend(unhexlify(&[*high, *low]).unwrap_or_default());
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    ByteStr::new(out)
}

/// `urllib.unquote_plus(text)`
pub fn unquote_plus(text: &[u8]) -> ByteStr {
    let blanks: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    unquote(&blanks)
}

/// `Utils.ObscureEmail`
pub fn obscure(address: &[u8]) -> ByteStr {
    ByteStr::new(address.split(|&byte| byte == b'@').collect::<Vec<_>>().join(&b"--at--"[..]))
}

/// `Utils.UnobscureEmail`: an address that is not obscured stays as it is.
pub fn unobscure(address: &[u8]) -> ByteStr {
    const MARK: &[u8] = b"--at--";
    let mut out = Vec::with_capacity(address.len());
    let mut rest = address;
    while let Some(first) = rest.first() {
        match rest.strip_prefix(MARK) {
            Some(after) => {
                out.push(b'@');
                rest = after;
            }
            None => {
                out.push(*first);
                rest = &rest[1..];
            }
        }
    }
    ByteStr::new(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values by urllib of Python 2.7.
    #[test]
    fn quoting() {
        assert_eq!(quote(b"a+b--at--c.example/~\xe9"), b"a%2Bb--at--c.example/%7E%E9");
        assert_eq!(quote_with(b"a/b_c-d.e", b""), b"a%2Fb_c-d.e");
        assert_eq!(quote_plus(b"a b+c/d@e"), b"a+b%2Bc%2Fd%40e");
    }

    #[test]
    fn unquoting() {
        assert_eq!(unquote(b"a%2Bb%zz%4"), b"a+b%zz%4");
        assert_eq!(unquote(b"%e4%E4%%41"), b"\xe4\xe4%A");
        assert_eq!(unquote_plus(b"a+b%2Bc"), b"a b+c");
    }

    #[test]
    fn obscuring() {
        assert_eq!(obscure(b"a@b"), b"a--at--b");
        assert_eq!(unobscure(b"a--at--b--at--c--at"), b"a@b@c--at");
        assert_eq!(unobscure(b"a@b"), b"a@b");
    }
}
