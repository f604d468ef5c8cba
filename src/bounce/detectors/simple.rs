//! What SimpleMatch and SimpleWarning have in common: rows of three patterns that are tried on the decoded lines.
//!
//! A row begins at the line where `start` is found; from there on, that line included, each line is searched for an
//! address, and a line without one that has `end` ends the row. The first row that yields an address wins, and each row
//! gets the whole message: a start that fits two kinds of bounces must not hide the second.

use super::phrase;
use super::reading::{pattern, search, AddressSet};
use compat::email::Message;
use compat::ByteStr;

/// One kind of bounce. Upper and lower case are the same.
pub struct Row {
    pub start: &'static str,
    pub end: &'static str,
    /// Its group `addr` is the address.
    pub address: &'static str,
}

/// `row(start, end, address)`
pub const fn row(start: &'static str, end: &'static str, address: &'static str) -> Row {
    Row { start, end, address }
}

/// Something in angle brackets.
pub const ANGLES: &str = "<(?P<addr>[^>]*)>";
/// The same before a colon.
pub const ANGLES_COLON: &str = "<(?P<addr>[^>]*)>:";
/// A line that is nothing but an address.
pub const ALONE: &str = r"^\s*(?P<addr>[^\s@]+@[^\s@]+)\s*$";
/// The first thing that could be an address.
pub const ANY: &str = r"(?P<addr>[^\s@]+@[^\s@]+)";
/// The same behind white space.
pub const ANY_INDENTED: &str = r"\s(?P<addr>[^\s@]+@[^\s@]+)";

/// The decoded lines of a message.
pub struct Body {
    lines: Vec<ByteStr>,
    lower: Vec<u8>,
}

impl Body {
    /// Of a message.
    pub fn of(msg: &Message) -> Body {
        let lines: Vec<ByteStr> = msg.body_lines(true).collect();
        let lower = lines.iter().flat_map(|line| line.to_ascii_lowercase()).collect();
        Body { lines, lower }
    }

    /// What the first row that fits yields: as it was found, in no order.
    pub fn first_match<'a>(&self, rows: impl IntoIterator<Item = &'a Row>) -> Vec<ByteStr> {
        let possible = rows.into_iter().filter(|row| self.may_hold(row.start));
        possible.map(|row| self.matches(row)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn may_hold(&self, pattern: &str) -> bool {
        let phrase = phrase::required(pattern);
        phrase.is_empty() || crate::text::find(&self.lower, &phrase).is_some()
    }

    fn matches(&self, row: &Row) -> Vec<ByteStr> {
        let (Some(start), Some(end), Some(address)) = (pattern(row.start), pattern(row.end), pattern(row.address))
        else {
            return Vec::new();
        };
        let mut found = AddressSet::new();
        let from_start = self.lines.iter().skip_while(|line| search(&start, line).is_none());
        for line in from_start {
            match search(&address, line) {
                // A match whose address is empty or took no part does not end the row either.
                Some(place) => add(&mut found, place.named("addr")),
                None if search(&end, line).is_some() => break,
                None => {}
            }
        }
        found.into_list()
    }
}

/// Adds what is left of an address without its brackets.
fn add(found: &mut AddressSet, address: Option<ByteStr>) {
    let Some(address) = address.filter(|address| !address.is_empty()) else { return };
    let is_bracket = |byte: &u8| matches!(byte, b'<' | b'>');
    let start = address.iter().position(|b| !is_bracket(b)).unwrap_or(address.len());
    let end = address.iter().rposition(|b| !is_bracket(b)).map_or(start, |last| last + 1);
    found.add(address.slice(start..end));
}
