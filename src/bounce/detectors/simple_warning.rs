//! Warnings that mail is not delivered yet: nobody failed. Mailman/Bouncers/SimpleWarning.py.
//!
//! The same kind of table as SimpleMatch has. Where only the sentence counts, anything passes as an address.

use super::simple::{row, Body, Row};
use super::Finding;
use compat::email::Message;
use compat::site::{Profile, Switch};

const ANYTHING: &str = "(?P<addr>.+)";
const ANY_LOOSE: &str = r"\s*(?P<addr>\S+@\S+)\s*";

static USUAL: [Row; 5] = [
    row(
        "the address to which the message has not yet been delivered is",
        "no action is required on your part",
        ANY_LOOSE,
    ),
    // MessageSwitch
    row("this is just a warning, you do not need to take any action", ".+", ANYTHING),
    // Symantec
    row("delivery attempts will continue to be made", ".+", ANYTHING),
    // Google
    row("this is a warning message only", "message will be retried", ANY_LOOSE),
    row("we will continue to try to deliver", ".+", ANYTHING),
];

static LATER: [Row; 1] =
    [row("not yet been delivered", "no action is required on your part", r"\s*<?(?P<addr>\S+@[^>\s]+)>?\s*")];

/// The rows of a version.
pub fn rows(profile: &Profile) -> impl Iterator<Item = &'static Row> {
    let later: &[Row] = if profile.has(Switch::SimpleWarningMore) { &LATER } else { &[] };
    USUAL.iter().chain(later)
}

pub fn process(msg: &Message, profile: &Profile) -> Finding {
    match Body::of(msg).first_match(rows(profile)).is_empty() {
        true => Finding::Nothing,
        false => Finding::Stop,
    }
}
