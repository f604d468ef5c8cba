//! Languages of a site: `LC_DESCRIPTIONS`, which `add_language` fills.

use super::Site;
use crate::pickle::{Dict, UniStr, Value};
use crate::ByteStr;

impl Site {
    fn languages(&self) -> Option<&Dict> {
        self.settings.get("LC_DESCRIPTIONS").and_then(Value::as_dict)
    }

    fn language_item(&self, lang: &[u8], at: usize) -> Option<ByteStr> {
        self.languages()?.get(lang)?.as_items()?.get(at)?.as_text().cloned()
    }

    /// `Utils.IsLanguage`
    pub fn is_language(&self, lang: &[u8]) -> bool {
        self.languages().is_some_and(|languages| languages.contains(lang))
    }

    /// `Utils.GetCharSet`; `None` for a language that the site does not know (Python: `KeyError`).
    pub fn charset_of(&self, lang: &[u8]) -> Option<ByteStr> {
        self.language_item(lang, 1)
    }

    /// The charset of a language, us-ascii for an unknown one.
    pub fn charset_or_ascii(&self, lang: &[u8]) -> ByteStr {
        self.charset_of(lang).unwrap_or_else(|| "us-ascii".into())
    }

    /// `Utils.GetLanguageDescr`: the English name, a key of the catalogues.
    pub fn language_description(&self, lang: &[u8]) -> Option<ByteStr> {
        self.language_item(lang, 0)
    }

    /// `Utils.GetDirection`: `ltr` or `rtl`. Before 2.1.10 there was none.
    pub fn language_direction(&self, lang: &[u8]) -> ByteStr {
        self.language_item(lang, 2).unwrap_or_else(|| "ltr".into())
    }

    /// `DEFAULT_SERVER_LANGUAGE`
    pub fn server_language(&self) -> ByteStr {
        self.settings.str("DEFAULT_SERVER_LANGUAGE").unwrap_or_else(|_| "en".into())
    }

    /// Whether this is a site of Debian jessie or later, where every language is utf-8 and so are the logs.
    pub fn is_utf8(&self) -> bool {
        [&b"en"[..], b"de"].iter().all(|lang| self.charset_of(lang).is_some_and(|charset| charset == "utf-8"))
    }
}

/// `unicode.encode(charset, 'replace')`: what the charset lacks becomes a question mark.
pub(super) fn encode_replace(text: &UniStr, charset: &[u8]) -> ByteStr {
    let text = text.to_text();
    let limit = match charset.to_ascii_lowercase().as_slice() {
        b"utf-8" | b"utf8" => return text.into(),
        b"us-ascii" | b"ascii" => 0x80,
        b"iso-8859-1" | b"latin-1" => 0x100,
        other => return encode_by_table(&text, other).unwrap_or_else(|| encode_below(&text, 0x80)),
    };
    encode_below(&text, limit)
}

fn encode_below(text: &str, limit: u32) -> ByteStr {
    let byte = |c: char| if u32::from(c) < limit { c as u32 as u8 } else { b'?' };
    text.chars().map(byte).collect::<Vec<u8>>().into()
}

fn encode_by_table(text: &str, charset: &[u8]) -> Option<ByteStr> {
    let encoding = encoding_rs::Encoding::for_label(charset)?;
    let mut out = Vec::new();
    for c in text.chars() {
        let mut buffer = [0; 4];
        let (bytes, _, missing) = encoding.encode(c.encode_utf8(&mut buffer));
        out.extend_from_slice(if missing { b"?" } else { &bytes });
    }
    Some(out.into())
}

/// `unicode(bytes, charset, 'replace')`
pub(super) fn decode_replace(bytes: &[u8], charset: &[u8]) -> UniStr {
    let lower = charset.to_ascii_lowercase();
    let wide = |b: &u8| char::from(*b);
    let narrow = |b: &u8| if b.is_ascii() { char::from(*b) } else { '\u{fffd}' };
    let text: String = match lower.as_slice() {
        b"iso-8859-1" | b"latin-1" => bytes.iter().map(wide).collect(),
        b"us-ascii" | b"ascii" => bytes.iter().map(narrow).collect(),
        other => match encoding_rs::Encoding::for_label(other) {
            Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            None => bytes.iter().map(narrow).collect(),
        },
    };
    UniStr(text.into())
}
