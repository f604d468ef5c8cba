//! Attachments that a browser would run as a page of the archive's own site.
//!
//! An attachment is served from the same host as the archive and the pages of the lists. If it is HTML, or something else
//! with scripts in it, these act in the name of whoever looks at it. Mailman escapes what says that it is HTML, but the
//! extension that it gives to other types leaves a browser room to guess (`.obj` for `application/octet-stream`,
//! CVE-2020-12137), and an SVG image is stored as it came. Such an attachment gets an extension that every server knows
//! and no browser runs; all others keep Mailman's.

/// Extensions under which scripts run in a browser, or on the server.
const RUN: [&[u8]; 27] = [
    b"html", b"htm", b"shtml", b"shtm", b"stm", b"xhtml", b"xht", b"svg", b"svgz", b"mht", b"mhtml", b"hta", b"htc",
    b"swf", b"php", b"php3", b"php4", b"php5", b"php7", b"phtml", b"phar", b"cgi", b"fcgi", b"asp", b"aspx", b"jsp",
    b"jspx",
];
/// Extensions that servers know, and that no browser takes for a page whatever is in the file.
const LABELLED: [&[u8]; 38] = [
    b"txt", b"bin", b"gif", b"png", b"jpg", b"jpeg", b"jpe", b"bmp", b"tif", b"tiff", b"pdf", b"zip", b"doc", b"xls",
    b"ppt", b"csv", b"css", b"ics", b"vcf", b"rtf", b"docx", b"xlsx", b"pptx", b"odt", b"ods", b"odp", b"ps", b"gz",
    b"tgz", b"tar", b"mp3", b"mp4", b"mpg", b"mpeg", b"mov", b"wav", b"avi", b"webp",
];
/// Bytes of a file that browsers look at to guess what it is.
const LOOKED_AT: usize = 1445;
/// What gives a page away wherever it stands in them.
const TAGS: [&[u8]; 22] = [
    b"<!doctype",
    b"<html",
    b"<head",
    b"<body",
    b"<title",
    b"<script",
    b"<style",
    b"<iframe",
    b"<frame",
    b"<object",
    b"<embed",
    b"<svg",
    b"<img",
    b"<meta",
    b"<table",
    b"<div",
    b"<form",
    b"<a href",
    b"<plaintext",
    b"<?xml",
    b"<channel",
    b"<base",
];
/// What may make a page of XML.
const XML_PAGES: [&[u8]; 4] = [b"w3.org/", b"stylesheet", b"<!entity", b"\0"];

/// The extension under which a part of this type is stored.
pub(super) fn extension(kind: &[u8], extension: Vec<u8>, body: &[u8]) -> Vec<u8> {
    let name = extension.strip_prefix(b".").unwrap_or(&extension).to_ascii_lowercase();
    // Cleaning leaves dots: `.a.html` has two extensions.
    let runs = name.split(|&byte| byte == b'.').any(|name| RUN.contains(&name));
    match runs || may_be_a_page(&name, body) {
        true if kind.starts_with(b"text/") || kind == b"message/rfc822" => b".txt".to_vec(),
        true => b".bin".to_vec(),
        false => extension,
    }
}

/// A base name whose own extensions mean nothing to a server: `x.php.bin` is a program for some.
pub(super) fn base(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for (nth, piece) in name.split(|&byte| byte == b'.').enumerate() {
        if nth > 0 {
            out.push(if RUN.contains(&&piece.to_ascii_lowercase()[..]) { b'_' } else { b'.' });
        }
        out.extend_from_slice(piece);
    }
    out
}

fn may_be_a_page(extension: &[u8], body: &[u8]) -> bool {
    if LABELLED.contains(&extension) {
        return false;
    }
    let start = body.get(..LOOKED_AT).unwrap_or(body).to_ascii_lowercase();
    let is_xml = [&b"xml"[..], b"xsl", b"rdf", b"wsdl", b"xpdl"].contains(&extension) || contains(&start, b"<?xml");
    match is_xml {
        true => XML_PAGES.iter().any(|sign| contains(&body.to_ascii_lowercase(), sign)),
        false => begins_with_a_tag(&start) || TAGS.iter().any(|tag| contains(&start, tag)),
    }
}

/// Behind white space, NULs and a byte order mark.
fn begins_with_a_tag(text: &[u8]) -> bool {
    let skipped = |byte: &u8| *byte <= b' ' || [0xef, 0xbb, 0xbf, 0xfe, 0xff].contains(byte);
    let first = text.iter().position(|byte| !skipped(byte)).unwrap_or(text.len());
    matches!(text.get(first..), Some([b'<', next, ..]) if next.is_ascii_alphabetic() || matches!(next, b'!' | b'?' | 0))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(kind: &str, given: &str, body: &str) -> String {
        String::from_utf8(extension(kind.as_bytes(), given.into(), body.as_bytes())).unwrap()
    }

    #[test]
    fn what_is_no_page_keeps_its_extension() {
        let pgp = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n";
        assert_eq!(stored("application/octet-stream", ".obj", pgp), ".obj");
        assert_eq!(stored("application/octet-stream", ".obj", "if a < b then"), ".obj");
        let invitation = "BEGIN:VCALENDAR\nX-ALT-DESC;FMTTYPE=text/html:<html><body>x</body></html>\n";
        assert_eq!(stored("text/calendar", ".ics", invitation), ".ics");
        assert_eq!(stored("text/xml", ".xml", "<?xml version='1.0'?><prices/>"), ".xml");
        assert_eq!(stored("application/pgp-signature", ".sig", pgp), ".sig");
        assert_eq!(stored("image/png", ".png", "<html>"), ".png");
        assert_eq!(stored("message/rfc822", ".eml", "[From: a&lt;b&gt;]"), ".eml");
    }

    #[test]
    fn what_may_be_a_page_is_not_run() {
        for body in ["<html>", " \n<b onclick=x>", "GIF <SCRIPT>x</SCRIPT>", "\u{feff}<p>", "<!-- x -->"] {
            assert_eq!(stored("application/octet-stream", ".obj", body), ".bin", "{body}");
        }
        assert_eq!(stored("image/svg+xml", ".svg", "x"), ".bin");
        assert_eq!(stored("application/octet-stream", ".HTML", "x"), ".bin");
        assert_eq!(stored("application/x-php", ".php", "x"), ".bin");
        assert_eq!(stored("text/plain", ".ksh", "<html>"), ".txt");
        assert_eq!(stored("message/rfc822", ".mht", "x"), ".txt");
        assert_eq!(stored("text/xml", ".xml", "<a xmlns='http://www.w3.org/1999/xhtml'/>"), ".txt");
        assert_eq!(stored("application/xml", ".rdf", "<?xml-stylesheet href='x'?>"), ".bin");
    }

    #[test]
    fn a_base_has_no_extension_that_a_server_runs() {
        assert_eq!(base(b"a.php"), b"a_php");
        assert_eq!(base(b"report.v2.HTML"), b"report.v2_HTML");
        assert_eq!(base(b"a.b"), b"a.b");
    }
}
