//! The stub resolver: one server after the other until one answers or the time is over (dnspython's `Resolver.query`).
//!
//! A server that fails or speaks nonsense is not asked again, one that is silent is. Unlike dnspython, the site's search
//! domains are not tried for a name that does not exist: an answer found below them says nothing about the sender.

use super::exchange::exchange;
use super::message::{Question, Reply, IN};
use super::name::Name;
use super::servers::Servers;
use super::suffixes::Suffixes;
use super::{Answer, Data, Dns, DnsError, Kind, Limits, Record};
use compat::random;
use compat::site::{settings, Site};
use compat::ByteStr;
use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The pause after a round of silent servers; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Maximum number of CNAMEs that are followed.
const ALIASES_LIMIT: usize = 15;
/// Where there is no setting of ours.
const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Asks the servers that the system names.
pub struct Stub {
    site: Rc<Site>,
    suffixes: RefCell<Option<Suffixes>>,
}

impl Stub {
    /// Nothing is read or asked yet.
    pub fn new(site: &Rc<Site>) -> Stub {
        Stub { site: Rc::clone(site), suffixes: RefCell::new(None) }
    }

    fn servers(&self) -> Servers {
        let own = self.site.settings.path(settings::MAILMAN2_RS_RESOLV_CONF);
        Servers::read(if own.as_os_str().is_empty() { Path::new(RESOLV_CONF) } else { &own })
    }
}

impl Dns for Stub {
    fn ask(&self, name: &[u8], kind: Kind, limits: Limits) -> Result<Answer, DnsError> {
        let name = Name::parse(name)?;
        let Servers { addresses, rotate } = self.servers();
        let mut round = Round { servers: addresses, started: Instant::now(), limits };
        if rotate {
            let first = usize::from(random_id()) % round.servers.len().max(1);
            round.servers.rotate_left(first);
        }
        answer(round.ask(&name, kind)?, &name, kind)
    }

    fn organisational_domain(&self, domain: &[u8]) -> ByteStr {
        let mut suffixes = self.suffixes.borrow_mut();
        // What could not be read is tried again for the next message, as Mailman does.
        if suffixes.is_none() {
            *suffixes = Suffixes::of_site(&self.site);
        }
        match &*suffixes {
            Some(suffixes) => suffixes.organisational_domain(domain),
            None => Suffixes::default().organisational_domain(domain),
        }
    }
}

/// A question on its way.
struct Round {
    servers: Vec<SocketAddr>,
    started: Instant,
    limits: Limits,
}

impl Round {
    /// The records of the first server that has something to say.
    fn ask(&mut self, name: &Name, kind: Kind) -> Result<Vec<Record>, DnsError> {
        let mut pause = FIRST_PAUSE;
        loop {
            for server in self.servers.clone() {
                if let Some(records) = self.ask_one(server, name, kind)? {
                    return Ok(records);
                }
            }
            if self.servers.is_empty() {
                return Err(DnsError::NoServers);
            }
            std::thread::sleep(pause.min(self.time_for_one()?));
            pause *= 2;
        }
    }

    fn ask_one(&mut self, server: SocketAddr, name: &Name, kind: Kind) -> Result<Option<Vec<Record>>, DnsError> {
        let deadline = Instant::now() + self.time_for_one()?;
        let question = Question { id: random_id(), name, kind };
        let fails = match exchange(&question, server, deadline) {
            Ok(Reply::Answer(0, records)) => return Ok(Some(records)),
            Ok(Reply::Answer(3, _)) => return Err(DnsError::NoSuchName),
            Ok(Reply::Answer(6, _)) => return Err(DnsError::TooLongByAlias),
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::UnexpectedEof,
        };
        if fails {
            self.servers.retain(|other| *other != server);
        }
        Ok(None)
    }

    fn time_for_one(&self) -> Result<Duration, DnsError> {
        let left = self.limits.in_all.saturating_sub(self.started.elapsed());
        match left.is_zero() {
            true => Err(DnsError::TimedOut),
            false => Ok(left.min(self.limits.one_server)),
        }
    }
}

/// Follows aliases to the name that has what was asked for.
fn answer(records: Vec<Record>, asked: &Name, kind: Kind) -> Result<Answer, DnsError> {
    let mut final_name = asked.text();
    for _ in 0..ALIASES_LIMIT {
        let about = |record: &&Record| record.class == IN && record.name.eq_ignore_ascii_case(&final_name);
        if records.iter().filter(about).any(|record| is_of(&record.data, kind)) {
            return Ok(Answer { records, final_name });
        }
        let alias = records.iter().filter(about).find_map(|record| match &record.data {
            Data::Alias(target) => Some(target.clone()),
            _ => None,
        });
        final_name = alias.ok_or(DnsError::NoAnswer)?;
    }
    Err(DnsError::NoAnswer)
}

fn is_of(data: &Data, kind: Kind) -> bool {
    matches!((data, kind), (Data::Address(_), Kind::A) | (Data::Text(_), Kind::Txt))
}

fn random_id() -> u16 {
    u16::from_be_bytes(random::bytes())
}
