//! Netscape Messaging Server: reports without recipients for machines, so the text is read. Mailman/Bouncers/Netscape.py.

use super::reading::{holds, leaves, pattern, payload_lines, search};
use super::Finding;
use compat::email::Message;
use compat::site::Profile;

const REASON: &str = "this message was undeliverable due to the following reason:";
/// The last address of a line. A line that asks to reply to somebody has none.
const ADDRESS: &str = "(?P<reply>please reply to)?.*<(?P<addr>[^>]*)>";

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let leaves: Vec<&Message> = leaves(msg).collect();
    // The text comes before something else: the last leaf does not count.
    let before_last = leaves.split_last().map_or(&[][..], |(_, others)| others);
    let text = before_last.iter().find(|part| part.content_type() == "text/plain");
    match text {
        // A part without headers is false in Python.
        Some(part) if msg.is_multipart() && !part.headers.is_empty() => recipients(part),
        _ => Finding::Nothing,
    }
}

fn recipients(part: &Message) -> Finding {
    let Some(address) = pattern(ADDRESS) else { return Finding::Nothing };
    let lines = payload_lines(part).skip_while(|line| !holds(line, REASON)).skip(1);
    let found = lines.filter_map(|line| search(&address, &line));
    let meant = found.filter(|found| found.named("reply").is_none());
    meant.filter_map(|found| found.named("addr")).collect::<Vec<_>>().into()
}
