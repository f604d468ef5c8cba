//! The outgoing runner: entries of the out queue go to the mail server, and what the server says decides what follows.
//!
//! Answers to Mailman's `Queue/OutgoingRunner.py`. Recipients that were refused for good become bounce events; those
//! that were refused for now go to the retry queue as a new entry. A message that the server refused as a whole, or
//! that was tried for days, disappears in Python; here a copy of the entry is kept below `data/refused`.

use super::{Disposition, Job, Runner};
use crate::bounce::{BounceEvents, Bounces, Counting};
use crate::clock;
use crate::delivery::direct::{Post, Report};
use crate::delivery::error::DeliveryError;
use crate::delivery::refused_mail;
use crate::delivery::Delivery;
use crate::error::{Culprit, RunnerError};
use compat::durable;
use compat::email::Message;
use compat::list::ListCache;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueName};
use compat::site::{settings, Site, Switch};
use compat::ByteStr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// `OutgoingRunner`
pub struct Outgoing {
    site: Rc<Site>,
    /// Nothing where the settings cannot be followed; then the queue is left alone.
    delivery: Option<Delivery>,
    events: BounceEvents,
    bounces: Box<dyn Bounces>,
    next_registration: Instant,
    /// The progress file of the entry in work.
    progress: Option<PathBuf>,
}

impl Outgoing {
    /// The runner of a site.
    pub fn new(site: &Rc<Site>, lists: &ListCache) -> Self {
        Outgoing::with_bounces(site, Box::new(Counting::new(site, lists)))
    }

    /// The same with somebody else who counts bounces.
    pub fn with_bounces(site: &Rc<Site>, bounces: Box<dyn Bounces>) -> Self {
        let delivery = Delivery::new(site);
        if let Err(error) = &delivery {
            site.log("error", format!("OutgoingRunner: {error}"));
        }
        Outgoing {
            site: Rc::clone(site),
            delivery: delivery.ok(),
            events: BounceEvents::new(&site.settings.path(settings::DATA_DIR)),
            bounces,
            next_registration: Instant::now() + register_every(site),
            progress: None,
        }
    }

    fn sort_out(&mut self, job: &mut Job, report: Report) -> Result<(), RunnerError> {
        self.bounce(job, &report.permanent)?;
        if !report.lost.is_empty() {
            refused_mail::keep(&self.site, job.msg, job.data, &report.lost, job.outbox)?;
        }
        let probe = job.data.truth("probe_token") && !report.permanent.is_empty();
        if !report.temporary.is_empty() && !probe {
            self.retry(job.msg, job.data, report.temporary, job.outbox)?;
        }
        Ok(())
    }

    /// Events for recipients that were refused for good; a refused probe speaks for itself.
    fn bounce(&mut self, job: &Job, permanent: &[ByteStr]) -> Result<(), RunnerError> {
        if permanent.is_empty() {
            return Ok(());
        }
        let token = job.data.str("probe_token").filter(|token| !token.is_empty());
        if let Some(token) = token {
            if self.bounces.probe_refused(&job.list, &job.language, &token)? {
                return Ok(());
            }
        }
        let queued = self.events.queue(job.list.name(), permanent, job.msg);
        queued.map_err(|source| RunnerError::Io { what: self.events.path().display().to_string(), source })
    }

    /// A new entry for those who are to be tried again, unless that went on long enough without success.
    fn retry(
        &self,
        msg: &Message,
        data: &Metadata,
        recipients: Vec<ByteStr>,
        outbox: &mut Outbox,
    ) -> Result<(), RunnerError> {
        let (now, mut data) = (now(), data.clone());
        let count = recipients.len() as i64;
        let mut until = data.float("deliver_until").unwrap_or(now);
        if count == data.int("last_recip_count").unwrap_or(0) {
            if now > until {
                let lost: Vec<_> = recipients.into_iter().map(|r| (r, b"tried for too long".to_vec())).collect();
                return Ok(refused_mail::keep(&self.site, msg, &data, &lost, outbox)?);
            }
        } else {
            until = now + self.site.settings.float(settings::DELIVERY_RETRY_PERIOD)?;
        }
        if self.site.profile.has(Switch::DeliverAfter) {
            data.set_float("deliver_after", now + self.site.settings.float(settings::DELIVERY_RETRY_WAIT)?);
        }
        data.set_int("last_recip_count", count);
        data.set_float("deliver_until", until);
        data.set_strings("recips", recipients);
        data.remove("undelivered");
        outbox.enqueue(QueueName::Retry, &EntryMessage::Object(msg.to_value()), &data)?;
        Ok(())
    }

    fn register(&mut self) {
        if self.events.count() > 0 {
            self.bounces.register("OutgoingRunner", &mut self.events);
        }
    }
}

impl Runner for Outgoing {
    fn name(&self) -> &'static str {
        "OutgoingRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::Out
    }

    fn dispose(&mut self, mut job: Job<'_>) -> Result<Disposition, RunnerError> {
        if let Some(wait) = wait_for(job.data) {
            return Ok(Disposition::Later(wait));
        }
        let Some(delivery) = &self.delivery else {
            let words = "no way to deliver".to_owned();
            return Err(RunnerError::Given { words, source: Culprit::Setting("DELIVERY_MODULE") });
        };
        let mut post = Post { site: &self.site, list: &job.list, msg: job.msg, data: job.data };
        let (mut report, result) = delivery.deliver(&mut post, &|| false);
        self.progress = report.progress.take();
        // Also after an error: those who were refused before it are not tried again with the others.
        self.sort_out(&mut job, report)?;
        match result {
            Ok(()) => Ok(Disposition::Done),
            Err(DeliveryError::Interrupted) => Ok(Disposition::KeepQueued),
            Err(error) => Err(cause(error)),
        }
    }

    fn left_queue(&mut self) {
        let Some(path) = self.progress.take() else { return };
        if let Err(error) = durable::unlink_if_there(&path) {
            self.site.log("error", format!("{}: {error}", path.display()));
        }
    }

    fn periodic(&mut self) {
        if Instant::now() >= self.next_registration && self.events.count() > 0 {
            self.next_registration = Instant::now() + register_every(&self.site);
            self.register();
        }
    }

    fn period(&self) -> Option<Duration> {
        let wait = self.next_registration.saturating_duration_since(Instant::now());
        (self.events.count() > 0).then(|| wait.max(Duration::from_secs(1)))
    }

    fn cleanup(&mut self) {
        self.register();
    }

    fn refuses(&self) -> Option<&'static str> {
        self.delivery
            .is_none()
            .then_some("its settings cannot be followed (see the error log); its queue is left as it is")
    }
}

/// How long an entry must not be tried yet.
pub(super) fn wait_for(data: &Metadata) -> Option<Duration> {
    let wait = data.float("deliver_after").unwrap_or(0.0) - now();
    (wait > 0.0).then(|| Duration::from_secs_f64(wait.min(86_400.0)))
}

pub(super) fn register_every(site: &Site) -> Duration {
    let seconds = site.settings.float(settings::REGISTER_BOUNCES_EVERY).unwrap_or(900.0);
    Duration::from_secs_f64(seconds.clamp(1.0, 1e6))
}

fn now() -> f64 {
    clock::since_epoch().as_secs_f64()
}

fn cause(error: DeliveryError) -> RunnerError {
    RunnerError::Cause(Box::new(error))
}
