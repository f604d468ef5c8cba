//! Text of strangers in a log or on a terminal: control characters made visible.
//!
//! A header, an address or the name of a list may hold anything. A line end in it would forge an entry of a log, an ESC
//! would be obeyed by the terminal of whoever reads it. They are written as Python's `repr` writes them, `\n`, `\x1b`;
//! what is no control character stays byte for byte. So does an ESC that switches between the character sets of ISO-2022,
//! as Japanese headers have it: it names letters and orders nothing.

use std::borrow::Cow;

/// The text with its control characters escaped, but tabs. A line end stays, as in a folded header or a text of several
/// lines, unless what follows looks like the beginning of an entry of a log.
pub fn visible(text: &[u8]) -> Cow<'_, [u8]> {
    if !(0..text.len()).any(|at| is_hidden(text, at)) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    for (at, &byte) in text.iter().enumerate() {
        match is_hidden(text, at) {
            true => out.extend_from_slice(escaped(byte).as_bytes()),
            false => out.push(byte),
        }
    }
    Cow::Owned(out)
}

/// The text of a notice in this charset, with what a terminal would obey escaped; tabs and line ends stay, and so does all
/// of a charset in which ESC begins letters.
pub fn without_controls<'a>(text: &'a [u8], charset: &[u8]) -> Cow<'a, [u8]> {
    let is_control = |at: usize| match text[at] {
        b'\t' | b'\n' => false,
        b'\r' => text.get(at + 1) != Some(&b'\n'),
        byte => byte.is_ascii_control() && !names_letters(&text[at..]),
    };
    let charset = charset.to_ascii_lowercase();
    let has_escapes = [&b"iso-2022"[..], b"utf-16", b"utf-32"].iter().any(|known| charset.starts_with(known));
    if has_escapes || !(0..text.len()).any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    for (at, &byte) in text.iter().enumerate() {
        match is_control(at) {
            true => out.extend_from_slice(escaped(byte).as_bytes()),
            false => out.push(byte),
        }
    }
    Cow::Owned(out)
}

fn is_hidden(text: &[u8], at: usize) -> bool {
    match text[at] {
        b'\t' => false,
        b'\n' => begins_entry(&text[at + 1..]),
        // As part of a line end it hides nothing.
        b'\r' => text.get(at + 1) != Some(&b'\n') || is_hidden(text, at + 1),
        0..=31 | 127 => !names_letters(&text[at..]),
        // U+0080 to U+009F in UTF-8, of which U+009B begins a command as ESC [ does.
        0x80..=0x9f => at > 0 && text[at - 1] == 0xc2,
        _ => false,
    }
}

/// ESC and what follows choose a character set of ISO-2022-JP, its successors, or ISO-2022-KR.
fn names_letters(text: &[u8]) -> bool {
    const SETS: [&[u8]; 10] = [b"(B", b"(J", b"(I", b"$@", b"$A", b"$B", b"$(C", b"$(D", b"$)C", b".A"];
    text.strip_prefix(b"\x1b").is_some_and(|rest| SETS.iter().any(|set| rest.starts_with(set)))
}

/// `Mar 02 12:00:00 2026 `, the stamp of Mailman's logs, before a number in parentheses or a label.
fn begins_entry(line: &[u8]) -> bool {
    const SHAPE: &[u8] = b"Aaa 00 00:00:00 0000 ";
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'A' => byte.is_ascii_uppercase(),
        b'a' => byte.is_ascii_lowercase(),
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    };
    line.len() >= SHAPE.len() && line.iter().zip(SHAPE).all(fits)
}

fn escaped(byte: u8) -> String {
    match byte {
        b'\n' => "\\n".to_string(),
        b'\r' => "\\r".to_string(),
        byte => format!("\\x{byte:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_or_a_log_would_obey_is_escaped() {
        let text = b"a\tb \x1b[31m\x07\x7f\r\nNov 30 12:00:00 2026 (1) forged\n folded\nNov 30 said\0";
        let expected: &[u8] =
            b"a\tb \\x1b[31m\\x07\\x7f\\r\\nNov 30 12:00:00 2026 (1) forged\n folded\nNov 30 said\\x00";
        assert_eq!(&visible(text)[..], expected);
        assert_eq!(
            &visible(b"a\nNov 30 12:00:00 2026 qrunner(1): forged")[..],
            b"a\\nNov 30 12:00:00 2026 qrunner(1): forged"
        );
        assert_eq!(&visible("x\u{9b}31m".as_bytes())[..], b"x\xc2\\x9b31m");
    }

    #[test]
    fn a_notice_has_no_controls() {
        let text = b"a\tb\r\nc\rd \x1b[2J\x07\x00\x7f \xc2\x9b\n";
        assert_eq!(&without_controls(text, b"utf-8")[..], b"a\tb\r\nc\\rd \\x1b[2J\\x07\\x00\\x7f \xc2\x9b\n");
        assert!(matches!(without_controls(b"\x1b$B", b"ISO-2022-JP"), Cow::Borrowed(_)));
        assert!(matches!(without_controls(b"plain\n", b"us-ascii"), Cow::Borrowed(_)));
    }

    /// A raw ISO-2022-JP header stays legible; a command to a terminal beside it does not stay.
    #[test]
    fn letters_of_iso_2022_stay() {
        let text = b"\x1b$BF|K\\\x1b(B \x1b[31m";
        let expected: &[u8] = b"\x1b$BF|K\\\x1b(B \\x1b[31m";
        assert_eq!(&visible(text)[..], expected);
        assert_eq!(&without_controls(text, b"us-ascii")[..], expected);
    }

    #[test]
    fn all_else_stays() {
        for text in ["plain", "J\u{fc}rgen \u{20ac}", "ends\n", "two\r\nlines", ""] {
            assert!(matches!(visible(text.as_bytes()), Cow::Borrowed(_)), "{text:?}");
        }
        assert_eq!(&visible(b"\xe4\x9b")[..], b"\xe4\x9b");
    }
}
