//! IMail, which calls itself `<SMTP32 vXXXXXX>`: an address behind one of several phrases. Mailman/Bouncers/SMTP32.py.

use super::reading::{address_in, holds, pattern, AddressSet};
use super::Finding;
use compat::email::Message;
use compat::site::Profile;

const ADDRESS: &str = concat!(
    "(?:user mailbox[^:]*:|delivery failed[^:]*:|unknown user[^:]*:|undeliverable +to|delivery userid[^:]*:)",
    r"\s*(?P<addr>\S*)"
);

pub fn process(msg: &Message, _: &Profile) -> Finding {
    if !msg.get_str("x-mailer").unwrap_or_default().starts_with(b"<SMTP32 v") {
        return Finding::Nothing;
    }
    let Some(address) = pattern(ADDRESS) else { return Finding::Nothing };
    let mut addresses = AddressSet::new();
    let lines = msg.body_lines(false).take_while(|line| !holds(line, "original message follows"));
    lines.filter_map(|line| address_in(&address, &line)).for_each(|address| addresses.add(address));
    addresses.into_list().into()
}
