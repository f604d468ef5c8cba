//! The other lists of a host that have the same member: changes that a member wants everywhere.
//!
//! Answers to `lists_of_member` in Mailman/Cgi/options.py and to the global part of `MailList.ChangeMemberName`.

use super::watched::Watched;
use crate::error::HandlerError;
use compat::list::{self, ListError, LockedList, MailList};
use compat::ByteStr;

/// The other lists of the same host that have the member, by name, without their locks. A list that cannot be read is
/// left out and logged.
///
/// # Errors
/// The folder of lists cannot be read.
pub fn lists(list: &MailList, member: &[u8]) -> Result<Vec<MailList>, HandlerError> {
    let site = list.site();
    let mut found = Vec::new();
    for name in list::names(site)?.into_iter().filter(|name| name != list.name()) {
        match MailList::look(site, name) {
            Ok(other) if other.host_name() == list.host_name() && other.is_member(member) => found.push(other),
            // Of another host, or removed a moment ago.
            Ok(_) | Err(ListError::Unknown(_)) => {}
            Err(error) => site.log("error", error.to_string()),
        }
    }
    Ok(found)
}

/// Changes the member on each of [`lists`], one after the other, each locked and saved by itself. What became of its
/// settings is in the history of each list.
///
/// # Errors
/// A list cannot be locked, changed or saved; those before it are changed.
pub fn change(
    list: &MailList,
    member: &[u8],
    change: impl Fn(&mut MailList) -> Result<(), ListError>,
) -> Result<(), HandlerError> {
    for other in lists(list, member)? {
        let mut other = LockedList::of(other, None)?;
        let watched = Watched::begin(&other, &ByteStr::from(member));
        change(&mut other)?;
        watched.end(&other);
        other.save()?;
    }
    Ok(())
}
