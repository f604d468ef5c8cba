//! The machine's full name, as Python's `socket.getfqdn` finds it.
//!
//! Settings ask for it (Red Hat's mm_cfg.py makes its hosts of it), and so does whoever greets a mail server. The name leads
//! to an address, the address to its names in `/etc/hosts` or to one in DNS; the first with a dot counts.

use crate::hex::hexlify;
use crate::random;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::OnceLock;

/// Finds the name of an address in DNS. The C library's call for it is `unsafe`, and so not made in this crate.
pub type Reverse = fn(IpAddr) -> Option<String>;

static REVERSE: OnceLock<Reverse> = OnceLock::new();

/// From now on names that `/etc/hosts` does not tell are asked for so.
pub fn look_up_names_with(reverse: Reverse) {
    REVERSE.get_or_init(|| reverse);
}

/// `socket.gethostname()`
pub fn name() -> String {
    nix::unistd::gethostname().unwrap_or_default().to_string_lossy().into_owned()
}

/// What tells this run of the machine from every other: while it is the same, what one program did to files is seen by
/// all, on the disk or not. Where the system does not say, each process takes itself for a new run.
pub fn boot() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        let said = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let said: String = said.chars().filter(char::is_ascii_hexdigit).take(16).collect();
        match said.len() {
            16 => said,
            _ => hexlify(&random::bytes::<8>()),
        }
    })
}

/// The first address of a host.
pub fn address_of(name: &str) -> Option<IpAddr> {
    (name, 0).to_socket_addrs().ok()?.next().map(|address| address.ip())
}

/// `socket.getfqdn(name)`; an empty name means this machine. What nobody knows is its own full name.
pub fn full_name(asked: &str) -> String {
    let asked = match asked.trim() {
        "" | "0.0.0.0" => name(),
        name => name.to_owned(),
    };
    let Some(address) = address_of(&asked) else { return asked };
    let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    let mut names = names_in(&hosts, address);
    if names.is_empty() {
        names.extend(REVERSE.get().and_then(|reverse| reverse(address)));
    }
    fullest(&names).unwrap_or(asked)
}

/// The names on the first line of an address.
fn names_in(hosts: &str, address: IpAddr) -> Vec<String> {
    let line = |line: &str| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        (words.next()?.parse() == Ok(address)).then(|| words.map(str::to_owned).collect())
    };
    hosts.lines().find_map(line).unwrap_or_default()
}

/// The first name with a dot, else the first.
fn fullest(names: &[String]) -> Option<String> {
    names.iter().find(|name| name.contains('.')).or(names.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_name_is_the_first_with_a_dot() {
        let hosts = "127.0.0.1 localhost\n10.0.0.7 lists lists.example.com # here.org\n10.0.0.8 other\n";
        let at = |last: u8| fullest(&names_in(hosts, IpAddr::from([10, 0, 0, last])));
        assert_eq!(at(7).as_deref(), Some("lists.example.com"));
        assert_eq!(at(8).as_deref(), Some("other"));
        assert_eq!(at(9), None);
    }

    #[test]
    fn what_has_no_address_is_its_own_full_name() {
        assert_eq!(full_name(" no.such.host.invalid "), "no.such.host.invalid");
    }
}
