//! A custom Sendmail at LLNL: the first `, address,` anywhere. It matches much ordinary text too.
//! Mailman/Bouncers/LLNL.py.

use super::reading::{address_in, pattern};
use super::Finding;
use compat::email::Message;
use compat::site::Profile;

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let Some(address) = pattern(r",\s*(?P<addr>\S+@[^,]+),") else { return Finding::Nothing };
    let mut lines = msg.body_lines(false).filter(|line| line.contains(&b'@'));
    lines.find_map(|line| address_in(&address, &line)).map_or(Finding::Nothing, |one| vec![one].into())
}
