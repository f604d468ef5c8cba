//! What an owner sets for single members on the page that lists them (the last part of `change_options` in
//! Mailman/Cgi/admin.py).
//!
//! A box that is not ticked is not sent, so a row says all about its member: what is missing is off, and a missing name
//! is none. A row of which nothing at all was sent but the member's address is left as it is: it comes from a program that
//! names fields in another way, and Mailman wiped the member's settings then.

use super::{leave, MembershipContext, Notices, Refused};
use crate::error::HandlerError;
use crate::lists::options::form::Fields;
use crate::lists::options::references;
use compat::format::url::{quote, unquote};
use compat::list::{options, DeliveryStatus, ListError};
use compat::value::Value;
use compat::ByteStr;

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
}

/// Sets what the form says about each `user` in it.
///
/// # Errors
/// What stops all of it.
pub fn set_all(ctx: &mut MembershipContext<'_>, fields: &dyn Fields) -> Result<Report, HandlerError> {
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
            set(ctx, &user, &row)?;
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

fn set(ctx: &mut MembershipContext<'_>, user: &ByteStr, row: &Row<'_>) -> Result<(), HandlerError> {
    let charset = ctx.list.charset();
    let list = &mut *ctx.list;
    match list.set_option(user, options::DIGESTS, row.has("digest")) {
        // It is so already, or the list has no such delivery.
        Ok(()) | Err(ListError::AlreadyAMember(_) | ListError::NoSuchDelivery { .. }) => {}
        Err(other) => return Err(other.into()),
    }
    let name = Value::str(row.get("realname").unwrap_or_default());
    list.set_name(user, Value::Unicode(references::resolved(&name, &charset)))?;
    let old = list.language_of(user);
    let language = row.get("language").filter(|language| ctx.site.is_language(language));
    if let Some(language) = language.filter(|language| old[..] != **language) {
        list.set_language(user, Value::str(language))?;
    }
    list.set_option(user, options::MODERATE, row.get("mod").is_some_and(|value| !value.is_empty()))?;
    match (row.has("nomail"), list.delivery_status(user)) {
        (true, DeliveryStatus::Enabled) => list.set_delivery_status(user, DeliveryStatus::ByAdmin)?,
        // Whoever stopped it, that stays known.
        (true, _) => {}
        (false, _) => list.set_delivery_status(user, DeliveryStatus::Enabled)?,
    }
    for (end, bit) in BOXES {
        list.set_option(user, bit, row.has(end))?;
    }
    Ok(())
}
