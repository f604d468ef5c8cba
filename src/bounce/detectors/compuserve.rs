//! CompuServe: addresses on lines of their own between two equal sentences. Mailman/Bouncers/Compuserve.py.

use super::reading::holds;
use super::Finding;
use crate::text;
use compat::email::Message;
use compat::site::Profile;
use compat::ByteStr;

const SENTENCE: &str = "your message could not be delivered";
const ADDRESS: &[u8] = b"Invalid receiver address: ";

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let lines = msg.body_lines(false).skip_while(|line| !holds(line, SENTENCE)).skip(1);
    lines.take_while(|line| !holds(line, SENTENCE)).filter_map(|line| address(&line)).collect::<Vec<_>>().into()
}

/// The rest of the line.
fn address(line: &[u8]) -> Option<ByteStr> {
    let rest = line.get(text::find(line, ADDRESS)? + ADDRESS.len()..)?;
    Some(rest.strip_suffix(b"\n").unwrap_or(rest).into())
}
