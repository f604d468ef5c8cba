//! The command runner: what is mailed to a list's -request, -join, -leave and -confirm addresses.
//! Mailman/Queue/CommandRunner.py.
//!
//! Questions in a row for the same list share its lock, its saving and the waiting for the disk, as posts do ([`OpenLists`]).
//! A command that changes something ends their batch, for what it confirmed or asked for is not done twice alike. While
//! a list is held no other is: a change of address takes the locks of other lists.

use super::autoreply_notes::AutoreplyNotes;
use super::incoming::BATCH;
use super::{Disposition, Job, OpenLists, Runner};
use crate::bridge;
use crate::command::{self, Outcome};
use crate::dns::{Dns, Stub};
use crate::error::{HandlerError, RunnerError};
use crate::pipeline::{replybot, Context};
use compat::list::{attributes, Checkpoint, ListError, LockedList, MailList};
use compat::queue::QueueName;
use compat::site::{settings, Site};
use compat::ByteStr;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

/// How long a message rests whose list is locked by somebody else.
const LOCKED_REST: Duration = Duration::from_secs(10);
/// How long a message rests that names a command which cannot be run here.
const SITE_COMMAND_REST: Duration = Duration::from_secs(3600);

/// Serves the queue `commands`.
pub struct CommandRunner {
    /// Commands of the site's own that were complained about: once each.
    told: HashSet<ByteStr>,
    dns: Stub,
}

impl Runner for CommandRunner {
    fn name(&self) -> &'static str {
        "CommandRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::Commands
    }

    fn dispose(&mut self, mut job: Job<'_>) -> Result<Disposition, RunnerError> {
        let before = job.list.checkpoint();
        if before.is_none() && job.open_lists.holds_any() {
            return Ok(Disposition::Again);
        }
        let seen = AutoreplyNotes::of(&job.list);
        let outcome = self.without_lock(&mut job);
        match (outcome, before) {
            (Ok(None), before) => run(job, &seen, before, &self.dns),
            (other, before) => {
                if before.is_some() {
                    job.open_lists.give_up(job.list.lock(Duration::ZERO)?, before, other.as_ref().err());
                }
                other.map(|disposition| disposition.unwrap_or(Disposition::Done))
            }
        }
    }

    fn batch(&self) -> usize {
        BATCH
    }
}

impl CommandRunner {
    /// The DNS is asked only where the site blocks addresses of listed domains.
    pub fn new(site: &Rc<Site>) -> Self {
        CommandRunner { told: HashSet::new(), dns: Stub::new(site) }
    }

    /// What needs no lock. `None`: there are commands to run.
    fn without_lock(&mut self, job: &mut Job<'_>) -> Result<Option<Disposition>, RunnerError> {
        let mut ctx = context(job, &self.dns);
        if let Some(precedence) = bulk(&ctx) {
            let request = ctx.list.request_address();
            ctx.log("vette", &[b"Precedence: ", &precedence, b" message discarded by: ", &request]);
            return Ok(Some(Disposition::Done));
        }
        replybot::answer(&mut ctx).map_err(cause)?;
        if ctx.list.int(attributes::AUTORESPOND_REQUESTS) == 1 {
            ctx.log("vette", &[b"replied and discard"]);
            return Ok(Some(Disposition::Done));
        }
        if let Some(name) = command::site_command(&ctx) {
            if bridge::python(job.site).is_some() {
                return Ok(Some(Disposition::ByPython));
            }
            self.complain(job.site, &name);
            return Ok(Some(Disposition::Later(SITE_COMMAND_REST)));
        }
        Ok(None)
    }

    fn complain(&mut self, site: &Site, name: &ByteStr) {
        if self.told.insert(name.clone()) {
            let text = format!(
                "CommandRunner: command {name} is a Python file of this site's own, which does not run in this \
                 program; messages that use it stay in the queue"
            );
            site.log("error", &text);
            site.log("qrunner", text);
        }
    }
}

fn context<'j>(job: &'j mut Job<'_>, dns: &'j dyn Dns) -> Context<'j, MailList> {
    Context {
        site: job.site,
        list: &mut *job.list,
        msg: &mut *job.msg,
        data: &mut *job.data,
        outbox: &mut *job.outbox,
        dns,
        language: job.language.clone(),
    }
}

/// The precedence of mail that is not to be answered: two robots could write to each other forever.
fn bulk(ctx: &Context<'_, MailList>) -> Option<ByteStr> {
    let precedence = ctx.header_lower("precedence");
    let is_bulk = matches!(&precedence[..], b"bulk" | b"junk" | b"list");
    (is_bulk && ctx.header_lower("x-ack") != "yes").then_some(precedence)
}

/// Locks the list, runs the commands, leaves the list to be saved. `before` is what a list held that stayed open.
fn run(
    job: Job<'_>,
    seen: &AutoreplyNotes,
    before: Option<Checkpoint>,
    dns: &dyn Dns,
) -> Result<Disposition, RunnerError> {
    let timeout = Duration::from_secs_f64(job.site.settings.float(settings::LIST_LOCK_TIMEOUT)?.clamp(0.0, 86400.0));
    let Job { site, list, msg, data, outbox, open_lists, language } = job;
    let notes = seen.new_notes(&list);
    let mut list = match list.lock(timeout) {
        Err(ListError::LockTimeout { .. }) => return Ok(Disposition::Later(LOCKED_REST)),
        other => other?,
    };
    seen.carry_over(notes, &mut list);
    let mut ctx = Context { site, list: &mut list, msg, data, outbox, dns, language };
    site.set_actor(Some([b"mail from ", &ctx.sender()[..]].concat().into()));
    let outcome = command::answer(&mut ctx).map_err(cause);
    site.set_actor(None);
    match (&outcome, before) {
        (Ok(outcome @ (Outcome::Told | Outcome::Changed)), before) => keep(list, before, open_lists, *outcome),
        (Ok(_), None) => list.unlock()?,
        (_, before) => open_lists.give_up(list, before, outcome.as_ref().err()),
    }
    outcome.map(|_| Disposition::Done)
}

/// Whether the next message may join depends on what this one did. The notes of whom a list answers by itself depend on
/// when its file was written, so that such a list is saved each time.
fn keep(list: LockedList, before: Option<Checkpoint>, open_lists: &mut OpenLists, outcome: Outcome) {
    if outcome == Outcome::Changed || list.int(attributes::AUTORESPOND_REQUESTS) != 0 {
        open_lists.end_batch();
    }
    open_lists.keep(list, before);
}

/// A list that only Python can open must be known as such: its mail waits.
fn cause(error: HandlerError) -> RunnerError {
    match error {
        HandlerError::Cause(cause) => match cause.downcast::<ListError>() {
            Ok(error) => RunnerError::List(*error),
            Err(cause) => RunnerError::Cause(cause),
        },
        other => RunnerError::Cause(Box::new(other)),
    }
}
