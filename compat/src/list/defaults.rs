//! Attributes that came after 2.1.13, for lists whose file an older Mailman wrote.
//!
//! When a newer Mailman opens an older file it fills in the defaults and saves under a new data_version. This program
//! never raises a data_version; it looks the same defaults up, and leaves the filling in to Python.

use super::{attributes, Attribute, MailList};
use crate::names::Any;
use crate::site::settings::{self, Setting};
use crate::site::Switch;
use crate::value::Value;

/// What an attribute is where neither the file nor the settings say it.
enum Plain {
    None,
    Bool(bool),
    Int(i64),
    List,
    Text,
}

/// Attribute, setting, and the value without one.
type Added = (Attribute<Any>, Option<Setting<Any>>, Plain);

/// Attribute, the setting that MailList.InitVars of 2.1.39 takes, and the value where there is none.
const ADDED: &[Added] = &[
    (attributes::INCLUDE_SENDER_HEADER.any(), None, Plain::Int(1)),
    (attributes::POST_PASSWORD.any(), None, Plain::None),
    (attributes::REGULAR_EXCLUDE_IGNORE.any(), Some(settings::DEFAULT_REGULAR_EXCLUDE_IGNORE.any()), Plain::Bool(true)),
    (attributes::FROM_IS_LIST.any(), Some(settings::DEFAULT_FROM_IS_LIST.any()), Plain::Int(0)),
    (attributes::DMARC_MODERATION_ACTION.any(), Some(settings::DEFAULT_DMARC_MODERATION_ACTION.any()), Plain::Int(0)),
    (attributes::DMARC_MODERATION_NOTICE.any(), None, Plain::Text),
    (attributes::DMARC_MODERATION_ADDRESSES.any(), None, Plain::List),
    (
        attributes::DMARC_QUARANTINE_MODERATION_ACTION.any(),
        Some(settings::DEFAULT_DMARC_QUARANTINE_MODERATION_ACTION.any()),
        Plain::Bool(true),
    ),
    (
        attributes::DMARC_NONE_MODERATION_ACTION.any(),
        Some(settings::DEFAULT_DMARC_NONE_MODERATION_ACTION.any()),
        Plain::Bool(false),
    ),
    (
        attributes::DMARC_WRAPPED_MESSAGE_TEXT.any(),
        Some(settings::DEFAULT_DMARC_WRAPPED_MESSAGE_TEXT.any()),
        Plain::Text,
    ),
    (attributes::SUBSCRIBE_AUTO_APPROVAL.any(), Some(settings::DEFAULT_SUBSCRIBE_AUTO_APPROVAL.any()), Plain::List),
    (attributes::EQUIVALENT_DOMAINS.any(), Some(settings::DEFAULT_EQUIVALENT_DOMAINS.any()), Plain::Text),
    (
        attributes::BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT.any(),
        Some(settings::DEFAULT_BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT.any()),
        Plain::Bool(false),
    ),
    (
        attributes::MEMBER_VERBOSITY_THRESHOLD.any(),
        Some(settings::DEFAULT_MEMBER_VERBOSITY_THRESHOLD.any()),
        Plain::Int(0),
    ),
    (
        attributes::MEMBER_VERBOSITY_INTERVAL.any(),
        Some(settings::DEFAULT_MEMBER_VERBOSITY_INTERVAL.any()),
        Plain::Int(300),
    ),
    (attributes::DROP_CC.any(), Some(settings::DEFAULT_DROP_CC.any()), Plain::Bool(true)),
];

/// The attributes that came after 2.1.13, each with the setting that it is taken from; without one it is a constant.
pub fn added_attributes() -> impl Iterator<Item = (Attribute<Any>, Option<Setting<Any>>)> {
    ADDED.iter().map(|(name, setting, _)| (*name, *setting))
}

/// The version that brought the last of them.
const COMPLETE: u8 = 30;

impl MailList {
    /// Fills in what the site's Mailman would fill in, or the newest one where the site wants to behave like that. A
    /// file that is not too old keeps its gaps, which are errors for Python too.
    pub(super) fn fill_missing(&mut self) {
        let current = self.site.settings.int(settings::DATA_FILE_VERSION).unwrap_or(0);
        let stored = self.attributes.get(b"data_version").and_then(Value::as_int).unwrap_or(0);
        let ahead = self.site.profile.has(Switch::DropCc) && self.site.profile.version().micro < COMPLETE;
        if stored >= current && !ahead {
            return;
        }
        for (name, setting, plain) in ADDED {
            if !self.attributes.contains(name.as_str().as_bytes()) {
                let value = setting.and_then(|setting| self.site.settings.get(setting)).cloned();
                self.missing.set(name.as_str(), value.unwrap_or_else(|| plain.value()));
            }
        }
    }
}

impl Plain {
    fn value(&self) -> Value {
        match self {
            Plain::None => Value::None,
            Plain::Bool(b) => Value::Bool(*b),
            Plain::Int(n) => Value::Int(*n),
            Plain::List => Value::list(Vec::new()),
            Plain::Text => Value::str(""),
        }
    }
}
