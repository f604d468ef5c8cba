//! Text made safe for a page: `&`, `<`, `>` and `"` as entities, without escaping an entity twice.
//!
//! Answers to `Mailman.Utils.websafe`.

use compat::site::{settings, Site};

/// Escapes for HTML. Where the site works around broken browsers, its own replacements come first.
pub fn websafe(site: &Site, text: &[u8]) -> Vec<u8> {
    match site.settings.truth(settings::BROKEN_BROWSER_WORKAROUND) {
        true => escape(&broken_browser(site, text)),
        false => escape(text),
    }
}

/// `cgi.escape(text, quote=True)`, with entities that were there before left alone.
pub fn escape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    escape_into(text, &mut out);
    out
}

/// The same, added to what is there.
pub fn escape_into(text: &[u8], out: &mut Vec<u8>) {
    let special = |byte: &u8| matches!(byte, b'&' | b'<' | b'>' | b'"');
    let mut rest = text;
    if memchr::memchr3(b'&', b'<', b'>', text).or_else(|| memchr::memchr(b'"', text)).is_none() {
        return out.extend_from_slice(text);
    }
    while let Some(at) = rest.iter().position(special) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(match rest[at] {
            b'&' if is_entity(&rest[at + 1..]) => b"&",
            special => entity_of(special),
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// `cgi.escape(text, quote=True)`: entities that are there are escaped too.
pub fn escape_all(text: &[u8]) -> Vec<u8> {
    replaced(text, |byte| matches!(byte, b'&' | b'<' | b'>' | b'"'))
}

/// `cgi.escape(text)` and `xml.sax.saxutils.escape(text)`: for text between tags, where quotes may stay.
pub fn escape_between_tags(text: &[u8]) -> Vec<u8> {
    replaced(text, |byte| matches!(byte, b'&' | b'<' | b'>'))
}

fn replaced(text: &[u8], is_special: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    for &byte in text {
        match is_special(byte) {
            true => out.extend_from_slice(entity_of(byte)),
            false => out.push(byte),
        }
    }
    out
}

fn entity_of(special: u8) -> &'static [u8] {
    match special {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        _ => b"&quot;",
    }
}

/// Whether `#123;` or `name;` follows.
fn is_entity(rest: &[u8]) -> bool {
    let (digits, rest) = match rest.split_first() {
        Some((b'#', rest)) => (true, rest),
        _ => (false, rest),
    };
    let run = rest.iter().take_while(|b| if digits { b.is_ascii_digit() } else { b.is_ascii_alphabetic() }).count();
    run > 0 && rest.get(run) == Some(&b';')
}

fn broken_browser(site: &Site, text: &[u8]) -> Vec<u8> {
    let table = site.settings.get(settings::BROKEN_BROWSER_REPLACEMENTS).and_then(|value| value.as_dict());
    let replacement = |byte: u8| table.and_then(|dict| dict.get(&[byte])).and_then(|value| value.as_str());
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match replacement(byte) {
            Some(entity) => out.extend_from_slice(entity),
            None => out.push(byte),
        }
    }
    out
}

/// A sentence of HTML as plain text: its tags are taken out.
pub fn without_tags(html: &[u8]) -> Vec<u8> {
    let mut in_tag = false;
    let outside = |byte: &u8| {
        let is_outside = !in_tag && *byte != b'<';
        in_tag = if in_tag { *byte != b'>' } else { *byte == b'<' };
        is_outside
    };
    html.iter().copied().filter(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_taken_out() {
        assert_eq!(without_tags(b"a <b>c</b> <a href='x'>d</a> > e <f"), b"a c d > e ");
    }

    #[test]
    fn entities_are_not_escaped_twice() {
        assert_eq!(
            escape(b"a<b> & \"c\" &amp; &#8217; &#x; &nope"),
            b"a&lt;b&gt; &amp; &quot;c&quot; &amp; &#8217; &amp;#x; &amp;nope"
        );
    }
}
