//! The command runner: what is mailed to a list's -request, -join, -leave and -confirm addresses.
//! Mailman/Queue/CommandRunner.py.

use super::command_answered::{Answered, Seen};
use super::{Disposition, Job, Runner};
use crate::bridge;
use crate::command;
use crate::dns::{Dns, Stub};
use crate::error::HandlerError;
use crate::error::RunnerError;
use crate::pipeline::{replybot, Context};
use compat::list::{ListError, LockedList};
use compat::queue::QueueName;
use compat::site::Site;
use compat::ByteStr;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

/// How long a message rests whose list is locked by somebody else.
const LOCKED_REST: Duration = Duration::from_secs(10);
/// How long a message rests that names a command which cannot be run here.
const FOREIGN_REST: Duration = Duration::from_secs(3600);

/// Serves the queue `commands`.
pub struct CommandRunner {
    answered: Answered,
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
        let seen = self.answered.before(&mut job.list);
        let mut ctx = context(&mut job, &self.dns);
        if let Some(precedence) = bulk(&ctx) {
            let request = ctx.list.request_address();
            ctx.log("vette", &[b"Precedence: ", &precedence, b" message discarded by: ", &request]);
            return Ok(Disposition::Done);
        }
        replybot::process(&mut ctx).map_err(cause)?;
        if ctx.list.int("autorespond_requests") == 1 {
            ctx.log("vette", &[b"replied and discard"]);
            self.answered.keep_unsaved(&job.list);
            return Ok(Disposition::Done);
        }
        if let Some(name) = command::foreign(&ctx) {
            if bridge::python(job.site).is_some() {
                return Ok(Disposition::ByPython);
            }
            self.complain(job.site, &name);
            return Ok(Disposition::Later(FOREIGN_REST));
        }
        run(job, &seen, &self.dns)
    }
}

impl CommandRunner {
    /// The DNS is asked only where the site blocks addresses of listed domains.
    pub fn new(site: &Rc<Site>) -> Self {
        CommandRunner { answered: Answered::default(), told: HashSet::new(), dns: Stub::new(site) }
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

fn context<'j>(job: &'j mut Job<'_>, dns: &'j dyn Dns) -> Context<'j> {
    Context {
        site: job.site,
        list: &mut job.list,
        msg: &mut *job.msg,
        data: &mut *job.data,
        outbox: &mut *job.outbox,
        dns,
        language: job.language.clone(),
    }
}

/// The precedence of mail that is not to be answered: two robots could write to each other for ever.
fn bulk(ctx: &Context<'_>) -> Option<ByteStr> {
    let precedence = ctx.header_lower("precedence");
    let is_bulk = matches!(&precedence[..], b"bulk" | b"junk" | b"list");
    (is_bulk && ctx.header_lower("x-ack") != "yes").then_some(precedence)
}

/// Locks the list, runs the commands, saves the list.
fn run(job: Job<'_>, seen: &Seen, dns: &dyn Dns) -> Result<Disposition, RunnerError> {
    let timeout = Duration::from_secs_f64(job.site.settings.float("LIST_LOCK_TIMEOUT")?.clamp(0.0, 86400.0));
    let Job { site, list, msg, data, outbox, language, .. } = job;
    let notes = seen.new_notes(&list);
    let mut list = match LockedList::of(list, Some(timeout)) {
        Err(ListError::LockTimeout { .. }) => return Ok(Disposition::Later(LOCKED_REST)),
        other => other?,
    };
    seen.carry_over(notes, &mut list);
    let mut ctx = Context { site, list: &mut list, msg, data, outbox, dns, language };
    if command::answer(&mut ctx).map_err(cause)? {
        list.save()?;
    }
    list.unlock()?;
    Ok(Disposition::Done)
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
