//! What an owner sets for single members on the page that lists them (the last part of `change_options` in
//! Mailman/Cgi/admin.py).
//!
//! A box that is not ticked is not sent, so a row says all about its member: what is missing is off, and a missing name
//! is none. A row of which nothing at all was sent but the member's address is left as it is: it comes from a program that
//! names fields in another way, and Mailman wiped the member's settings then. A form that says from what it was made
//! ([`Shown`]) leaves alone what somebody else has changed since then and it has not.

use super::watched::Watched;
use super::{leave, MembershipContext, Notices, Refused};
use crate::auth::hex_digest;
use crate::error::HandlerError;
use crate::lists::options::form::Fields;
use crate::lists::options::references;
use compat::codecs::{self, Errors};
use compat::format::text_of;
use compat::format::url::{quote, unquote};
use compat::list::{options, DeliveryStatus, ListError, MailList};
use compat::value::Value;
use compat::ByteStr;
use std::collections::HashMap;

/// The boxes that are bits of a member's options: the end of the field's name, and the bit.
pub const BOXES: [(&str, i64); 5] = [
    ("hide", options::CONCEAL_SUBSCRIPTION),
    ("ack", options::ACKNOWLEDGE_POSTS),
    ("notmetoo", options::DONT_RECEIVE_OWN_POSTS),
    ("nodupes", options::DONT_RECEIVE_DUPLICATES),
    ("plain", options::DISABLE_MIME),
];

/// What became of the rows, by address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub removed: Vec<ByteStr>,
    /// To be removed, but no members.
    pub not_removed: Vec<ByteStr>,
    /// To be changed, but no members any more.
    pub gone: Vec<ByteStr>,
    /// Left as they are, since the form says nothing about them.
    pub untouched: Vec<ByteStr>,
    /// Of whom something was left as somebody else has set it after the form was made.
    pub changed_meanwhile: Vec<ByteStr>,
}

/// Settings of a member as a form showed them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// By the places of [`FLAGS`].
    flags: u32,
    language: ByteStr,
    /// A digest of the name.
    name: ByteStr,
}

/// What [`Shown`] keeps besides language and name, by the ends of the fields' names.
pub const FLAGS: [&str; 8] = ["digest", "mod", "nomail", "hide", "ack", "notmetoo", "nodupes", "plain"];

impl Shown {
    /// The settings of now.
    pub fn of(list: &MailList, member: &ByteStr) -> Shown {
        let is_on = |end: &str| match end {
            "digest" => list.is_digest_member(member) == Some(true),
            "mod" => list.option(member, options::MODERATE),
            "nomail" => list.delivery_status(member) != DeliveryStatus::Enabled,
            end => BOXES.iter().any(|(name, bit)| *name == end && list.option(member, *bit)),
        };
        let flags = FLAGS.iter().enumerate().filter(|(_, end)| is_on(end)).map(|(at, _)| 1 << at).sum();
        let name = list.name_of(member).map(|name| name_mark(&name, &list.charset())).unwrap_or_default();
        Shown { flags, language: list.language_of(member), name }
    }

    /// As it stands in a form: `ADDRESS=FLAGS.LANGUAGE.NAME`.
    pub fn text(&self, member: &[u8]) -> String {
        format!("{}={:x}.{}.{}", quote(member), self.flags, self.language, self.name)
    }

    /// What a form says of its members, by address. What makes no sense is left out.
    pub fn parse_all(text: &[u8]) -> HashMap<ByteStr, Shown> {
        let parse = |entry: &[u8]| {
            let entry = std::str::from_utf8(entry).ok()?;
            let (member, rest) = entry.split_once('=')?;
            let [flags, language, name] = rest.split('.').collect::<Vec<_>>()[..] else { return None };
            let flags = u32::from_str_radix(flags, 16).ok()?;
            Some((unquote(member.as_bytes()), Shown { flags, language: language.into(), name: name.into() }))
        };
        text.split(|&byte| byte == b' ').filter_map(parse).collect()
    }

    /// Whether a box is ticked, by the end of its field's name.
    pub fn flag(&self, end: &str) -> bool {
        FLAGS.iter().position(|known| *known == end).is_some_and(|at| self.flags & 1 << at != 0)
    }
}

/// Sets what the form says about each `user` in it.
///
/// # Errors
/// What stops all of it.
pub fn set_all(
    ctx: &mut MembershipContext<'_>,
    fields: &dyn Fields,
    made_from: &HashMap<ByteStr, Shown>,
) -> Result<Report, HandlerError> {
    let mut report = Report::default();
    for user in fields.all(b"user") {
        let user = unquote(user);
        let row = Row { fields, quoted: quote(&user), plain: user.clone() };
        if row.has("unsub") {
            remove(ctx, user, &mut report)?;
        } else if !ctx.list.is_member(&user) {
            report.gone.push(user);
        } else if row.is_empty() {
            report.untouched.push(user);
        } else {
            let merge = Merge { seen: made_from.get(&user), now: Shown::of(ctx.list, &user) };
            let watched = Watched::begin(ctx.list, &user);
            set(ctx, &user, &row, &merge)?;
            watched.end(ctx.list);
            if merge.has_kept() {
                report.changed_meanwhile.push(user);
            }
        }
    }
    Ok(report)
}

/// Sets or clears everybody's moderation bit.
///
/// # Errors
/// A member's entry cannot be changed.
pub fn moderate_all(ctx: &mut MembershipContext<'_>, on: bool) -> Result<(), HandlerError> {
    for member in ctx.list.members() {
        ctx.list.set_option(&member, options::MODERATE, on)?;
    }
    ctx.list.record(&[b"everybody: mod ", if on { b"on" } else { b"off" }]);
    Ok(())
}

/// The fields about one member. Mailman quotes the address in their names; some programs do not.
struct Row<'a> {
    fields: &'a dyn Fields,
    quoted: ByteStr,
    plain: ByteStr,
}

impl<'a> Row<'a> {
    fn get(&self, end: &str) -> Option<&'a [u8]> {
        let name = |address: &ByteStr| [&address[..], b"_", end.as_bytes()].concat();
        let quoted = self.fields.first(&name(&self.quoted));
        quoted.or_else(|| self.fields.first(&name(&self.plain)))
    }

    fn has(&self, end: &str) -> bool {
        self.get(end).is_some()
    }

    fn is_empty(&self) -> bool {
        let others = ["realname", "language", "digest", "mod", "nomail"];
        !others.into_iter().chain(BOXES.map(|(end, _)| end)).any(|end| self.has(end))
    }
}

fn remove(ctx: &mut MembershipContext<'_>, user: ByteStr, report: &mut Report) -> Result<(), HandlerError> {
    match leave::approved_delete(ctx, &user, Some("member mgt page"), Notices::default()) {
        Ok(()) => report.removed.push(user),
        Err(Refused::NotAMember) => report.not_removed.push(user),
        Err(other) => return Err(other.into()),
    }
    Ok(())
}

/// A digest of a name, whatever kind of string it is.
fn name_mark(name: &Value, charset: &[u8]) -> ByteStr {
    let text = match name {
        Value::Unicode(text) => text.to_text(),
        other => codecs::decode_string(&text_of(other), charset, Errors::Replace).unwrap_or_default(),
    };
    hex_digest(text.as_bytes())[..8].into()
}

/// A member's settings as the form showed them, where it says so, and as they are.
struct Merge<'a> {
    seen: Option<&'a Shown>,
    now: Shown,
}

impl Merge<'_> {
    /// Whether a box is to be as it is: somebody else has changed it, and whoever sends the form has not.
    fn keeps(&self, end: &str, asked: bool) -> bool {
        self.seen.is_some_and(|seen| seen.flag(end) != self.now.flag(end) && seen.flag(end) == asked)
    }

    /// What a box is to be.
    fn merged(&self, end: &str, asked: bool) -> bool {
        if self.keeps(end, asked) {
            self.now.flag(end)
        } else {
            asked
        }
    }

    fn keeps_name(&self, asked: &Value) -> bool {
        self.seen.is_some_and(|seen| seen.name != self.now.name && seen.name == name_mark(asked, b"utf-8"))
    }

    fn keeps_language(&self, asked: &[u8]) -> bool {
        self.seen.is_some_and(|seen| seen.language != self.now.language && seen.language[..] == *asked)
    }

    /// Whether somebody else has changed anything.
    fn has_kept(&self) -> bool {
        self.seen.is_some_and(|seen| *seen != self.now)
    }
}

fn set(ctx: &mut MembershipContext<'_>, user: &ByteStr, row: &Row<'_>, merge: &Merge<'_>) -> Result<(), HandlerError> {
    let charset = ctx.list.charset();
    let list = &mut *ctx.list;
    match list.set_option(user, options::DIGESTS, merge.merged("digest", row.has("digest"))) {
        // It is so already, or the list has no such delivery.
        Ok(()) | Err(ListError::AlreadyAMember(_) | ListError::NoSuchDelivery { .. }) => {}
        Err(other) => return Err(other.into()),
    }
    let name = Value::str(row.get("realname").unwrap_or_default());
    let name = Value::Unicode(references::resolved(&name, &charset));
    if !merge.keeps_name(&name) {
        list.set_name(user, name)?;
    }
    let old = list.language_of(user);
    let language = row.get("language").filter(|language| ctx.site.is_language(language));
    let is_other = |language: &&[u8]| old[..] != **language && !merge.keeps_language(language);
    if let Some(language) = language.filter(is_other) {
        list.set_language(user, Value::str(language))?;
    }
    let moderate = row.get("mod").is_some_and(|value| !value.is_empty());
    list.set_option(user, options::MODERATE, merge.merged("mod", moderate))?;
    match (merge.merged("nomail", row.has("nomail")), list.delivery_status(user)) {
        (true, DeliveryStatus::Enabled) => list.set_delivery_status(user, DeliveryStatus::ByAdmin)?,
        // Whoever stopped it, that stays known.
        (true, _) => {}
        (false, _) => list.set_delivery_status(user, DeliveryStatus::Enabled)?,
    }
    for (end, bit) in BOXES {
        list.set_option(user, bit, merge.merged(end, row.has(end)))?;
    }
    Ok(())
}
