//! Yale names users without their domain; both that they may be in are tried. Mailman/Bouncers/Yale.py.

use super::reading::{holds, payload_lines, AddressSet};
use super::Finding;
use crate::text;
use compat::email::address::getaddresses;
use compat::email::Message;
use compat::site::Profile;
use compat::ByteStr;

pub fn process(msg: &Message, _: &Profile) -> Finding {
    if msg.is_multipart() || !is_from_yale(msg) {
        return Finding::Nothing;
    }
    let mut names = AddressSet::new();
    let lines = payload_lines(msg).skip_while(|line| !holds(line, "message not delivered to the following")).skip(1);
    for line in lines.take_while(|line| !holds(line, "error detail")) {
        inner_word(&line).into_iter().for_each(|name| names.add(name));
    }
    let at = |name: &ByteStr, domain: &str| ByteStr::new([&name[..], domain.as_bytes()].concat());
    let both = |name: ByteStr| [at(&name, "@yale.edu"), at(&name, "@cs.yale.edu")];
    names.into_list().into_iter().flat_map(both).collect::<Vec<_>>().into()
}

/// `mailer-daemon` of a host at yale.edu; a domain that is `edu` alone passes too.
fn is_from_yale(msg: &Message) -> bool {
    let from = msg.get_str("from").unwrap_or_default();
    let address = getaddresses(&[from]).into_iter().next().unwrap_or_default().1;
    let Some(at) = address.iter().position(|&b| b == b'@') else { return false };
    let (user, domain) = address.split_at(at);
    let parts = domain.get(1..).unwrap_or_default().rsplit(|&b| b == b'.');
    user.eq_ignore_ascii_case(b"mailer-daemon")
        && parts.zip(["edu", "yale"]).all(|(part, ours)| part == ours.as_bytes())
}

/// The first word with white space on both sides.
fn inner_word(line: &[u8]) -> Option<&[u8]> {
    let start = line.iter().position(|&b| text::is_space(b))?;
    let behind = text::lstrip(line.get(start..)?);
    let end = behind.iter().position(|&b| text::is_space(b))?;
    behind.get(..end).filter(|word| !word.is_empty())
}
