//! The lines between the parts of a multipart.
//!
//! A boundary line is `--`, the boundary, perhaps `--`, blanks and tabs, a line end, and nothing else.

use super::params::Text;
use crate::codecs;
use crate::random;
use crate::ByteStr;

/// A boundary as lines are compared with it.
#[derive(Clone, Debug)]
pub(super) struct Boundary(Option<ByteStr>);

/// What a line that matched says.
pub(super) struct BoundaryLine {
    /// It closes the multipart.
    pub(super) is_end: bool,
    /// It ends in a line end; only the last line of a text may not.
    pub(super) has_line_end: bool,
}

impl Boundary {
    /// An RFC 2231 boundary is `unicode`, and Python compares its characters with the line's bytes, one to one.
    pub(super) fn new(text: &Text) -> Self {
        match text {
            Text::Bytes(bytes) => Boundary(Some(bytes.clone())),
            Text::Unicode(text) => {
                let bytes: Option<Vec<u8>> = codecs::points(&text.0).map(|point| u8::try_from(point).ok()).collect();
                Boundary(bytes.map(ByteStr::new))
            }
        }
    }

    /// The bytes; none for a boundary that can't occur in any line.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }

    /// Compares a line with this boundary.
    pub(super) fn find(&self, line: &[u8]) -> Option<BoundaryLine> {
        let (text, has_line_end) = text_of_line(line)?;
        let boundary = self.bytes()?;
        if text == boundary {
            return Some(BoundaryLine { is_end: false, has_line_end });
        }
        (text.strip_suffix(b"--")? == boundary).then_some(BoundaryLine { is_end: true, has_line_end })
    }
}

/// What follows `--`, without blanks at the end, and whether the line has a line end.
pub(super) fn text_of_line(line: &[u8]) -> Option<(&[u8], bool)> {
    let text = line.strip_prefix(b"--")?;
    let bare = text.strip_suffix(b"\n").unwrap_or(text);
    let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
    let end = bare.iter().rposition(|b| !matches!(b, b' ' | b'\t')).map_or(0, |last| last + 1);
    Some((&bare[..end], bare.len() < text.len()))
}

/// A new boundary: fifteen `=`, nineteen digits, two `=`. Whoever wrote a text cannot have known it.
pub fn make() -> String {
    let number = u64::from_be_bytes(random::bytes()) & (i64::MAX as u64);
    format!("{}{number:019}==", "=".repeat(15))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_end(boundary: &str, line: &str) -> Option<bool> {
        Boundary::new(&Text::Bytes(boundary.into())).find(line.as_bytes()).map(|found| found.is_end)
    }

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(is_end("x", "--x\n"), Some(false));
        assert_eq!(is_end("x", "--x-- \t\r\n"), Some(true));
        assert_eq!(is_end("x", "--x--"), Some(true));
        assert_eq!(is_end("x--", "--x--\r"), Some(false));
        assert_eq!(is_end("x", "--x --\n"), None);
        assert_eq!(is_end("x", "--xy\n"), None);
        assert_eq!(is_end("", "--\n"), Some(false));
        assert_eq!(is_end("", "----\n"), Some(true));
    }

    #[test]
    fn a_new_boundary_has_python_form() {
        let boundary = make();
        assert_eq!(boundary.len(), 15 + 19 + 2);
        assert!(boundary.trim_matches('=').bytes().all(|b| b.is_ascii_digit()));
    }
}
