//! Texts in a language: Mailman's `_()`.
//!
//! The English source text is the key of the catalogue; what is found there is filled in with the values that the
//! caller names. A name that is missing stays as `%(name)s`, and a broken format leaves the text as it is (2.1.13
//! raised there and shunted the message; nobody gets that back).

use compat::site::{Site, Translation};
use compat::value::Value;
use compat::ByteStr;

/// The texts of one language.
pub struct Words<'a> {
    site: &'a Site,
    translation: Translation,
}

impl<'a> Words<'a> {
    /// The catalogue of a language, or untranslated English where there is none.
    pub fn new(site: &'a Site, language: &[u8]) -> Self {
        Words { site, translation: site.translation(language) }
    }

    /// The texts in the language of the process's environment.
    pub fn of_process(site: &'a Site) -> Self {
        Words { site, translation: site.process_translation() }
    }

    /// The charset of the texts; `None` where they are untranslated.
    pub fn charset(&self) -> Option<&ByteStr> {
        self.translation.charset()
    }

    /// A text with nothing to fill in.
    pub fn say(&self, english: &str) -> ByteStr {
        self.fill(english, &[])
    }

    /// A text with values; unicode among them is encoded to the catalogue's charset.
    pub fn fill(&self, english: impl AsRef<[u8]>, values: &[(&str, Value)]) -> ByteStr {
        let english = english.as_ref();
        let filled = self.translation.fill(&self.site.profile, english, &values.to_vec());
        filled.unwrap_or_else(|_| self.translation.gettext(english))
    }

    /// The translation of the text whose fingerprint this is, where the language has one.
    pub fn sentence(&self, fingerprint: u64) -> Option<ByteStr> {
        self.translation.sentence(fingerprint)
    }

    /// The translation as it is, nothing filled in.
    pub fn raw(&self, english: &str) -> ByteStr {
        self.translation.gettext(english.as_bytes())
    }
}
