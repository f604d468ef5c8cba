//! Microsoft's SMTPSVC: every line with an `@` behind one phrase, whole, line end included. Such a line is hardly ever
//! a member's address. Mailman/Bouncers/Microsoft.py.

use super::reading::{holds, payload_lines};
use super::Finding;
use compat::email::Message;
use compat::site::Profile;

pub fn process(msg: &Message, _: &Profile) -> Finding {
    let Some(first) = msg.parts().first().filter(|_| msg.content_type() == "multipart/mixed") else {
        return Finding::Nothing;
    };
    let lines = payload_lines(first).skip_while(|line| !holds(line, "transcript of session follows"));
    lines.filter(|line| line.contains(&b'@')).collect::<Vec<_>>().into()
}
