//! Subjects for sorting and threading: without the list's prefix, without `Re:`, without blanks.

use super::text::Text;
use crate::text::is_space as is_blank;
use crate::text::{is_space_unicode, lstrip, strip};
use compat::list::MailList;
use compat::site::profile::Switch;
use compat::site::Site;

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
    let without = subject.map(|text| without_prefix(text, strip(&prefix)));
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

/// Takes every occurrence of the prefix out; a `%d` in it stands for a number with blanks around.
fn without_prefix(text: &[u8], prefix: &[u8]) -> Vec<u8> {
    if prefix.is_empty() {
        return text.to_vec();
    }
    let pieces = pieces(prefix);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match matches(text, at, &pieces) {
            Some(end) if end > at => at = end,
            _ => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

/// The literal texts between the `%d`, `%05d` of a prefix.
fn pieces(prefix: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let mut at = 0;
    while at < prefix.len() {
        let digits = prefix[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if prefix[at] == b'%' && prefix.get(at + 1 + digits) == Some(&b'd') {
            pieces.push(Vec::new());
            at += digits + 2;
        } else {
            if let Some(last) = pieces.last_mut() {
                last.push(prefix[at]);
            }
            at += 1;
        }
    }
    pieces
}

fn matches(text: &[u8], start: usize, pieces: &[Vec<u8>]) -> Option<usize> {
    let mut at = start;
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            at = blanks(text, at);
            let digits = text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            at = blanks(text, (digits > 0).then_some(at + digits)?);
        }
        text.get(at..)?.starts_with(piece).then_some(())?;
        at += piece.len();
    }
    Some(at)
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
        assert_eq!(without_prefix(b"Re: [L 12] a [L 3]b", b"[L %d]"), b"Re:  a b");
        assert_eq!(without_prefix(b"[L  007 ]x", b"[L %05d]"), b"x");
        assert_eq!(without_prefix(b"[l 1]x", b"[L %d]"), b"[l 1]x");
        assert_eq!(without_prefix(b"100% x", b"100%"), b" x");
    }
}
