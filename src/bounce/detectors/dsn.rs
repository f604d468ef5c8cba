//! Delivery status notifications, RFC 3464: a part for machines with one block of headers per recipient.
//! Mailman/Bouncers/DSN.py.

use super::reading::AddressSet;
use super::Finding;
use crate::text;
use compat::email::address::parseaddr;
use compat::email::Message;
use compat::site::{Profile, Switch};
use compat::ByteStr;

/// The type of the part for machines.
const REPORT: (&str, &str) = ("message", "delivery-status");

pub fn process(msg: &Message, profile: &Profile) -> Finding {
    let place = match profile.has(Switch::DsnAnywhere) {
        true => Some(msg),
        false => usual_place(msg),
    };
    place.map_or(Finding::Nothing, |place| check(place, profile))
}

/// Where versions before 2.1.15 look: the second of three parts; or a report, which may stand first in a
/// `multipart/mixed` that somebody wrapped around it, itself or as a forwarded message.
fn usual_place(msg: &Message) -> Option<&Message> {
    if let [_, second, _] = msg.parts() {
        if second.content_type() == "message/delivery-status" {
            return Some(second);
        }
    }
    let unwrapped = match msg.is_multipart() && msg.sub_type() == "mixed" {
        true => msg.parts().first()?,
        false => msg,
    };
    let report = match unwrapped.is_multipart() && unwrapped.content_type() == "message/rfc822" {
        true => unwrapped.parts().first()?,
        false => unwrapped,
    };
    (report.is_multipart() && report.sub_type() == "report").then_some(report)
}

/// Reads all blocks of all such parts. One `delayed` ends it, whatever else is in the report.
fn check(place: &Message, profile: &Profile) -> Finding {
    let mut found = Vec::new();
    for block in place.typed_parts(REPORT.0, Some(REPORT.1)).flat_map(Message::parts) {
        let action = text::lower(&block.get_str("action").unwrap_or_default());
        if action.starts_with(b"delayed") {
            return Finding::Stop;
        }
        // Comments behind the word have been seen. OpenSMTPD writes `error`.
        if action.starts_with(b"fail") || (action.starts_with(b"error") && profile.has(Switch::DsnErrorAction)) {
            recipients(block, &mut found);
        }
    }
    let mut addresses = AddressSet::new();
    found.iter().for_each(|address| addresses.add(parseaddr(address).1));
    addresses.into_list().into()
}

/// The recipient of a block: whatever stands beside `rfc822` in the first header that has it; without it, what stands in
/// angle brackets.
fn recipients(block: &Message, found: &mut Vec<ByteStr>) {
    let mut params: Vec<ByteStr> = Vec::new();
    for header in ["original-recipient", "final-recipient"] {
        let names = block.params(header).unwrap_or_default().into_iter().map(|(name, _)| name);
        let (kind, others): (Vec<_>, Vec<_>) = names.partition(|name| name.eq_ignore_ascii_case(b"rfc822"));
        params.extend(others);
        if !kind.is_empty() {
            found.append(&mut params);
            return;
        }
        found.extend(params.iter().filter_map(without_brackets));
    }
}

fn without_brackets(param: &ByteStr) -> Option<ByteStr> {
    let inside = param.strip_prefix(b"<")?.strip_suffix(b">")?;
    Some(inside.into())
}
