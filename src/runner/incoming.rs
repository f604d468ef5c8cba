//! The incoming runner: posts and owners' mail through the pipeline. Mailman/Queue/IncomingRunner.py.
//!
//! The list is locked for the whole walk and always saved after it, also when the message was held, rejected or
//! discarded: counters, cookies and requests of the walk live in it. After an error it is not saved, as in Python. Several
//! posts in a row may share the reading and the saving ([`OpenLists`]).

use super::{Disposition, Job, JobList, OpenLists, Runner};
use crate::dns::{Dns, Stub};
use crate::error::{HandlerError, RunnerError};
use crate::pipeline::{self, Context, Walk};
use compat::list::{attributes, ListError, LockedList};
use compat::queue::{Metadata, QueueName};
use compat::site::{settings, Site};
use compat::ByteStr;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

/// How long a message rests whose list is locked by somebody else.
const LOCKED_REST: Duration = Duration::from_secs(10);
/// How long a message rests whose pipeline cannot be run here.
const REFUSED_REST: Duration = Duration::from_secs(3600);

/// LIST_LOCK_TIMEOUT where the site does not say it.
const USUAL_PATIENCE: f64 = 10.0;
/// Maximum number of posts that share one wait for the disk.
pub(super) const BATCH: usize = 32;

/// Serves the queue `in`.
pub struct IncomingRunner {
    refusals: Refusals,
    dns: Stub,
}

impl IncomingRunner {
    /// The one runner whose handlers ask the DNS.
    pub fn new(site: &Rc<Site>) -> Self {
        IncomingRunner { refusals: Refusals::default(), dns: Stub::new(site) }
    }
}

impl Runner for IncomingRunner {
    fn name(&self) -> &'static str {
        "IncomingRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::In
    }

    fn dispose(&mut self, job: Job<'_>) -> Result<Disposition, RunnerError> {
        walk(job, self.name(), &mut self.refusals, &self.dns, pipeline_of)
    }

    fn batch(&self) -> usize {
        BATCH
    }
}

/// The pipeline of a message: what its metadata still name, else the list's own, else the site's.
fn pipeline_of(list: &LockedList, data: &Metadata) -> Result<Vec<ByteStr>, RunnerError> {
    if let Some(remaining) = data.strings("pipeline") {
        return Ok(remaining);
    }
    if list.get(attributes::PIPELINE).is_some_and(|value| value.as_items().is_some()) {
        return Ok(list.strings(attributes::PIPELINE));
    }
    Ok(list.site().settings.strings(settings::GLOBAL_PIPELINE)?)
}

/// Locks the list, takes the message through the pipeline, leaves the list to be saved.
pub(super) fn walk(
    job: Job<'_>,
    runner: &str,
    refusals: &mut Refusals,
    dns: &dyn Dns,
    pipeline_of: impl Fn(&LockedList, &Metadata) -> Result<Vec<ByteStr>, RunnerError>,
) -> Result<Disposition, RunnerError> {
    let Job { site, list, msg, data, outbox, open_lists, language } = job;
    let before = list.checkpoint();
    let mut list = match lock(site, list, open_lists) {
        Err(ListError::LockTimeout { .. }) if open_lists.holds_any() => return Ok(Disposition::Again),
        Err(ListError::LockTimeout { .. }) => return Ok(Disposition::Later(LOCKED_REST)),
        other => other?,
    };
    let walked = pipeline_of(&list, data).and_then(|handlers| {
        let mut context = Context { site, list: &mut list, msg, data, outbox, dns, language };
        pipeline::walk(&mut context, handlers).map_err(boxed)
    });
    if let Ok(Walk::Done) = walked {
        data.remove("pipeline");
        open_lists.keep(list, before);
        return Ok(Disposition::Done);
    }
    open_lists.give_up(list, before, walked.as_ref().err());
    if let Walk::Refused(handler) = walked? {
        refusals.tell(site, runner, &handler);
    }
    Ok(Disposition::Later(REFUSED_REST))
}

fn lock(site: &Site, list: JobList, open_lists: &OpenLists) -> Result<LockedList, ListError> {
    let usual = site.settings.float(settings::LIST_LOCK_TIMEOUT).unwrap_or(USUAL_PATIENCE).clamp(0.0, 86400.0);
    list.lock(open_lists.lock_timeout(Duration::from_secs_f64(usual)))
}

fn boxed(error: HandlerError) -> RunnerError {
    RunnerError::Cause(Box::new(error))
}

/// The handlers that were complained about: once each.
#[derive(Default)]
pub(super) struct Refusals(HashSet<ByteStr>);

impl Refusals {
    fn tell(&mut self, site: &Site, runner: &str, handler: &ByteStr) {
        if self.0.insert(handler.clone()) {
            let text = format!(
                "{runner}: handler {handler} does not run in this program; messages whose pipeline names it stay in the \
                 queue"
            );
            site.log("error", &text);
            site.log("qrunner", text);
        }
    }
}
