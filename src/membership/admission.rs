//! Who may join at all: valid addresses, bans, those whom the list approves by itself (Utils.ValidateEmail,
//! MailList.GetBannedPattern, HasAutoApprovedSender, CheckPending).

use super::{MembershipContext, Refused};
use crate::error::HandlerError;
use crate::membership::address_pattern;
use compat::list::pending::{Kind, Pended};
use compat::list::{attributes, Attribute, MailList};
use compat::names::Items;
use compat::pattern::{Flags, Pattern};
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;

/// `Utils.LCDomain`
pub(crate) fn with_lower_domain(address: &ByteStr) -> ByteStr {
    match address.iter().position(|&b| b == b'@') {
        Some(at) => ByteStr::new([&address[..at], &address[at..].to_ascii_lowercase()].concat()),
        None => address.clone(),
    }
}

/// `Utils.ValidateEmail`: whether an address that is refused is called bad or hostile shows in the answer.
pub(crate) fn validate(list: &MailList, address: &[u8]) -> Result<(), Refused> {
    if list.is_valid_email(address) {
        return Ok(());
    }
    if address.is_empty() || address.contains(&b' ') {
        return Err(Refused::BadEmail);
    }
    let strict = list.site().profile.has(Switch::ValidEmailStrict);
    if is_hostile(address, strict) {
        return Err(Refused::HostileAddress);
    }
    // What is left to refuse is an address without a proper domain, or a label of the domain that is none.
    match strict && has_full_domain(address) {
        true => Err(Refused::HostileAddress),
        false => Err(Refused::BadEmail),
    }
}

fn is_hostile(address: &[u8], strict: bool) -> bool {
    let special: &[u8] = if strict { b"[]()<>|:;^,\\\"" } else { b"[]()<>|;^," };
    let bad = |byte: &u8| special.contains(byte) || !(b' '..0x7f).contains(byte);
    address.iter().any(bad) || (!strict && address.starts_with(b"-"))
}

fn has_full_domain(address: &[u8]) -> bool {
    let at = address.iter().position(|&b| b == b'@').filter(|&at| at > 0);
    at.is_some_and(|at| address[at..].contains(&b'.'))
}

/// `GetBannedPattern`: the entry of the ban list that the address matches.
pub(super) fn banned_pattern(list: &MailList, address: &ByteStr) -> Result<Option<ByteStr>, HandlerError> {
    let profile = &list.site().profile;
    let own = list.strings(attributes::BAN_LIST);
    if !profile.has(Switch::AddressListsByHelper) {
        return first_match(address, &own);
    }
    let found = address_pattern::matching(list, address, &own, None)?;
    if found.is_some() || !profile.has(Switch::GlobalBanList) {
        return Ok(found);
    }
    let global = list.site().settings.strings(settings::GLOBAL_BAN_LIST).unwrap_or_default();
    address_pattern::matching(list, address, &global, None)
}

/// Older versions take the entries in their order, and invalid patterns match nothing.
fn first_match(address: &[u8], entries: &[ByteStr]) -> Result<Option<ByteStr>, HandlerError> {
    for entry in entries {
        let hit = match entry.starts_with(b"^").then(|| Pattern::new(entry, Flags::IGNORE_CASE)) {
            Some(Ok(pattern)) => pattern.is_match(address)?,
            Some(Err(_)) => false,
            None => entry.eq_ignore_ascii_case(address),
        };
        if hit {
            return Ok(Some(entry.clone()));
        }
    }
    Ok(None)
}

/// `HasAutoApprovedSender`
pub(crate) fn is_auto_approved(list: &MailList, address: &ByteStr) -> Result<bool, HandlerError> {
    const ATTRIBUTE: Attribute<Items> = attributes::SUBSCRIBE_AUTO_APPROVAL;
    if !list.site().profile.has(Switch::SubscribeAutoApproval) {
        return Ok(false);
    }
    let found = address_pattern::matching(list, address, &list.strings(ATTRIBUTE), Some(ATTRIBUTE.as_str()))?;
    if found.is_some() {
        list.site().log("vette", [list.name(), &b": auto approved subscribe from "[..], address].concat());
    }
    Ok(found.is_some())
}

impl MembershipContext<'_> {
    /// Refuses whom the list bans; where `is_logged`, with a line in the vette log.
    pub(super) fn refuse_banned(&self, address: &ByteStr, whence: &[u8], is_logged: bool) -> Result<(), Refused> {
        let Some(pattern) = banned_pattern(self.list, address)? else { return Ok(()) };
        if !is_logged {
            return Err(Refused::Banned { pattern });
        }
        let name = self.list.real_name();
        let from = match whence.is_empty() || !self.has(Switch::BannedLogsWhence) {
            true => Vec::new(),
            false => [b" from ", whence].concat(),
        };
        self.log("vette", &[&name, b" banned subscription: ", address, &from, b" (matched: ", &pattern, b")"]);
        Err(Refused::Banned { pattern })
    }

    /// `CheckPending`, where the site refuses a second request while one waits. It writes the file to be rid of those that
    /// have expired.
    pub(super) fn refuse_second(&mut self, address: &[u8], kind: Kind) -> Result<(), Refused> {
        let refuses =
            self.has(Switch::RefuseSecondPending) && self.site.settings.truth(settings::REFUSE_SECOND_PENDING);
        if !refuses {
            return Ok(());
        }
        self.list.pend_sweep()?;
        let waits = |record: &Value| Pended::from_value(record).is_some_and(|pended| is_about(&pended, address, kind));
        match self.list.pended()?.iter().any(|(_, record)| waits(record)) {
            true => Err(Refused::AlreadyPending),
            false => Ok(()),
        }
    }
}

fn is_about(pended: &Pended, address: &[u8], kind: Kind) -> bool {
    let about = pended.content.first().and_then(|first| match kind {
        Kind::Subscription => first.as_object().and_then(|user| user.attribute("address")).and_then(Value::as_text),
        _ => first.as_text(),
    });
    pended.kind == kind && about.is_some_and(|about| about.eq_ignore_ascii_case(address))
}
