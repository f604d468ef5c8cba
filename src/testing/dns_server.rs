//! A DNS server on loopback for tests: it says what it was told to say, by UDP and by TCP on one port.

use crate::dns::name::Name;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What the server says to a question for one name.
#[derive(Clone, Debug)]
pub enum Say {
    /// These records.
    Records(Vec<Rr>),
    /// This code without records.
    Code(u8),
    /// Nothing.
    Silence,
    /// By UDP that it does not fit, by TCP these records.
    ByTcp(Vec<Rr>),
    /// By UDP that it does not fit, by TCP it hangs up.
    HangUp,
    /// An answer that breaks off.
    Garbage,
    /// First an answer with another number, then these records.
    ForgedFirst(Vec<Rr>),
}

/// A record: its name, its type, its class, its data.
pub type Rr = (&'static str, u16, u16, Vec<u8>);

/// A TXT record of these strings.
pub fn txt(name: &'static str, strings: &[&str]) -> Rr {
    (name, 16, 1, strings.iter().flat_map(|text| [&[text.len() as u8], text.as_bytes()].concat()).collect())
}

/// A CNAME record.
pub fn cname(name: &'static str, target: &str) -> Rr {
    (name, 5, 1, Name::parse(target.as_bytes()).unwrap().wire())
}

/// The server; it ends when this is dropped.
pub struct TestServer {
    pub address: SocketAddr,
    /// The names that were asked for, as they were asked for, with `tcp` or `udp` before them.
    pub asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// Names without case and what is said to them; every other name does not exist.
pub type Zone = Vec<(&'static str, Say)>;

impl TestServer {
    pub fn start(zone: Zone) -> TestServer {
        let (tcp, udp) = both();
        let address = udp.local_addr().unwrap();
        let (asked, stop, zone) = (Arc::default(), Arc::new(AtomicBool::new(false)), Arc::new(zone));
        let work = Arc::new(Work { zone, asked: Arc::clone(&asked), stop: Arc::clone(&stop) });
        let other = Arc::clone(&work);
        let threads =
            vec![std::thread::spawn(move || work.serve_udp(&udp)), std::thread::spawn(move || other.serve_tcp(&tcp))];
        TestServer { address, asked, stop, threads }
    }

    /// What `/etc/resolv.conf` would say.
    pub fn resolv_conf(&self) -> String {
        format!("nameserver [{}]:{}\n", self.address.ip(), self.address.port())
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The listener is woken by a connection.
        let _ = TcpStream::connect(self.address);
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

/// The same free port for both protocols.
fn both() -> (TcpListener, UdpSocket) {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
            udp.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            return (tcp, udp);
        }
    }
}

struct Work {
    zone: Arc<Zone>,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Work {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn serve_udp(&self, socket: &UdpSocket) {
        let mut packet = [0; 600];
        while !self.is_stopped() {
            let Ok((length, from)) = socket.recv_from(&mut packet) else { continue };
            for answer in self.answers(&packet[..length], false) {
                socket.send_to(&answer, from).unwrap();
            }
        }
    }

    fn serve_tcp(&self, listener: &TcpListener) {
        while let Ok((mut stream, _)) = listener.accept() {
            if self.is_stopped() {
                return;
            }
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut packet).unwrap();
            for answer in self.answers(&packet, true) {
                let length = (answer.len() as u16).to_be_bytes();
                stream.write_all(&[&length[..], &answer].concat()).unwrap();
            }
        }
    }

    fn answers(&self, query: &[u8], tcp: bool) -> Vec<Vec<u8>> {
        let name = asked_name(query);
        self.asked.lock().unwrap().push(format!("{} {name}", if tcp { "tcp" } else { "udp" }));
        let found = self.zone.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name));
        match found.map_or(&Say::Code(3), |(_, say)| say) {
            Say::Records(records) => vec![answer(query, 0, records)],
            Say::Code(code) => vec![answer(query, *code, &[])],
            Say::Silence => vec![],
            Say::ByTcp(records) if tcp => vec![answer(query, 0, records)],
            Say::HangUp if tcp => vec![],
            Say::ByTcp(_) | Say::HangUp => vec![truncated(query)],
            Say::Garbage => vec![garbage(query)],
            Say::ForgedFirst(records) => {
                let good = answer(query, 0, records);
                let mut forged = answer(query, 3, &[]);
                forged[0] ^= 1;
                vec![forged, good]
            }
        }
    }
}

/// The name in a question, with escapes for nothing.
fn asked_name(query: &[u8]) -> String {
    let mut name = Vec::new();
    let mut rest = &query[12..];
    while let [length @ 1..=63, after @ ..] = rest {
        name.extend_from_slice(&after[..usize::from(*length)]);
        name.push(b'.');
        rest = &after[usize::from(*length)..];
    }
    String::from_utf8_lossy(&name).trim_end_matches('.').to_owned()
}

fn answer(query: &[u8], code: u8, records: &[Rr]) -> Vec<u8> {
    let mut packet = query.to_vec();
    packet[2] |= 0x80;
    packet[3] = 0x80 | code;
    packet[6..8].copy_from_slice(&(records.len() as u16).to_be_bytes());
    for (name, kind, class, data) in records {
        packet.extend(Name::parse(name.as_bytes()).unwrap().wire());
        packet.extend([kind.to_be_bytes(), class.to_be_bytes()].concat());
        packet.extend(60u32.to_be_bytes());
        packet.extend((data.len() as u16).to_be_bytes());
        packet.extend(data);
    }
    packet
}

fn truncated(query: &[u8]) -> Vec<u8> {
    let mut packet = answer(query, 0, &[]);
    packet[2] |= 2;
    packet
}

/// A text that says to be longer than its record.
fn garbage(query: &[u8]) -> Vec<u8> {
    answer(query, 0, &[("x.test", 16, 1, b"\x09short".to_vec())])
}
