//! Attributes that came after 2.1.13, for lists whose file an older Mailman wrote.
//!
//! When a newer Mailman opens an older file it fills in the defaults and saves under a new data_version. This program
//! never raises a data_version; it looks the same defaults up, and leaves the filling in to Python.

use super::MailList;
use crate::pickle::Value;
use crate::site::{settings, Switch};

/// What an attribute is where neither the file nor the settings say it.
enum Plain {
    None,
    Bool(bool),
    Int(i64),
    List,
    Text,
}

/// Attribute, the setting that MailList.InitVars of 2.1.39 takes, and the value where there is none.
const ADDED: &[(&str, &str, Plain)] = &[
    ("include_sender_header", "", Plain::Int(1)),
    ("post_password", "", Plain::None),
    ("regular_exclude_ignore", "DEFAULT_REGULAR_EXCLUDE_IGNORE", Plain::Bool(true)),
    ("from_is_list", "DEFAULT_FROM_IS_LIST", Plain::Int(0)),
    ("dmarc_moderation_action", "DEFAULT_DMARC_MODERATION_ACTION", Plain::Int(0)),
    ("dmarc_moderation_notice", "", Plain::Text),
    ("dmarc_moderation_addresses", "", Plain::List),
    ("dmarc_quarantine_moderation_action", "DEFAULT_DMARC_QUARANTINE_MODERATION_ACTION", Plain::Bool(true)),
    ("dmarc_none_moderation_action", "DEFAULT_DMARC_NONE_MODERATION_ACTION", Plain::Bool(false)),
    ("dmarc_wrapped_message_text", "DEFAULT_DMARC_WRAPPED_MESSAGE_TEXT", Plain::Text),
    ("subscribe_auto_approval", "DEFAULT_SUBSCRIBE_AUTO_APPROVAL", Plain::List),
    ("equivalent_domains", "DEFAULT_EQUIVALENT_DOMAINS", Plain::Text),
    ("bounce_notify_owner_on_bounce_increment", "DEFAULT_BOUNCE_NOTIFY_OWNER_ON_BOUNCE_INCREMENT", Plain::Bool(false)),
    ("member_verbosity_threshold", "DEFAULT_MEMBER_VERBOSITY_THRESHOLD", Plain::Int(0)),
    ("member_verbosity_interval", "DEFAULT_MEMBER_VERBOSITY_INTERVAL", Plain::Int(300)),
    ("drop_cc", "DEFAULT_DROP_CC", Plain::Bool(true)),
];

/// The attributes that came after 2.1.13, each with the setting that it is taken from; without one it is a constant.
pub fn added_attributes() -> impl Iterator<Item = (&'static str, &'static str)> {
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
            if !self.attributes.contains(name.as_bytes()) {
                let value = self.site.settings.get(setting).cloned();
                self.missing.set(*name, value.unwrap_or_else(|| plain.value()));
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
