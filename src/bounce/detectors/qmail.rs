//! Qmail's bounces (QSBMF): an introduction, an empty line, then one paragraph per recipient that begins with `<address>:`.
//! Mailman/Bouncers/Qmail.py.

use super::reading::starts_with_angles_and_colon;
use super::Finding;
use crate::text;
use compat::email::Message;
use compat::site::{Profile, Switch};

/// How the introduction begins; the first is qmail's own, the others its imitators'.
const INTRODUCTIONS: [&str; 6] = [
    "Hi. This is the",
    "Hi. The MTA program at",
    "We're sorry. There's a problem",
    "Check your send e-mail address.",
    "This is the mail delivery agent at",
    "Unfortunately, your mail was not delivered",
];
const LATER_INTRODUCTION: &str = "Your mail message to the following";

pub fn process(msg: &Message, profile: &Profile) -> Finding {
    let later = profile.has(Switch::QmailMoreIntros).then_some(LATER_INTRODUCTION);
    let introduces = |line: &[u8]| INTRODUCTIONS.into_iter().chain(later).any(|text| line.starts_with(text.as_bytes()));
    let lines = msg.body_lines(false).skip_while(|line| !introduces(text::strip(line)));
    let recipients = lines.skip(1).skip_while(|line| !text::strip(line).is_empty()).skip(1);
    // A line of hyphens begins the copy of the message.
    let recipients = recipients.take_while(|line| !text::strip(line).starts_with(b"-"));
    recipients.filter_map(|line| starts_with_angles_and_colon(text::strip(&line))).collect::<Vec<_>>().into()
}
