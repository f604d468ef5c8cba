//! What people do to whole lists with bin/withlist: moved to another host, members with new passwords, texts converted.
//!
//! Answers to bin/fix_url.py, reset_pw.py and convert.py. Whoever calls this holds the lock and saves.

use super::attributes::{self, AttributeError};
use crate::notice::mail_host_of;
use compat::format::{text_of, to_dollar};
use compat::list::attributes as of_list;
use compat::list::{Attribute, DeliveryStatus, ListError, MailList};
use compat::names::Text;
use compat::site::{settings, SettingError, Site};
use compat::value::{UniStr, Value};
use compat::ByteStr;

/// Texts of a list that have values filled in.
const FILLED: [Attribute<Text>; 7] = [
    of_list::MSG_HEADER,
    of_list::MSG_FOOTER,
    of_list::DIGEST_HEADER,
    of_list::DIGEST_FOOTER,
    of_list::AUTORESPONSE_POSTINGS_TEXT,
    of_list::AUTORESPONSE_ADMIN_TEXT,
    of_list::AUTORESPONSE_REQUEST_TEXT,
];

/// A web host with the mail host that goes with it.
#[derive(Debug, PartialEq)]
pub struct Hosts {
    pub web_page_url: Value,
    pub mail_host: ByteStr,
}

impl Hosts {
    /// Those of a web host by `VIRTUAL_HOSTS`, or the site's own.
    ///
    /// # Errors
    /// A setting is missing, or `DEFAULT_URL_PATTERN` has no place for the host.
    pub fn of(site: &Site, web_host: Option<&[u8]>) -> Result<Hosts, AttributeError> {
        let setting = |name| site.settings.str(name).map_err(|error: SettingError| AttributeError::from(error));
        let (web_host, mail_host) = match web_host.filter(|host| !host.is_empty()) {
            Some(host) => (host.into(), mail_host_of(site, &host.to_ascii_lowercase()).unwrap_or_else(|| host.into())),
            None => (setting(settings::DEFAULT_URL_HOST)?, setting(settings::DEFAULT_EMAIL_HOST)?),
        };
        Ok(Hosts { web_page_url: attributes::url_of_host(site, &web_host)?, mail_host })
    }

    /// Moves a list there. What was written already (archives, aliases) stays as it is.
    pub fn give_to(&self, list: &mut MailList) {
        list.set(of_list::WEB_PAGE_URL, self.web_page_url.clone());
        list.set(of_list::HOST_NAME, Value::Str(self.mail_host.clone()));
    }
}

/// Gives every member a password that nobody knows; each with his new one. Nobody is told.
///
/// # Errors
/// The list lacks its passwords.
pub fn reset_passwords(list: &mut MailList) -> Result<Vec<(ByteStr, ByteStr)>, ListError> {
    let mut given = Vec::new();
    for member in list.members() {
        let password = list.random_password();
        list.set_password(&member, &password)?;
        given.push((member, password));
    }
    list.record(&[b"new passwords of all members"]);
    Ok(given)
}

/// Members whose mail is said to bounce, and of whom nothing is known about bounces, get their mail again; how many.
///
/// # Errors
/// The list lacks an attribute.
pub fn enable_without_bounce_info(list: &mut MailList) -> Result<usize, ListError> {
    let mut unknown = list.members_with_status(&[DeliveryStatus::ByBounce]);
    unknown.retain(|member| list.bounce_info(member).is_none());
    for member in &unknown {
        list.set_delivery_status(member, DeliveryStatus::Enabled)?;
    }
    Ok(unknown.len())
}

/// Makes `$name` of each `%(name)s` in the list's texts. Done twice, it doubles every dollar.
///
/// # Errors
/// The list lacks one of the texts.
pub fn convert_to_dollar(list: &mut MailList) -> Result<(), ListError> {
    for attribute in FILLED {
        let converted = match list.require(attribute)? {
            Value::Unicode(text) => Value::Unicode(UniStr(ByteStr::new(to_dollar(&text.0)))),
            other => Value::str(to_dollar(&text_of(other))),
        };
        list.set(attribute, converted);
    }
    list.set(of_list::USE_DOLLAR_STRINGS, Value::Int(1));
    Ok(())
}
