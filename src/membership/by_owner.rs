//! Many members at once, as an owner asks for it on a page: subscribed, invited, removed, or made the same as a text.
//!
//! Answers to `change_options` in Mailman/Cgi/admin.py. Texts have one entry per line, in the charset of the list's pages.
//! A bad line stops no other; the caller learns what became of each.

use super::admission::validate;
use super::{address, leave, mass, subscribe, MembershipContext, Notices, Refused, UserDesc};
use crate::error::HandlerError;
use crate::lists::options::references;
use crate::notice::{NoticeText, UserNotification, Words};
use crate::text::references::numbers_resolved;
use crate::text::{lines, strip};
use compat::email::address::parseaddr;
use compat::list::attributes;
use compat::site::wrap;
use compat::value::Value;
use compat::ByteStr;
use std::collections::HashSet;

/// Nobody hears of it.
const SILENT: Notices = Notices { member: Some(false), owners: Some(false) };

/// How people are subscribed.
#[derive(Clone, Debug, Default)]
pub struct Subscription {
    /// They are invited only.
    pub invite: bool,
    /// Who hears of it.
    pub notices: Notices,
    /// What stands before the welcome or the invitation.
    pub text: ByteStr,
}

/// Somebody by name and address.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Unicode.
    pub name: Value,
    pub address: ByteStr,
}

/// Why somebody is not subscribed or invited.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle {
    AlreadyMember,
    /// There is no address in the line.
    Blank,
    BadAddress,
    /// With characters that no address has.
    Hostile,
    /// With the entry of the ban list.
    Banned(ByteStr),
}

/// What became of the lines of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub joined: Vec<Person>,
    /// The lines, each with what stands in its way.
    pub not_joined: Vec<(ByteStr, Obstacle)>,
    pub left: Vec<ByteStr>,
    /// Those who are no members.
    pub not_left: Vec<ByteStr>,
}

/// The lines of a text that are not blank.
pub(super) fn entries(text: &[u8]) -> Vec<ByteStr> {
    lines(text).into_iter().map(strip).filter(|line| !line.is_empty()).map(ByteStr::from).collect()
}

/// Subscribes or invites everybody in a text.
///
/// # Errors
/// What stops all of it.
pub fn subscribe_all(ctx: &mut MembershipContext<'_>, text: &[u8], how: &Subscription) -> Result<Report, HandlerError> {
    let mut report = Report::default();
    let digest = usual_delivery(ctx);
    for entry in entries(text) {
        let person = person(ctx, &entry);
        let user = user(ctx, &person, digest.clone());
        let done = match how.invite {
            true => mass::invite(ctx, user, &how.text),
            false => subscribe::approved_add(ctx, &user, how.notices, &how.text, b"admin mass sub"),
        };
        note(&mut report, person, entry, done)?;
    }
    Ok(report)
}

/// Whether new members get digests, as the list's own setting has it; it is kept in the form in which it is stored.
fn usual_delivery(ctx: &MembershipContext<'_>) -> Value {
    let list = &ctx.list;
    match (list.truth(attributes::DIGESTABLE), list.truth(attributes::NONDIGESTABLE)) {
        (_, false) => Value::Int(1),
        (false, true) => Value::Int(0),
        (true, true) => list.get(attributes::DIGEST_IS_DEFAULT).cloned().unwrap_or(Value::Int(0)),
    }
}

pub(super) fn person(ctx: &MembershipContext<'_>, entry: &[u8]) -> Person {
    let (name, address) = parseaddr(entry);
    let name = references::resolved(&Value::Str(name), &ctx.list.charset());
    Person { name: Value::Unicode(name), address }
}

/// The same where `&#N;`, as browsers write what the charset lacks, is resolved before names are separated from addresses.
pub(super) fn resolved_person(entry: &[u8], charset: &[u8]) -> Person {
    let text = numbers_resolved(entry, charset);
    let (name, address) = parseaddr(text.as_bytes());
    let name = Value::Unicode(String::from_utf8_lossy(&name).as_ref().into());
    Person { name: Value::Unicode(references::resolved(&name, charset)), address }
}

fn user(ctx: &MembershipContext<'_>, person: &Person, digest: Value) -> UserDesc {
    UserDesc {
        fullname: Some(person.name.clone()),
        password: Some(Value::Str(ctx.list.random_password())),
        digest: Some(digest),
        language: Some(ctx.list.preferred_language_value()),
        ..UserDesc::new(person.address.clone())
    }
}

pub(super) fn note(
    report: &mut Report,
    person: Person,
    entry: ByteStr,
    done: Result<(), Refused>,
) -> Result<(), HandlerError> {
    let obstacle = match done {
        Ok(()) => {
            report.joined.push(person);
            return Ok(());
        }
        Err(Refused::AlreadyMember) => Obstacle::AlreadyMember,
        Err(Refused::BadEmail) if person.address.is_empty() => Obstacle::Blank,
        Err(Refused::BadEmail) => Obstacle::BadAddress,
        Err(Refused::HostileAddress) => Obstacle::Hostile,
        Err(Refused::Banned { pattern }) => Obstacle::Banned(pattern),
        Err(other) => return Err(other.into()),
    };
    report.not_joined.push((entry, obstacle));
    Ok(())
}

/// Removes everybody in a text.
///
/// # Errors
/// What stops all of it.
pub fn remove_all(ctx: &mut MembershipContext<'_>, text: &[u8], notices: Notices) -> Result<Report, HandlerError> {
    let mut report = Report::default();
    for entry in entries(text) {
        match leave::approved_delete(ctx, &entry, Some("admin mass unsub"), notices) {
            Ok(()) => report.left.push(entry),
            Err(Refused::NotAMember) => report.not_left.push(entry),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(report)
}

/// Makes the list's members those of a text: who is missing joins without a word, and who is not in it leaves.
///
/// # Errors
/// What stops all of it.
pub fn synchronise(ctx: &mut MembershipContext<'_>, text: &[u8]) -> Result<Report, HandlerError> {
    let charset = ctx.list.charset();
    let people: Vec<(ByteStr, Person)> =
        entries(text).into_iter().map(|entry| (entry.clone(), resolved_person(&entry, &charset))).collect();
    let wanted: HashSet<ByteStr> = people.iter().map(|(_, person)| lower(&person.address)).collect();
    let mut report = Report::default();
    for (entry, person) in people {
        if ctx.list.is_member(&person.address) {
            continue;
        }
        let user = user(ctx, &person, Value::Int(0));
        let done = subscribe::approved_add(ctx, &user, SILENT, b"", b"admin sync members");
        note(&mut report, person, entry, done)?;
    }
    for member in ctx.list.members().into_iter().filter(|member| !wanted.contains(member)) {
        match leave::approved_delete(ctx, &member, None, Notices { member: None, ..SILENT }) {
            Ok(()) => report.left.push(member),
            // An address that cannot be parsed, which old lists have, goes without a word.
            Err(Refused::NotAMember) => {
                ctx.list.remove_member(&member)?;
                ctx.list.record(&[b"unsubscribed ", &member]);
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(report)
}

pub(super) fn lower(address: &[u8]) -> ByteStr {
    ByteStr::new(address.to_ascii_lowercase())
}

/// Why an address is not changed.
#[derive(Clone, Debug, PartialEq)]
pub enum NoChange {
    /// One of the two is missing.
    Missing,
    /// Both are the same, to the letter.
    Same,
    /// The new one is a member's.
    TakenAlready,
    /// The new one is no address.
    BadAddress,
    /// The old one is no member's.
    NotAMember,
    /// The new one is banned, by this entry.
    Banned(ByteStr),
}

/// Changes a member's address now.
///
/// # Errors
/// What stops the request.
pub fn change_address(
    ctx: &mut MembershipContext<'_>,
    old: &ByteStr,
    new: &ByteStr,
) -> Result<Result<(), NoChange>, HandlerError> {
    let obstacle = match (old, new) {
        (old, new) if old.is_empty() || new.is_empty() => Some(NoChange::Missing),
        (old, new) if old == new => Some(NoChange::Same),
        (_, new) if ctx.list.is_member(new) => Some(NoChange::TakenAlready),
        (_, new) if validate(ctx.list, new).is_err() => Some(NoChange::BadAddress),
        _ => None,
    };
    if let Some(obstacle) = obstacle {
        return Ok(Err(obstacle));
    }
    match address::approved_change(ctx, old, new, false) {
        Ok(()) => Ok(Ok(())),
        Err(Refused::NotAMember) => Ok(Err(NoChange::NotAMember)),
        Err(Refused::AlreadyMember) => Ok(Err(NoChange::TakenAlready)),
        Err(Refused::Banned { pattern }) => Ok(Err(NoChange::Banned(pattern))),
        Err(other) => Err(other.into()),
    }
}

/// Tells somebody that a member's address was changed, in that member's language.
///
/// # Errors
/// The notice cannot be made.
pub fn tell_of_change(
    ctx: &mut MembershipContext<'_>,
    to: &ByteStr,
    old: &ByteStr,
    new: &ByteStr,
) -> Result<(), HandlerError> {
    let language = ctx.list.language_of(new);
    let words = Words::new(ctx.site, &language);
    let values = [
        ("change_from", Value::Str(old.clone())),
        ("change_to", Value::Str(new.clone())),
        ("list_name", Value::Str(ctx.list.posting_address())),
    ];
    let text = words.fill(
        "The member address %(change_from)s on the\n%(list_name)s list has been changed to %(change_to)s.\n",
        &values,
    );
    let text = wrap(&text, 70);
    let subject = words.fill("%(list_name)s address change notice.", &values);
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let notice = UserNotification::new(ctx.site, std::slice::from_ref(to), &ctx.list.owner_address(), notice_text)?;
    notice.send(ctx.list, ctx.outbox)
}
