//! Limits on what bots do: how often a network may send mail to an address of its choice, how often about one address, and
//! how many passwords it may guess.
//!
//! Mailman has none, and mail to strangers through its form is the commonest abuse of a list server. A limit here is so
//! wide that people never meet it. The counters are a table of a fixed size in `DATA_DIR/web/limits`, which all programs
//! and threads share; what has not been used for long gives way. A table that cannot be used limits nobody.

use super::{Problem, Visit};
use crate::clock;
use compat::durable;
use compat::names::{Named, Number, OfSite};
use compat::site::{own, settings};
use nix::fcntl::{Flock, FlockArg};
use sha1::{Digest, Sha1};
use std::fs::{File, OpenOptions};
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// Counters that share a place, and of which the oldest gives way.
const BUCKET_SLOTS: usize = 8;
const BUCKETS: u64 = 1024;
/// A counter: who it is for, and until when what was done counts.
const COUNTER: usize = 16;
const HOUR: u64 = 3_600_000;

/// The limit of wrong passwords from a network for all lists together, as a multiple of that for one list.
const ALL_LISTS: u64 = 10;

impl Visit<'_> {
    /// Counts a request of a kind by a client, about an address if there is one.
    ///
    /// # Errors
    /// There were too many (`MAILMAN2_RS_WEB_NETWORK_LIMIT`, `MAILMAN2_RS_WEB_ADDRESS_LIMIT`). A line of the log
    /// `mischief` says so.
    pub fn limit(&self, act: &str, address: &[u8]) -> Result<(), Problem> {
        let remote = self.remote();
        let network = network_of(&self.counted_client());
        let Ok(table) = self.table() else { return Ok(()) };
        let now = milliseconds();
        let within = |what: &str, key: &[u8], an_hour: Option<u64>| {
            let Some(an_hour) = an_hour else { return true };
            table.count(&[act.as_bytes(), what.as_bytes(), key].join(&0), an_hour, now).unwrap_or(true)
        };
        let networks = self.limit_of(settings::MAILMAN2_RS_WEB_NETWORK_LIMIT);
        let addresses = self.limit_of(settings::MAILMAN2_RS_WEB_ADDRESS_LIMIT);
        let address = address.to_ascii_lowercase();
        if within("network", network.as_bytes(), networks)
            && (address.is_empty() || within("address", &address, addresses))
        {
            return Ok(());
        }
        self.log("mischief", &[b"Too many requests (", act.as_bytes(), b"): remote=", &remote]);
        Err(Problem::TooMany)
    }

    /// Refuses a password unseen, if too many from the client's network were wrong
    /// (`MAILMAN2_RS_WEB_PASSWORD_LIMIT`): then a guess counts again when enough time has gone by. `user` where the page
    /// has one.
    ///
    /// # Errors
    /// There were too many. Lines of the logs `security` and `mischief` say so.
    pub fn slow_down(&self, user: Option<&[u8]>, list: &[u8], password: &[u8]) -> Result<(), Problem> {
        let may_try = |table: Table, an_hour: u64| {
            let now = milliseconds();
            self.guesses(list, an_hour).iter().all(|(key, limit)| table.has_room(key, *limit, now).unwrap_or(true))
        };
        let Some(an_hour) = self.limit_of(settings::MAILMAN2_RS_WEB_PASSWORD_LIMIT) else { return Ok(()) };
        if password.is_empty() || self.table().map_or(true, |table| may_try(table, an_hour)) {
            return Ok(());
        }
        self.log_failure(user, list);
        let program = self.program.as_bytes();
        self.log(
            "mischief",
            &[b"Too many wrong passwords (", program, b"): list=", list, b": remote=", &self.remote()],
        );
        Err(Problem::TooMany)
    }

    /// Counts a wrong password for a list; an empty name stands for the site.
    pub fn count_wrong_password(&self, list: &[u8]) {
        let Some(an_hour) = self.limit_of(settings::MAILMAN2_RS_WEB_PASSWORD_LIMIT) else { return };
        let Ok(table) = self.table() else { return };
        for (key, limit) in self.guesses(list, an_hour) {
            // A table that cannot be written limits nobody.
            let _ = table.count(&key, limit, milliseconds());
        }
    }

    /// The counters of wrong passwords with their limits: of one list by what the client says that it is, and of all lists
    /// by who has called, which no header can change.
    fn guesses(&self, list: &[u8], an_hour: u64) -> [(Vec<u8>, u64); 2] {
        let peer = self.request.remote_addr.clone().unwrap_or_default();
        let of_list = [b"password", network_of(&self.counted_client()).as_bytes(), list].join(&0);
        let of_all = [b"password", network_of(&peer).as_bytes()].join(&0);
        [(of_list, an_hour), (of_all, an_hour.saturating_mul(ALL_LISTS))]
    }

    /// Says once an hour and network that a password stands in an address, where web servers log it.
    pub fn warn_of_password_in_address(&self) {
        let key = [b"address", network_of(&self.counted_client()).as_bytes(), self.program.as_bytes()].join(&0);
        let is_first = self.table().and_then(|table| table.count(&key, 1, milliseconds())).unwrap_or(false);
        if is_first {
            let text: &[u8] = b": a password came in an address, and so into the web server's log: remote=";
            self.log("error", &[self.program.as_bytes(), text, &self.remote()]);
        }
    }

    fn table(&self) -> io::Result<Table> {
        Table::open(&self.site.settings.path(settings::DATA_DIR).join("web"))
    }

    /// Maximum number per hour; `None` for no limit.
    fn limit_of(&self, setting: impl Named<OfSite, Number>) -> Option<u64> {
        u64::try_from(own::int(&self.site.settings, setting)).ok().filter(|limit| *limit > 0)
    }
}

fn milliseconds() -> u64 {
    (clock::now() * 1000.0) as u64
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
        let place = Place::of(key);
        let (at, forgiven) = self.look(&place, now)?;
        let forgiven = forgiven + HOUR / an_hour;
        if forgiven > now + HOUR {
            return Ok(false);
        }
        let bytes = [place.name.to_le_bytes(), forgiven.to_le_bytes()].concat();
        self.0.write_all_at(&bytes, place.offset + (at * COUNTER) as u64)?;
        Ok(true)
    }

    /// Whether one more would still be within the number an hour.
    fn has_room(&self, key: &[u8], an_hour: u64, now: u64) -> io::Result<bool> {
        let (_, forgiven) = self.look(&Place::of(key), now)?;
        Ok(forgiven + HOUR / an_hour <= now + HOUR)
    }

    /// The number on its bucket of a key's counter, or of the one that gives way, and when all is forgiven.
    fn look(&self, place: &Place, now: u64) -> io::Result<(usize, u64)> {
        let mut bucket = [0; BUCKET_SLOTS * COUNTER];
        // A table that is shorter has nothing there yet.
        let _ = self.0.read_at(&mut bucket, place.offset)?;
        let counters: Vec<(u64, u64)> = bucket.chunks_exact(COUNTER).map(counter).collect();
        let own = counters.iter().position(|(known, _)| *known == place.name);
        let at = own.or_else(|| (0..BUCKET_SLOTS).min_by_key(|at| counters[*at].1)).unwrap_or(0);
        let known = own.map_or(0, |at| counters[at].1);
        // A moment that is further ahead was written by another clock.
        Ok((at, if known > now + 2 * HOUR { now } else { known.max(now) }))
    }
}

/// Where a key's counter stands, and what distinguishes it from others there.
struct Place {
    offset: u64,
    name: u64,
}

impl Place {
    fn of(key: &[u8]) -> Place {
        let digest = Sha1::digest(key);
        let name = digest.iter().take(8).fold(0u64, |number, &byte| number << 8 | u64::from(byte)) | 1;
        Place { offset: (name >> 8) % BUCKETS * (BUCKET_SLOTS * COUNTER) as u64, name }
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
        assert!(folder.path().join("limits").metadata().unwrap().len() <= BUCKETS * (BUCKET_SLOTS * COUNTER) as u64);
    }

    #[test]
    fn networks() {
        assert_eq!(network_of(b"192.0.2.7"), "192.0.2");
        assert_eq!(network_of(b"2001:db8:1:2:3::9"), "2001:db8:1:2:");
        assert_eq!(network_of(b"unidentified origin"), "unidentified origin");
    }
}
