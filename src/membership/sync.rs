//! A list's members made the same as the addresses of a file (bin/sync_members).

use super::{leave, subscribe, MembershipContext, Notices, Refused, UserDesc};
use crate::error::HandlerError;
use compat::email::address::Address;
use compat::list::MailList;
use compat::pydict::KeyTable;
use compat::value::Value;
use compat::ByteStr;
use std::collections::{HashMap, HashSet};

/// What tells a list from a file. Both are in the order of Python's dictionaries, which is that of the output.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// Names and addresses that the list lacks. The last of equal addresses counts.
    pub joining: Vec<Address>,
    /// Addresses that the file lacks, as their owners write them.
    pub leaving: Vec<ByteStr>,
}

impl Difference {
    /// Compares addresses by their lower case.
    pub fn between(list: &MailList, wanted: &[Address]) -> Difference {
        let mut here = Addresses::default();
        for member in list.members() {
            let shown = list.case_preserved(&member).unwrap_or(member);
            here.insert(&shown, shown.clone());
        }
        let (mut found, mut missing) = (HashSet::new(), Addresses::default());
        for (name, address) in wanted {
            let key = lower(address);
            if here.remove(&key) {
                found.insert(key);
            } else if !found.contains(&key) {
                missing.insert(address, (name.clone(), address.clone()));
            }
        }
        Difference { joining: missing.into_values(), leaving: here.into_values() }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.joining.is_empty() && self.leaving.is_empty()
    }
}

/// A dictionary whose keys are addresses in lower case.
struct Addresses<T> {
    order: KeyTable<ByteStr>,
    values: HashMap<ByteStr, T>,
}

impl<T> Default for Addresses<T> {
    fn default() -> Self {
        Addresses { order: KeyTable::new(), values: HashMap::new() }
    }
}

impl<T> Addresses<T> {
    fn insert(&mut self, address: &[u8], value: T) {
        let key = lower(address);
        self.order.insert(key.clone());
        self.values.insert(key, value);
    }

    fn remove(&mut self, key: &[u8]) -> bool {
        self.order.remove(key) && self.values.remove(key).is_some()
    }

    fn into_values(self) -> Vec<T> {
        let mut values = self.values;
        self.order.into_keys().filter_map(|key| values.remove(&key)).collect()
    }
}

fn lower(address: &[u8]) -> ByteStr {
    ByteStr::new(address.to_ascii_lowercase())
}

/// What becomes of those who join and leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// They get digests.
    pub digest: bool,
    /// Whether who joins is welcomed; otherwise the list decides.
    pub welcome: Option<bool>,
    /// Whether who leaves gets a goodbye; otherwise the list decides.
    pub goodbye: Option<bool>,
    /// Whether the owners hear of it; otherwise the list decides.
    pub notify: Option<bool>,
}

/// Adds somebody, with a password that nobody knows.
///
/// # Errors
/// Banned, a member already, or a failure.
pub fn add(ctx: &mut MembershipContext<'_>, (name, address): &Address, manner: Manner) -> Result<(), Refused> {
    let user = UserDesc {
        fullname: Some(Value::Str(name.clone())),
        password: Some(Value::Str(ctx.list.random_password())),
        digest: Some(Value::Int(manner.digest.into())),
        ..UserDesc::new(address.clone())
    };
    let notices = Notices { member: manner.welcome, owners: manner.notify };
    subscribe::approved_add(ctx, &user, notices, b"", b"")
}

/// Takes somebody off. An address that cannot be parsed, which old lists have, goes without a word.
///
/// # Errors
/// A notice cannot be made.
pub fn remove(ctx: &mut MembershipContext<'_>, address: &ByteStr, manner: Manner) -> Result<(), HandlerError> {
    let notices = Notices { member: manner.goodbye, owners: manner.notify };
    match leave::approved_delete(ctx, address, None, notices) {
        Ok(()) => Ok(()),
        Err(Refused::NotAMember) => {
            ctx.list.remove_member(address)?;
            ctx.list.record(&[b"unsubscribed ", address]);
            Ok(())
        }
        Err(other) => Err(other.into()),
    }
}
