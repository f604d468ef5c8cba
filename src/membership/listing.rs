//! Who is on a list, as bin/list_members shows it, and where an address is a member, as bin/find_member does.

use compat::codecs::{self, Errors};
use compat::email::address::formataddr;
use compat::list::{attributes, options, Attribute, DeliveryStatus, MailList};
use compat::names::Table;
use compat::pattern::{Pattern, TooMuch};
use compat::pydict;
use compat::value::Value;
use compat::ByteStr;
use std::collections::BTreeMap;

/// Which digest a member gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestKind {
    Mime,
    Plain,
}

/// Of all members those that are so; what else is asked does not count then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    Invalid,
    Unicode,
    InvalidOrUnicode,
    Moderated,
    NotModerated,
}

/// Whom to show, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub regular: bool,
    pub digest: bool,
    pub kind: Option<DigestKind>,
    /// Members without delivery: for any reason, or with this status.
    pub no_mail: Option<Option<DeliveryStatus>>,
    pub only: Option<Only>,
    pub names: bool,
    /// Addresses as their owners write them.
    pub preserve: bool,
}

/// A key of the roster, and what is shown for it.
struct Entry {
    shown: ByteStr,
    is_unicode: bool,
}

impl Selection {
    /// One line per member, sorted: regular members, then those with digests.
    pub fn lines(&self, list: &MailList) -> Vec<ByteStr> {
        let roster = |attribute| self.entries(list, attribute);
        if let Some(only) = self.only {
            let both = sorted(
                [roster(attributes::MEMBERS), roster(attributes::DIGEST_MEMBERS)].into_iter().flatten().collect(),
            );
            return both.iter().filter(|entry| is_so(list, entry, only)).map(|entry| self.line(list, entry)).collect();
        }
        let mut lines = Vec::new();
        for (wanted, attribute) in [(self.regular, attributes::MEMBERS), (self.digest, attributes::DIGEST_MEMBERS)] {
            let entries = if wanted { sorted(roster(attribute)) } else { Vec::new() };
            let digest = attribute == attributes::DIGEST_MEMBERS;
            let shown = entries.iter().filter(|entry| self.takes(list, &entry.shown, digest));
            lines.extend(shown.map(|entry| self.line(list, entry)));
        }
        lines
    }

    fn entries(&self, list: &MailList, attribute: Attribute<Table>) -> Vec<Entry> {
        let keys = list.dict(attribute).into_iter().flat_map(|dict| dict.iter());
        keys.filter_map(|(key, value)| {
            let own = value.as_text().filter(|own| self.preserve && !own.is_empty());
            let is_unicode = matches!(if own.is_some() { value } else { key }, Value::Unicode(_));
            Some(Entry { shown: own.or_else(|| key.as_text())?.clone(), is_unicode })
        })
        .collect()
    }

    fn takes(&self, list: &MailList, address: &[u8], digest: bool) -> bool {
        let status = list.delivery_status(address);
        let mail = match self.no_mail {
            None => true,
            Some(None) => status != DeliveryStatus::Enabled,
            Some(Some(wanted)) => status == wanted,
        };
        let plain = list.option(address, options::DISABLE_MIME);
        mail && !(digest && self.kind == Some(if plain { DigestKind::Mime } else { DigestKind::Plain }))
    }

    fn line(&self, list: &MailList, entry: &Entry) -> ByteStr {
        let name = list.name_of(&entry.shown).filter(|_| self.names).map(|name| in_ascii(&name)).unwrap_or_default();
        formataddr(&name, &entry.shown)
    }
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| a.shown.cmp(&b.shown));
    entries
}

fn is_so(list: &MailList, entry: &Entry, only: Only) -> bool {
    let moderated = || list.option(&entry.shown, options::MODERATE);
    match only {
        Only::Invalid => !list.is_valid_email(&entry.shown),
        Only::Unicode => entry.is_unicode,
        Only::InvalidOrUnicode => entry.is_unicode || !list.is_valid_email(&entry.shown),
        Only::Moderated => moderated(),
        Only::NotModerated => !moderated(),
    }
}

/// Names are shown in Python's default encoding: everything beyond ASCII is a question mark.
fn in_ascii(name: &Value) -> ByteStr {
    match name {
        Value::Unicode(text) => codecs::encode(text, "us-ascii", Errors::Replace).map(ByteStr::new).unwrap_or_default(),
        other => {
            let bytes = other.as_text().cloned().unwrap_or_default();
            ByteStr::new(bytes.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect())
        }
    }
}

/// In which roles an address was found on a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Role {
    pub member: bool,
    pub owner: bool,
}

/// Addresses with the lists that they are on.
#[derive(Default)]
pub struct Found {
    by_address: BTreeMap<ByteStr, Vec<(ByteStr, Role)>>,
}

impl Found {
    /// Looks through a list for addresses that a pattern is found in.
    ///
    /// # Errors
    /// A pattern that takes too long.
    pub fn search(&mut self, list: &MailList, patterns: &[Pattern], owners_too: bool) -> Result<(), TooMuch> {
        let owners = if owners_too { list.strings(attributes::OWNER) } else { Vec::new() };
        for pattern in patterns {
            for member in list.members() {
                if pattern.is_match(&member)? {
                    let shown = list.case_preserved(&member).unwrap_or(member);
                    self.role(shown, list.name()).member = true;
                }
            }
            for owner in &owners {
                if pattern.is_match(owner)? {
                    self.role(owner.clone(), list.name()).owner = true;
                }
            }
        }
        Ok(())
    }

    fn role(&mut self, address: ByteStr, list: &ByteStr) -> &mut Role {
        let lists = self.by_address.entry(address).or_default();
        let at = lists.iter().position(|(name, _)| name == list).unwrap_or(lists.len());
        if at == lists.len() {
            lists.push((list.clone(), Role::default()));
        }
        &mut lists[at].1
    }

    /// Addresses in order; the lists of each in that of a Python dictionary.
    pub fn into_sorted(self) -> Vec<(ByteStr, Vec<(ByteStr, Role)>)> {
        let in_order = |lists: Vec<(ByteStr, Role)>| -> Vec<(ByteStr, Role)> {
            let names: Vec<&[u8]> = lists.iter().map(|(name, _)| &name[..]).collect();
            pydict::order(&names).into_iter().filter_map(|at| lists.get(at).cloned()).collect()
        };
        self.by_address.into_iter().map(|(address, lists)| (address, in_order(lists))).collect()
    }
}
