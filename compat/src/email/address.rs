//! `email._parseaddr` and the address part of `email.utils`, Python 2.7.18: addresses in the manner of RFC 822, taken
//! out of anything.
//!
//! Every odd answer is kept, because membership, bounces and reply addresses hang on it. A domain with a second `@`
//! gives no address at all (CVE-2019-16056). Comments nest; ours stop counting at a depth that Python could not reach.

use crate::ByteStr;

/// A display name and an address.
pub type Address = (ByteStr, ByteStr);

const SPECIALS: &[u8] = b"()<>@,:;.\"[]";
/// Nested comments and groups beyond this are Python's RuntimeError; here what is inside is no longer looked into.
const MAX_DEPTH: usize = 300;

/// `email.utils.parseaddr`: the first address, or two empty strings.
pub fn parseaddr(field: &[u8]) -> Address {
    each_address(field).next().unwrap_or_default()
}

/// `email.utils.getaddresses`: all addresses of several header values.
pub fn getaddresses(fields: &[ByteStr]) -> Vec<Address> {
    addresses(&fields.join(b", ".as_slice()))
}

/// The same, one after the other: headers may name a million, and most of those who ask need no more than one at a time.
pub fn each_of(fields: &[ByteStr]) -> impl Iterator<Item = Address> {
    let field = fields.join(b", ".as_slice());
    let (mut at, mut found) = (0, Vec::new().into_iter());
    std::iter::from_fn(move || {
        if let Some(address) = found.next() {
            return Some(address);
        }
        let mut parser = Parser { field: &field, at, comments: Vec::new(), depth: 0 };
        let next = parser.next_addresses()?;
        at = parser.at;
        found = next.into_iter();
        found.next()
    })
}

/// `email.utils.formataddr`: a name with specials is put in quotes; nothing is encoded.
pub fn formataddr(name: &[u8], address: &[u8]) -> ByteStr {
    if name.is_empty() {
        return address.into();
    }
    let quotes: &[u8] = if name.iter().any(|byte| b"[]\\()<>@,:;\".".contains(byte)) { b"\"" } else { b"" };
    let escaped: Vec<u8> = name.iter().flat_map(|&byte| escape(byte, b"[]\\()\"")).collect();
    [quotes, &escaped, quotes, b" <", address, b">"].concat().into()
}

/// `email.utils.quote`: backslashes before backslashes and quotation marks.
pub fn quote(text: &[u8]) -> ByteStr {
    text.iter().flat_map(|&byte| escape(byte, b"\\\"")).collect::<Vec<u8>>().into()
}

fn escape(byte: u8, which: &[u8]) -> impl Iterator<Item = u8> {
    which.contains(&byte).then_some(b'\\').into_iter().chain([byte])
}

/// `email.utils.unquote`: takes off quotation marks or angle brackets.
pub fn unquote(text: &[u8]) -> ByteStr {
    match text {
        [b'"', inner @ .., b'"'] => replace(&replace(inner, b"\\\\", b"\\"), b"\\\"", b"\"").into(),
        [b'<', inner @ .., b'>'] => inner.into(),
        _ => text.into(),
    }
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for at in memchr::memmem::find_iter(text, from) {
        out.extend_from_slice(text.get(done..at).unwrap_or_default());
        out.extend_from_slice(to);
        done = at + from.len();
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default());
    out
}

/// `AddressList(field).addresslist`
pub fn addresses(field: &[u8]) -> Vec<Address> {
    each_address(field).collect()
}

/// The same as far as they are asked for: a header may have a million.
fn each_address(field: &[u8]) -> impl Iterator<Item = Address> + '_ {
    let mut parser = Parser { field, at: 0, comments: Vec::new(), depth: 0 };
    std::iter::from_fn(move || parser.next_addresses()).flatten()
}

struct Parser<'a> {
    field: &'a [u8],
    at: usize,
    comments: Vec<Vec<u8>>,
    depth: usize,
}

impl Parser<'_> {
    /// The next address, or those of a group; nothing at the end.
    fn next_addresses(&mut self) -> Option<Vec<Address>> {
        if self.at >= self.field.len() {
            return None;
        }
        let mut found = Vec::new();
        self.address(&mut found);
        Some(if found.is_empty() { vec![Address::default()] } else { found })
    }

    fn peek(&self) -> Option<u8> {
        self.field.get(self.at).copied()
    }

    /// Skips white space and keeps comments, up to what means something.
    fn skip(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'(' => self.keep_comment(),
                _ => break,
            }
        }
    }

    fn keep_comment(&mut self) {
        let comment = self.delimited(b')', true);
        self.comments.push(comment);
    }

    /// One address, or the members of a group.
    fn address(&mut self, found: &mut Vec<Address>) {
        self.comments = Vec::new();
        self.skip();
        let start = self.at;
        let phrase = self.phrase();
        self.skip();
        match self.peek() {
            Some(b'.' | b'@') => {
                // Python starts over and keeps what it has read of comments: they count twice.
                self.at = start;
                let address = self.addr_spec();
                found.push((self.joined_comments(), address.into()));
            }
            Some(b':') => self.group(found),
            Some(b'<') => {
                let address = self.route_addr();
                found.push((self.name_of(&phrase), address.into()));
            }
            other => self.word(&phrase, other, found),
        }
        self.skip();
        if self.peek() == Some(b',') {
            self.at += 1;
        }
    }

    /// A word that is no address by itself counts as one; a special that starts nothing is skipped.
    fn word(&mut self, phrase: &[Vec<u8>], next: Option<u8>, found: &mut Vec<Address>) {
        if let Some(first) = phrase.first() {
            found.push((self.joined_comments(), first.as_slice().into()));
        } else if next.is_some_and(|byte| SPECIALS.contains(&byte)) {
            self.at += 1;
        }
    }

    fn group(&mut self, found: &mut Vec<Address>) {
        self.at += 1;
        self.depth += 1;
        while self.at < self.field.len() {
            self.skip();
            if self.peek() == Some(b';') {
                self.at += 1;
                break;
            }
            if self.depth > MAX_DEPTH {
                self.at = self.field.len();
            }
            self.address(found);
        }
        self.depth -= 1;
    }

    fn joined_comments(&self) -> ByteStr {
        self.comments.join(b" ".as_slice()).into()
    }

    /// The phrase before an angle bracket, with comments behind it in parentheses.
    fn name_of(&self, phrase: &[Vec<u8>]) -> ByteStr {
        let name = phrase.join(b" ".as_slice());
        if self.comments.is_empty() {
            return name.into();
        }
        [&name, b" (".as_slice(), &self.comments.join(b" ".as_slice()), b")"].concat().into()
    }

    /// What stands in angle brackets, without its route.
    fn route_addr(&mut self) -> Vec<u8> {
        self.at += 1;
        self.skip();
        let mut in_route = false;
        while let Some(byte) = self.peek() {
            if in_route {
                self.domain();
                in_route = false;
            } else {
                match byte {
                    b'@' => in_route = true,
                    b':' => {}
                    b'>' => {
                        self.at += 1;
                        break;
                    }
                    _ => {
                        let address = self.addr_spec();
                        self.at += 1;
                        return address;
                    }
                }
                self.at += 1;
            }
            self.skip();
        }
        Vec::new()
    }

    fn addr_spec(&mut self) -> Vec<u8> {
        let mut spec = Vec::new();
        self.skip();
        while let Some(byte) = self.peek() {
            match byte {
                b'.' => {
                    spec.push(b'.');
                    self.at += 1;
                }
                b'"' => {
                    let text = quote(&self.delimited_quote());
                    spec.extend([b"\"", text.as_bytes(), b"\""].concat());
                }
                byte if ends_atom(byte) => break,
                _ => spec.extend(self.atom(ends_atom)),
            }
            self.skip();
        }
        if self.peek() != Some(b'@') {
            return spec;
        }
        self.at += 1;
        self.skip();
        match self.domain() {
            domain if domain.is_empty() => Vec::new(),
            domain => [spec, b"@".to_vec(), domain].concat(),
        }
    }

    fn domain(&mut self) -> Vec<u8> {
        let mut domain = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'(' => self.keep_comment(),
                b'[' => {
                    let literal = self.delimited(b']', false);
                    domain.extend([b"[", literal.as_slice(), b"]"].concat());
                }
                b'.' => {
                    self.at += 1;
                    domain.push(b'.');
                }
                b'@' => return Vec::new(),
                byte if ends_atom(byte) => break,
                _ => domain.extend(self.atom(ends_atom)),
            }
        }
        domain
    }

    fn delimited_quote(&mut self) -> Vec<u8> {
        self.delimited(b'"', false)
    }

    /// From behind an opening character to its end; a carriage return ends it too. Backslashes go, what they protect
    /// stays. Parentheses of inner comments are dropped, their text is kept.
    fn delimited(&mut self, end: u8, comments: bool) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 1;
        let mut protected = false;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                byte if protected => {
                    text.push(byte);
                    protected = false;
                }
                byte if byte == end || byte == b'\r' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'(' if comments => depth += 1,
                b'\\' => protected = true,
                byte => text.push(byte),
            }
        }
        text
    }

    fn atom(&mut self, ends: fn(u8) -> bool) -> Vec<u8> {
        let rest = self.field.get(self.at..).unwrap_or_default();
        let len = rest.iter().position(|&byte| ends(byte)).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or_default().to_vec()
    }

    /// Words and quoted strings; comments among them are kept apart.
    fn phrase(&mut self) -> Vec<Vec<u8>> {
        let mut words = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'"' => words.push(self.delimited_quote()),
                b'(' => self.keep_comment(),
                byte if ends_phrase(byte) => break,
                _ => words.push(self.atom(ends_phrase)),
            }
        }
        words
    }
}

fn ends_atom(byte: u8) -> bool {
    SPECIALS.contains(&byte) || matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// A dot belongs to a phrase (`John Q. Public`).
fn ends_phrase(byte: u8) -> bool {
    byte != b'.' && ends_atom(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(field: &str) -> Vec<(String, String)> {
        let found = getaddresses(&[field.into()]);
        found.into_iter().map(|(name, address)| (name.to_latin1(), address.to_latin1())).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(name, address)| ((*name).to_owned(), (*address).to_owned())).collect()
    }

    #[test]
    fn addresses_as_python_finds_them() {
        assert_eq!(listed("\"Doe, John\" <j@x.org>"), pairs(&[("Doe, John", "j@x.org")]));
        assert_eq!(listed("j@x.org (John (the) Doe)"), pairs(&[("John the Doe", "j@x.org")]));
        assert_eq!(listed("group: a@b, c@d;, e@f"), pairs(&[("", "a@b"), ("", "c@d"), ("", "e@f")]));
        assert_eq!(listed("John Q. Public <j.q@[10.0.0.1]>"), pairs(&[("John Q. Public", "j.q@[10.0.0.1]")]));
        assert_eq!(listed("(c) a @ b . c"), pairs(&[("c", "a@b.c")]));
        assert_eq!(listed("a b c@d"), pairs(&[("", "abc@d")]));
        assert_eq!(listed("nobody"), pairs(&[("", "nobody")]));
        assert_eq!(listed(""), pairs(&[]));
    }

    #[test]
    fn a_second_at_sign_gives_no_address() {
        assert_eq!(listed("a@b@c"), pairs(&[("", ""), ("", "@c")]));
        assert_eq!(listed("<@a,@b:j@x.org>"), pairs(&[("", ""), ("", "@b"), ("", "j@x.org")]));
        assert_eq!(parseaddr(b"a@b@c"), Address::default());
    }

    #[test]
    fn names_are_quoted_where_they_need_it() {
        assert_eq!(formataddr(b"Doe, \"J\" (x)", b"a@b"), "\"Doe, \\\"J\\\" \\(x\\)\" <a@b>");
        assert_eq!(formataddr(b"", b"a@b"), "a@b");
        assert_eq!(formataddr(b"Plain", b"a@b"), "Plain <a@b>");
        assert_eq!(unquote(b"\"a\\\"b\\\\c\""), "a\"b\\c");
        assert_eq!(unquote(b"\""), "\"");
    }

    #[test]
    fn depth_has_a_bound() {
        assert!(!addresses("a:".repeat(100_000).as_bytes()).is_empty());
        assert!(!addresses("(".repeat(100_000).as_bytes()).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it(field in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
            addresses(&field);
        }
    }
}
