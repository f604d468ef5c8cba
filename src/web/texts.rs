//! Words of pages in one language, and the way between characters and the bytes of a page.
//!
//! Pages are put together as Unicode and encoded once, in the charset of their language; what that charset lacks becomes
//! `&#NNN;`. Labels, buttons and headings are keys of the site's message catalogues. A sentence that is our own in English
//! is looked up by the fingerprint of Mailman's sentence, so that its translation is shown without our carrying it.

use crate::lists::options::show::uncanonstr;
use crate::notice::{Text, Words};
use compat::codecs::{self, Errors};
use compat::format::{missing, percent_unicode, Lookup};
use compat::site::Site;
use compat::value::{UniStr, Value};
use compat::ByteStr;
use maud::{Markup, PreEscaped, Render};

/// The texts of one language.
pub struct Texts<'a> {
    site: &'a Site,
    /// The language's code, such as `de`.
    pub language: ByteStr,
    /// The charset of its pages.
    pub charset: ByteStr,
    words: Words<'a>,
}

impl<'a> Texts<'a> {
    /// The texts of a language that the site knows.
    pub fn new(site: &'a Site, language: &[u8]) -> Texts<'a> {
        let charset = site.charset_or_ascii(language);
        Texts { site, language: language.into(), charset, words: Words::new(site, language) }
    }

    /// The translation of a label; plain text, not HTML.
    pub fn say(&self, english: &str) -> String {
        self.of_catalogue(&self.words.raw(english))
    }

    /// The same with values in place of its `%(name)s`; plain text.
    pub fn fill(&self, english: &str, values: &[(&str, &str)]) -> String {
        fill(&self.say(english), values)
    }

    /// A text with tags in it. The site's catalogues are trusted with tags; values come escaped, as markup.
    pub fn html(&self, english: &str, values: &[(&str, Markup)]) -> Markup {
        markup(&self.say(english), values)
    }

    /// A sentence of our own with tags in it, or the translation of Mailman's sentence whose fingerprint is `key`. The
    /// names of the values are Mailman's.
    pub fn sentence(&self, key: u64, ours: &str, values: &[(&str, Markup)]) -> Markup {
        match self.words.sentence(key) {
            Some(found) => markup(&self.of_catalogue(&found), values),
            None => markup(ours, values),
        }
    }

    /// A sentence of ours, or the translation of Mailman's, with values; `%%` in it is one percent sign.
    pub fn text(&self, text: &Text, values: &[(&str, Markup)]) -> Markup {
        let found = text.keys.iter().find_map(|key| self.words.sentence(*key));
        let found = found.map(|found| self.of_catalogue(&found));
        let pattern = found.as_deref().unwrap_or(text.english);
        let values: Vec<(&str, Value)> =
            values.iter().map(|(name, value)| (*name, Value::Unicode(value.0.as_str().into()))).collect();
        let filled = percent_unicode(&UniStr::from(pattern), &OrMissing(&values));
        let filled = filled.ok().and_then(|value| value.as_text().map(ToString::to_string));
        PreEscaped(filled.unwrap_or_else(|| pattern.to_string()))
    }

    /// A language's own name in this one.
    pub fn language_name(&self, language: &[u8]) -> String {
        let english = self.site.language_description(language).unwrap_or_else(|| language.into());
        self.say(&english.to_string())
    }

    /// Whether the language is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        self.site.language_direction(&self.language) == "rtl"
    }

    /// Bytes of this language's charset as text, such as a list's description or a field of a form.
    pub fn decode(&self, bytes: &[u8]) -> String {
        decode(bytes, &self.charset)
    }

    /// A person's name (`Utils.uncanonstr`): what is not of the charset stands in it as numeric references.
    pub fn name(&self, name: &Value) -> String {
        self.decode(&uncanonstr(name, &self.charset))
    }

    /// Text for a page: what the charset lacks becomes `&#NNN;`. Bytes that nobody knows the charset of stay bytes, as
    /// Mailman sends them: those that [`Errors::Keep`] kept, and on an ASCII page the characters from U+0080 to U+009F,
    /// since browsers read `&#128;` as another character.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let is_ascii = is_ascii(&self.charset);
        let is_unnamed = |c: char| is_ascii && ('\u{80}'..='\u{9f}').contains(&c);
        let raw = |c: char| codecs::kept_byte(c).or_else(|| is_unnamed(c).then_some(c as u8));
        let mut bytes = Vec::with_capacity(text.len());
        for piece in text.split_inclusive(|c| raw(c).is_some()) {
            let end = piece.char_indices().next_back().and_then(|(at, c)| Some((at, raw(c)?)));
            bytes.extend(self.encode_known(end.map_or(piece, |(at, _)| &piece[..at])));
            bytes.extend(end.map(|(_, byte)| byte));
        }
        bytes
    }

    fn encode_known(&self, text: &str) -> Vec<u8> {
        let encoded = codecs::encode_str(text, &self.charset, Errors::XmlCharRef);
        encoded.or_else(|_| codecs::encode_str(text, "us-ascii", Errors::XmlCharRef)).unwrap_or_default()
    }

    fn of_catalogue(&self, bytes: &[u8]) -> String {
        decode(bytes, self.words.charset().unwrap_or(&self.charset))
    }
}

/// Whether a charset is ASCII, which browsers take for Latin-1; one that nobody knows counts as such.
pub fn is_ascii(charset: &[u8]) -> bool {
    codecs::lookup(charset).is_none_or(|name| name == "ascii" || name == "us-ascii")
}

/// Bytes that should be of a charset. What is not is taken as UTF-8, or else as Latin-1 where the charset is ASCII:
/// browsers do much the same with what Mailman sent.
pub fn decode(bytes: &[u8], charset: &[u8]) -> String {
    if bytes.is_ascii() && !charset.to_ascii_lowercase().starts_with(b"iso-2022") {
        return bytes.iter().map(|&b| char::from(b)).collect();
    }
    let strict = codecs::decode_string(bytes, charset, Errors::Strict).ok();
    strict.or_else(|| std::str::from_utf8(bytes).ok().map(str::to_string)).unwrap_or_else(|| {
        let charset: &[u8] = if is_ascii(charset) { b"iso-8859-1" } else { charset };
        codecs::decode_string(bytes, charset, Errors::Replace).unwrap_or_default()
    })
}

/// Bytes as a browser shows them on a page of this charset, which takes ASCII for Latin-1; written again on that page they
/// are the same bytes.
pub fn as_browser(bytes: &[u8], charset: &[u8]) -> String {
    let charset: &[u8] = if is_ascii(charset) { b"iso-8859-1" } else { charset };
    codecs::decode_string(bytes, charset, Errors::Keep).unwrap_or_default()
}

/// A value of a list that may be `str` in the charset or `unicode`.
pub fn decode_value(value: &Value, charset: &[u8]) -> String {
    match value {
        Value::Unicode(text) => text.to_text(),
        other => other.as_text().map(|bytes| decode(bytes, charset)).unwrap_or_default(),
    }
}

/// Values of a text of ours: a name that is not there stays as it is, in a `unicode` text too.
struct OrMissing<'a>(&'a dyn Lookup);

impl Lookup for OrMissing<'_> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        Some(self.0.lookup(key).unwrap_or_else(|| missing(key)))
    }
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    if values.is_empty() {
        return text.to_string();
    }
    let values: Vec<(&str, Value)> =
        values.iter().map(|(name, value)| (*name, Value::Unicode((*value).into()))).collect();
    let filled = percent_unicode(&UniStr::from(text), &OrMissing(&values));
    filled.map_or_else(|_| text.to_string(), |value| value.as_text().map(|t| t.to_string()).unwrap_or_default())
}

fn markup(text: &str, values: &[(&str, Markup)]) -> Markup {
    let values: Vec<(&str, String)> =
        values.iter().map(|(name, value)| (*name, value.render().into_string())).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    PreEscaped(fill(text, &values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use maud::html;
    use std::path::Path;

    #[test]
    fn bytes_that_are_not_of_their_charset_are_still_shown() {
        assert_eq!(decode(b"Gr\xfc\xdfe", b"us-ascii"), "Grüße");
        assert_eq!(decode("Grüße".as_bytes(), b"us-ascii"), "Grüße");
        assert_eq!(decode(b"Gr\xfc\xdfe", b"utf-8"), "Gr\u{fffd}\u{fffd}e");
        assert_eq!(decode(b"\xa4\xa2", b"euc-jp"), "あ");
        assert_eq!(decode(b"x\xe9", b"no-such-charset"), "xé");
    }

    #[test]
    fn values_of_markup_are_escaped_once() {
        let site = Site::bare(Path::new("/nonexistent"), Version { micro: 39 });
        let texts = Texts::new(&site, b"en");
        let name = html! { ("<b>&") };
        assert_eq!(
            texts.html("No such list <em>%(name)s</em> %(x)s", &[("name", name)]).0,
            "No such list <em>&lt;b&gt;&amp;</em> %(x)s"
        );
        assert_eq!(texts.fill("%(a)s %", &[("a", "<")]), "%(a)s %");
        assert_eq!(texts.encode("ü€"), b"&#252;&#8364;");
        let garbled = b"\"\xfc\" \xc3\xbc\xe9t";
        assert_eq!(as_browser(garbled, b"utf-8"), "\"\u{10fffc}\" ü\u{10ffe9}t");
        let utf8 = Texts { charset: "utf-8".into(), ..Texts::new(&site, b"en") };
        assert_eq!(utf8.encode(&as_browser(garbled, b"utf-8")), garbled);
        assert_eq!(texts.encode("q\u{9b}\u{98}ü\u{80}x"), b"q\x9b\x98&#252;\x80x");
    }
}
