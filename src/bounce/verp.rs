//! What the address says that a bounce came to: whose mail it was (VERP), or which probe.
//!
//! Answers to `verp_bounce` and `verp_probe` of Queue/BounceRunner.py. The patterns are the site's. Not every MTA leaves
//! the address in To, so a few other headers are read too.

use crate::error::HandlerError;
use compat::email::address::parseaddr;
use compat::email::Message;
use compat::list::pending::{Kind, Pended};
use compat::list::MailList;
use compat::names::Text;
use compat::pattern::{Flags, Match, Pattern};
use compat::site::settings::Setting;
use compat::site::{settings, Site};
use compat::ByteStr;

const HEADERS: [&str; 4] = ["to", "delivered-to", "envelope-to", "apparently-to"];

/// The member whose mail came back, if the address names one and is this list's.
///
/// # Errors
/// A setting that is no pattern, or a list's database that cannot be read.
pub fn member(site: &Site, list: &MailList, msg: &Message) -> Result<Option<ByteStr>, HandlerError> {
    for found in matches(site, settings::VERP_REGEXP, msg)? {
        let (Some(bounces), Some(mailbox), Some(host)) =
            (found.named("bounces"), found.named("mailbox"), found.named("host"))
        else {
            complain(site, settings::VERP_REGEXP);
            return Ok(None);
        };
        if *bounces == *bounces_mailbox(list) {
            return Ok(Some(ByteStr::new([&mailbox[..], b"@", &host].concat())));
        }
    }
    Ok(None)
}

/// The token of a probe that this list waits for. Cookies for something else are none; Mailman uses them up and fails.
///
/// # Errors
/// A setting that is no pattern, or a list's database that cannot be read.
pub fn probe_token(site: &Site, list: &MailList, msg: &Message) -> Result<Option<ByteStr>, HandlerError> {
    for found in matches(site, settings::VERP_PROBE_REGEXP, msg)? {
        let (Some(bounces), Some(token)) = (found.named("bounces"), found.named("token")) else {
            complain(site, settings::VERP_PROBE_REGEXP);
            continue;
        };
        if *bounces == *bounces_mailbox(list) && awaited(list, &token)?.is_some() {
            return Ok(Some(token));
        }
    }
    Ok(None)
}

/// The record of a probe.
///
/// # Errors
/// A list that cannot be opened, or the machine.
pub fn awaited(list: &MailList, token: &[u8]) -> Result<Option<Pended>, HandlerError> {
    let record = list.pend_look(token)?.as_ref().and_then(Pended::from_value);
    Ok(record.filter(|record| record.kind == Kind::ProbeBounce && record.content.len() == 2))
}

/// Where a site's pattern matches the addresses that the message came to.
fn matches(site: &Site, setting: Setting<Text>, msg: &Message) -> Result<Vec<Match>, HandlerError> {
    let source = site.settings.str(setting)?;
    let pattern = Pattern::new(&source, Flags::default()).map_err(HandlerError::at(setting))?;
    let fields = HEADERS.iter().flat_map(|name| msg.get_all_str(name));
    let addresses = fields.map(|field| parseaddr(&field).1).filter(|address| !address.is_empty());
    let found = addresses.filter_map(|address| pattern.search(&address).transpose());
    Ok(found.collect::<Result<Vec<_>, _>>()?)
}

/// The local part of the list's address for bounces, in lower case.
fn bounces_mailbox(list: &MailList) -> Vec<u8> {
    let address = list.bounces_address().to_ascii_lowercase();
    address.split(|&b| b == b'@').next().unwrap_or_default().to_vec()
}

fn complain(site: &Site, setting: Setting<Text>) {
    let pattern = site.settings.optional_str(setting).unwrap_or_default();
    let start = format!("{setting} doesn't yield the right match groups: ");
    site.log("error", [start.as_bytes(), &pattern].concat());
}
