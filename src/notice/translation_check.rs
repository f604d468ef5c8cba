//! Whether a translation names the same variables and tags as its original (bin/transcheck).

use compat::pydict::KeyTable;
use compat::ByteStr;
use std::collections::HashMap;

/// What a text may hold besides words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `%(name)s`
    Text,
    /// That and tags of Mailman's, `<MM-Name>`.
    Page,
    /// That and places without a name, `%s`.
    Catalogue,
}

/// Counts of marks: an original adds, a translation takes away.
#[derive(Default)]
pub struct Check {
    order: KeyTable<ByteStr>,
    counts: HashMap<ByteStr, i64>,
    errors: Vec<String>,
}

impl Check {
    /// Counts the marks of an original.
    pub fn original(&mut self, text: &[u8], kind: Kind) {
        for mark in marks(text, kind) {
            self.order.insert(mark.clone());
            *self.counts.entry(mark).or_insert(0) += 1;
        }
    }

    /// Counts those of its translation.
    pub fn translation(&mut self, text: &[u8], kind: Kind) {
        for mark in marks(text, kind) {
            match self.counts.get_mut(&mark) {
                Some(count) => *count -= 1,
                None => self.errors.push(format!("{mark} was not found")),
            }
        }
    }

    /// What tells them apart.
    pub fn errors(mut self) -> Vec<String> {
        for mark in self.order.into_keys() {
            match self.counts.get(&mark).copied().unwrap_or(0) {
                0 => {}
                count if count < 0 => self.errors.push(format!("Too much {mark}")),
                _ => self.errors.push(format!("Too few {mark}")),
            }
        }
        self.errors
    }
}

/// All marks but `%%`, from left to right.
fn marks(text: &[u8], kind: Kind) -> Vec<ByteStr> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        match mark_length(rest, kind) {
            Some(length) => {
                found.extend(rest.get(..length).filter(|mark| *mark != b"%%").map(ByteStr::from));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// The length of the mark that a text begins with.
fn mark_length(text: &[u8], kind: Kind) -> Option<usize> {
    let conversions: &[u8] = if kind == Kind::Catalogue { b"sdu" } else { b"sd" };
    let ending = |from: usize| {
        let digits = text.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        conversions.contains(text.get(from + digits)?).then_some(from + digits + 1)
    };
    match text {
        [b'%', b'%', ..] => Some(2),
        [b'%', b'(', name @ ..] => match name.iter().position(|&byte| byte == b')')? {
            0 => None,
            length => ending(length + 3),
        },
        [b'%', ..] if kind == Kind::Catalogue => ending(1),
        [b'<', rest @ ..] if kind == Kind::Page => {
            let name = rest.strip_prefix(b"/").unwrap_or(rest);
            let end = name.strip_prefix(b"MM-")?.iter().position(|&byte| byte == b'>').filter(|&end| end > 0)?;
            Some(text.len() - name.len() + 3 + end + 1)
        }
        _ => None,
    }
}

/// One message of a catalogue's source.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The line that follows it.
    pub line: usize,
    /// Where the message is used.
    pub places: Vec<String>,
    pub id: Vec<u8>,
    pub translation: Vec<u8>,
}

/// The messages of a `.po` file that are translated. Reading ends at what is no message: a context, a plural.
pub fn entries(text: &[u8]) -> Vec<Entry> {
    let mut found = Vec::new();
    let (mut entry, mut in_translation) = (Entry::default(), false);
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if let Some(places) = line.strip_prefix(b"#:") {
            entry.places.extend(String::from_utf8_lossy(places).split_whitespace().map(String::from));
        } else if let Some(rest) = line.strip_prefix(b"msgid ") {
            in_translation = false;
            entry.id = unquoted(rest);
        } else if let Some(rest) = line.strip_prefix(b"msgstr ") {
            in_translation = true;
            entry.translation = unquoted(rest);
        } else if line.starts_with(b"\"") {
            let part = if in_translation { &mut entry.translation } else { &mut entry.id };
            part.extend(unquoted(line));
        } else if line.is_empty() {
            entry.line = number + 2;
            let done = std::mem::take(&mut entry);
            in_translation = false;
            found.extend(Some(done).filter(|done| !done.translation.is_empty()));
        } else if !line.starts_with(b"#") {
            return found;
        }
    }
    entry.line = text.split(|&byte| byte == b'\n').count();
    found.extend(Some(entry).filter(|entry| !entry.translation.is_empty()));
    found
}

/// The text between quotation marks.
fn unquoted(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = line.iter().skip_while(|&&byte| byte != b'"').skip(1);
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => out.extend(bytes.next().map(|byte| match byte {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => *other,
            })),
            byte => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_each_kind() {
        let of = |text: &str, kind| marks(text.as_bytes(), kind).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of("100%% %(a)s %(b)5d %s <MM-X> %(c)x", Kind::Text), ["%(a)s", "%(b)5d"]);
        assert_eq!(of("<MM-X></MM-Y><mm-z>", Kind::Page), ["<MM-X>", "</MM-Y>"]);
        assert_eq!(of("%s %3u %(a)s %", Kind::Catalogue), ["%s", "%3u", "%(a)s"]);
    }

    #[test]
    fn what_is_missing_or_too_much() {
        let mut check = Check::default();
        check.original(b"%(a)s %(b)s %(b)s", Kind::Text);
        check.translation(b"%(a)s %(a)s %(c)s %(b)s", Kind::Text);
        assert_eq!(check.errors(), ["%(c)s was not found", "Too much %(a)s", "Too few %(b)s"]);
    }

    #[test]
    fn messages_of_a_catalogue() {
        let text = b"# x\nmsgid \"\"\nmsgstr \"\"\n\"head\\n\"\n\n#: a.py:1 b.py:2\nmsgid \"\"\n\"one \"\n\"%s\"\nmsgstr \"eins\"\n\nmsgid \"two\"\nmsgstr \"\"\n";
        let found = entries(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[1].id.as_slice(), found[1].translation.as_slice()), (&b"one %s"[..], &b"eins"[..]));
        assert_eq!(found[1].places, ["a.py:1", "b.py:2"]);
    }
}
