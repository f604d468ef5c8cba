//! `/etc/resolv.conf`: the servers, and whether they take turns. Other options are not read, as dnspython does not.

use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

/// The port of the DNS.
const PORT: u16 = 53;
/// So much of the file is read.
const FILE_LIMIT: u64 = 64 << 10;
/// Maximum number of servers that are asked; resolvers usually take three.
const SERVERS_LIMIT: usize = 16;

/// Whom to ask.
#[derive(Debug, PartialEq, Eq)]
pub struct Servers {
    /// The servers in their order.
    pub addresses: Vec<SocketAddr>,
    /// Whether another one comes first each time.
    pub rotate: bool,
}

impl Servers {
    /// Reads the file. Without it, or where it names none, it is this machine.
    pub fn read(path: &Path) -> Servers {
        let text = File::open(path).and_then(|file| {
            let mut text = Vec::new();
            file.take(FILE_LIMIT).read_to_end(&mut text).map(|_| text)
        });
        Servers::parse(&String::from_utf8_lossy(&text.unwrap_or_else(|_: io::Error| Vec::new())))
    }

    fn parse(text: &str) -> Servers {
        let mut servers = Servers { addresses: Vec::new(), rotate: false };
        for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["nameserver", address, ..] => servers.addresses.extend(parse_address(address)),
                ["options", ref options @ ..] => servers.rotate |= options.contains(&"rotate"),
                _ => {}
            }
        }
        servers.addresses.truncate(SERVERS_LIMIT);
        if servers.addresses.is_empty() {
            servers.addresses.push((Ipv4Addr::LOCALHOST, PORT).into());
        }
        servers
    }
}

/// An address, or as OpenBSD writes it one with a port: `[127.0.0.1]:5353`.
fn parse_address(text: &str) -> Option<SocketAddr> {
    if let Some((address, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
        return Some((address.parse::<IpAddr>().ok()?, port.parse().ok()?).into());
    }
    // The zone of a link-local address is a name that only the C library resolves.
    Some((text.parse::<IpAddr>().ok()?, PORT).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<String> {
        Servers::parse(text).addresses.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn servers_in_order() {
        let text = "# nameserver 1.1.1.1\n;x\nsearch a.test\nnameserver 10.0.0.1 x\nnameserver ::1\nnameserver\n\
                    nameserver [127.0.0.1]:5353\nnameserver nonsense\noptions timeout:1 rotate\n";
        assert_eq!(addresses(text), ["10.0.0.1:53", "[::1]:53", "127.0.0.1:5353"]);
        assert!(Servers::parse(text).rotate);
    }

    #[test]
    fn this_machine_is_asked_where_nothing_is_said() {
        assert_eq!(addresses("search a.test\n"), ["127.0.0.1:53"]);
        assert_eq!(Servers::read(Path::new("/no/such/file")).addresses, Servers::parse("").addresses);
        assert!(!Servers::parse("").rotate);
    }

    #[test]
    fn not_more_than_a_few() {
        assert_eq!(addresses(&"nameserver 10.0.0.1\n".repeat(100)).len(), 16);
    }
}
