//! Sibling lists: whose members are left out of a post (regular_exclude_lists) or get it too (regular_include_lists).
//!
//! Recipients become a Python set and a list again, and their order with that.

use super::calc_recips::enabled_members;
use super::headers::destinations;
use super::pyset::PySet;
use super::Context;
use crate::error::{Culprit, HandlerError};
use crate::membership::address_pattern::equivalents;
use crate::text;
use compat::list::{attributes, ListError, MailList};
use compat::site::{settings, Switch};
use compat::ByteStr;

/// Takes out the members of exclude lists that are addressed too.
pub fn exclude(ctx: &Context<'_>, recips: Vec<ByteStr>) -> Result<Vec<ByteStr>, HandlerError> {
    let lists = ctx.list.strings(attributes::REGULAR_EXCLUDE_LISTS);
    if lists.is_empty() {
        return Ok(recips);
    }
    let mut recips = PySet::new(recips);
    let addressed = destinations(ctx);
    for address in lists.iter().map(|name| text::lower(name)).filter(|name| addressed.contains(name)) {
        let Some(sibling) = open(ctx, &address, "Exclude")? else { continue };
        if excludes(ctx, &sibling) {
            recips.subtract(&PySet::new(enabled_members(&sibling)));
        }
    }
    Ok(recips.into_list())
}

/// Adds the members of include lists that are not addressed themselves.
pub fn include(ctx: &Context<'_>, recips: Vec<ByteStr>) -> Result<Vec<ByteStr>, HandlerError> {
    let lists = ctx.list.strings(attributes::REGULAR_INCLUDE_LISTS);
    if lists.is_empty() {
        return Ok(recips);
    }
    let mut recips = PySet::new(recips);
    let addressed = destinations(ctx);
    for address in lists.iter().map(|name| text::lower(name)).filter(|name| !addressed.contains(name)) {
        if let Some(sibling) = open(ctx, &address, "Include")? {
            recips.unite(&PySet::new(enabled_members(&sibling)));
        }
    }
    Ok(recips.into_list())
}

/// The sibling by its address; what is wrong with it is logged.
fn open(ctx: &Context<'_>, address: &ByteStr, kind: &str) -> Result<Option<MailList>, HandlerError> {
    let [name, host] = text::split_on(address, b"@")[..] else {
        let option = if kind == "Include" { "regular_include_lists" } else { "regular_exclude_lists" };
        return Err(Culprit::Option(option).says(format!("{kind} list {address} is no address of a list")));
    };
    let complain = |what: &str| ctx.log("error", &[kind.as_bytes(), b" list ", address, b" ", what.as_bytes()]);
    if name == &ctx.list.name()[..] {
        complain("is a self reference.");
        return Ok(None);
    }
    let sibling = match MailList::load(ctx.site, name) {
        Ok(sibling) => sibling,
        Err(ListError::Unknown { .. }) => {
            complain("not found.");
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    if !ctx.site.settings.truth(settings::ALLOW_CROSS_DOMAIN_SIBLING) && sibling.host_name() != host {
        complain("is not in the same domain.");
        return Ok(None);
    }
    Ok(Some(sibling))
}

/// With regular_exclude_ignore, a list counts only where the sender is a member of it (2.1.15 and later).
fn excludes(ctx: &Context<'_>, sibling: &MailList) -> bool {
    if !ctx.has(Switch::RegularExcludeIgnore) || !ctx.list.truth(attributes::REGULAR_EXCLUDE_IGNORE) {
        return true;
    }
    let domains = sibling.str(attributes::EQUIVALENT_DOMAINS);
    let is_member = |address: &ByteStr| {
        sibling.is_member(address) || equivalents(address, &domains).iter().any(|other| sibling.is_member(other))
    };
    ctx.senders().iter().any(is_member)
}
