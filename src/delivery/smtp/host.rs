//! Names and addresses: where SMTPHOST and SMTPPORT lead, and what this machine calls itself in EHLO.

use super::error::{errno_text, SmtpError};
use super::Settings;
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

/// What `smtplib` calls itself: `socket.getfqdn()` where that has a dot, else the machine's address in brackets.
pub fn hello_name() -> Vec<u8> {
    let name = nix::unistd::gethostname().unwrap_or_default().to_string_lossy().into_owned();
    let address = (name.as_str(), 0).to_socket_addrs().ok().and_then(|mut found| found.next()).map(|a| a.ip());
    let known = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    let full = full_name(&name, address, &known);
    if full.contains('.') {
        return full.into_bytes();
    }
    let address = address.filter(IpAddr::is_ipv4).map_or_else(|| "127.0.0.1".to_owned(), |a| a.to_string());
    format!("[{address}]").into_bytes()
}

/// `socket.getfqdn`: the first name with a dot among those that the address has, else the official one.
fn full_name(name: &str, address: Option<IpAddr>, hosts: &str) -> String {
    let Some(address) = address else { return name.to_owned() };
    let names = hosts.lines().find_map(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        (words.next()?.parse() == Ok(address)).then(|| words.collect::<Vec<_>>())
    });
    let names = names.unwrap_or_default();
    let official = names.first().copied().unwrap_or(name);
    names.iter().find(|n| n.contains('.')).unwrap_or(&official).to_string()
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

    #[test]
    fn the_full_name_is_the_first_with_a_dot() {
        let hosts = "127.0.0.1 localhost\n10.0.0.7 lists lists.example.com # here\n10.0.0.8 other\n";
        let at = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        assert_eq!(full_name("lists", at(7), hosts), "lists.example.com");
        assert_eq!(full_name("x", at(8), hosts), "other");
        assert_eq!(full_name("x", at(9), hosts), "x");
        assert_eq!(full_name("x", None, hosts), "x");
    }
}
