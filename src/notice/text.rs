//! Sentences in our own words that stand in the place of Mailman's.

use compat::format::{percent, text_of, Safe};
use compat::value::Value;
use compat::ByteStr;

/// A sentence in English, and how a catalogue's translation of Mailman's sentence is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// With `%(name)s` where a value is filled in; the names are Mailman's.
    pub english: &'static str,
    /// Fingerprints of Mailman's sentences (`compat::site::fingerprint`), the newest first.
    pub keys: &'static [u64],
}

impl Text {
    /// The sentence in English, with its values.
    pub fn english(&self, values: &[(&str, Value)]) -> ByteStr {
        let filled = percent(self.english.as_bytes(), &Safe(&values.to_vec()));
        filled.map_or_else(|_| self.english.into(), |text| text_of(&text))
    }
}
