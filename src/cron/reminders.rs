//! The monthly reminder of passwords: one mail per member and mail host, about all of the lists there.
//!
//! Answers to cron/mailpasswds. HostReminders look as if they came from the site list, at the host that they are about.

use crate::error::HandlerError;
use crate::notice::{site_email, NoticeText, Template, UserNotification, Words};
use compat::codecs::{self, CodecError, Errors};
use compat::list::{attributes, options, MailList};
use compat::pydict::KeyTable;
use compat::queue::{Metadata, Outbox};
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::collections::HashMap;

/// Number of reminders that become safe together.
const TOGETHER: usize = 512;
/// A longer address of a list has a line to itself.
const NAME_COLUMN: usize = 39;

/// Lists with reminders, by the host that their reminders name.
#[derive(Default)]
pub struct Hosts {
    order: KeyTable<ByteStr>,
    lists: HashMap<ByteStr, Vec<MailList>>,
}

impl Hosts {
    /// Adds a list, unless it sends no reminders.
    ///
    /// # Errors
    /// The settings name no host.
    pub fn add(&mut self, list: MailList) -> Result<(), HandlerError> {
        if !list.truth(attributes::SEND_REMINDERS) {
            return Ok(());
        }
        let settings = &list.site().settings;
        let host = match settings.truth(settings::VIRTUAL_HOST_OVERVIEW) {
            true => list.host_name(),
            false => match settings.optional_str(settings::DEFAULT_HOST_NAME).filter(|host| !host.is_empty()) {
                Some(host) => host,
                None => settings.str(settings::DEFAULT_EMAIL_HOST)?,
            },
        };
        self.order.insert(host.clone());
        self.lists.entry(host).or_default().push(list);
        Ok(())
    }

    /// Puts the reminders of all hosts into the virgin queue, in the order of Python's dictionaries.
    ///
    /// # Errors
    /// A reminder cannot be made or written. Those before it are sent.
    pub fn send(&self, site: &Site, site_list: &MailList, outbox: &mut Outbox) -> Result<(), HandlerError> {
        for host in self.order.keys() {
            let reminders = HostReminders::new(site, site_list, host)?;
            let members = Members::of(self.lists.get(host).map_or(&[], Vec::as_slice));
            for address in members.order.keys() {
                reminders.send(address, &members.lists[address], outbox)?;
                if outbox.len() >= TOGETHER {
                    outbox.commit()?;
                }
            }
        }
        outbox.commit().map(drop).map_err(HandlerError::from)
    }
}

/// What a member has on one list.
struct Membership {
    /// The list's address.
    list: ByteStr,
    password: ByteStr,
    options_url: ByteStr,
    language: ByteStr,
}

/// Those who are to be reminded, by their addresses in lower case.
#[derive(Default)]
struct Members {
    order: KeyTable<ByteStr>,
    lists: HashMap<ByteStr, Vec<Membership>>,
}

impl Members {
    fn of(lists: &[MailList]) -> Members {
        let mut members = Members::default();
        for list in lists {
            for address in list.members() {
                members.add(list, address);
            }
        }
        members
    }

    fn add(&mut self, list: &MailList, address: ByteStr) {
        if list.option(&address, options::SUPPRESS_PASSWORD_REMINDER) {
            return;
        }
        let Some(password) = list.password_of(&address) else {
            let line = [&b"password-less member "[..], &address, b" for list ", list.name()].concat();
            return list.site().log("error", line);
        };
        let membership = Membership {
            list: list.posting_address(),
            password,
            options_url: list.options_url(&address, false, false),
            language: list.language_of(&address),
        };
        self.order.insert(address.clone());
        self.lists.entry(address).or_default().push(membership);
    }
}

/// The reminders of one host.
struct HostReminders<'a> {
    site: &'a Site,
    site_list: &'a MailList,
    host: &'a ByteStr,
    owner: ByteStr,
    request: ByteStr,
    metadata: Metadata,
}

impl<'a> HostReminders<'a> {
    fn new(site: &'a Site, site_list: &'a MailList, host: &'a ByteStr) -> Result<Self, HandlerError> {
        let address = |extra| site_email(site, Some(host), Some(extra));
        // Mailman adds a key that begins with an underscore; such keys are not stored.
        let verp = site.settings.get(settings::VERP_PASSWORD_REMINDERS).cloned().unwrap_or(Value::Int(0));
        let metadata = Metadata::new().with("errorsto", Value::Str(address("bounces")?)).with("verp", verp);
        Ok(HostReminders { site, site_list, host, owner: address("owner")?, request: address("request")?, metadata })
    }

    fn send(&self, address: &ByteStr, lists: &[Membership], outbox: &mut Outbox) -> Result<(), HandlerError> {
        let language = most_frequent(lists.iter().map(|list| &list.language));
        let words = Words::new(self.site, &language);
        let text = self.text(address, lists, &language, &words)?;
        let subject =
            words.fill("%(host)s mailing list memberships reminder", &[("host", Value::Str(self.host.clone()))]);
        let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
        let mut notice = UserNotification::new(self.site, std::slice::from_ref(address), &self.owner, notice_text)?;
        notice.message.append("X-No-Archive", "yes");
        if self.site.profile.has(Switch::ReminderAutoSubmitted) {
            notice.message.append("Auto-Submitted", "auto-generated");
        }
        notice.send_with(self.site_list, outbox, self.metadata.clone())
    }

    /// The template, and below it a table that is not wrapped.
    fn text(
        &self,
        address: &ByteStr,
        lists: &[Membership],
        language: &ByteStr,
        words: &Words<'_>,
    ) -> Result<Vec<u8>, HandlerError> {
        let fields = [
            ("hostname", self.host.clone()),
            ("useraddr", address.clone()),
            ("exreq", self.request.clone()),
            ("owner", self.owner.clone()),
        ];
        let fields = fields.map(|(name, value)| (name, Value::Str(value)));
        let head = Template { name: "cronpass.txt", values: &fields, language: Some(language), raw: false };
        let mut text = head.for_site(self.site)?.to_vec();
        row(&mut text, &words.say("List"), 40, &words.say("Password // URL"));
        row(&mut text, b"----", 40, b"--------");
        let rows: Vec<Vec<u8>> = lists.iter().map(Membership::row).collect();
        text.extend_from_slice(&rows.join(&b'\n'));
        Ok(shown_in(&text, &self.site.charset_or_ascii(language))?)
    }
}

impl Membership {
    fn row(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if self.list.len() > NAME_COLUMN {
            text.extend_from_slice(&[&self.list[..], b"\n"].concat());
            text.extend_from_slice(&b" ".repeat(11));
            padded(&mut text, &self.password, 10);
        } else {
            padded(&mut text, &self.list, 40);
            text.push(b' ');
            padded(&mut text, &self.password, 10);
        }
        text.extend_from_slice(&[b"\n", &self.options_url[..], b"\n"].concat());
        text
    }
}

fn row(text: &mut Vec<u8>, left: &[u8], width: usize, right: &[u8]) {
    padded(text, left, width);
    text.push(b' ');
    padded(text, right, 10);
    text.push(b'\n');
}

/// `%-Ns` of a byte string.
fn padded(text: &mut Vec<u8>, part: &[u8], width: usize) {
    text.extend_from_slice(part);
    text.extend(std::iter::repeat_n(b' ', width.saturating_sub(part.len())));
}

/// `?` for what is not of the charset.
fn shown_in(text: &[u8], charset: &[u8]) -> Result<Vec<u8>, CodecError> {
    let text = codecs::decode(text, charset, Errors::Replace)?;
    codecs::encode(&text, charset, Errors::Replace)
}

/// The language of most lists; the first in the order of Python's dictionary where several are.
fn most_frequent<'a>(languages: impl Iterator<Item = &'a ByteStr>) -> ByteStr {
    let (mut order, mut counts) = (KeyTable::new(), HashMap::new());
    for language in languages {
        order.insert(language.clone());
        *counts.entry(language.clone()).or_insert(0) += 1;
    }
    let mut best = (0, ByteStr::default());
    for language in order.into_keys() {
        let count = counts.get(&language).copied().unwrap_or(0);
        if count > best.0 {
            best = (count, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership(list: &str) -> Membership {
        Membership {
            list: list.into(),
            password: "secret".into(),
            options_url: "http://h/options/l/a".into(),
            language: "en".into(),
        }
    }

    /// The rows of Python's formats `%-40s %-10s\n%s\n` and `%s\n           %-10s\n%s\n`.
    #[test]
    fn a_long_address_has_its_own_line() {
        let short = membership("club@example.com").row();
        let expected = format!("{:<40} {:<10}\nhttp://h/options/l/a\n", "club@example.com", "secret");
        assert_eq!(String::from_utf8(short).unwrap(), expected);
        let name = "a-list-with-quite-a-long-name@example.com";
        let expected = format!("{name}\n           secret    \nhttp://h/options/l/a\n");
        assert_eq!(String::from_utf8(membership(name).row()).unwrap(), expected);
    }

    /// `{'de': 1, 'en': 1, 'fr': 2}` and `{'de': 1, 'en': 1}.items()` of Python 2.7.
    #[test]
    fn the_language_of_most_lists() {
        let of = |languages: &[&str]| {
            let languages: Vec<ByteStr> = languages.iter().map(|&language| language.into()).collect();
            most_frequent(languages.iter())
        };
        assert_eq!(of(&["de", "fr", "en", "fr"]), "fr");
        assert_eq!(of(&["de", "en"]), of(&["en", "de"]));
        assert_eq!(of(&["de"]), "de");
    }
}
