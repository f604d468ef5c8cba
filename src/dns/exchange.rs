//! One question to one server: by UDP, and by TCP where the answer did not fit. Each from a port of its own that the
//! system picks, so that a forged answer must guess the port and the number.

use super::message::{Question, Reply};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// The largest packet that there can be.
const PACKET_LIMIT: usize = 65535;

/// Asks, and waits for an answer that is one.
///
/// # Errors
/// The server cannot be reached, or says nothing in time; one that hangs up is an `UnexpectedEof`.
pub fn exchange(question: &Question<'_>, server: SocketAddr, deadline: Instant) -> io::Result<Reply> {
    match by_udp(question, server, deadline)? {
        Reply::Truncated => by_tcp(question, server, deadline),
        reply => Ok(reply),
    }
}

fn by_udp(question: &Question<'_>, server: SocketAddr, deadline: Instant) -> io::Result<Reply> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    // The system then drops what comes from elsewhere.
    socket.connect(server)?;
    socket.send(&question.wire())?;
    let mut packet = vec![0; PACKET_LIMIT];
    loop {
        socket.set_read_timeout(Some(left(deadline)?))?;
        let length = socket.recv(&mut packet)?;
        match question.reply(&packet[..length]) {
            Reply::NotOurs => continue,
            reply => return Ok(reply),
        }
    }
}

fn by_tcp(question: &Question<'_>, server: SocketAddr, deadline: Instant) -> io::Result<Reply> {
    let mut stream = TcpStream::connect_timeout(&server, left(deadline)?)?;
    let wire = question.wire();
    let length = (wire.len() as u16).to_be_bytes();
    stream.set_write_timeout(Some(left(deadline)?))?;
    stream.write_all(&[&length[..], &wire].concat())?;
    let mut length = [0; 2];
    read_exact(&mut stream, &mut length, deadline)?;
    let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
    read_exact(&mut stream, &mut packet, deadline)?;
    Ok(match question.reply(&packet) {
        Reply::NotOurs | Reply::Truncated => Reply::Malformed,
        reply => reply,
    })
}

/// As `Read::read_exact`, but a server that sends a byte now and then does not keep us beyond the deadline.
fn read_exact(stream: &mut TcpStream, mut place: &mut [u8], deadline: Instant) -> io::Result<()> {
    while !place.is_empty() {
        stream.set_read_timeout(Some(left(deadline)?))?;
        match stream.read(place) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => place = &mut place[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    match left.is_zero() {
        true => Err(ErrorKind::TimedOut.into()),
        false => Ok(left),
    }
}
