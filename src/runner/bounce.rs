//! The bounce runner: what came to a list's -bounces address. Mailman/Queue/BounceRunner.py.
//!
//! The order of the questions matters. Bounces of notices to owners go to the site's owners, never to the list's own:
//! that would be a loop. Then the address tells whose mail it was, or which probe; only then the text is read.

use super::incoming::BATCH;
use super::outgoing::register_every;
use super::{Disposition, Job, Runner};
use crate::bounce::detectors::{scan, Finding};
use crate::bounce::{adopt, probe_bounced, verp, BounceEvents, Bounces, Counting, Language};
use crate::error::{HandlerError, RunnerError};
use crate::notice::{site_address, site_host, UserNotification, Words};
use compat::email::build::{mime_message, mime_text};
use compat::list::{attributes, ListCache, MailList};
use compat::queue::{EntryMessage, QueueName};
use compat::site::{settings, wrap, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The text for the owners; a key of the catalogues.
const UNRECOGNISED: &str = "\
The attached message was received as a bounce, but either the bounce format
was not recognized, or no member addresses could be extracted from it.  This
mailing list has been configured to send all unrecognized bounce messages to
the list administrator(s).

For more information see:
%(adminurl)s

";
/// Addresses of one bounce up to which it is not asked who is a member.
const FEW_ADDRESSES: usize = 50;
/// Addresses of one bounce that are counted at most; no mail server takes that many recipients at once.
const MAX_ADDRESSES: usize = 10_000;
/// The column at which Mailman wraps.
const COLUMN: usize = 70;

/// Serves the queue `bounces`.
pub struct BounceRunner {
    site: Rc<Site>,
    events: BounceEvents,
    counting: Counting,
    next_registration: Instant,
}

impl BounceRunner {
    /// The runner of a site.
    pub fn new(site: &Rc<Site>, lists: &ListCache) -> Self {
        BounceRunner {
            site: Rc::clone(site),
            events: BounceEvents::new(&site.settings.path(settings::DATA_DIR)),
            counting: Counting::new(site, lists),
            next_registration: Instant::now() + register_every(site),
        }
    }

    /// Takes over what runners left that were killed, and counts it.
    fn adopt_orphans(&mut self) {
        let untouched = register_every(&self.site) * 2;
        loop {
            match adopt(&self.site, &mut self.events, untouched) {
                Ok(true) => self.counting.register("BounceRunner", &mut self.events),
                Ok(false) => return,
                Err(error) => return self.site.log("error", format!("bounce events: {error}")),
            }
            if self.events.count() > 0 {
                return;
            }
        }
    }

    fn decide(&mut self, job: &mut Job<'_>) -> Result<(), HandlerError> {
        match recipients(job)? {
            Recipients::None => Ok(()),
            Recipients::Unknown => unrecognised(job),
            Recipients::Failed(mut addresses) => {
                self.events.pass_over(drop_needless(&job.list, &mut addresses));
                Ok(self.events.queue_with(job.list.name(), &addresses, job.msg, job.outbox.pending())?)
            }
        }
    }
}

/// Whom a bounce is about.
enum Recipients {
    /// Nobody, or it was dealt with.
    None,
    /// The bounce does not say who.
    Unknown,
    /// These recipients.
    Failed(Vec<ByteStr>),
}

/// Asks the address first. Even if that tells who it was, a mere warning does not count.
fn recipients(job: &mut Job<'_>) -> Result<Recipients, HandlerError> {
    let named = verp::member(job.site, &job.list, job.msg)?;
    if named.is_none() {
        if let Some(token) = verp::probe_token(job.site, &job.list, job.msg)? {
            if probe_bounced(job.site, job.list.name(), &token, Language::Of(job.language.clone()))? {
                job.open_lists.end_batch();
                return Ok(Recipients::None);
            }
        }
    }
    let mut addresses = match (named, scan(job.msg, &job.site.profile).1) {
        (_, Finding::Stop) => return Ok(Recipients::None),
        (Some(member), _) => vec![member],
        (None, Finding::Addresses(addresses)) => addresses,
        (None, Finding::Nothing) => Vec::new(),
    };
    // Version 2.1.13 lost a bounce whose addresses are all empty.
    addresses.retain(|address| !address.is_empty());
    Ok(match addresses.is_empty() {
        true => Recipients::Unknown,
        false => Recipients::Failed(addresses),
    })
}

/// Drops from a bounce that names many addresses those for whom nothing is counted, and returns how many that were. A bounce of
/// a stranger may be counted on a list that this one includes.
fn drop_needless(list: &MailList, addresses: &mut Vec<ByteStr>) -> usize {
    let before = addresses.len();
    if before <= FEW_ADDRESSES {
        return 0;
    }
    let site = list.site();
    let goes_on =
        site.profile.has(Switch::BounceSiblingLists) && !list.strings(attributes::REGULAR_INCLUDE_LISTS).is_empty();
    if !goes_on {
        addresses.retain(|address| list.is_member(address));
    }
    if addresses.len() > MAX_ADDRESSES {
        let (name, named) = (list.name(), addresses.len());
        site.log("bounce", format!("{name}: a bounce names {named} addresses, {MAX_ADDRESSES} are counted"));
        addresses.truncate(MAX_ADDRESSES);
    }
    before - addresses.len()
}

/// A bounce of a notice to owners goes on to the owners of the site.
fn for_site_owners(job: &Job<'_>) -> Result<Option<Vec<ByteStr>>, HandlerError> {
    let site_list = job.site.settings.str(settings::MAILMAN_SITE_LIST)?;
    if job.list.name().eq_ignore_ascii_case(&site_list) {
        return Ok(Some(job.list.strings(attributes::OWNER)));
    }
    // Such notices come from the site's address for bounces.
    let from_site = job.msg.get_str("from") == Some(site_address(job.site, &job.list.host_name(), "bounces")?);
    match from_site {
        true => Ok(Some(vec![site_address(job.site, &site_host(job.site)?, "owner")?])),
        false => Ok(None),
    }
}

/// Delivered as it is; the envelope's sender says that it must not come back.
fn forward(job: &mut Job<'_>, recipients: Vec<ByteStr>) -> Result<(), HandlerError> {
    let mut data = job.data.clone();
    data.set_strings("recips", recipients);
    data.set_str("envsender", site_address(job.site, &site_host(job.site)?, "loop")?);
    data.set_int("nodecorate", 1);
    job.outbox.enqueue(QueueName::Out, &EntryMessage::Object(job.msg.to_value()), &data)?;
    Ok(())
}

/// `maybe_forward`: the owners see what nobody understands, or nobody sees it.
fn unrecognised(job: &mut Job<'_>) -> Result<(), HandlerError> {
    let id = job.msg.get_str("message-id").unwrap_or_else(|| "n/a".into());
    let log = |what: &str| job.site.log("bounce", [&job.list.name()[..], b": ", what.as_bytes(), b": ", &id].concat());
    log("bounce message w/no discernable addresses");
    if !job.list.truth(attributes::BOUNCE_UNRECOGNIZED_GOES_TO_LIST_OWNER) {
        log("discarding unrecognized, message-id");
        return Ok(());
    }
    let words = Words::new(job.site, &job.language);
    let admin = [&job.list.script_url("admin", true)[..], b"/bounce"].concat();
    let text = wrap(&words.fill(UNRECOGNISED, &[("adminurl", Value::str(admin))]), COLUMN);
    let subject = words.say("Uncaught bounce notification");
    let mut notice = UserNotification::to_owners(&job.list, Some(&subject), None, false)?;
    let parts = vec![mime_text(text, "plain", &job.list.charset())?, mime_message(job.msg.clone())];
    notice.attach("multipart/mixed", parts)?;
    notice.send(&job.list, job.outbox)?;
    log("forwarding unrecognized, message-id");
    Ok(())
}

impl Runner for BounceRunner {
    fn name(&self) -> &'static str {
        "BounceRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::Bounces
    }

    fn dispose(&mut self, mut job: Job<'_>) -> Result<Disposition, RunnerError> {
        let done = match for_site_owners(&job) {
            Ok(Some(recipients)) => forward(&mut job, recipients),
            Ok(None) if job.list.truth(attributes::BOUNCE_PROCESSING) => self.decide(&mut job),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        done.map(|()| Disposition::Done).map_err(|error| RunnerError::Cause(Box::new(error)))
    }

    fn batch(&self) -> usize {
        BATCH
    }

    fn periodic(&mut self) {
        if Instant::now() < self.next_registration {
            return;
        }
        self.next_registration = Instant::now() + register_every(&self.site);
        self.cleanup();
        self.adopt_orphans();
    }

    fn period(&self) -> Option<Duration> {
        Some(self.next_registration.saturating_duration_since(Instant::now()).max(Duration::from_secs(1)))
    }

    fn cleanup(&mut self) {
        if self.events.count() > 0 {
            self.counting.register("BounceRunner", &mut self.events);
        }
    }
}
