//! Postfix before it wrote status notifications, and systems that look the same under another name.
//! Mailman/Bouncers/Postfix.py.

use super::reading::{in_angles_before_colon, leaves, pattern, payload_lines};
use super::Finding;
use crate::text;
use compat::email::Message;
use compat::site::Profile;

/// At the start of a line.
const PROGRAM: &str = r"[ \t]*the\s*(bns)?\s*(postfix|keftamail|smtp_gateway)";

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let kind = msg.content_type();
    if kind != "multipart/mixed" && kind != "multipart/report" {
        return Finding::Nothing;
    }
    match leaves(msg).find(|part| is_notification(part)) {
        Some(part) => recipients(part),
        None => Finding::Nothing,
    }
}

fn is_notification(part: &Message) -> bool {
    let description = part.get_str("content-description").unwrap_or_default();
    part.content_type() == "text/plain" && description.eq_ignore_ascii_case(b"notification")
}

/// Every `<address>:` behind the line that greets.
fn recipients(part: &Message) -> Finding {
    let Some(program) = pattern(PROGRAM) else { return Finding::Nothing };
    let greets = |line: &[u8]| {
        let line = text::rstrip(line);
        line.eq_ignore_ascii_case(b"failure reason:") || matches!(program.match_start(line), Ok(Some(_)))
    };
    let behind = payload_lines(part).skip_while(|line| !greets(line)).skip(1);
    behind.filter_map(|line| in_angles_before_colon(text::rstrip(&line))).collect::<Vec<_>>().into()
}
