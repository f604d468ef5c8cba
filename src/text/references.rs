//! `&#N;` and `\uXXXX` in a text become characters (`Utils.xml_to_unicode`).
//!
//! A browser writes what the charset of a page lacks as a reference; a file of options may have either.

use compat::codecs::{self, Errors};
use compat::ByteStr;

/// The text of a charset with its references and escapes as characters. What is none becomes U+FFFD.
pub fn xml_to_unicode(text: &[u8], charset: &[u8]) -> String {
    let text = codecs::decode_string(text, charset, Errors::Replace).unwrap_or_default();
    resolve_escapes(&resolve_references(&text))
}

/// The same with `&#N;` alone.
pub fn numbers_resolved(text: &[u8], charset: &[u8]) -> String {
    resolve_references(&codecs::decode_string(text, charset, Errors::Replace).unwrap_or_default())
}

/// `&#N;`
fn resolve_references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        let digits = rest[at + 2..].bytes().take_while(u8::is_ascii_digit).count();
        let end = at + 2 + digits;
        let closed = digits > 0 && rest[end..].starts_with(';');
        out.push_str(&rest[..at]);
        if closed {
            out.push(character(rest[at + 2..end].parse().ok()));
            rest = &rest[end + 1..];
        } else {
            out.push_str("&#");
            rest = &rest[at + 2..];
        }
    }
    out + rest
}

/// `\uXXXX`, in either case.
fn resolve_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let code = tail.strip_prefix(['u', 'U']).and_then(|digits| digits.get(..4));
        match code.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
            Some(digits) => {
                out.push(character(u32::from_str_radix(digits, 16).ok()));
                rest = &tail[5..];
            }
            None => {
                out.push('\\');
                rest = tail;
            }
        }
    }
    out + rest
}

fn character(code: Option<u32>) -> char {
    code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// `''.join(['&#%3d;' % ord(c) ...])` of `Utils.uncanonstr`: what is not ASCII as a number, padded to three places with
/// blanks, as Mailman's format does.
pub fn numeric_references(characters: impl Iterator<Item = u32>) -> ByteStr {
    let mut out = Vec::new();
    for number in characters {
        match u8::try_from(number) {
            Ok(ascii) if ascii < 128 => out.push(ascii),
            _ => out.extend_from_slice(format!("&#{number:3};").as_bytes()),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_escapes() {
        for (text, expected) in [
            ("a&#228;b", "a\u{e4}b"),
            ("&#8364;&#x20ac;&euro;", "\u{20ac}&#x20ac;&euro;"),
            ("\\u20AC \\U20ac \\u20a", "\u{20ac} \u{20ac} \\u20a"),
            ("&#1234567890;&# 1;", "\u{fffd}&# 1;"),
        ] {
            assert_eq!(xml_to_unicode(text.as_bytes(), b"us-ascii"), expected, "{text}");
        }
        assert_eq!(resolve_references("a&#228;b&#x;&#;"), "aäb&#x;&#;");
        assert_eq!(resolve_escapes(r"x\u00e4\U0041\s\uzz"), r"xäA\s\uzz");
        assert_eq!(xml_to_unicode(b"\xe4", b"iso-8859-1"), "\u{e4}");
        assert_eq!(xml_to_unicode(b"\xe4", b"us-ascii"), "\u{fffd}");
    }
}
