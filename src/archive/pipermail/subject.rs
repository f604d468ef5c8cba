//! Subjects for sorting and threading: without the list's prefix, without `Re:`, without blanks.

use super::text::Text;
use crate::text::is_space as is_blank;
use crate::text::{is_space_unicode, lstrip, strip};
use compat::list::MailList;
use compat::pattern::{escape, Flags, Pattern};
use compat::site::profile::Switch;
use compat::site::Site;
use compat::ByteStr;

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

/// The subject that threads are told by.
pub fn stripped(site: &Site, list: &MailList, subject: &Text) -> Text {
    let prefix = list.str("subject_prefix");
    let without = without_prefix(subject, strip(&prefix));
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
fn without_prefix(text: &Text, prefix: &[u8]) -> Text {
    let pattern = prefix_pattern(prefix);
    let pattern = match text {
        Text::Bytes(_) => Pattern::new(&pattern, Flags::default()),
        // Python compares the prefix's bytes with the subject's characters.
        Text::Unicode(_) => Pattern::new_text(&ByteStr::new(pattern).to_latin1(), Flags::default()),
    };
    let replaced = pattern.ok().filter(|_| !prefix.is_empty()).and_then(|p| p.replace_all(text.bytes(), b"").ok());
    replaced.map_or_else(|| text.clone(), |found| text.map(|_| found))
}

/// The regular expression that Mailman makes of a prefix.
fn prefix_pattern(prefix: &[u8]) -> Vec<u8> {
    let mut pattern = Vec::new();
    let mut rest = prefix;
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
        if first == b'%' && after.get(digits) == Some(&b'd') {
            pattern.extend_from_slice(br"\s*\d+\s*");
            rest = after.get(digits + 1..).unwrap_or_default();
        } else {
            pattern.extend(if first == b'%' { vec![first] } else { escape(&[first]) });
            rest = after;
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
        let without = |text: &str, prefix: &[u8]| without_prefix(&Text::Unicode(text.to_string()), prefix);
        let is = |text: &str| Text::Unicode(text.to_string());
        assert_eq!(without("Re: [L 12] a [L 3]b", b"[L %d]"), is("Re:  a b"));
        assert_eq!(without("[L  007 ]x", b"[L %05d]"), is("x"));
        assert_eq!(without("[1 x] y", b"[%d x]"), is(" y"));
        assert_eq!(without("15 x", b"%d5"), is(" x"));
        assert_eq!(without("[l 1]x", b"[L %d]"), is("[l 1]x"));
        assert_eq!(without("100% x", b"100%"), is(" x"));
        assert_eq!(without("[\u{fc}]x", b"[\xfc]"), is("x"));
        assert_eq!(without("[\u{fc}]x", "[\u{fc}]".as_bytes()), is("[\u{fc}]x"));
        assert_eq!(without_prefix(&Text::Bytes("[\u{fc}]x".into()), "[\u{fc}]".as_bytes()), Text::Bytes("x".into()));
    }
}
