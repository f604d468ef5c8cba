//! The daily word to moderators about what waits for them, and an end to posts that have waited too long.
//!
//! Answers to cron/checkdbs.

use crate::clock;
use crate::dns::Closed;
use crate::error::HandlerError;
use crate::membership::MembershipContext;
use crate::moderation::{decide_on_post, Action, Decision};
use crate::notice::{outbox, save_with_mail, NoticeText, Template, UserNotification, Words};
use crate::text::header::{header_of, one_line_in};
use compat::codecs::{self, CodecError, Errors};
use compat::email::charset::Charset;
use compat::email::date::ctime;
use compat::format::text_of;
use compat::list::requests::RequestKind;
use compat::list::{attributes, Attribute, LockedList, MailList, Requests};
use compat::names::Table;
use compat::queue::{Metadata, Outbox};
use compat::site::{Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

const ANSWERED: Attribute<Table> = attributes::HOLD_AND_CMD_AUTORESPONSES;
const SECONDS_A_DAY: i64 = 86400;
/// Number of notices that become safe together.
const TOGETHER: usize = 512;

/// The daily rounds of a site's lists. Letters about lists that need no saving become safe many at a time.
pub struct Rounds<'a> {
    site: &'a Rc<Site>,
    letters: Outbox,
}

impl<'a> Rounds<'a> {
    /// Before the first list.
    ///
    /// # Errors
    /// The queues are not to be found.
    pub fn new(site: &'a Rc<Site>) -> Result<Self, HandlerError> {
        Ok(Rounds { site, letters: outbox(site)? })
    }

    /// The round of one list. Mailman locks each; here only one that has to be saved, which is saved with its notice.
    ///
    /// # Errors
    /// The list cannot be locked, read or saved, or a notice cannot be made or written.
    pub fn tell_about(&mut self, name: &ByteStr) -> Result<(), HandlerError> {
        let list = MailList::look(self.site, name.clone())?;
        let requests = list.read_requests()?;
        if has_to_be_saved(&list, &requests) {
            return tell_and_save(self.site, list);
        }
        if !requests.is_empty() {
            send_report(&requests, &list, &mut self.letters, requests.len() as i64, 0)?;
        }
        match self.letters.len() >= TOGETHER {
            true => self.finish(),
            false => Ok(()),
        }
    }

    /// Makes the notices safe that still wait.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn finish(&mut self) -> Result<(), HandlerError> {
        self.letters.commit().map(drop).map_err(HandlerError::from)
    }
}

/// Whether answers of an earlier day are to be forgotten, or held posts may be too old.
fn has_to_be_saved(list: &MailList, requests: &Requests) -> bool {
    let may_expire = list.float(attributes::MAX_DAYS_TO_HOLD) != 0.0;
    (may_expire && !requests.ids(RequestKind::HeldMessage).is_empty()) || !answered_before_today(list).is_empty()
}

/// Under the list's lock. The notice and the list are saved together.
fn tell_and_save(site: &Rc<Site>, list: MailList) -> Result<(), HandlerError> {
    let mut list = LockedList::of(list, None)?;
    let mut outbox = outbox(site)?;
    let waiting = list.requests()?.len();
    let mut is_changed = forget_answered(&mut list)?;
    if waiting > 0 {
        let expired = discard_expired(site, &mut list, &mut outbox)?;
        is_changed |= expired.is_some();
        let requests = list.requests()?.clone();
        send_report(&requests, &list, &mut outbox, waiting as i64 - expired.unwrap_or(0), expired.unwrap_or(0))?;
    }
    match is_changed {
        true => save_with_mail(&mut list, &mut outbox)?,
        false => drop(outbox.commit()?),
    }
    list.unlock_when_done();
    Ok(())
}

/// Addresses that were answered on an earlier day: the count of answers is a daily one.
fn answered_before_today(list: &MailList) -> Vec<ByteStr> {
    let day = |record: &Value| match record.as_items()?.first()?.as_items()? {
        [year, month, day, ..] => Some((year.as_int()?, month.as_int()?, day.as_int()?)),
        _ => None,
    };
    let is_past = |record: &Value| day(record).is_some_and(|day| day < clock::today());
    let answered = list.dict(ANSWERED).into_iter().flat_map(|answered| answered.iter());
    answered.filter(|(_, record)| is_past(record)).filter_map(|(sender, _)| sender.as_text().cloned()).collect()
}

fn forget_answered(list: &mut LockedList) -> Result<bool, HandlerError> {
    let past = answered_before_today(list);
    for sender in &past {
        list.dict_mut(ANSWERED)?.remove(sender);
    }
    Ok(!past.is_empty())
}

/// Discards held posts that are older than `max_days_to_hold`; how many. `None` where the list need not be saved for it.
fn discard_expired(site: &Rc<Site>, list: &mut LockedList, outbox: &mut Outbox) -> Result<Option<i64>, HandlerError> {
    let longest = list.float(attributes::MAX_DAYS_TO_HOLD) * SECONDS_A_DAY as f64;
    let held = list.requests()?.ids(RequestKind::HeldMessage);
    if longest == 0.0 || held.is_empty() {
        return Ok(None);
    }
    let now = clock::now();
    let mut discarded = 0;
    for id in held {
        let since = list.requests()?.get(id).and_then(|(_, record)| record.as_items()?.first()?.as_float());
        if since.is_some_and(|since| now - since > longest) {
            let language = list.preferred_language();
            let mut ctx = MembershipContext { site, list, outbox, dns: &Closed, language };
            decide_on_post(&mut ctx, id, &Decision::plain(Action::Discard))?;
            discarded += 1;
        }
    }
    Ok(Some(discarded))
}

fn send_report(
    requests: &Requests,
    list: &MailList,
    outbox: &mut Outbox,
    waiting: i64,
    expired: i64,
) -> Result<(), HandlerError> {
    let site = list.site();
    let language = list.preferred_language();
    let words = Words::new(site, &language);
    let values = [
        ("discarded", Value::Int(expired)),
        ("count", Value::Int(waiting)),
        ("realname", Value::Str(list.real_name())),
    ];
    let mut text = Vec::new();
    if expired > 0 {
        text.extend_from_slice(&words.fill("Notice: %(discarded)d old request(s) automatically expired.\n\n", &values));
    }
    let subject = match waiting {
        0 => words.fill("%(realname)s moderator request check result", &values),
        _ => {
            text.extend_from_slice(&report(requests, list, &words, waiting)?);
            words.fill("%(count)d %(realname)s moderator request(s) waiting", &values)
        }
    };
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let notice = UserNotification::new(site, &[list.owner_address()], &list.bounces_address(), notice_text)?;
    notice.send_with(list, outbox, Metadata::new().with("tomoderators", Value::Int(1)))
}

fn report(requests: &Requests, list: &MailList, words: &Words<'_>, waiting: i64) -> Result<Vec<u8>, HandlerError> {
    let values = [
        ("count", Value::Int(waiting)),
        ("host_name", Value::Str(list.host_name())),
        ("adminDB", Value::Str(list.script_url("admindb", true))),
        ("real_name", Value::Str(list.real_name())),
    ];
    let head = Template { name: "checkdbs.txt", values: &values, language: None, raw: false }.for_list(list)?;
    Ok([&head[..], b"\n", &Listing { list, words, lines: Vec::new() }.of(requests)?].concat())
}

/// What waits, as lines in the charset of the list.
struct Listing<'a> {
    list: &'a MailList,
    words: &'a Words<'a>,
    lines: Vec<Vec<u8>>,
}

impl Listing<'_> {
    /// All of it, in the charset that the language's mail has on the wire.
    fn of(mut self, requests: &Requests) -> Result<Vec<u8>, CodecError> {
        self.section(requests, RequestKind::Subscription, "Pending subscriptions:", Self::subscription);
        if self.list.site().profile.has(Switch::CheckdbsUnsubscriptions) {
            self.section(requests, RequestKind::Unsubscription, "Pending unsubscriptions:", Self::unsubscription);
        }
        self.section(requests, RequestKind::HeldMessage, "\nPending posts:", Self::post);
        let own = self.list.charset();
        let wire = Charset::new(&own).ok().and_then(|charset| charset.output_codec).unwrap_or_else(|| "ascii".into());
        let text = codecs::decode(&self.lines.join(&b'\n'), &own, Errors::Replace)?;
        codecs::encode(&text, &wire, Errors::Replace)
    }

    /// A heading before the first of a kind. A record that no Mailman writes is left out.
    fn section(
        &mut self,
        requests: &Requests,
        kind: RequestKind,
        heading: &str,
        show: impl Fn(&Self, &Value) -> Option<Vec<u8>>,
    ) {
        let ids = requests.ids(kind);
        if !ids.is_empty() {
            self.lines.push(self.words.say(heading).to_vec());
        }
        for id in ids {
            let shown = requests.get(id).and_then(|(_, record)| show(self, record));
            self.lines.extend(shown);
        }
    }

    fn subscription(&self, record: &Value) -> Option<Vec<u8>> {
        let [since, address, name, ..] = record.as_items()? else { return None };
        let name = match name.is_true() {
            true => [b" (", &self.in_charset(name)[..], b")"].concat(),
            false => text_of(name).to_vec(),
        };
        let when = ctime(since.as_float()? as i64);
        Some([b"    ", &self.in_charset(address)[..], &name, b" ", when.as_bytes()].concat())
    }

    fn unsubscription(&self, record: &Value) -> Option<Vec<u8>> {
        Some([b"    ", &self.in_charset(record)[..]].concat())
    }

    /// Three lines and an empty one.
    fn post(&self, record: &Value) -> Option<Vec<u8>> {
        let [since, sender, subject, reason, ..] = record.as_items()? else { return None };
        let subject = one_line_in(&header_of(subject).text(), &self.list.charset());
        let values = [
            ("sender", Value::Str(text_of(sender))),
            ("date", Value::str(ctime(since.as_float()? as i64))),
            ("subject", Value::Str(subject)),
            ("reason", Value::Str(self.words.fill(self.in_charset(reason), &[]))),
        ];
        let lines = self.words.fill("From: %(sender)s on %(date)s\nSubject: %(subject)s\nCause: %(reason)s", &values);
        Some([&lines[..], b"\n"].concat())
    }

    fn in_charset(&self, text: &Value) -> ByteStr {
        compat::site::template::to_bytes(text, &self.list.charset())
    }
}
