//! A list with members for the demonstration and for tests, made as `newlist` and `add_members` would.

use crate::lists::{self, CreateError};
use compat::durable;
use compat::names::Place;
use compat::site::settings::Setting;
use compat::site::{settings, SettingError, Settings, Site};
use compat::value::{Dict, Value};
use std::rc::Rc;

/// Nobody can log in: no password has this for its SHA-1.
const NO_PASSWORD: &str = "----------------------------------------";

/// A member to be.
pub struct NewMember {
    pub address: &'static str,
    pub name: &'static str,
    pub digest: bool,
}

/// A list to be.
pub struct NewList<'a> {
    pub name: &'a str,
    pub owners: &'a [&'a str],
    pub members: &'a [NewMember],
}

/// Where an installed site has folders.
const FOLDERS: [Setting<Place>; 3] =
    [settings::LOCK_DIR, settings::PRIVATE_ARCHIVE_FILE_DIR, settings::PUBLIC_ARCHIVE_FILE_DIR];

/// Makes a list: its folder, its archive's folders, its config.pck; also on a site that has no folders yet.
///
/// # Errors
/// A name that is taken or not allowed, or a file that cannot be written.
pub fn create(site: &Rc<Site>, list: &NewList<'_>) -> Result<(), CreateError> {
    let settings = &site.settings;
    for path in FOLDERS.map(|setting| settings.path(setting)) {
        durable::mkdir_all(&path, 0o2775).map_err(|source| CreateError::Io { path, source })?;
    }
    let mut more = roster(settings, list.members)?;
    more.set("owner", Value::list(list.owners.iter().map(|owner| Value::str(*owner)).collect()));
    let new = lists::NewList {
        name: &list.name.into(),
        owner: list.owners.first().copied().unwrap_or_default().as_bytes(),
        password: NO_PASSWORD.into(),
        language: site.server_language(),
        mail_host: settings.str(settings::DEFAULT_EMAIL_HOST)?,
        url_host: settings.str(settings::DEFAULT_URL_HOST)?,
    };
    lists::create(site, &new, more, |_, _| Ok(())).map(drop)
}

/// The dictionaries that together are the roster, keyed by the address in lower case.
fn roster(settings: &Settings, members: &[NewMember]) -> Result<Dict, SettingError> {
    let collect = |value: &dyn Fn(&NewMember) -> Option<Value>| {
        let items = members.iter().filter_map(|member| Some((member.address.into(), value(member)?)));
        Value::dict(items.collect())
    };
    let language = settings.require(settings::DEFAULT_SERVER_LANGUAGE)?.clone();
    let options = settings.require(settings::DEFAULT_NEW_MEMBER_OPTIONS)?.clone();
    let mut dict = Dict::new();
    dict.set("members", collect(&|m| (!m.digest).then_some(Value::Int(0))));
    dict.set("digest_members", collect(&|m| m.digest.then_some(Value::Int(0))));
    dict.set("usernames", collect(&|m| Some(Value::str(m.name))));
    dict.set("passwords", collect(&|_| Some(Value::str("not-a-password"))));
    dict.set("language", collect(&|_| Some(language.clone())));
    dict.set("user_options", collect(&|_| Some(options.clone())));
    Ok(dict)
}
