//! Finding a list's subject prefix, and the "Re:" of many languages, in a decoded subject.
//!
//! Mailman builds a regular expression from the prefix: each character stands for itself, but `%d` or `%05d`, which
//! stands for the number of the post, becomes `\s*\d+\s*`. A prefix that was set on the web pages is unicode; where it
//! is a byte string, a byte above 127 matches the character of that number, as in Latin-1, whatever the list's charset.

use compat::format::{self, FormatError};
use compat::site::{Profile, Switch};
use compat::value::Value;

/// A piece of a prefix.
#[derive(Debug, PartialEq)]
enum Piece {
    /// This character.
    Literal(char),
    /// A number with blanks around it.
    Number,
}

/// A subject prefix, taken apart.
#[derive(Debug)]
pub struct Prefix {
    pieces: Vec<Piece>,
    /// Whether the prefix carries the number of the post; then the new style of "Re:" is forced.
    pub numbered: bool,
}

impl Prefix {
    /// Takes a prefix apart. A number counts only when one stands behind the first character.
    pub fn new(prefix: &Value) -> Self {
        let prefix = characters(prefix);
        let numbered = (1..prefix.len()).any(|at| number_field(&prefix[at..]).is_some());
        let mut pieces = Vec::new();
        let mut rest = &prefix[..];
        while let Some(&character) = rest.first() {
            let width = number_field(rest).filter(|_| numbered);
            pieces.push(if width.is_some() { Piece::Number } else { Piece::Literal(character) });
            rest = &rest[width.unwrap_or(1)..];
        }
        Prefix { pieces, numbered }
    }

    /// The subject without any occurrence of the prefix.
    pub fn remove_from(&self, subject: &str) -> String {
        let text: Vec<char> = subject.chars().collect();
        let mut kept = String::with_capacity(subject.len());
        let mut at = 0;
        while at < text.len() {
            match matched(&self.pieces, &text, at) {
                Some(end) if end > at => at = end,
                _ => {
                    kept.push(text[at]);
                    at += 1;
                }
            }
        }
        kept
    }
}

/// The length of a `%d` or `%05d` at the start of the text.
fn number_field(text: &[char]) -> Option<usize> {
    let digits = text.strip_prefix(&['%'])?.iter().take_while(|c| c.is_ascii_digit()).count();
    (text.get(1 + digits) == Some(&'d')).then_some(digits + 2)
}

fn characters(prefix: &Value) -> Vec<char> {
    match prefix {
        Value::Unicode(text) => text.to_text().chars().collect(),
        other => other.as_str().map_or_else(Vec::new, |bytes| bytes.iter().map(|&b| char::from(b)).collect()),
    }
}

/// Where a match that starts at `at` ends.
fn matched(pieces: &[Piece], text: &[char], at: usize) -> Option<usize> {
    match pieces.split_first() {
        None => Some(at),
        Some((Piece::Literal(c), rest)) => (text.get(at) == Some(c)).then(|| matched(rest, text, at + 1)).flatten(),
        Some((Piece::Number, rest)) => matched_number(rest, text, at),
    }
}

/// `\s*\d+\s*`, greedy, giving back from the right until the rest fits.
fn matched_number(rest: &[Piece], text: &[char], at: usize) -> Option<usize> {
    let digits = run(text, at, is_blank);
    let blanks = run(text, digits, |c| c.is_ascii_digit());
    let end = run(text, blanks, is_blank);
    (blanks..=end)
        .rev()
        .chain((digits + 1..blanks).rev())
        .filter(|_| blanks > digits)
        .find_map(|stop| matched(rest, text, stop))
}

fn run(text: &[char], at: usize, accepts: impl Fn(char) -> bool) -> usize {
    at + text.iter().skip(at).take_while(|&&c| accepts(c)).count()
}

fn is_blank(c: char) -> bool {
    u8::try_from(c).is_ok_and(crate::text::is_space)
}

/// Where blanks may stand in a "Re:".
#[derive(Clone, Copy)]
pub struct ReplyMarks {
    before: bool,
    inside: bool,
}

impl ReplyMarks {
    /// By the rules of the site's version.
    pub fn of(profile: &Profile) -> Self {
        ReplyMarks { before: profile.has(Switch::PrefixCollapsesRe), inside: profile.has(Switch::PrefixReWithBlank) }
    }
}

/// How much of the subject's start is "Re:" in one of the known forms, repeated as often as it is there.
pub fn reply_mark(subject: &str, blanks: ReplyMarks) -> usize {
    let mut end = 0;
    while let Some(width) = one_reply_mark(&subject[end..], blanks) {
        end += width;
    }
    end
}

fn one_reply_mark(text: &str, blanks: ReplyMarks) -> Option<usize> {
    let skip = |rest: &'_ [u8]| rest.iter().take_while(|&&b| crate::text::is_space(b)).count();
    let skip_if = |allowed: bool, rest: &'_ [u8]| if allowed { skip(rest) } else { 0 };
    let bytes = text.as_bytes();
    let mut at = skip_if(blanks.before, bytes);
    let word = bytes.get(at..at + 2)?.to_ascii_uppercase();
    if !matches!(word.as_slice(), b"RE" | b"AW" | b"SV" | b"VS") {
        return None;
    }
    at += 2;
    at += skip_if(blanks.inside, &bytes[at..]);
    at += counter(&bytes[at..]);
    at += skip_if(blanks.inside, &bytes[at..]);
    (bytes.get(at) == Some(&b':')).then(|| at + 1 + skip(&bytes[at + 1..]))
}

/// The length of `[12]` at the start of the text, or 0.
fn counter(text: &[u8]) -> usize {
    let digits = text.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
    let closed = text.first() == Some(&b'[') && digits > 0 && text.get(1 + digits) == Some(&b']');
    if closed {
        digits + 2
    } else {
        0
    }
}

/// `prefix % post_id`. A prefix that takes no argument, or more than one, stays as it is; one that Python calls an
/// unsupported format gives `None`, and then the subject gets no prefix at all.
pub fn numbered(prefix: &Value, post_id: &Value) -> Option<Value> {
    match format::percent_args(prefix, post_id) {
        Ok(text) => Some(text),
        Err(FormatError::Type(_)) => Some(prefix.clone()),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;

    #[test]
    fn plain_prefix_goes_everywhere() {
        let prefix = Prefix::new(&Value::str("[Club]"));
        assert!(!prefix.numbered);
        assert_eq!(prefix.remove_from("Re: [Club] x [Club] y"), "Re:  x  y");
        assert_eq!(prefix.remove_from("[club] stays"), "[club] stays");
    }

    #[test]
    fn numbered_prefix_swallows_blanks() {
        let prefix = Prefix::new(&Value::str("[Club %05d]"));
        assert!(prefix.numbered);
        assert_eq!(prefix.remove_from("[Club 00012] hello [Club  7 ]!"), " hello !");
        assert_eq!(prefix.remove_from("[Club x]"), "[Club x]");
    }

    #[test]
    fn number_alone_is_no_number() {
        assert!(!Prefix::new(&Value::str("%d:")).numbered);
        assert!(Prefix::new(&Value::str("#%d")).numbered);
    }

    #[test]
    fn a_byte_is_the_character_of_its_number() {
        assert_eq!(Prefix::new(&Value::str(b"[\xe4]")).remove_from("[\u{e4}] a"), " a");
        assert_eq!(Prefix::new(&Value::str("[ä]")).remove_from("[ä] a"), "[ä] a");
        assert_eq!(Prefix::new(&Value::Unicode("[ä]".into())).remove_from("[ä] a"), " a");
    }

    #[test]
    fn reply_marks() {
        let marked = |micro, subject| reply_mark(subject, ReplyMarks::of(&Profile::new(Version { micro })));
        assert_eq!(marked(13, "Re: AW: sv[2]: x"), 15);
        assert_eq!(marked(13, "Re : x"), 0);
        assert_eq!(marked(15, "Re : re [3] :x"), 13);
        assert_eq!(marked(15, " Re: x"), 0);
        assert_eq!(marked(21, " Re : re [3] :x"), 14);
        assert_eq!(marked(39, "Re[x]: y"), 0);
        assert_eq!(marked(39, "Rex: y"), 0);
        assert_eq!(marked(39, "é: y"), 0);
    }
}
