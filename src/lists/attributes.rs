//! What a new list is made of: every attribute that `MailList.InitVars` of the site's version sets, with the site's defaults.

use super::options;
use crate::clock;
use compat::format::{percent_args, FormatError};
use compat::list::{attributes, Attribute};
use compat::names::Any;
use compat::site::settings::Setting;
use compat::site::{settings, Profile, SettingError, Settings, Site, Switch};
use compat::value::{Dict, Value};
use compat::ByteStr;

/// What an attribute that is no option has at first.
enum Of {
    Setting(Setting<Any>),
    Int(i64),
    Nothing,
    Dict,
}

/// Attributes of every version that are no options, and whose value does not depend on the list.
const NO_OPTIONS: &[(Attribute<Any>, Of)] = &[
    (attributes::ADMIN_RESPONSES.any(), Of::Dict),
    (attributes::BOUNCE_INFO.any(), Of::Dict),
    (attributes::DATA_VERSION.any(), Of::Setting(settings::DATA_FILE_VERSION.any())),
    (attributes::DELIVERY_STATUS.any(), Of::Dict),
    (attributes::DIGEST_LAST_SENT_AT.any(), Of::Int(0)),
    (attributes::DIGEST_MEMBERS.any(), Of::Dict),
    (attributes::HOLD_AND_CMD_AUTORESPONSES.any(), Of::Dict),
    (attributes::LANGUAGE.any(), Of::Dict),
    (attributes::LAST_POST_TIME.any(), Of::Int(0)),
    (attributes::MEMBERS.any(), Of::Dict),
    (attributes::MOD_PASSWORD.any(), Of::Nothing),
    (attributes::NEXT_DIGEST_NUMBER.any(), Of::Int(1)),
    (attributes::NEXT_POST_NUMBER.any(), Of::Int(1)),
    (attributes::NEXT_REQUEST_ID.any(), Of::Int(1)),
    (attributes::ONE_LAST_DIGEST.any(), Of::Dict),
    (attributes::PASSWORDS.any(), Of::Dict),
    (attributes::POSTINGS_RESPONSES.any(), Of::Dict),
    (attributes::REQUEST_RESPONSES.any(), Of::Dict),
    (attributes::TOPICS_USERINTEREST.any(), Of::Dict),
    (attributes::USER_OPTIONS.any(), Of::Dict),
    (attributes::USERNAMES.any(), Of::Dict),
    (attributes::VOLUME.any(), Of::Int(1)),
];

/// Those of newer versions, with the switch that came with them.
const LATER: &[(Switch, Attribute<Any>, Of)] =
    &[(Switch::ApprovePosterPassword, attributes::POST_PASSWORD.any(), Of::Nothing)];

/// Attributes that are no options and are set in other ways: when the list is made, opened, or used.
const SET_ELSEWHERE: &[Attribute<Any>] = &[
    attributes::CREATED_AT.any(),
    attributes::PASSWORD.any(),
    attributes::POST_ID.any(),
    attributes::WEB_PAGE_URL.any(),
];

/// The attributes of every version that are no options.
pub fn no_options() -> impl Iterator<Item = &'static str> {
    let tables = NO_OPTIONS.iter().map(|(name, _)| name).chain(LATER.iter().map(|(_, name, _)| name));
    tables.chain(SET_ELSEWHERE.iter()).map(|name| name.as_str())
}

/// Why a list has no attributes.
#[derive(Debug, thiserror::Error)]
pub enum AttributeError {
    /// A default is missing, or of the wrong kind.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A default does not take what is to be filled in.
    #[error("{0}: {1}")]
    Format(&'static str, FormatError),
}

/// The attributes of a new list. `url_host` is the host of its first `web_page_url`.
///
/// # Errors
/// A setting that is missing, or a pattern that cannot be filled in.
pub fn initial(site: &Site, name: &ByteStr, owner: &[u8], url_host: Option<&[u8]>) -> Result<Dict, AttributeError> {
    let settings = &site.settings;
    // Data follow the version, whatever behaviour the site has asked for: its Python must know every attribute.
    let version = Profile::new(site.profile.version());
    let mut dict = Dict::new();
    for row in options::all().map(|(_, row)| row).filter(|row| row.since.is_none_or(|switch| version.has(switch))) {
        if let Some(value) = row.initial_value(settings, &version)? {
            dict.set(row.name, value);
        }
    }
    for (name, of) in NO_OPTIONS {
        dict.set(name.as_str(), of.value(settings)?);
    }
    for (_, name, of) in LATER.iter().filter(|(switch, _, _)| version.has(*switch)) {
        dict.set(name.as_str(), of.value(settings)?);
    }
    dict.set("created_at", Value::Float(clock::now()));
    dict.set("post_id", Value::Float(1.0));
    dict.set("owner", Value::list(vec![Value::str(owner)]));
    dict.set("real_name", Value::Str(capitalised(name)));
    let host = settings
        .optional_str(settings::DEFAULT_HOST_NAME)
        .map_or_else(|| settings.str(settings::DEFAULT_EMAIL_HOST), Ok)?;
    dict.set("host_name", Value::Str(host));
    dict.set("web_page_url", first_url(site, url_host.filter(|_| version.has(Switch::NewlistUrlHost)))?);
    let ascii = *site.charset_or_ascii(&site.server_language()) == *b"us-ascii";
    dict.set("encode_ascii_prefixes", Value::Int(if ascii { 0 } else { 2 }));
    let prefix = filled(settings::DEFAULT_SUBJECT_PREFIX.any(), site, known_by_name(&dict, name))?;
    dict.set("subject_prefix", prefix);
    Ok(dict)
}

/// `DEFAULT_URL_PATTERN` with a host.
///
/// # Errors
/// A setting that is missing, or a pattern that cannot be filled in.
pub fn url_of_host(site: &Site, host: &[u8]) -> Result<Value, AttributeError> {
    filled(settings::DEFAULT_URL_PATTERN.any(), site, Value::str(host))
}

fn first_url(site: &Site, host: Option<&[u8]>) -> Result<Value, AttributeError> {
    if let Some(url) = site.settings.optional_str(settings::DEFAULT_URL) {
        return Ok(Value::Str(url));
    }
    let usual = site.settings.str(settings::DEFAULT_URL_HOST)?;
    url_of_host(site, host.unwrap_or(&usual))
}

fn filled(setting: Setting<Any>, site: &Site, right: Value) -> Result<Value, AttributeError> {
    let format = site.settings.require(setting)?;
    percent_args(format, &right).map_err(|error| AttributeError::Format(setting.as_str(), error))
}

/// All attributes, and the name that has none.
fn known_by_name(dict: &Dict, name: &ByteStr) -> Value {
    let mut known = dict.clone();
    known.set("_internal_name", Value::Str(name.clone()));
    Value::dict(known)
}

fn capitalised(name: &ByteStr) -> ByteStr {
    let mut bytes = name.to_vec();
    if let Some(first) = bytes.first_mut() {
        first.make_ascii_uppercase();
    }
    ByteStr::new(bytes)
}

impl Of {
    fn value(&self, settings: &Settings) -> Result<Value, SettingError> {
        Ok(match self {
            Of::Setting(name) => settings.require(*name)?.clone(),
            Of::Int(n) => Value::Int(*n),
            Of::Nothing => Value::None,
            Of::Dict => Value::dict(Dict::new()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use std::path::Path;

    fn made(version: &str) -> Dict {
        let site = Site::bare(Path::new("/nowhere"), Version::parse(version).unwrap());
        initial(&site, &"garden".into(), b"rose@example.com", None).unwrap()
    }

    #[test]
    fn old_lists_get_what_old_mailman_knows() {
        let (old, new) = (made("2.1.13"), made("2.1.39"));
        assert_eq!(old.get(b"respond_to_post_requests"), Some(&Value::Int(1)));
        assert_eq!(new.get(b"respond_to_post_requests"), Some(&Value::Bool(true)));
        assert!(!old.contains(b"drop_cc") && new.contains(b"drop_cc"));
        assert_eq!((old.len(), new.len()), (OLD_ATTRIBUTES, NEW_ATTRIBUTES));
        assert_eq!(new.get(b"subject_prefix"), Some(&Value::str("[Garden] ")));
    }

    /// How many attributes a list has after `MailList.Create` of Python; languages and password come with [`super::super::create`].
    const OLD_ATTRIBUTES: usize = 129 - 2;
    const NEW_ATTRIBUTES: usize = 145 - 2;
}
