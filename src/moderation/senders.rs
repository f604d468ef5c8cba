//! What a moderator decides about the sender of held posts: filters for non-members, bans, the moderation bit.

use crate::membership::Refused;
use compat::list::{attributes, options, Attribute, MailList};
use compat::names::Items;
use compat::value::Value;
use compat::ByteStr;

/// What becomes of later posts of somebody who is no member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// They go on.
    Accept,
    /// They wait for a moderator.
    Hold,
    /// They are sent back.
    Reject,
    /// They vanish.
    Discard,
}

impl Filter {
    const ALL: [Filter; 4] = [Filter::Accept, Filter::Hold, Filter::Reject, Filter::Discard];

    /// The list's attribute that holds the addresses.
    pub fn attribute(self) -> Attribute<Items> {
        match self {
            Filter::Accept => attributes::ACCEPT_THESE_NONMEMBERS,
            Filter::Hold => attributes::HOLD_THESE_NONMEMBERS,
            Filter::Reject => attributes::REJECT_THESE_NONMEMBERS,
            Filter::Discard => attributes::DISCARD_THESE_NONMEMBERS,
        }
    }
}

/// Whether one of the filters names the address, spelled as it is.
pub fn is_filtered(list: &MailList, address: &[u8]) -> bool {
    Filter::ALL.iter().any(|filter| names(list, filter.attribute(), address))
}

/// Whether the ban list names the address, spelled as it is.
pub fn is_banned(list: &MailList, address: &[u8]) -> bool {
    names(list, attributes::BAN_LIST, address)
}

/// Puts the address on a filter, also where it is on it already.
pub fn filter(list: &mut MailList, address: &ByteStr, filter: Filter) {
    append(list, filter.attribute(), address);
    list.record(&[b"put ", address, b" on ", filter.attribute().as_str().as_bytes()]);
}

/// Keeps the address from joining.
pub fn ban(list: &mut MailList, address: &ByteStr) {
    if !is_banned(list, address) {
        append(list, attributes::BAN_LIST, address);
        list.record(&[b"put ", address, b" on ban_list"]);
    }
}

/// Lets a member's posts through from now on; whether it is a member.
///
/// # Errors
/// The list's tables are not as Mailman writes them.
pub fn clear_moderation(list: &mut MailList, member: &[u8]) -> Result<bool, Refused> {
    if !list.is_member(member) {
        return Ok(false);
    }
    list.set_option(member, options::MODERATE, false)?;
    list.record(&[b"settings of ", member, b": mod off"]);
    Ok(true)
}

fn names(list: &MailList, attribute: Attribute<Items>, address: &[u8]) -> bool {
    let items = list.get(attribute).and_then(Value::as_items).unwrap_or(&[]);
    items.iter().any(|item| item.as_text().is_some_and(|known| *known == *address))
}

fn append(list: &mut MailList, attribute: Attribute<Items>, address: &ByteStr) {
    let mut items = list.get(attribute).and_then(Value::as_items).unwrap_or(&[]).to_vec();
    items.push(Value::Str(address.clone()));
    list.set(attribute, Value::list(items));
}
