//! How detectors read: lines and leaves of a message, addresses in angle brackets, sets in Python's order.

use crate::text;
use compat::email::walk::Lines;
use compat::email::Message;
use compat::pattern::{Flags, Match, Pattern};
use compat::pydict::KeyTable;
use compat::ByteStr;

/// Addresses as keys of a Python dict: each once, in the dict's order.
#[derive(Default)]
pub struct AddressSet(KeyTable<ByteStr>);

impl AddressSet {
    /// An empty set.
    pub fn new() -> Self {
        AddressSet::default()
    }

    /// Adds an address.
    pub fn add(&mut self, address: impl Into<ByteStr>) {
        self.0.insert(address.into());
    }

    /// The addresses.
    pub fn into_list(self) -> Vec<ByteStr> {
        self.0.into_keys().collect()
    }
}

/// The parts that are no containers, in order.
pub fn leaves(msg: &Message) -> impl Iterator<Item = &Message> {
    msg.walk().filter(|part| !part.is_multipart())
}

/// The lines of a payload as it stands; none where it is no text.
pub fn payload_lines(part: &Message) -> impl Iterator<Item = ByteStr> {
    Lines::of(part.payload_str().cloned().unwrap_or_default())
}

/// A pattern of ours, upper and lower case being the same.
pub fn pattern(source: &str) -> Option<Pattern> {
    Pattern::new(source.as_bytes(), Flags::IGNORE_CASE).ok()
}

/// Where the pattern is found; a search that takes too long finds nothing.
pub fn search(pattern: &Pattern, line: &[u8]) -> Option<Match> {
    pattern.search(line).ok().flatten()
}

/// The group `addr` of a search.
pub fn address_in(pattern: &Pattern, line: &[u8]) -> Option<ByteStr> {
    search(pattern, line)?.named("addr")
}

/// Whether a line holds a text, upper and lower case being the same; the text is given in lower case.
pub fn holds(line: &[u8], lower_text: &str) -> bool {
    text::find(&line.to_ascii_lowercase(), lower_text.as_bytes()).is_some()
}

/// Whether a line begins with a text, likewise.
pub fn begins(line: &[u8], lower_text: &str) -> bool {
    line.get(..lower_text.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower_text.as_bytes()))
}

/// What stands in the first angle brackets of a line.
pub fn in_angles(line: &[u8]) -> Option<ByteStr> {
    let start = line.iter().position(|&b| b == b'<')?;
    closed(line.get(start..)?).map(|(address, _)| address)
}

/// What stands in angle brackets followed by a colon, the first such place of a line.
pub fn in_angles_before_colon(line: &[u8]) -> Option<ByteStr> {
    let starts = line.iter().enumerate().filter(|(_, &b)| b == b'<').map(|(at, _)| at);
    starts.filter_map(|at| starts_with_angles_and_colon(line.get(at..)?)).next()
}

/// The same for a line that begins so.
pub fn starts_with_angles_and_colon(line: &[u8]) -> Option<ByteStr> {
    let (address, rest) = closed(line)?;
    rest.starts_with(b":").then_some(address)
}

/// The same without the colon.
pub fn starts_with_angles(line: &[u8]) -> Option<ByteStr> {
    closed(line).map(|(address, _)| address)
}

/// `<address>` at the start, and what follows it.
fn closed(text: &[u8]) -> Option<(ByteStr, &[u8])> {
    let inside = text.strip_prefix(b"<")?;
    let end = inside.iter().position(|&b| b == b'>')?;
    Some((inside.get(..end)?.into(), inside.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles() {
        assert_eq!(in_angles(b"x <a@b> <c>"), Some("a@b".into()));
        assert_eq!(in_angles(b"x <<a@b>"), Some("<a@b".into()));
        assert_eq!(in_angles(b"x a> <b"), None);
        assert_eq!(in_angles_before_colon(b"<a> <b>: gone"), Some("b".into()));
        assert_eq!(in_angles_before_colon(b"<a <b>: gone"), Some("a <b".into()));
        assert_eq!(in_angles_before_colon(b"<a>"), None);
        assert_eq!(starts_with_angles_and_colon(b" <a>:"), None);
        assert_eq!(starts_with_angles(b"<>"), Some("".into()));
    }

    #[test]
    fn sets_have_each_address_once() {
        let mut set = AddressSet::new();
        ["b@x", "a@x", "b@x"].iter().for_each(|address| set.add(*address));
        assert_eq!(set.into_list().len(), 2);
    }
}
