//! The roster, to change. Answers to the write side of Mailman/OldStyleMemberships.py.
//!
//! Nothing here sends mail, asks a policy or writes a log line; that is for those who call it.

use super::order::Roster;
use super::roster::{lower, options};
use super::{attributes, Attribute, DeliveryStatus, ListError, MailList};
use crate::clock;
use crate::names::Table;
use crate::random;
use crate::site::settings;
use crate::value::Value;
use crate::ByteStr;
use std::borrow::Cow;

/// Dictionaries, beside the rosters, from which a member who leaves is deleted. `one_last_digest` is not among them.
const MEMBER_DICTIONARIES: [Attribute<Table>; 7] = [
    attributes::PASSWORDS,
    attributes::USER_OPTIONS,
    attributes::LANGUAGE,
    attributes::TOPICS_USERINTEREST,
    attributes::USERNAMES,
    attributes::BOUNCE_INFO,
    attributes::DELIVERY_STATUS,
];

/// Somebody who is to become a member.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The address with its domain in lower case already, the local part as its owner writes it.
    pub address: ByteStr,
    /// `str` or `unicode`, as it came.
    pub password: Value,
    /// The list's language where there is none.
    pub language: Option<Value>,
    /// `str` or `unicode`; an empty one is not stored.
    pub name: Option<Value>,
    pub digest: bool,
}

impl MailList {
    /// `addNewMember`
    ///
    /// # Errors
    /// A member already, or an attribute is missing.
    pub fn add_member(&mut self, member: &NewMember) -> Result<(), ListError> {
        if self.is_member(&member.address) {
            return Err(ListError::AlreadyAMember(member.address.clone()));
        }
        let key = lower(&member.address);
        self.enter(Roster::of(member.digest), &key, roster_value(&member.address))?;
        self.dict_mut(attributes::PASSWORDS)?.set(key.clone(), member.password.clone());
        let language = member.language.clone().unwrap_or_else(|| self.preferred_language_value());
        self.dict_mut(attributes::LANGUAGE)?.set(key.clone(), language);
        if let Some(name) = member.name.clone().filter(Value::is_true) {
            self.dict_mut(attributes::USERNAMES)?.set(key.clone(), name);
        }
        if self.truth(attributes::NEW_MEMBER_OPTIONS) {
            let bits = self.require(attributes::NEW_MEMBER_OPTIONS)?.clone();
            self.dict_mut(attributes::USER_OPTIONS)?.set(key, bits);
        }
        Ok(())
    }

    /// `removeMember`
    ///
    /// # Errors
    /// No member.
    pub fn remove_member(&mut self, address: &[u8]) -> Result<(), ListError> {
        self.must_be_member(address)?;
        let key = lower(address);
        for roster in [Roster::Regular, Roster::Digest, Roster::Bouncing] {
            self.strike(roster, &key)?;
        }
        for attr in MEMBER_DICTIONARIES {
            self.forget(attr, &key)?;
        }
        Ok(())
    }

    /// `changeMemberAddress`. Name, options, password, language and digest mode go along; a delivery status only if
    /// the member or an admin set it and the old address goes; topics and bounces are lost.
    ///
    /// # Errors
    /// The old address is no member, or the new one is.
    pub fn change_address(&mut self, old: &[u8], new: &[u8], keep_old: bool) -> Result<(), ListError> {
        self.must_be_member(old)?;
        let key = lower(old);
        let member = NewMember {
            address: ByteStr::from(new),
            password: self.password_value(&key).unwrap_or_else(|| Value::Str(self.random_password())),
            language: Some(self.language_value_of(&key)),
            name: self.name_of(&key),
            digest: self.option(&key, options::DIGESTS),
        };
        let bits = self.options_of(&key);
        let status = self.delivery_status(&key);
        let record = self.member_item(attributes::DELIVERY_STATUS, &key).map(Cow::into_owned);
        if !keep_old {
            self.remove_member(&key)?;
        }
        self.add_member(&member)?;
        if bits != 0 {
            self.dict_mut(attributes::USER_OPTIONS)?.set(lower(new), Value::Int(bits));
        }
        if let (DeliveryStatus::ByUser | DeliveryStatus::ByAdmin, Some(record), false) = (status, record, keep_old) {
            self.dict_mut(attributes::DELIVERY_STATUS)?.set(lower(new), record);
        }
        Ok(())
    }

    /// `setMemberPassword`
    ///
    /// # Errors
    /// No member.
    pub fn set_password(&mut self, address: &[u8], password: &[u8]) -> Result<(), ListError> {
        self.set_member_item(attributes::PASSWORDS, address, Value::str(password))
    }

    /// `setMemberLanguage`
    ///
    /// # Errors
    /// No member.
    pub fn set_language(&mut self, address: &[u8], language: Value) -> Result<(), ListError> {
        self.set_member_item(attributes::LANGUAGE, address, language)
    }

    /// `setMemberName`; an empty name is stored as one.
    ///
    /// # Errors
    /// No member.
    pub fn set_name(&mut self, address: &[u8], name: Value) -> Result<(), ListError> {
        self.set_member_item(attributes::USERNAMES, address, name)
    }

    /// `setMemberTopics`
    ///
    /// # Errors
    /// No member.
    pub fn set_topics(&mut self, address: &[u8], topics: &[ByteStr]) -> Result<(), ListError> {
        if topics.is_empty() {
            self.must_be_member(address)?;
            return self.forget(attributes::TOPICS_USERINTEREST, &lower(address));
        }
        let topics = topics.iter().cloned().map(Value::Str).collect();
        self.set_member_item(attributes::TOPICS_USERINTEREST, address, Value::list(topics))
    }

    /// `setMemberOption`. Without any bit the member has no entry.
    ///
    /// # Errors
    /// No member; or the digest mode is that already, or not offered.
    pub fn set_option(&mut self, address: &[u8], flag: i64, on: bool) -> Result<(), ListError> {
        self.must_be_member(address)?;
        if flag == options::DIGESTS {
            return self.set_digest_mode(address, on);
        }
        let bits = self.options_of(address);
        let bits = if on { bits | flag } else { bits & !flag };
        if bits == 0 {
            return self.forget(attributes::USER_OPTIONS, &lower(address));
        }
        self.set_member_item(attributes::USER_OPTIONS, address, Value::Int(bits))
    }

    /// Who leaves digest mode gets one last digest; who comes back needs none.
    fn set_digest_mode(&mut self, address: &[u8], on: bool) -> Result<(), ListError> {
        let (from, to) = (Roster::of(!on), Roster::of(on));
        let (offered, mode) =
            if on { (attributes::DIGESTABLE, "digest") } else { (attributes::NONDIGESTABLE, "regular") };
        if !self.truth(offered) {
            return Err(ListError::NoSuchDelivery { list: self.name.clone(), mode });
        }
        let key = lower(address);
        if self.member_item(to.attribute(), &key).is_some() {
            return Err(ListError::AlreadyAMember(key));
        }
        let value = self.strike(from, &key)?.ok_or_else(|| ListError::NotAMember(key.clone()))?;
        self.enter(to, &key, value.clone())?;
        if on {
            self.strike(Roster::Leaving, &key).map(drop)
        } else {
            self.enter(Roster::Leaving, &key, value)
        }
    }

    /// `setDeliveryStatus`. Enabling forgets bounces too.
    ///
    /// # Errors
    /// No member.
    pub fn set_delivery_status(&mut self, address: &[u8], status: DeliveryStatus) -> Result<(), ListError> {
        if status == DeliveryStatus::Enabled {
            return self.set_bounce_info(address, None);
        }
        let record = Value::tuple(vec![Value::Int(status.number()), Value::Float(now())]);
        self.set_member_item(attributes::DELIVERY_STATUS, address, record)
    }

    /// `setBounceInfo`. None deletes the delivery status too.
    ///
    /// # Errors
    /// No member.
    pub fn set_bounce_info(&mut self, address: &[u8], info: Option<Value>) -> Result<(), ListError> {
        self.must_be_member(address)?;
        let key = lower(address);
        if let Some(info) = info {
            return self.enter(Roster::Bouncing, &key, info);
        }
        self.strike(Roster::Bouncing, &key)?;
        self.forget(attributes::DELIVERY_STATUS, &key)
    }

    /// `Utils.MakeRandomPassword`: pronounceable where the site wants that.
    pub fn random_password(&self) -> ByteStr {
        self.random_password_of(self.site.settings.int(settings::MEMBER_PASSWORD_LENGTH).unwrap_or(8))
    }

    /// The same with this number of characters.
    pub fn random_password_of(&self, length: i64) -> ByteStr {
        random::password(length.clamp(1, 255) as usize, self.site.settings.truth(settings::USER_FRIENDLY_PASSWORDS))
    }

    fn set_member_item(&mut self, attr: Attribute<Table>, address: &[u8], value: Value) -> Result<(), ListError> {
        self.must_be_member(address)?;
        self.dict_mut(attr)?.set(lower(address), value);
        Ok(())
    }

    /// Deletes an entry if it is there; without one nothing is marked as changed.
    fn forget(&mut self, attr: Attribute<Table>, key: &[u8]) -> Result<(), ListError> {
        self.require(attr)?;
        if self.member_item(attr, key).is_some() {
            self.dict_mut(attr)?.remove(key);
        }
        Ok(())
    }

    fn must_be_member(&self, address: &[u8]) -> Result<(), ListError> {
        if self.is_member(address) {
            Ok(())
        } else {
            Err(ListError::NotAMember(ByteStr::from(address)))
        }
    }
}

/// 0, or the address as it was given where its local part has capitals. (`Utils.LCDomain(a) == a.lower()`)
fn roster_value(address: &ByteStr) -> Value {
    let at = address.iter().position(|&b| b == b'@').unwrap_or(address.len());
    if address[..at].iter().any(u8::is_ascii_uppercase) {
        Value::Str(address.clone())
    } else {
        Value::Int(0)
    }
}

pub(super) fn now() -> f64 {
    clock::since_epoch().as_secs_f64()
}
