//! Novell GroupWise, NTMail, Internet Mail Service: addresses in the first text. Mailman/Bouncers/GroupWise.py.

use super::reading::{in_angles, payload_lines, AddressSet};
use super::Finding;
use compat::email::Message;
use compat::site::Profile;

/// How X-Mailer begins.
const MAILERS: [&[u8]; 3] = [b"nov", b"ntm", b"int"];

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let mailer = msg.get_str("x-mailer").unwrap_or_default();
    let start = mailer.get(..3).unwrap_or_default().to_ascii_lowercase();
    if msg.content_type() != "multipart/mixed" || !MAILERS.contains(&&start[..]) {
        return Finding::Nothing;
    }
    // A part without headers is false in Python and passed over.
    let Some(text) = msg.walk().find(|part| part.content_type() == "text/plain" && !part.headers.is_empty()) else {
        return Finding::Nothing;
    };
    let mut addresses = AddressSet::new();
    for line in payload_lines(text) {
        match in_angles(&line) {
            Some(address) => addresses.add(address),
            None => bare(&line).into_iter().for_each(|address| addresses.add(address)),
        }
    }
    addresses.into_list().into()
}

/// The line up to its first blank, if there is an `@` anywhere; a line that begins with a blank gives nothing, and one
/// without a blank gives its line end too.
fn bare(line: &[u8]) -> Option<&[u8]> {
    let first = line.split(|&b| b == b' ').next()?;
    (line.contains(&b'@') && !line.starts_with(b" ")).then_some(first)
}
