//! The roster, to read: who is a member, in which mode, with which options.
//!
//! Answers to the read side of Mailman/OldStyleMemberships.py. Every dictionary is keyed by the lower-case address.
//! `members` and `digest_members` hold 0, or the address as its owner writes it where that differs.

use super::{attributes, Attribute, MailList};
use crate::names::Table;
use crate::value::Value;
use crate::ByteStr;
use std::borrow::Cow;

/// Bits of a member's options, as `mm_cfg` names them.
pub mod options {
    /// A pseudo option: whether the member is in `digest_members`.
    pub const DIGESTS: i64 = 0;
    /// Not used since 2.1: delivery status took its place.
    pub const DISABLE_DELIVERY: i64 = 1;
    /// No own posts.
    pub const DONT_RECEIVE_OWN_POSTS: i64 = 2;
    /// Posts are acknowledged.
    pub const ACKNOWLEDGE_POSTS: i64 = 4;
    /// Plain digests.
    pub const DISABLE_MIME: i64 = 8;
    /// Hidden from the roster.
    pub const CONCEAL_SUBSCRIPTION: i64 = 16;
    /// No password reminders.
    pub const SUPPRESS_PASSWORD_REMINDER: i64 = 32;
    /// Posts that match no topic come too.
    pub const RECEIVE_NONMATCHING_TOPICS: i64 = 64;
    /// Posts are moderated.
    pub const MODERATE: i64 = 128;
    /// No second copy of what comes by To or Cc.
    pub const DONT_RECEIVE_DUPLICATES: i64 = 256;
}

/// Whether a member gets mail, and who says not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeliveryStatus {
    Enabled,
    /// Disabled before 2.1, nobody knows why.
    Unknown,
    ByUser,
    ByAdmin,
    ByBounce,
}

impl DeliveryStatus {
    /// The number in the file.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// From the number in the file; one that no Mailman writes counts as disabled for a reason unknown.
    pub fn from_number(number: i64) -> Self {
        match number {
            0 => DeliveryStatus::Enabled,
            2 => DeliveryStatus::ByUser,
            3 => DeliveryStatus::ByAdmin,
            4 => DeliveryStatus::ByBounce,
            _ => DeliveryStatus::Unknown,
        }
    }
}

/// Python's `lower()` in the C locale.
pub(super) fn lower(address: &[u8]) -> ByteStr {
    ByteStr::new(address.to_ascii_lowercase())
}

impl MailList {
    /// `getRegularMemberKeys`: lower-case addresses, in Python's order.
    pub fn regular_members(&self) -> Vec<ByteStr> {
        self.table_keys(attributes::MEMBERS.as_str())
    }

    /// `getDigestMemberKeys`
    pub fn digest_members(&self) -> Vec<ByteStr> {
        self.table_keys(attributes::DIGEST_MEMBERS.as_str())
    }

    /// `getMembers`: regular members, then digest members.
    pub fn members(&self) -> Vec<ByteStr> {
        let mut members = self.regular_members();
        members.extend(self.digest_members());
        members
    }

    /// How many members there are.
    pub fn member_count(&self) -> usize {
        self.count(attributes::MEMBERS) + self.count(attributes::DIGEST_MEMBERS)
    }

    /// How many are in one of the tables of members.
    pub fn count(&self, table: Attribute<Table>) -> usize {
        self.table_len(table.as_str())
    }

    /// `isMember`
    pub fn is_member(&self, address: &[u8]) -> bool {
        self.case_preserved(address).is_some()
    }

    /// Whether a member gets digests; `None` for somebody who is no member.
    pub fn is_digest_member(&self, address: &[u8]) -> Option<bool> {
        self.locate(&lower(address)).map(|(_, digest)| digest)
    }

    /// `getMemberCPAddress`: the address as its owner writes it; `None` for somebody who is no member.
    pub fn case_preserved(&self, address: &[u8]) -> Option<ByteStr> {
        let key = lower(address);
        let (value, _) = self.locate(&key)?;
        Some(value.as_str().cloned().unwrap_or(key))
    }

    /// The roster's entry, and whether it is that of a digest member.
    fn locate(&self, key: &[u8]) -> Option<(Cow<'_, Value>, bool)> {
        let regular = self.member_item(attributes::MEMBERS, key).map(|value| (value, false));
        regular.or_else(|| self.member_item(attributes::DIGEST_MEMBERS, key).map(|value| (value, true)))
    }

    pub(super) fn member_item(&self, attr: Attribute<Table>, key: &[u8]) -> Option<Cow<'_, Value>> {
        self.table_item(attr.as_str(), key)
    }

    /// `getMemberPassword`
    pub fn password_of(&self, address: &[u8]) -> Option<ByteStr> {
        self.password_value(address)?.as_text().cloned()
    }

    /// The same as it is stored, `str` or `unicode`.
    pub(super) fn password_value(&self, address: &[u8]) -> Option<Value> {
        self.member_item(attributes::PASSWORDS, &lower(address))
            .filter(|value| value.as_text().is_some())
            .map(Cow::into_owned)
    }

    /// `getMemberLanguage`: the list's language for members without one, for strangers, and in place of a language
    /// that the list does not have.
    /// Whoever asks makes the server's language one of the list's when the list is saved, as in Python.
    pub fn language_of(&self, address: &[u8]) -> ByteStr {
        self.language_value_of(address).as_text().cloned().unwrap_or_default()
    }

    /// The same as it is stored, `str` or `unicode`.
    pub fn language_value_of(&self, address: &[u8]) -> Value {
        self.language_asked.set(true);
        let stored = self.member_item(attributes::LANGUAGE, &lower(address));
        let is_known = |value: &Value| value.as_text().is_some_and(|lang| self.is_available_language(lang));
        stored.filter(|value| is_known(value)).map_or_else(|| self.preferred_language_value(), Cow::into_owned)
    }

    /// `getMemberOption`. Somebody who is no member has none.
    pub fn option(&self, address: &[u8], flag: i64) -> bool {
        if flag == options::DIGESTS {
            return self.is_digest_member(address) == Some(true);
        }
        self.options_of(address) & flag != 0
    }

    /// All option bits of a member.
    pub fn options_of(&self, address: &[u8]) -> i64 {
        self.member_item(attributes::USER_OPTIONS, &lower(address)).and_then(|bits| bits.as_int()).unwrap_or(0)
    }

    /// `getMemberName`: `str` or `unicode` as it is stored, `None` where there is no entry.
    pub fn name_of(&self, address: &[u8]) -> Option<Value> {
        self.member_item(attributes::USERNAMES, &lower(address))
            .filter(|name| **name != Value::None)
            .map(Cow::into_owned)
    }

    /// `getMemberTopics`
    pub fn topics_of(&self, address: &[u8]) -> Vec<ByteStr> {
        let topics = self.member_item(attributes::TOPICS_USERINTEREST, &lower(address));
        topics
            .as_ref()
            .and_then(|topics| topics.as_items())
            .unwrap_or(&[])
            .iter()
            .filter_map(|topic| topic.as_text().cloned())
            .collect()
    }

    /// `getDeliveryStatus`
    pub fn delivery_status(&self, address: &[u8]) -> DeliveryStatus {
        let number = self.delivery_record(address).and_then(|record| record.as_items()?.first()?.as_int());
        DeliveryStatus::from_number(number.unwrap_or(0))
    }

    /// `getDeliveryStatusChangeTime`; 0 for a member who was never disabled.
    pub fn delivery_status_time(&self, address: &[u8]) -> f64 {
        self.delivery_record(address).and_then(|record| record.as_items()?.get(1)?.as_float()).unwrap_or(0.0)
    }

    fn delivery_record(&self, address: &[u8]) -> Option<Cow<'_, Value>> {
        self.member_item(attributes::DELIVERY_STATUS, &lower(address))
    }

    /// `getDeliveryStatusMembers`
    pub fn members_with_status(&self, wanted: &[DeliveryStatus]) -> Vec<ByteStr> {
        let mut members = self.members();
        members.retain(|member| wanted.contains(&self.delivery_status(member)));
        members
    }

    /// `getBouncingMembers`
    pub fn bouncing_members(&self) -> Vec<ByteStr> {
        self.table_keys(attributes::BOUNCE_INFO.as_str()).iter().map(|key| lower(key)).collect()
    }

    /// `getBounceInfo`: a `Mailman.Bouncer._BounceInfo`, or what an older Mailman left.
    pub fn bounce_info(&self, address: &[u8]) -> Option<&Value> {
        self.dict(attributes::BOUNCE_INFO)?.get(&lower(address)).filter(|info| **info != Value::None)
    }
}
