//! Limits on what bots do with pages that send mail: how often a network may ask, and how often about one address.
//!
//! Mailman has none, and mail to strangers through its form is the commonest abuse of a list server. A limit here is so
//! wide that people never meet it. The counters are a table of a fixed size in `DATA_DIR/web/limits`, which all programs
//! and threads share; what has not been used for long gives way. A table that cannot be used limits nobody.

use super::{Problem, Visit};
use crate::clock;
use compat::durable;
use compat::site::{own, settings};
use nix::fcntl::{Flock, FlockArg};
use sha1::{Digest, Sha1};
use std::fs::{File, OpenOptions};
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// Counters that share a place, and of which the oldest gives way.
const SHELF: usize = 8;
const SHELVES: u64 = 1024;
/// A counter: who it is for, and until when what was done counts.
const COUNTER: usize = 16;
const HOUR: u64 = 3_600_000;

impl Visit<'_> {
    /// Counts a request of a kind by a client, about an address if there is one.
    ///
    /// # Errors
    /// There were too many (`MAILMAN2_RS_WEB_NETWORK_LIMIT`, `MAILMAN2_RS_WEB_ADDRESS_LIMIT`). A line of the log
    /// `mischief` says so.
    pub fn limit(&self, act: &str, address: &[u8]) -> Result<(), Problem> {
        let remote = self.remote();
        let network = network_of(&remote);
        let settings = &self.site.settings;
        let networks = own::int(settings, settings::MAILMAN2_RS_WEB_NETWORK_LIMIT);
        let addresses = own::int(settings, settings::MAILMAN2_RS_WEB_ADDRESS_LIMIT);
        let Ok(table) = Table::open(&settings.path(settings::DATA_DIR).join("web")) else { return Ok(()) };
        let now = (clock::now() * 1000.0) as u64;
        let within = |what: &str, key: &[u8], an_hour: i64| {
            let Some(an_hour) = u64::try_from(an_hour).ok().filter(|limit| *limit > 0) else { return true };
            table.count(&[act.as_bytes(), what.as_bytes(), key].join(&0), an_hour, now).unwrap_or(true)
        };
        let address = address.to_ascii_lowercase();
        if within("network", network.as_bytes(), networks)
            && (address.is_empty() || within("address", &address, addresses))
        {
            return Ok(());
        }
        self.log("mischief", &[b"Too many requests (", act.as_bytes(), b"): remote=", &remote]);
        Err(Problem::TooMany)
    }
}

/// The network of a client: 256 addresses of IPv4, or what a customer has of IPv6.
fn network_of(remote: &[u8]) -> String {
    let text = String::from_utf8_lossy(remote);
    match text.parse() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}")
        }
        Ok(IpAddr::V6(address)) => address.segments()[..4].iter().map(|segment| format!("{segment:x}:")).collect(),
        Err(_) => text.into_owned(),
    }
}

/// The counters on disk.
struct Table(Flock<File>);

impl Table {
    /// Opens the table, and keeps others out until it is dropped.
    fn open(folder: &Path) -> io::Result<Table> {
        let path = folder.join("limits");
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o660).open(&path);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                durable::mkdir_all(folder, durable::DIR_MODE)?;
                open()?
            }
            other => other?,
        };
        Flock::lock(file, FlockArg::LockExclusive).map(Table).map_err(|(_, error)| error.into())
    }

    /// Counts one more for a key; whether it is still within its number an hour, all of which may come at once.
    ///
    /// A counter holds the moment at which all that was counted is forgiven: each event moves it on by its share of the
    /// hour, and it may not be more than an hour ahead.
    fn count(&self, key: &[u8], an_hour: u64, now: u64) -> io::Result<bool> {
        let digest = Sha1::digest(key);
        let name = digest.iter().take(8).fold(0u64, |number, &byte| number << 8 | u64::from(byte)) | 1;
        let place = (name >> 8) % SHELVES * (SHELF * COUNTER) as u64;
        let mut open_lists = [0; SHELF * COUNTER];
        // A table that is shorter has nothing there yet.
        let _ = self.0.read_at(&mut open_lists, place)?;
        let counters: Vec<(u64, u64)> = open_lists.chunks_exact(COUNTER).map(counter).collect();
        let own = counters.iter().position(|(known, _)| *known == name);
        let at = own.or_else(|| (0..SHELF).min_by_key(|at| counters[*at].1)).unwrap_or(0);
        let known = own.map_or(0, |at| counters[at].1);
        // A moment that is further ahead was written by another clock.
        let start = if known > now + 2 * HOUR { now } else { known.max(now) };
        let forgiven = start + HOUR / an_hour;
        if forgiven > now + HOUR {
            return Ok(false);
        }
        let bytes = [name.to_le_bytes(), forgiven.to_le_bytes()].concat();
        self.0.write_all_at(&bytes, place + (at * COUNTER) as u64)?;
        Ok(true)
    }
}

fn counter(bytes: &[u8]) -> (u64, u64) {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    (number(&bytes[..8]), number(&bytes[8..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_772_452_800_000;

    #[test]
    fn so_many_an_hour_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::open(&folder.path().join("web")).unwrap();
        let counted = |key: &str, now| table.count(key.as_bytes(), 3, now).unwrap();
        assert_eq!(
            [counted("a", NOW), counted("a", NOW), counted("a", NOW), counted("a", NOW)],
            [true, true, true, false]
        );
        assert!(counted("b", NOW), "others are not concerned");
        assert!(!counted("a", NOW + HOUR / 3 - 1) && counted("a", NOW + HOUR / 3));
        assert!(counted("a", NOW - 5 * HOUR), "a clock that was put back forgives");
    }

    #[test]
    fn the_table_does_not_grow() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::open(folder.path()).unwrap();
        for number in 0..20_000u64 {
            assert!(table.count(&number.to_le_bytes(), 10, NOW + number).unwrap());
        }
        drop(table);
        assert!(folder.path().join("limits").metadata().unwrap().len() <= SHELVES * (SHELF * COUNTER) as u64);
    }

    #[test]
    fn networks() {
        assert_eq!(network_of(b"192.0.2.7"), "192.0.2");
        assert_eq!(network_of(b"2001:db8:1:2:3::9"), "2001:db8:1:2:");
        assert_eq!(network_of(b"unidentified origin"), "unidentified origin");
    }
}
