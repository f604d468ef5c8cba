//! A member gets a second address, or another one, on every list (bin/clone_member).

use super::admission::banned_pattern;
use crate::error::HandlerError;
use compat::list::{attributes, ListError, MailList};
use compat::value::Value;
use compat::ByteStr;

/// From which address to which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clone {
    pub from: ByteStr,
    pub to: ByteStr,
    /// The old address goes.
    pub remove: bool,
    /// Nothing is changed.
    pub dry_run: bool,
}

/// What became of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The old address is no member.
    NotFound,
    /// The new one is banned, by this entry.
    Banned(ByteStr),
    Added,
    /// The new one is a member already; the old one is gone where that was asked for.
    Already,
}

/// The owners of a list, sorted, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owners {
    pub before: Vec<ByteStr>,
    pub after: Vec<ByteStr>,
}

impl Clone {
    /// Adds the new address to the owners where the old one is among them.
    pub fn owners(&self, list: &mut MailList) -> Owners {
        let own = list.strings(attributes::OWNER);
        let is_old = |owner: &ByteStr| owner.eq_ignore_ascii_case(&self.from);
        let mut after: Vec<ByteStr> = own.iter().filter(|owner| !self.remove || !is_old(owner)).cloned().collect();
        if own.iter().any(is_old) {
            after.push(self.to.clone());
        }
        after.sort();
        after.dedup();
        if !self.dry_run {
            list.set(attributes::OWNER, Value::list(after.iter().cloned().map(Value::Str).collect()));
        }
        let mut before = own;
        before.sort();
        Owners { before, after }
    }

    /// Gives the member the new address, with all that the old one has but topics.
    ///
    /// # Errors
    /// A pattern of the ban list takes too long, or the list lacks an attribute.
    pub fn member(&self, list: &mut MailList) -> Result<Outcome, HandlerError> {
        if !list.is_member(&self.from) {
            return Ok(Outcome::NotFound);
        }
        if let Some(pattern) = banned_pattern(list, &self.to)? {
            return Ok(Outcome::Banned(pattern));
        }
        if self.dry_run {
            return Ok(Outcome::Added);
        }
        match list.change_address(&self.from, &self.to, !self.remove) {
            Ok(()) => Ok(Outcome::Added),
            Err(ListError::AlreadyAMember(_)) => Ok(Outcome::Already),
            Err(error) => Err(error.into()),
        }
    }
}
