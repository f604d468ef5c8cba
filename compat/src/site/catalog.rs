//! Message catalogues: `MESSAGES_DIR/LANG/LC_MESSAGES/mailman.mo`.
//!
//! Answers to Python's gettext and to `Mailman/i18n.py`. A translation is a byte string in the catalogue's charset. A
//! language without a catalogue (English is one) gets the source texts. `pt_BR` falls back to `pt` text by text, as
//! gettext chains catalogues. The files are read where they are: nothing is kept but the bytes and an index.

use super::{Profile, Site, Switch};
use crate::format::{percent, text_of, FormatError, Lookup, Safe};
use crate::site::settings;
use crate::value::Value;
use crate::ByteStr;
use std::cell::OnceCell;
use std::path::Path;
use std::rc::Rc;

/// Larger files are no catalogues.
const MAX_FILE: u64 = 16 << 20;
/// How many languages stay in memory.
const MAX_CACHED: usize = 6;

/// Why a .mo file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    #[error("not a catalogue: bad magic number")]
    Magic,
    #[error("the catalogue is damaged: an offset points outside")]
    Bounds,
}

/// One .mo file.
#[derive(Debug)]
pub struct Catalog {
    data: ByteStr,
    /// Key and translation as (start, length) pairs, sorted by key.
    index: Vec<[u32; 4]>,
    charset: Option<ByteStr>,
    /// Fingerprints of the keys with their rows, sorted; made when the first is asked for.
    fingerprints: OnceCell<Vec<(u64, u32)>>,
}

impl Catalog {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// A file that is no catalogue of gettext.
    pub fn parse(data: ByteStr) -> Result<Catalog, CatalogError> {
        let little = match data.get(..4) {
            Some([0xde, 0x12, 0x04, 0x95]) => true,
            Some([0x95, 0x04, 0x12, 0xde]) => false,
            _ => return Err(CatalogError::Magic),
        };
        let word = |at: usize| word_at(&data, at, little);
        let (count, keys, values) = (word(8)?, word(12)?, word(16)?);
        let mut index = Vec::new();
        for row in 0..count as usize {
            let [key, value] = [keys, values].map(|table| table as usize + row * 8);
            // Length comes before place.
            let entry = [word(key + 4)?, word(key)?, word(value + 4)?, word(value)?];
            if [(entry[0], entry[1]), (entry[2], entry[3])].iter().any(|part| part_of(&data, *part).is_none()) {
                return Err(CatalogError::Bounds);
            }
            index.push(entry);
        }
        let mut catalog = Catalog { data, index, charset: None, fingerprints: OnceCell::new() };
        catalog.sort();
        catalog.charset = catalog.find(b"").and_then(|header| charset_of_header(&header));
        Ok(catalog)
    }

    /// The translation of a text.
    pub fn find(&self, key: &[u8]) -> Option<ByteStr> {
        let at = self.index.binary_search_by(|entry| self.key(entry).cmp(key)).ok()?;
        let [_, _, start, length] = *self.index.get(at)?;
        let text = self.data.slice(start as usize..start as usize + length as usize);
        (!text.is_empty()).then_some(text)
    }

    /// The translation of the text with this [`fingerprint`].
    pub fn find_by_fingerprint(&self, wanted: u64) -> Option<ByteStr> {
        let all = self.fingerprints.get_or_init(|| {
            let rows = (0u32..).zip(&self.index);
            let mut all: Vec<(u64, u32)> = rows.map(|(row, entry)| (fingerprint(self.key(entry)), row)).collect();
            all.sort_unstable();
            all
        });
        let (_, row) =
            *all.get(all.partition_point(|(known, _)| *known < wanted)).filter(|(known, _)| *known == wanted)?;
        self.find(self.key(self.index.get(row as usize)?))
    }

    fn sort(&mut self) {
        let data = self.data.clone();
        self.index.sort_by(|a, b| key_of(&data, a).cmp(key_of(&data, b)));
    }

    fn key(&self, entry: &[u32; 4]) -> &[u8] {
        key_of(&self.data, entry)
    }
}

/// A number that stands for a text of Mailman's which we do not carry: FNV-1a (64 bits) over its words with one blank
/// between them, so that a sentence counts as the same however its lines were broken in a release.
pub fn fingerprint(text: &[u8]) -> u64 {
    let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for (at, word) in words.enumerate() {
        if at > 0 {
            hash = step(hash, &b' ');
        }
        hash = word.iter().fold(hash, step);
    }
    hash
}

fn word_at(data: &[u8], at: usize, little: bool) -> Result<u32, CatalogError> {
    let bytes = data.get(at..at.saturating_add(4)).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
    let bytes = bytes.ok_or(CatalogError::Bounds)?;
    Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
}

fn part_of(data: &[u8], (start, length): (u32, u32)) -> Option<&[u8]> {
    data.get(start as usize..(start as usize).checked_add(length as usize)?)
}

/// Plural forms follow a NUL; Mailman asks for the first.
fn key_of<'a>(data: &'a [u8], entry: &[u32; 4]) -> &'a [u8] {
    let key = part_of(data, (entry[0], entry[1])).unwrap_or(&[]);
    key.split(|b| *b == 0).next().unwrap_or(&[])
}

/// From the line `Content-Type: text/plain; charset=X` of the translation of the empty text.
fn charset_of_header(header: &[u8]) -> Option<ByteStr> {
    let lines = header.split(|b| *b == b'\n').map(|line| String::from_utf8_lossy(line).into_owned());
    let line = lines.into_iter().rfind(|line| line.to_ascii_lowercase().starts_with("content-type:"))?;
    Some(line.split_once("charset=")?.1.trim().into())
}

/// The texts of one language.
#[derive(Debug, Default)]
pub struct Translation {
    catalogs: Vec<Rc<Catalog>>,
}

impl Translation {
    /// `gettext`: the translation, or the text itself.
    pub fn gettext(&self, english: &[u8]) -> ByteStr {
        self.catalogs.iter().find_map(|catalog| catalog.find(english)).unwrap_or_else(|| english.into())
    }

    /// The translation of the text with this [`fingerprint`], where there is one.
    pub fn sentence(&self, fingerprint: u64) -> Option<ByteStr> {
        self.catalogs.iter().find_map(|catalog| catalog.find_by_fingerprint(fingerprint))
    }

    /// The charset of the translations; `None` where there is no catalogue.
    pub fn charset(&self) -> Option<&ByteStr> {
        self.catalogs.first().and_then(|catalog| catalog.charset.as_ref())
    }

    /// `_()`: the translation with its `%(name)s` filled in. Unicode values are encoded to the catalogue's charset.
    ///
    /// # Errors
    /// As [`crate::format::percent`].
    pub fn fill(&self, profile: &Profile, english: &[u8], values: &dyn Lookup) -> Result<ByteStr, FormatError> {
        if english.is_empty() {
            return Ok(ByteStr::default());
        }
        let text = self.gettext(english);
        let charset = self.charset().cloned().unwrap_or_else(|| "us-ascii".into());
        let encoded = Encoded { values, charset };
        match percent(&text, &Safe(&encoded)) {
            Ok(value) => Ok(text_of(&value)),
            Err(error) if error.is_type_or_value() && profile.has(Switch::InterpolationNeverRaises) => Ok(text),
            Err(error) => Err(error),
        }
    }
}

/// Values with their unicode encoded, so that the text stays bytes.
struct Encoded<'a> {
    values: &'a dyn Lookup,
    charset: ByteStr,
}

impl Lookup for Encoded<'_> {
    fn lookup(&self, key: &[u8]) -> Option<Value> {
        match self.values.lookup(key)? {
            Value::Unicode(text) => Some(Value::Str(super::language::encode_replace(&text, &self.charset))),
            value => Some(value),
        }
    }
}

/// The catalogues in use, the latest last.
#[derive(Default)]
pub(super) struct Catalogues {
    cached: Vec<(Vec<u8>, Option<Rc<Catalog>>)>,
}

impl Site {
    /// The texts of a language: `i18n.set_language(lang)`.
    pub fn translation(&self, lang: &[u8]) -> Translation {
        let base = lang.split(|b| *b == b'_').next().unwrap_or(lang);
        let names = if base == lang { vec![lang] } else { vec![lang, base] };
        Translation { catalogs: names.into_iter().filter_map(|name| self.catalog(name)).collect() }
    }

    /// The texts in the language of the process's environment: `i18n.set_language()`, at start and for cron's notices.
    pub fn process_translation(&self) -> Translation {
        let setting = ["LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .unwrap_or_default();
        let mut catalogs = Vec::new();
        for name in setting.split(':').take_while(|name| *name != "C").flat_map(locale_variants) {
            catalogs.extend(self.catalog(name.as_bytes()));
        }
        Translation { catalogs }
    }

    /// One text in a language, without filling in.
    pub fn translate(&self, lang: &[u8], english: &[u8]) -> ByteStr {
        self.translation(lang).gettext(english)
    }

    /// `_()` in a language.
    ///
    /// # Errors
    /// As [`crate::format::percent`].
    pub fn translate_with(&self, lang: &[u8], english: &[u8], values: &dyn Lookup) -> Result<ByteStr, FormatError> {
        self.translation(lang).fill(&self.profile, english, values)
    }

    fn catalog(&self, lang: &[u8]) -> Option<Rc<Catalog>> {
        let mut catalogues = self.catalogues.borrow_mut();
        if let Some(at) = catalogues.cached.iter().position(|(name, _)| name == lang) {
            let entry = catalogues.cached.remove(at);
            catalogues.cached.push(entry);
        } else {
            let read = self.read_catalog(lang);
            catalogues.cached.push((lang.to_vec(), read));
            if catalogues.cached.len() > MAX_CACHED {
                catalogues.cached.remove(0);
            }
        }
        catalogues.cached.last().and_then(|(_, catalog)| catalog.clone())
    }

    fn read_catalog(&self, lang: &[u8]) -> Option<Rc<Catalog>> {
        let lang = super::template::file_name(lang)?;
        let path = self.settings.path(settings::MESSAGES_DIR).join(lang).join("LC_MESSAGES").join("mailman.mo");
        let data = read_bounded(&path)?;
        match Catalog::parse(data.into()) {
            Ok(catalog) => Some(Rc::new(catalog)),
            Err(error) => {
                self.log("error", format!("{}: {error}; English is used", path.display()));
                None
            }
        }
    }
}

fn read_bounded(path: &Path) -> Option<Vec<u8>> {
    let length = std::fs::metadata(path).ok()?.len();
    if length > MAX_FILE {
        return None;
    }
    std::fs::read(path).ok()
}

/// `de_DE.UTF-8@euro` is looked for as such, then with ever fewer parts.
fn locale_variants(name: &str) -> Vec<String> {
    let (name_and_charset, modifier) = name.split_once('@').unwrap_or((name, ""));
    let (territorial, _) = name_and_charset.split_once('.').unwrap_or((name_and_charset, ""));
    let (language, _) = territorial.split_once('_').unwrap_or((territorial, ""));
    let mut variants: Vec<String> = Vec::new();
    if !modifier.is_empty() {
        variants.extend([name_and_charset, territorial].map(|part| format!("{part}@{modifier}")));
    }
    variants.extend([name_and_charset, territorial, language].map(str::to_string));
    variants.retain(|variant| !variant.is_empty());
    variants.dedup();
    variants
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
