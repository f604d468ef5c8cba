//! Which list an address is, and which of its doors: what alias files say line by line, worked out from the lists that
//! there are.
//!
//! A whole local part that is a list comes before one with a suffix, so a list `foo-request` beats the command address of
//! `foo` (as in Debian's postfix-to-mailman). Details behind a `+` (`foo-bounces+ann=example.org`) belong to the door.

use super::script::Script;
use compat::list::{self, ListError, MailList};
use compat::site::{settings, Site};
use compat::ByteStr;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;

/// Suffixes of local parts; the wrapper has the same words.
const SUFFIXES: [&str; 9] =
    ["admin", "owner", "request", "bounces", "confirm", "join", "leave", "subscribe", "unsubscribe"];
/// The number of lists whose domain is remembered.
const REMEMBERED: usize = 64;

/// A list and one of its doors.
#[derive(Clone, Debug, PartialEq)]
pub struct Door {
    pub list: ByteStr,
    pub script: &'static Script,
}

/// Why an address leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// There is no such list, or not in this domain.
    #[error("no such list")]
    Unknown,
    /// It could not be found out.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The domain of the list could not be found out.
    #[error(transparent)]
    List(#[from] ListError),
}

/// The addresses of a site.
pub struct Addresses {
    site: Rc<Site>,
    /// Domains in which only their own lists are (`POSTFIX_STYLE_VIRTUAL_DOMAINS`).
    separate: Vec<ByteStr>,
    domains: HashMap<ByteStr, ByteStr>,
}

impl Addresses {
    /// Of a site.
    pub fn new(site: &Rc<Site>) -> Addresses {
        let separate = site.settings.strings(settings::POSTFIX_STYLE_VIRTUAL_DOMAINS).unwrap_or_default();
        Addresses { site: Rc::clone(site), separate, domains: HashMap::new() }
    }

    /// The door that an address opens.
    ///
    /// # Errors
    /// See [`AddressError`].
    pub fn find(&mut self, address: &[u8]) -> Result<Door, AddressError> {
        let (local, domain) = parts(address);
        let local = local.to_ascii_lowercase();
        if !list::is_acceptable(&self.site, &local) {
            return Err(AddressError::Unknown);
        }
        let door = self.door(&local)?.ok_or(AddressError::Unknown)?;
        match self.is_in(&door.list, domain)? {
            true => Ok(door),
            false => Err(AddressError::Unknown),
        }
    }

    fn door(&self, local: &[u8]) -> io::Result<Option<Door>> {
        for (name, script) in candidates(local) {
            let script = Script::named(script.as_bytes());
            if let Some(script) = script.filter(|_| !name.is_empty()) {
                if list::look_up(&self.site, name)? {
                    return Ok(Some(Door { list: name.into(), script }));
                }
            }
        }
        Ok(None)
    }

    /// Whether a list has addresses in a domain. The mail server decides which domains come here; of those that Mailman
    /// keeps apart each has its own lists.
    fn is_in(&mut self, list: &ByteStr, domain: &[u8]) -> Result<bool, AddressError> {
        if !self.separate.iter().any(|own| own.eq_ignore_ascii_case(domain)) {
            return Ok(true);
        }
        if !self.domains.contains_key(list) {
            let host = MailList::look(&self.site, list.clone())?.host_name();
            if self.domains.len() >= REMEMBERED {
                self.domains.clear();
            }
            self.domains.insert(list.clone(), host);
        }
        Ok(self.domains.get(list).is_some_and(|host| host.eq_ignore_ascii_case(domain)))
    }
}

/// Local part and domain; quotes around the local part are no part of it.
fn parts(address: &[u8]) -> (&[u8], &[u8]) {
    let at = address.iter().rposition(|&byte| byte == b'@');
    let (local, domain) = at.map_or((address, &b""[..]), |at| (&address[..at], &address[at + 1..]));
    let unquoted = local.strip_prefix(b"\"").and_then(|local| local.strip_suffix(b"\""));
    (unquoted.unwrap_or(local), domain)
}

/// What a local part may mean, the likeliest first: with and without what stands behind a `+`.
fn candidates(local: &[u8]) -> Vec<(&[u8], &'static str)> {
    let mut found = Vec::new();
    let without_detail = local.iter().position(|&byte| byte == b'+').map(|at| &local[..at]);
    for part in std::iter::once(local).chain(without_detail) {
        found.push((part, "post"));
        for suffix in SUFFIXES {
            let name = part.strip_suffix(suffix.as_bytes()).and_then(|part| part.strip_suffix(b"-"));
            found.extend(name.map(|name| (name, suffix)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_local_part_may_mean() {
        let texts = |local: &str| {
            let found = candidates(local.as_bytes()).into_iter();
            found.map(|(name, script)| format!("{} {script}", String::from_utf8_lossy(name))).collect::<Vec<_>>()
        };
        assert_eq!(texts("club"), ["club post"]);
        assert_eq!(texts("club-request"), ["club-request post", "club request"]);
        assert_eq!(
            texts("club-bounces+ann=example.org"),
            ["club-bounces+ann=example.org post", "club-bounces post", "club bounces"]
        );
        assert_eq!(texts("club-unsubscribe")[1], "club unsubscribe");
        assert_eq!(texts("-owner")[1], " owner");
    }

    #[test]
    fn parts_of_addresses() {
        assert_eq!(parts(b"a@b"), (&b"a"[..], &b"b"[..]));
        assert_eq!(parts(b"\"a@c\"@b"), (&b"a@c"[..], &b"b"[..]));
        assert_eq!(parts(b"a"), (&b"a"[..], &b""[..]));
    }
}
