//! The body of an article as HTML: quoted lines in italics, addresses and links made clickable, everything escaped.
//!
//! Answers to `format_article` and `__processbody_URLquote` of HyperArch. (Lines between `<HTML>` and `</HTML>`, which its
//! settings seem to leave alone, are escaped like all others: the code for them has no effect.)

use super::article::replace_at;
use super::setting::Setting;
use super::text::{find_address, is_plain};
use crate::text::either::Text;
use crate::text::html::escape_into;

/// Maximum number of addresses and URLs of an article that are made clickable; the rest stays text. A link takes thirty
/// times as much room on the page as the three bytes of `a@b`.
const MAX_LINKS: usize = 50_000;

/// The body on the page, with `<PRE>` around it; nothing for an empty one.
pub fn to_html(setting: &Setting<'_>, lines: &[Text]) -> Vec<u8> {
    let length = lines.iter().map(|line| line.bytes().len()).sum::<usize>();
    if length == 0 {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(length + length / 8);
    out.extend_from_slice(b"<PRE>");
    let mut links_left = MAX_LINKS;
    for line in lines.iter().filter(|line| !line.is_empty()) {
        write_line(setting, line, &mut links_left, &mut out);
    }
    out.extend_from_slice(b"</PRE>");
    out
}

fn write_line(setting: &Setting<'_>, line: &Text, links_left: &mut usize, out: &mut Vec<u8>) {
    let quoted = quote_length(line.bytes());
    if quoted > 0 {
        write_escaped(setting, line, 0, quoted, out);
        out.extend_from_slice(b"<i>");
    }
    links(setting, line, quoted, links_left, out);
    if quoted > 0 {
        out.extend_from_slice(b"</I>");
    }
}

/// How long the run of `>`, `|`, `:` and `&gt;` at the start is.
fn quote_length(line: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = line.get(at..).unwrap_or_default();
        match rest.first() {
            Some(b'>' | b'|' | b':') => at += 1,
            Some(b'&') if rest.starts_with(b"&gt;") => at += 4,
            _ => return at,
        }
    }
}

/// Writes the rest of a line, its addresses and links marked up.
fn links(setting: &Setting<'_>, line: &Text, from: usize, links_left: &mut usize, out: &mut Vec<u8>) {
    let bytes = line.bytes();
    let mut at = from;
    for Link { start, end, is_address } in Links::of(bytes, from).take(*links_left) {
        *links_left -= 1;
        write_escaped(setting, line, at, start, out);
        let text = part(line, start, end);
        let (url, shown) = match is_address {
            true if setting.obscures => (Text::from(setting.listinfo.clone()), obscured(setting, &text)),
            true => (text.map(|address| [b"mailto:", address].concat()), text),
            false => (text.clone(), text),
        };
        // The address of a link is quoted as for an ASCII page, its text as for the list's.
        out.extend_from_slice(&[b"<A HREF=\"", &url.quoted(b"us-ascii")[..], b"\">"].concat());
        out.extend_from_slice(&shown.cgi_escaped(setting.site, &setting.charset));
        out.extend_from_slice(b"</A>");
        at = end;
    }
    match setting.obscures && *links_left == 0 {
        true => out.extend_from_slice(
            &obscured(setting, &part(line, at, bytes.len())).cgi_escaped(setting.site, &setting.charset),
        ),
        false => write_escaped(setting, line, at, bytes.len(), out),
    }
}

fn obscured(setting: &Setting<'_>, address: &Text) -> Text {
    match address {
        Text::Bytes(_) => replace_at(address, &setting.body_at),
        Text::Unicode(text) => Text::Unicode(text.replace('@', &setting.body_at_text)),
    }
}

fn write_escaped(setting: &Setting<'_>, line: &Text, start: usize, end: usize, out: &mut Vec<u8>) {
    let bytes = line.bytes().get(start..end).unwrap_or_default();
    match setting.escapes_plainly && is_plain(bytes, &setting.charset) {
        true => escape_into(bytes, out),
        false => out.extend_from_slice(&part(line, start, end).cgi_escaped(setting.site, &setting.charset)),
    }
}

/// A part of a line; its ends stand at ASCII characters.
fn part(line: &Text, start: usize, end: usize) -> Text {
    line.map(|bytes| bytes.get(start..end).unwrap_or_default().to_vec())
}

/// What is made clickable: places in a line.
#[derive(Clone, Copy)]
struct Link {
    start: usize,
    end: usize,
    is_address: bool,
}

/// The links of a line from left to right: of the next address and the next URL whichever begins first. The other one is
/// kept for the next turn, so that a line is looked through once however many links it has.
struct Links<'a> {
    line: &'a [u8],
    at: usize,
    address: Option<Link>,
    url: Option<Link>,
}

impl<'a> Links<'a> {
    fn of(line: &'a [u8], from: usize) -> Self {
        Links { line, at: from, address: address_from(line, from), url: url_from(line, from) }
    }
}

impl Iterator for Links<'_> {
    type Item = Link;

    fn next(&mut self) -> Option<Link> {
        let is_over = |link: &Link| link.start < self.at;
        if self.address.as_ref().is_some_and(is_over) {
            self.address = address_from(self.line, self.at);
        }
        if self.url.as_ref().is_some_and(is_over) {
            self.url = url_from(self.line, self.at);
        }
        let link = match (self.address, self.url) {
            (Some(address), Some(url)) if address.start < url.start => address,
            (address, url) => url.or(address)?,
        };
        self.at = link.end;
        Some(link)
    }
}

fn address_from(line: &[u8], from: usize) -> Option<Link> {
    let (start, _, end) = find_address(line.get(from..)?)?;
    Some(Link { start: from + start, end: from + end, is_address: true })
}

fn url_from(line: &[u8], from: usize) -> Option<Link> {
    let (start, end) = find_url(line.get(from..)?)?;
    Some(Link { start: from + start, end: from + end, is_address: false })
}

/// What stands before `://` in a link. Mailman takes any letters, and so `javascript://` too, which a browser runs as a
/// program of the archive's own pages.
const SCHEMES: [&str; 36] = [
    "http", "https", "ftp", "ftps", "sftp", "gopher", "gemini", "news", "snews", "nntp", "irc", "ircs", "ssh",
    "telnet", "rsync", "svn", "git", "cvs", "hg", "bzr", "ldap", "ldaps", "imap", "pop", "smtp", "sip", "xmpp", "rtsp",
    "rtmp", "mms", "webcal", "dav", "davs", "smb", "nfs", "magnet",
];

/// `([a-z]+://.*?)(?:_\s|_$|$|[]})>'"\s])`: letters, `://`, and what follows up to a blank, a closing bracket or quote.
fn find_url(rest: &[u8]) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(rest.get(from..)?, b"://").map(|at| from + at) {
        let letters = rest[from..at].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
        let scheme = &rest[at - letters..at];
        if SCHEMES.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(scheme)) {
            return Some((at - letters, url_end(rest, at + 3)));
        }
        from = at + 3;
    }
    None
}

fn url_end(rest: &[u8], from: usize) -> usize {
    let blank = |byte: &u8| *byte == b' ' || (b'\t'..=b'\r').contains(byte);
    let stop = |at: usize| match &rest[at..] {
        [b'_'] => true,
        [b'_', next, ..] => blank(next),
        [byte, ..] => blank(byte) || b"]})>'\"".contains(byte),
        [] => true,
    };
    (from..rest.len()).find(|&at| stop(at)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, OLD};

    #[test]
    fn links_end_where_text_goes_on() {
        let url = |text: &str| find_url(text.as_bytes()).map(|(start, end)| text[start..end].to_string());
        assert_eq!(url("see <http://x.y/z?a=b>, "), Some("http://x.y/z?a=b".into()));
        assert_eq!(url("_http://x.y/_ and"), Some("http://x.y/".into()));
        assert_eq!(url("(HTTP://x.y_z)"), Some("HTTP://x.y_z".into()));
        assert_eq!(url("://x y"), None);
        assert_eq!(url("1ftp://"), Some("ftp://".into()));
    }

    /// What stands for `@` is in the language of whoever runs this: of the poster, before 2.1.23.
    #[test]
    fn addresses_are_hidden_in_the_language_of_the_moment() {
        let fixture = Fixture::new(OLD, &[], b"\n");
        let mut setting = Setting::new(&fixture.site, &fixture.list, b"en");
        setting.body_at = b"\xa1\xf7"[..].into();
        setting.body_at_text = "\u{fffd}\u{fffd}".into();
        let body = |line: Text| String::from_utf8(to_html(&setting, &[line])).unwrap();
        assert!(body(Text::Bytes("a@b.c\n".into())).contains(">a&#161;&#247;b.c</A>"));
        assert!(body(Text::Unicode("a@b.c\n".into())).contains(">a&#65533;&#65533;b.c</A>"));
    }

    #[test]
    fn links_without_end_are_text() {
        let fixture = Fixture::new(OLD, &[], b"\n");
        let setting = Setting::new(&fixture.site, &fixture.list, b"en");
        let html = to_html(&setting, &[Text::Bytes(b"a@b ".repeat(MAX_LINKS + 2).into()), Text::Bytes("c@d\n".into())]);
        assert_eq!(memchr::memmem::find_iter(&html, b"</A>").count(), MAX_LINKS);
        assert!(html.ends_with(b"</A> a at b a at b c at d\n</PRE>"), "{:?}", &html[html.len() - 60..]);
        assert!(!html.contains(&b'@'));
    }

    #[test]
    fn only_known_schemes_are_links() {
        let url = |text: &str| find_url(text.as_bytes()).map(|(start, end)| text[start..end].to_string());
        for text in ["javascript://%0aalert(1)", "JavaScript://x", "vbscript://x", "data://x", "xhttp://x"] {
            assert_eq!(url(text), None, "{text}");
        }
        assert_eq!(url("javascript://http://x.y z"), Some("http://x.y".into()));
    }

    #[test]
    fn links_come_from_left_to_right() {
        let line = b"a@b http://c/d@e f@g ftp://h i@";
        let found: Vec<(&[u8], bool)> =
            Links::of(line, 0).map(|link| (&line[link.start..link.end], link.is_address)).collect();
        let expected: [(&[u8], bool); 4] =
            [(b"a@b", true), (b"http://c/d@e", false), (b"f@g", true), (b"ftp://h", false)];
        assert_eq!(found, expected);
    }

    #[test]
    fn quotes_are_counted() {
        assert_eq!(quote_length(b">>|: x"), 4);
        assert_eq!(quote_length(b"&gt;> x"), 5);
        assert_eq!(quote_length(b" > x"), 0);
    }
}
