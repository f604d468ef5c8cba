//! Yahoo: `<address>:` lines between two sentences. Mailman/Bouncers/Yahoo.py.

use super::reading::{begins, pattern, starts_with_angles_and_colon};
use super::Finding;
use crate::text;
use compat::email::address::parseaddr;
use compat::email::Message;
use compat::pattern::Pattern;
use compat::site::{Profile, Switch};

const OLD_START: &str = r"message\s+from\s+yahoo\.\S+";
const SORRY: &str = "sorry, we were unable to deliver your message to the following address";
const OLD_END: &[u8] = b"--- Original message follows";
const LATER_END: &[u8] = b"--- Below this line is a copy of the message";

pub fn process(msg: &Message, profile: &Profile) -> Finding {
    let from = text::lower(&msg.get_str("from").unwrap_or_default());
    let Some(old_start) = pattern(OLD_START) else { return Finding::Nothing };
    if !parseaddr(&from).1.starts_with(b"mailer-daemon@yahoo") {
        return Finding::Nothing;
    }
    let more = profile.has(Switch::YahooMorePatterns);
    let mut lines = msg.body_lines(false).skip_while(|line| !starts(text::strip(line), &old_start, more));
    lines.next();
    let ends = |line: &[u8]| line.starts_with(OLD_END) || (more && line.starts_with(LATER_END));
    let between = lines.take_while(|line| !ends(text::strip(line)));
    between.filter_map(|line| starts_with_angles_and_colon(text::strip(&line))).collect::<Vec<_>>().into()
}

fn starts(line: &[u8], old_start: &Pattern, more: bool) -> bool {
    matches!(old_start.match_start(line), Ok(Some(_))) || (more && is_sorry(line))
}

/// One address or several: `address.` or `address(es).`
fn is_sorry(line: &[u8]) -> bool {
    let rest = line.get(SORRY.len()..).unwrap_or_default();
    begins(line, SORRY) && (rest.starts_with(b".") || begins(rest, "(es)."))
}
