//! Some versions of Microsoft Exchange: `SMTP=address; on DATE` or `address on DATE`. Mailman/Bouncers/Exchange.py.

use super::reading::AddressSet;
use super::Finding;
use crate::text;
use compat::email::Message;
use compat::site::Profile;

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let contains = |line: &[u8], what: &str| text::find(line, what.as_bytes()).is_some();
    let lines = msg.body_lines(false).skip_while(|line| !contains(line, "did not reach the following recipient"));
    let mut addresses = AddressSet::new();
    for line in lines.skip(1).take_while(|line| !contains(line, "MSEXCH:")) {
        if let Some(address) = behind_smtp(&line).or_else(|| before_on(&line)) {
            addresses.add(address);
        }
    }
    addresses.into_list().into()
}

/// `SMTP=address; on `, the first place that is whole.
fn behind_smtp(line: &[u8]) -> Option<&[u8]> {
    let mut rest = line;
    while let Some(at) = text::find(rest, b"SMTP=") {
        rest = rest.get(at + 5..)?;
        let end = rest.iter().position(|&b| b == b';').unwrap_or(rest.len());
        let (address, behind) = rest.split_at(end);
        if !address.is_empty() && behind.starts_with(b"; on ") {
            return Some(address);
        }
    }
    None
}

/// The word before the first ` on ` that has one; a word ends at blanks only.
fn before_on(line: &[u8]) -> Option<&[u8]> {
    let places = line.windows(4).enumerate().filter(|(_, window)| window == b" on ").map(|(at, _)| at);
    let mut words = places.filter_map(|at| line.get(..at)?.rsplit(|&b| b == b' ').next());
    words.find(|word| !word.is_empty())
}
