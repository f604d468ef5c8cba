//! Subjects for sorting and threading: without the list's prefix, without `Re:`, without blanks.

use crate::text::either::Text;
use crate::text::is_space as is_blank;
use crate::text::{is_space_unicode, lstrip, strip};
use compat::list::{attributes, MailList};
use compat::pattern::{Flags, Pattern};
use compat::site::profile::Switch;
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use std::cell::OnceCell;

/// The length of one `Re:` or `Re[2]:` at the start, with the blanks around: `\s*RE\s*(\[\d+\]\s*)?:\s*`.
pub fn reply_prefix(subject: &[u8]) -> Option<usize> {
    let mut at = blanks(subject, 0);
    at = word(subject, at, &["re"])?;
    at = blanks(subject, at);
    if let Some(end) = number_in_brackets(subject, at) {
        at = blanks(subject, end);
    }
    (subject.get(at) == Some(&b':')).then(|| blanks(subject, at + 1))
}

/// A list's prefix of subjects, as the patterns that find it.
pub struct Prefix {
    prefix: Text,
    in_text: OnceCell<Option<Pattern>>,
    in_bytes: OnceCell<Option<Pattern>>,
}

impl Prefix {
    /// What the list says.
    pub fn of(list: &MailList) -> Prefix {
        Prefix::new(match list.get(attributes::SUBJECT_PREFIX) {
            Some(Value::Unicode(prefix)) => Text::Unicode(prefix.to_text()),
            _ => Text::Bytes(list.str(attributes::SUBJECT_PREFIX)),
        })
    }

    fn new(prefix: Text) -> Prefix {
        Prefix { prefix, in_text: OnceCell::new(), in_bytes: OnceCell::new() }
    }

    /// The pattern that finds it in this kind of text; none where it cannot be looked for.
    fn pattern_for(&self, text: &Text) -> Option<&Pattern> {
        let found = match text {
            Text::Unicode(_) => self.in_text.get_or_init(|| self.text_pattern()),
            Text::Bytes(_) => self.in_bytes.get_or_init(|| self.byte_pattern()),
        };
        found.as_ref()
    }

    fn text_pattern(&self) -> Option<Pattern> {
        Pattern::new_text(&prefix_pattern(&self.prefix), Flags::default()).ok()
    }

    fn byte_pattern(&self) -> Option<Pattern> {
        let pattern = prefix_pattern(&self.prefix);
        // A character that no byte stands for is in no bytes.
        let bytes: Result<Vec<u8>, _> = pattern.chars().map(|c| u8::try_from(u32::from(c))).collect();
        Pattern::new(&bytes.ok()?, Flags::default()).ok()
    }
}

/// The subject by which threads are recognised.
pub fn stripped(site: &Site, prefix: &Prefix, subject: &Text) -> Text {
    let without = without_prefix(subject, prefix);
    let trimmed = match &without {
        Text::Bytes(bytes) => Text::Bytes(lstrip(bytes).into()),
        Text::Unicode(text) => Text::Unicode(text.trim_start_matches(is_space_unicode).to_string()),
    };
    trimmed.map(|text| {
        let text = &text[replies(text)..];
        match site.profile.has(Switch::ArchiveSubjectNoBlanks) {
            true => text.iter().copied().filter(|&b| !is_blank(b)).collect(),
            false => text.to_vec(),
        }
    })
}

/// The length of `((RE|AW|SV|VS)(\[\d+\])?:\s*)+` at the start.
fn replies(text: &[u8]) -> usize {
    let mut end = 0;
    loop {
        let Some(at) = word(text, end, &["re", "aw", "sv", "vs"]) else { return end };
        let at = number_in_brackets(text, at).unwrap_or(at);
        if text.get(at) != Some(&b':') {
            return end;
        }
        end = blanks(text, at + 1);
    }
}

/// Takes every occurrence of the prefix out; a `%d` in it stands for a number with blanks around. Where it cannot be
/// looked for, the text stays as it is.
fn without_prefix(text: &Text, prefix: &Prefix) -> Text {
    let pattern = prefix.pattern_for(text);
    let replaced = pattern.and_then(|pattern| pattern.replace_all(text.bytes(), b"").ok());
    replaced.map_or_else(|| text.clone(), |found| text.map(|_| found))
}

/// The regular expression that Mailman makes of a prefix. Python compares characters of the one kind of text with bytes
/// of the other by their numbers.
fn prefix_pattern(prefix: &Text) -> String {
    let characters = match prefix {
        Text::Bytes(bytes) => ByteStr::from(strip(bytes)).to_latin1(),
        Text::Unicode(text) => text.trim_matches(is_space_unicode).to_string(),
    };
    let mut pattern = String::new();
    let mut rest = characters.as_str();
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let behind_digits = after.trim_start_matches(|c: char| c.is_ascii_digit());
        match behind_digits.strip_prefix('d').filter(|_| first == '%') {
            Some(behind) => {
                pattern.push_str(r"\s*\d+\s*");
                rest = behind;
            }
            None => {
                // What `re.escape` does, except for `%`, which is taken out of its escape again.
                if !first.is_ascii_alphanumeric() && first != '%' {
                    pattern.push('\\');
                }
                pattern.push(first);
                rest = after;
            }
        }
    }
    pattern
}

fn blanks(text: &[u8], from: usize) -> usize {
    from + text.get(from..).unwrap_or_default().iter().take_while(|&&b| is_blank(b)).count()
}

fn word(text: &[u8], at: usize, words: &[&str]) -> Option<usize> {
    let found = text.get(at..at + 2)?;
    words.iter().any(|word| found.eq_ignore_ascii_case(word.as_bytes())).then_some(at + 2)
}

fn number_in_brackets(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix(b"[")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0 && rest.get(digits) == Some(&b']')).then_some(at + digits + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reply_prefix_at_a_time() {
        assert_eq!(reply_prefix(b" Re [2] : x"), Some(10));
        assert_eq!(reply_prefix(b"RE:RE: x"), Some(3));
        assert_eq!(reply_prefix(b"Return: x"), None);
        assert_eq!(replies(b"AW: re[3]:Sv: x"), 14);
    }

    #[test]
    fn prefixes_with_numbers() {
        let is = |text: &str| Text::Unicode(text.to_string());
        let bytes = |text: &[u8]| Text::Bytes(text.into());
        let without_prefix = |text: &Text, prefix: &Text| without_prefix(text, &Prefix::new(prefix.clone()));
        let without = |text: &str, prefix: &[u8]| without_prefix(&is(text), &bytes(prefix));
        assert_eq!(without("Re: [L 12] a [L 3]b", b"[L %d] "), is("Re:  a b"));
        assert_eq!(without("[L  007 ]x", b"[L %05d]"), is("x"));
        assert_eq!(without("[1 x] y", b"[%d x]"), is(" y"));
        assert_eq!(without("15 x", b"%d5"), is(" x"));
        assert_eq!(without("[l 1]x", b"[L %d]"), is("[l 1]x"));
        assert_eq!(without("100% x", b"100%"), is(" x"));
        assert_eq!(without("x", b""), is("x"));
        assert_eq!(without("[\u{fc}]x", b"[\xfc]"), is("x"));
        assert_eq!(without("[\u{fc}]x", "[\u{fc}]".as_bytes()), is("[\u{fc}]x"));
        assert_eq!(without_prefix(&is("[\u{fc}]x"), &is("[\u{fc}] ")), is("x"));
        assert_eq!(without_prefix(&bytes(b"[\xfc]x"), &is("[\u{fc}]")), bytes(b"x"));
        assert_eq!(without_prefix(&bytes(b"[\xfc]x"), &is("[\u{20ac}]")), bytes(b"[\xfc]x"));
    }
}
