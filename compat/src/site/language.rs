//! Languages of a site: `LC_DESCRIPTIONS`, which `add_language` fills.

use super::Site;
use crate::codecs::{self, Errors};
use crate::site::settings;
use crate::value::{Dict, UniStr, Value};
use crate::ByteStr;

impl Site {
    fn languages(&self) -> Option<&Dict> {
        self.settings.get(settings::LC_DESCRIPTIONS).and_then(Value::as_dict)
    }

    fn language_item(&self, lang: &[u8], at: usize) -> Option<ByteStr> {
        self.languages()?.get(lang)?.as_items()?.get(at)?.as_text().cloned()
    }

    /// The codes of all languages of the site, sorted.
    pub fn language_codes(&self) -> Vec<ByteStr> {
        let languages = self.languages().into_iter().flat_map(Dict::iter);
        let mut codes: Vec<ByteStr> = languages.filter_map(|(code, _)| code.as_text().cloned()).collect();
        codes.sort_unstable();
        codes
    }

    /// Whether the settings name any language: without one nothing can be said.
    pub fn knows_languages(&self) -> bool {
        self.languages().is_some_and(|languages| !languages.is_empty())
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
        self.settings.str(settings::DEFAULT_SERVER_LANGUAGE).unwrap_or_else(|_| "en".into())
    }
}

/// `unicode.encode(charset, 'replace')`: what the charset lacks becomes a question mark. A charset that nobody knows
/// counts as us-ascii, where Python raises.
pub(super) fn encode_replace(text: &UniStr, charset: &[u8]) -> ByteStr {
    let ascii = || codecs::encode(text, b"us-ascii", Errors::Replace);
    codecs::encode(text, charset, Errors::Replace).or_else(|_| ascii()).unwrap_or_default().into()
}

/// `unicode(bytes, charset, 'replace')`
pub(super) fn decode_replace(bytes: &[u8], charset: &[u8]) -> UniStr {
    let ascii = || codecs::decode(bytes, b"us-ascii", Errors::Replace);
    codecs::decode(bytes, charset, Errors::Replace).or_else(|_| ascii()).unwrap_or_default()
}
