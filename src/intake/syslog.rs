//! A line for the mail server's log, where an operator looks first when mail does not come in.

use crate::clock;
use std::os::unix::net::UnixDatagram;

const SOCKET: &str = "/dev/log";
/// Facility mail, level error.
const PRIORITY: u8 = (2 << 3) | 3;
/// The name under which Mailman's wrapper writes.
const IDENT: &str = "Mailman mail-wrapper";

/// Says why a mail was not taken. Where no log listens, nobody hears.
pub fn error(text: &str) {
    let stamp = clock::local().format("%b %e %H:%M:%S");
    let line = format!("<{PRIORITY}>{stamp} {IDENT}: {text}");
    if let Ok(socket) = UnixDatagram::unbound() {
        let _ = socket.set_nonblocking(true);
        let _ = socket.send_to(line.as_bytes(), SOCKET);
    }
}
