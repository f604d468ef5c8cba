//! The news runner: posts of gated lists go to their newsgroup. Mailman/Queue/NewsRunner.py.
//!
//! A server that says "later" or cannot be reached ends a post in Mailman, with a log line; ours puts the post aside and
//! tries again. On any other trouble the entry stays queued, as in Mailman, but not without a pause.

use super::{Disposition, Job, Runner};
use crate::error::RunnerError;
use crate::news::nntp::{NntpError, Server};
use crate::news::{aside, prepare};
use compat::email::generator;
use compat::list::attributes;
use compat::queue::{EntryMessage, QueueName};
use compat::site::{settings, Site};
use std::rc::Rc;
use std::time::Duration;

/// How often posts that were put aside are looked at.
const PERIOD: Duration = Duration::from_secs(300);
/// The pause after a trouble that no server's reply explains.
const PAUSE: Duration = Duration::from_secs(60);

/// Serves the queue `news`.
pub struct NewsRunner {
    site: Rc<Site>,
    in_trouble: bool,
}

impl NewsRunner {
    /// The runner of a site.
    pub fn new(site: &Rc<Site>) -> Self {
        NewsRunner { site: Rc::clone(site), in_trouble: false }
    }
}

impl Runner for NewsRunner {
    fn name(&self) -> &'static str {
        "NewsRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::News
    }

    fn dispose(&mut self, job: Job<'_>) -> Result<Disposition, RunnerError> {
        self.in_trouble = false;
        let (site, list) = (job.site, &job.list);
        prepare::prepare(site, list, job.msg, job.data)?;
        let article = generator::as_bytes(job.msg, false, true).map_err(|error| RunnerError::Cause(Box::new(error)))?;
        let host = list.str(attributes::NNTP_HOST);
        let setting = |name| site.settings.optional_str(name).filter(|text| !text.is_empty());
        let server =
            Server { host: &host, user: setting(settings::NNTP_USERNAME), password: setting(settings::NNTP_PASSWORD) };
        let (what, error) = match server.post(&article) {
            Ok(()) => return Ok(Disposition::Done),
            Err(error @ NntpError::Temporary(_)) => ("NNTP error", error),
            Err(error @ NntpError::Network(_)) => ("socket error", error),
            Err(error) => {
                site.log("error", format!("Uncaught runner exception: {error}"));
                self.in_trouble = true;
                return Ok(Disposition::KeepQueued);
            }
        };
        site.log("error", format!("(NNTPDirect) {what} for list \"{}\": {error}", list.name()));
        aside::put(site, job.outbox, &EntryMessage::Object(job.msg.to_value()), job.data)?;
        Ok(Disposition::Done)
    }

    fn periodic(&mut self) {
        let wait = self.site.settings.float(settings::DELIVERY_RETRY_WAIT).unwrap_or(3600.0).clamp(60.0, 864_000.0);
        let queue = self.site.settings.path(QueueName::News.setting());
        if let Err(error) = aside::put_back(&self.site, &queue, Duration::from_secs_f64(wait)) {
            self.site.log("error", format!("NewsRunner: posts that wait for their server stay aside: {error}"));
        }
    }

    fn period(&self) -> Option<Duration> {
        aside::folder(&self.site).exists().then_some(PERIOD)
    }

    fn rest(&self) -> Option<Duration> {
        self.in_trouble.then_some(PAUSE)
    }
}
