//! A marshalled dictionary as its items, each still marshalled.
//!
//! The archiver's indices hold a hundred thousand small tuples. Nobody needs them as values: they are compared, counted
//! and written again, and all of that can be done on the bytes. An item that refers to interned strings of others is
//! written out plainly, so that each stands for itself.

use super::{dump, MarshalError, Reader, DEPTH_LIMIT};
use crate::value::{UniStr, Value};
use crate::ByteStr;

/// The items of a dictionary, in the order of the file; a key may come twice, and then the last counts.
#[derive(Debug, Default)]
pub struct Entries {
    /// Marshalled keys and values.
    pub items: Vec<(ByteStr, ByteStr)>,
    /// Where the mark stands that ends the dictionary; `None` when the data end before it, or are broken there.
    pub end: Option<usize>,
}

/// Reads the items as far as they can be read.
///
/// # Errors
/// It is no dictionary.
pub fn entries(data: &ByteStr) -> Result<Entries, MarshalError> {
    let mut reader = Reader { data, at: 0, interned: Vec::new() };
    if reader.take(1)?[..] != b"{"[..] {
        return Err(MarshalError::Bad { what: "not a dictionary", at: 0 });
    }
    let mut found = Entries::default();
    loop {
        let start = reader.at;
        match reader.entry() {
            Ok(Some(item)) => found.items.push(item),
            Ok(None) => {
                found.end = Some(start);
                return Ok(found);
            }
            Err(_) => return Ok(found),
        }
    }
}

impl Reader<'_> {
    fn entry(&mut self) -> Result<Option<(ByteStr, ByteStr)>, MarshalError> {
        let Some(key) = self.raw()? else { return Ok(None) };
        let value = self.raw()?.ok_or_else(|| self.bad("a key without a value"))?;
        Ok(Some((key, value)))
    }

    /// The bytes of the next value, in plain form.
    fn raw(&mut self) -> Result<Option<ByteStr>, MarshalError> {
        let (start, known) = (self.at, self.interned.len());
        match self.skip(0)? {
            Skipped::End => Ok(None),
            Skipped::Plain => Ok(Some(self.data.slice(start..self.at))),
            Skipped::Interned => {
                self.at = start;
                self.interned.truncate(known);
                let value = self.value(0)?.unwrap_or(Value::None);
                let mut plain = Vec::new();
                dump(&value, &mut plain).map_err(|_| self.bad("a value that cannot be written again"))?;
                Ok(Some(plain.into()))
            }
        }
    }

    fn skip(&mut self, depth: usize) -> Result<Skipped, MarshalError> {
        if depth > DEPTH_LIMIT {
            return Err(self.bad("nested too deeply"));
        }
        let tag = self.take(1)?.first().copied();
        match tag.unwrap_or_default() {
            b'0' => return Ok(Skipped::End),
            b'N' | b'T' | b'F' => {}
            b'i' => drop(self.take(4)?),
            b'I' | b'g' => drop(self.take(8)?),
            b's' | b'u' => drop(self.string()?),
            b't' => return self.intern().map(|_| Skipped::Interned),
            b'R' => return self.interned_again().map(|_| Skipped::Interned),
            b'(' | b'[' => return self.skip_items(depth),
            _ => return Err(self.bad("a type that no index holds")),
        }
        Ok(Skipped::Plain)
    }

    fn skip_items(&mut self, depth: usize) -> Result<Skipped, MarshalError> {
        let mut all = Skipped::Plain;
        for _ in 0..self.length()? {
            match self.skip(depth + 1)? {
                Skipped::End => return Err(self.bad("NULL object in a list")),
                Skipped::Interned => all = Skipped::Interned,
                Skipped::Plain => {}
            }
        }
        Ok(all)
    }
}

enum Skipped {
    /// The mark that ends a dictionary.
    End,
    /// A value that stands for itself.
    Plain,
    /// A value with interned strings.
    Interned,
}

/// A part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Whether it is a `unicode`; its bytes are UTF-8 then.
    pub is_unicode: bool,
    /// The text.
    pub bytes: &'a [u8],
}

impl Part<'_> {
    /// As a value.
    pub fn to_value(self) -> Value {
        match self.is_unicode {
            true => Value::Unicode(UniStr(self.bytes.into())),
            false => Value::str(self.bytes),
        }
    }
}

/// The strings of a marshalled tuple of strings, or the one string that is no tuple. What is no string ends it.
pub fn parts(raw: &[u8]) -> impl Iterator<Item = Part<'_>> {
    let mut rest = if raw.first() == Some(&b'(') { raw.get(5..).unwrap_or_default() } else { raw };
    std::iter::from_fn(move || {
        let is_unicode = match rest.first()? {
            b's' => false,
            b'u' => true,
            _ => return None,
        };
        let length = u32::from_le_bytes(rest.get(1..5)?.try_into().ok()?) as usize;
        let bytes = rest.get(5..)?.get(..length)?;
        rest = rest.get(5 + length..).unwrap_or_default();
        Some(Part { is_unicode, bytes })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marshal::load;
    use proptest::prelude::*;

    /// `marshal.dumps({('a', u'\xe4'): 'm', ('b', 'a'): 'a'}, 2)` of Python 2.7, where one-letter strings are interned.
    const INTERNED: &[u8] = b"{(\x02\x00\x00\x00t\x01\x00\x00\x00bt\x01\x00\x00\x00aR\x01\x00\x00\x00\
        (\x02\x00\x00\x00R\x01\x00\x00\x00u\x02\x00\x00\x00\xc3\xa4t\x01\x00\x00\x00m0";

    #[test]
    fn each_item_stands_for_itself() {
        let found = entries(&INTERNED.into()).unwrap();
        assert_eq!(found.end, Some(INTERNED.len() - 1));
        let keys: Vec<Vec<Part<'_>>> = found.items.iter().map(|(key, _)| parts(key).collect()).collect();
        let part = |is_unicode, text: &'static str| Part { is_unicode, bytes: text.as_bytes() };
        assert_eq!(keys, [[part(false, "b"), part(false, "a")], [part(false, "a"), part(true, "ä")]]);
        assert_eq!(parts(&found.items[1].1).next(), Some(part(false, "m")));
    }

    #[test]
    fn what_is_cut_off_gives_what_is_there() {
        let found = entries(&INTERNED[..INTERNED.len() - 1].into()).unwrap();
        assert_eq!((found.items.len(), found.end), (2, None));
        assert_eq!(entries(&INTERNED[..40].into()).unwrap().items.len(), 1);
        assert!(entries(&b"[".into()).is_err());
        assert!(entries(&b"".into()).is_err());
    }

    proptest! {
        #[test]
        fn the_same_is_read_as_values(data in proptest::collection::vec(any::<u8>(), 0..80)) {
            let data = ByteStr::new([&b"{"[..], &data].concat());
            let found = entries(&data).unwrap();
            if let (Ok(Value::Dict(dict)), Some(_)) = (load(&data), found.end) {
                prop_assert!(dict.len() <= found.items.len());
                for (key, _) in &found.items {
                    prop_assert!(load(key).is_ok_and(|key| dict.iter().any(|(known, _)| *known == key)));
                }
            }
        }
    }
}
