//! AOL lists screen names, one per line, behind one sentence. Mailman/Bouncers/AOL.py.

use super::Finding;
use crate::text;
use compat::email::address::parseaddr;
use compat::email::Message;
use compat::site::Profile;
use compat::ByteStr;

const SENTENCE: &[u8] = b"mail to the following recipients could not be delivered";

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let from = parseaddr(&msg.get_str("from").unwrap_or_default()).1;
    if msg.content_type() != "text/plain" || !text::lower(&from).ends_with(b"@aol.com") {
        return Finding::Nothing;
    }
    let body = msg.decoded_payload().unwrap_or_default();
    let is_sentence = |line: &[u8]| text::find(line, SENTENCE).is_some();
    let lines = text::lines(&body).into_iter().skip_while(|line| !is_sentence(line)).filter(|line| !is_sentence(line));
    let names = lines.map(text::strip).filter(|name| !name.is_empty());
    // A line of several words ends the list.
    let names = names.take_while(|name| !name.iter().any(|&b| text::is_space(b)));
    names.map(address).collect::<Vec<_>>().into()
}

fn address(name: &[u8]) -> ByteStr {
    match name.contains(&b'@') {
        true => name.into(),
        false => ByteStr::new([name, b"@aol.com"].concat()),
    }
}
