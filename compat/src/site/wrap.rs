//! Filling paragraphs as `Utils.wrap` does.
//!
//! Paragraphs end at blank lines; a line that begins with white space stays as it is; other lines are joined by one
//! blank and cut at white space. Lengths are counted in bytes for `str` and in characters for `unicode`, so the rules
//! are written once for both.

use crate::value::{UniStr, Value};

/// Columns of a line.
pub const COLUMN: usize = 70;

/// Fills `text`, counting bytes.
pub fn wrap(text: &[u8], column: usize) -> Vec<u8> {
    fill(text, column, |b| matches!(b, b'\t'..=b'\r' | b' '))
}

/// Fills a `str` or `unicode` at column 70; other values stay as they are.
pub fn wrap_value(text: &Value) -> Value {
    match text {
        Value::Str(bytes) => Value::str(wrap(bytes, COLUMN)),
        Value::Unicode(text) => {
            let chars: Vec<char> = text.to_text().chars().collect();
            let wide = |c| char::is_whitespace(c) || matches!(c, '\x1c'..='\x1f');
            let filled: String = fill(&chars, COLUMN, wide).into_iter().collect();
            Value::Unicode(UniStr(filled.into()))
        }
        other => other.clone(),
    }
}

/// A byte or a character.
trait Unit: Copy + PartialEq + From<u8> {
    /// Whether it is in Python's `string.whitespace`.
    fn is_blank(self) -> bool {
        b"\t\n\x0b\x0c\r ".iter().any(|blank| Self::from(*blank) == self)
    }
}

impl Unit for u8 {}
impl Unit for char {}

/// `strips` says what `rstrip()` takes from the end of a line: for `unicode` more than `string.whitespace`.
fn fill<T: Unit>(text: &[T], column: usize, strips: impl Fn(T) -> bool) -> Vec<T> {
    let newline = T::from(b'\n');
    let mut out = Vec::with_capacity(text.len() + 16);
    for paragraph in paragraphs(text) {
        for line in joined(paragraph, &strips) {
            cut(&line, column, &mut out);
            out.push(newline);
        }
        out.push(newline);
    }
    // Each paragraph ends in one newline too many, and Python drops two.
    out.truncate(out.len().saturating_sub(2));
    out
}

/// The text between blank lines: Python's split at two newlines.
fn paragraphs<T: Unit>(text: &[T]) -> Vec<&[T]> {
    let newline = T::from(b'\n');
    let (mut out, mut start, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        match text.get(at..at + 2) {
            Some(pair) if pair.iter().all(|unit| *unit == newline) => {
                out.push(&text[start..at]);
                at += 2;
                start = at;
            }
            _ => at += 1,
        }
    }
    out.push(&text[start..]);
    out
}

/// The lines of a paragraph, those that are to be filled joined into one.
fn joined<T: Unit>(paragraph: &[T], strips: &impl Fn(T) -> bool) -> Vec<Vec<T>> {
    let mut lines: Vec<Vec<T>> = Vec::new();
    let mut fill_previous = false;
    for line in paragraph.split(|unit| *unit == T::from(b'\n')) {
        let Some(first) = line.first() else {
            // An empty line leaves the state as it was, so that what follows may join it.
            lines.push(Vec::new());
            continue;
        };
        let fill_this = !first.is_blank();
        match lines.last_mut() {
            Some(last) if fill_previous && fill_this => {
                let kept = last.iter().rposition(|unit| !strips(*unit)).map_or(0, |at| at + 1);
                last.truncate(kept);
                last.push(T::from(b' '));
                last.extend_from_slice(line);
            }
            _ => lines.push(line.to_vec()),
        }
        fill_previous = fill_this;
    }
    lines
}

/// Cuts one long line at white space.
fn cut<T: Unit>(line: &[T], column: usize, out: &mut Vec<T>) {
    let mut rest = line;
    while rest.len() > column {
        let (end, next) = break_at(rest, column);
        out.extend_from_slice(&rest[..end.min(rest.len())]);
        out.push(T::from(b'\n'));
        rest = rest.get(next..).unwrap_or(&[]);
    }
    out.extend_from_slice(rest);
}

/// Where the first line ends and where the next one begins.
fn break_at<T: Unit>(text: &[T], column: usize) -> (usize, usize) {
    let blank = |at: usize| text.get(at).is_some_and(|unit| unit.is_blank());
    let filled = |at: usize| text.get(at).is_some_and(|unit| !unit.is_blank());
    let mut next = column;
    while next > 0 && !blank(next) {
        next -= 1;
    }
    let mut end = next;
    while end > 0 && blank(end) {
        end -= 1;
    }
    if end == 0 {
        // A word longer than the line: break at the first white space after it.
        end = column;
        while filled(end) {
            end += 1;
        }
        next = end;
        while blank(next) {
            next += 1;
        }
        next = next.saturating_sub(1);
    }
    next += 1;
    while blank(next) {
        next += 1;
    }
    (end + 1, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(text: &str) -> String {
        String::from_utf8(wrap(text.as_bytes(), COLUMN)).unwrap()
    }

    /// Made by `Utils.wrap` of the reference.
    #[test]
    fn goldens() {
        for same in ["", "\n", "a", "a\n", "a\n\n", "\n\n\n", "q\n\n\nr", "one\n\n\n\ntwo\n"] {
            assert_eq!(filled(same), same);
        }
        assert_eq!(filled("a\nb\n\n  c\nd\n"), "a b\n\n  c\nd\n");
        assert_eq!(filled("a  \n b\nc \nd"), "a  \n b\nc d");
        let words = "word ".repeat(20);
        assert_eq!(filled(&words), format!("{}word\n{}", "word ".repeat(13), "word ".repeat(6)));
        let long = "x".repeat(80);
        assert_eq!(filled(&format!("{long} y z")), format!("{long} \ny z"));
        assert_eq!(filled(&long), format!("{long}\n"));
        assert_eq!(filled(&format!("{}a", " ".repeat(75))), format!("{} \na", " ".repeat(70)));
        assert_eq!(filled(&" ".repeat(80)), format!("{}\n", " ".repeat(71)));
        let lead = format!("  lead {words}\nnext\nline");
        let wanted = format!("  lead {}word\n{}\nnext line", "word ".repeat(11), "word ".repeat(8));
        assert_eq!(filled(&lead), wanted);
        assert_eq!(filled(&format!("{} y", "x".repeat(70))), format!("{}\ny", "x".repeat(70)));
        assert_eq!(filled(&format!("{}  yyyyy", "x".repeat(69))), format!("{}\nyyyyy", "x".repeat(69)));
    }

    #[test]
    fn unicode_counts_characters() {
        let text = Value::Unicode(UniStr("äö ".repeat(40).into()));
        let wanted = format!("{}äö\n{}", "äö ".repeat(22), "äö ".repeat(17));
        assert_eq!(wrap_value(&text), Value::Unicode(UniStr(wanted.into())));
        let odd = Value::Unicode("a\x1c\nb\u{a0}\nc".into());
        assert_eq!(wrap_value(&odd), Value::Unicode("a b c".into()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn loses_nothing_but_blanks(text in "[a \t\n]{0,200}") {
            let solid = |t: &[u8]| t.iter().filter(|b| !b.is_ascii_whitespace()).count();
            prop_assert_eq!(solid(&wrap(text.as_bytes(), 10)), solid(text.as_bytes()));
        }
    }
}
