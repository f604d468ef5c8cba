//! Exim names the addresses in a header of its own. Mailman/Bouncers/Exim.py.

use super::Finding;
use compat::email::address::getaddresses;
use compat::email::Message;
use compat::site::Profile;
use compat::ByteStr;

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let values = msg.get_all_str("x-failed-recipients");
    getaddresses(&values).into_iter().map(|(_, address)| address).collect::<Vec<ByteStr>>().into()
}
