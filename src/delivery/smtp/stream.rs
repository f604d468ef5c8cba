//! The connection under the client: plain or under TLS, with a buffer for what the server says.

use super::error::SmtpError;
use super::reply::{read_reply, Reply};
use super::tls::{self, TlsStream};
use super::Tls;
use crate::delivery::pyrepr;
use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;

/// Room for the replies to one group of commands.
const BUFFER: usize = 16 * 1024;

enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream>),
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Socket::Plain(socket) => socket.read(buf),
            Socket::Tls(socket) => socket.read(buf),
        }
    }
}

/// A connection that writes whole commands and reads whole replies.
pub struct Stream {
    socket: BufReader<Socket>,
    debug: bool,
}

impl Stream {
    pub fn new(socket: TcpStream, debug: bool) -> Self {
        Stream { socket: BufReader::with_capacity(BUFFER, Socket::Plain(socket)), debug }
    }

    /// Goes on under TLS. What the server said before is forgotten, as RFC 3207 demands.
    pub fn secure(self, host: &str, tls: &Tls) -> Result<Self, SmtpError> {
        let socket = match self.socket.into_inner() {
            Socket::Plain(socket) => Socket::Tls(Box::new(tls::wrap(socket, host, tls)?)),
            already => already,
        };
        Ok(Stream { socket: BufReader::with_capacity(BUFFER, socket), debug: self.debug })
    }

    /// Writes all of it. In Python a connection that breaks here is `Server not connected`.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), SmtpError> {
        self.trace("send:", bytes);
        let written = match self.socket.get_mut() {
            Socket::Plain(socket) => socket.write_all(bytes),
            Socket::Tls(socket) => socket.write_all(bytes).and_then(|()| socket.flush()),
        };
        written.map_err(|_| SmtpError::not_connected())
    }

    pub fn reply(&mut self) -> Result<Reply, SmtpError> {
        let reply = read_reply(&mut self.socket)?;
        if self.debug {
            self.trace(&format!("reply: retcode ({});", reply.code), &reply.text);
        }
        Ok(reply)
    }

    fn trace(&self, what: &str, bytes: &[u8]) {
        if self.debug {
            eprintln!("{what} {}", String::from_utf8_lossy(&pyrepr::of_bytes(bytes)));
        }
    }
}
