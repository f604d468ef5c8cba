//! Bytes on their way to the server: `smtplib.quotedata` and `smtplib.quoteaddr`.

use compat::email::address;
use std::io;

/// A message as DATA sends it, final dot included.
pub fn quote_message(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16 + 16);
    quote_lines(text, &mut out);
    end_message(&mut out);
    out
}

/// A part of a message that begins at the beginning of a line: every `\r\n`, `\n` or `\r` becomes `\r\n`, a dot at the
/// beginning of a line is doubled.
pub fn quote_lines(text: &[u8], out: &mut Vec<u8>) {
    let mut start = 0;
    while let Some(length) = text.get(start..).and_then(|rest| memchr::memchr2(b'\n', b'\r', rest)) {
        let at = start + length;
        push_line(out, text.get(start..at).unwrap_or_default());
        out.extend_from_slice(b"\r\n");
        start = if text.get(at..at + 2) == Some(b"\r\n") { at + 2 } else { at + 1 };
    }
    push_line(out, text.get(start..).unwrap_or_default());
}

/// The end of a message: a line end, where there is none, and the final dot.
pub fn end_message(out: &mut Vec<u8>) {
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

/// Quotes a message while it is written, final dot included, so that a large one is not in memory unquoted too.
#[derive(Default)]
pub struct Quoting {
    out: Vec<u8>,
    /// Written bytes, as they came.
    size: usize,
    /// A line feed now belongs to the line end before it.
    after_return: bool,
}

impl Quoting {
    /// The message as DATA sends it, and its length before that.
    pub fn finish(mut self) -> (Vec<u8>, usize) {
        end_message(&mut self.out);
        (self.out, self.size)
    }
}

impl io::Write for Quoting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.size += bytes.len();
        let is_rest_of_end = self.after_return && bytes.first() == Some(&b'\n');
        self.after_return = bytes.last().map_or(self.after_return, |&last| last == b'\r');
        let text = bytes.get(usize::from(is_rest_of_end)..).unwrap_or_default();
        let begins_line = self.out.is_empty() || self.out.ends_with(b"\r\n");
        let line_end = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
        let (rest_of_line, lines) = text.split_at(if begins_line { 0 } else { line_end });
        self.out.extend_from_slice(rest_of_line);
        quote_lines(lines, &mut self.out);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn push_line(out: &mut Vec<u8>, line: &[u8]) {
    if line.first() == Some(&b'.') {
        out.push(b'.');
    }
    out.extend_from_slice(line);
}

/// An address in angle brackets, as MAIL and RCPT want it.
pub fn quote_address(address: &[u8]) -> Vec<u8> {
    if is_plain(address) {
        return [b"<", address, b">"].concat();
    }
    let (_, parsed) = address::parseaddr(address);
    // Not as in Python: a line end inside an address would begin a command of its own.
    let clean: Vec<u8> = parsed.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    [b"<", &clean[..], b">"].concat()
}

/// Addresses that Python's parser gives back unchanged; nearly all are.
fn is_plain(address: &[u8]) -> bool {
    let Some(at) = address.iter().position(|&b| b == b'@') else { return false };
    let (local, domain) = (address.get(..at).unwrap_or_default(), address.get(at + 1..).unwrap_or_default());
    let plain =
        |part: &[u8]| !part.is_empty() && part.iter().all(|&b| b.is_ascii_alphanumeric() || b"._+=-".contains(&b));
    plain(local) && plain(domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn quoted(text: &[u8]) -> String {
        String::from_utf8_lossy(&quote_message(text)).into_owned()
    }

    /// The right-hand sides come from `smtplib.quotedata` of Python 2.7.18, with the end that `data()` adds.
    #[test]
    fn line_ends_and_dots() {
        for (text, wanted) in [
            (&b""[..], "\r\n.\r\n"),
            (b"a", "a\r\n.\r\n"),
            (b"a\n", "a\r\n.\r\n"),
            (b"a\n\n", "a\r\n\r\n.\r\n"),
            (b".a\n..b\nc.\n.", "..a\r\n...b\r\nc.\r\n..\r\n.\r\n"),
            (b"a\rb\r\nc\r\r\nd\n\re", "a\r\nb\r\nc\r\n\r\nd\r\n\r\ne\r\n.\r\n"),
            (b"a\r.b", "a\r\n..b\r\n.\r\n"),
        ] {
            assert_eq!(quoted(text), wanted, "{text:?}");
        }
    }

    /// The right-hand sides come from `smtplib.quoteaddr` of Python 2.7.18.
    #[test]
    fn addresses() {
        for (address, wanted) in [
            ("dora+tag@Example.org", "<dora+tag@Example.org>"),
            ("Anna <a@b.c>", "<a@b.c>"),
            ("a b@c.d", "<ab@c.d>"),
            ("\"a b\"@c.d", "<\"a b\"@c.d>"),
            ("a@b@c", "<>"),
            ("", "<>"),
            ("nobody", "<nobody>"),
            ("a..b@c", "<a..b@c>"),
            ("a(c)@b.d", "<a@b.d>"),
            ("o'b@x.y", "<o'b@x.y>"),
            ("a@[1.2.3.4]", "<a@[1.2.3.4]>"),
            ("a@b.", "<a@b.>"),
        ] {
            assert_eq!(String::from_utf8_lossy(&quote_address(address.as_bytes())), wanted);
        }
    }

    #[test]
    fn an_address_cannot_begin_a_command() {
        assert!(!quote_address(b"a@b>\r\nrcpt TO:<c@d").contains(&b'\n'));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn no_bare_line_end_and_one_end(text in "[a.\r\n]{0,40}") {
            let out = quoted(text.as_bytes());
            prop_assert!(!out.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert_eq!(out.find("\r\n.\r\n"), Some(out.len() - 5));
        }

        #[test]
        fn pieces_make_the_same(pieces in proptest::collection::vec("[a.\r\n]{0,4}", 0..9)) {
            let mut quoting = Quoting::default();
            pieces.iter().for_each(|piece| quoting.write_all(piece.as_bytes()).unwrap());
            let whole = pieces.concat();
            prop_assert_eq!(quoting.finish(), (quote_message(whole.as_bytes()), whole.len()));
        }
    }
}
