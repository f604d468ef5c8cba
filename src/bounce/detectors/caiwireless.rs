//! What caiwireless.net wrote: one sentence, and below it one address. Mailman/Bouncers/Caiwireless.py.

use super::reading::{begins, starts_with_angles};
use super::Finding;
use crate::text;
use compat::email::Message;
use compat::site::Profile;

pub fn process(msg: &Message, _: &Profile) -> Finding {
    if msg.content_type() != "multipart/mixed" {
        return Finding::Nothing;
    }
    let is_sentence = |line: &[u8]| begins(line, "the following recipients did not receive this message:");
    let lines = msg.body_lines(false).skip_while(|line| !is_sentence(text::strip(line))).skip(1);
    // The first line that is not blank decides.
    let next = lines.into_iter().find(|line| !text::strip(line).is_empty());
    next.and_then(|line| starts_with_angles(text::strip(&line))).map_or(Finding::Nothing, |one| vec![one].into())
}
