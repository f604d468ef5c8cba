//! Names and addresses: where SMTPHOST and SMTPPORT lead, and what this machine calls itself in EHLO.

use super::error::{errno_text, SmtpError};
use super::Settings;
use compat::host;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};

/// `smtplib.SMTP_PORT`
const DEFAULT_PORT: u16 = 25;

/// Opens the connection: each address of the name in turn, the last one's error counts.
pub fn connect(settings: &Settings) -> Result<TcpStream, SmtpError> {
    let (host, port) = host_and_port(settings)?;
    let fail = |e: &std::io::Error| SmtpError::Connect(errno_text(e));
    let mut last = SmtpError::Connect("getaddrinfo returns an empty list".into());
    for address in (host, port).to_socket_addrs().map_err(|e| fail(&e))? {
        match open(&address, settings) {
            Ok(socket) => return Ok(socket),
            Err(e) => last = fail(&e),
        }
    }
    Err(last)
}

/// A message is written in one piece: nothing may wait for a fuller packet.
fn open(address: &SocketAddr, settings: &Settings) -> std::io::Result<TcpStream> {
    let socket = TcpStream::connect_timeout(address, settings.timeout)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(settings.timeout))?;
    socket.set_write_timeout(Some(settings.timeout))?;
    Ok(socket)
}

/// SMTPHOST may say `host:port` where SMTPPORT is 0.
fn host_and_port(settings: &Settings) -> Result<(&str, u16), SmtpError> {
    let host = settings.host.as_str();
    if settings.port != 0 {
        return Ok((host, settings.port));
    }
    match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => {
            let port: u16 = port.trim().parse().map_err(|_| SmtpError::Connect("nonnumeric port".into()))?;
            Ok((name, if port == 0 { DEFAULT_PORT } else { port }))
        }
        _ => Ok((host, DEFAULT_PORT)),
    }
}

/// What `smtplib` calls itself: the machine's full name where that has a dot, else its address in brackets.
pub fn hello_name() -> Vec<u8> {
    let full = host::full_name("");
    if full.contains('.') {
        return full.into_bytes();
    }
    let address = host::address_of(&host::name()).filter(IpAddr::is_ipv4);
    format!("[{}]", address.map_or_else(|| "127.0.0.1".to_owned(), |a| a.to_string())).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_the_host_counts_when_there_is_no_other() {
        let mut settings = Settings::plain("mail.example.com:2525", 0);
        assert_eq!(host_and_port(&settings), Ok(("mail.example.com", 2525)));
        settings.port = 26;
        assert_eq!(host_and_port(&settings), Ok(("mail.example.com:2525", 26)));
        assert_eq!(host_and_port(&Settings::plain("::1", 0)), Ok(("::1", 25)));
        assert_eq!(host_and_port(&Settings::plain("x:y", 0)), Err(SmtpError::Connect("nonnumeric port".into())));
    }
}
