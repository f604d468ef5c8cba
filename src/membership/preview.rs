//! What would happen if many members were subscribed, removed or made the same as a text ([`super::by_owner`]): the same
//! checks, and nothing is changed, mailed or logged.

use super::admission::{banned_pattern, validate};
use super::by_owner::{entries, lower, note, person, resolved_person, Person, Report};
use super::{MembershipContext, Refused};
use crate::error::HandlerError;
use compat::email::address::parseaddr;
use compat::ByteStr;
use std::collections::HashSet;

/// Who of a text would be subscribed or invited.
///
/// # Errors
/// A ban cannot be looked up.
pub fn subscribe_all(ctx: &MembershipContext<'_>, text: &[u8]) -> Result<Report, HandlerError> {
    let mut report = Report::default();
    let mut seen = HashSet::new();
    for entry in entries(text) {
        let person = person(ctx, &entry);
        let done = would_join(ctx, &person, &mut seen);
        note(&mut report, person, entry, done)?;
    }
    Ok(report)
}

fn would_join(ctx: &MembershipContext<'_>, person: &Person, seen: &mut HashSet<ByteStr>) -> Result<(), Refused> {
    validate(ctx.list, &person.address)?;
    if ctx.list.is_member(&person.address) || seen.contains(&lower(&person.address)) {
        return Err(Refused::AlreadyMember);
    }
    if let Some(pattern) = banned_pattern(ctx.list, &person.address)? {
        return Err(Refused::Banned { pattern });
    }
    seen.insert(lower(&person.address));
    Ok(())
}

/// Who of a text would be removed.
pub fn remove_all(ctx: &MembershipContext<'_>, text: &[u8]) -> Report {
    let mut report = Report::default();
    let mut seen = HashSet::new();
    for entry in entries(text) {
        let (_, address) = parseaddr(&entry);
        match ctx.list.is_member(&address) && seen.insert(lower(&address)) {
            true => report.left.push(entry),
            false => report.not_left.push(entry),
        }
    }
    report
}

/// Who would come and go if the members were made those of a text.
///
/// # Errors
/// A ban cannot be looked up.
pub fn synchronise(ctx: &MembershipContext<'_>, text: &[u8]) -> Result<Report, HandlerError> {
    let charset = ctx.list.charset();
    let (mut report, mut seen, mut wanted) = (Report::default(), HashSet::new(), HashSet::new());
    for entry in entries(text) {
        let person = resolved_person(&entry, &charset);
        wanted.insert(lower(&person.address));
        if !ctx.list.is_member(&person.address) {
            let done = would_join(ctx, &person, &mut seen);
            note(&mut report, person, entry, done)?;
        }
    }
    report.left = ctx.list.members().into_iter().filter(|member| !wanted.contains(member)).collect();
    Ok(report)
}
