//! The retry runner: what the mail server did not want yet goes back to the out queue when its time has come.
//!
//! Answers to Mailman's `Queue/RetryRunner.py`. Before 2.1.26 everything went back with every pass.

use super::outgoing::wait_for;
use super::{Disposition, Job, Runner};
use crate::error::RunnerError;
use compat::queue::{EntryMessage, QueueName};
use compat::site::Switch;
use std::time::Duration;

/// It rests this long after every pass, whatever it found.
const REST: Duration = Duration::from_secs(15 * 60);

/// `RetryRunner`
pub struct Retry;

impl Runner for Retry {
    fn name(&self) -> &'static str {
        "RetryRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::Retry
    }

    fn dispose(&mut self, job: Job<'_>) -> Result<Disposition, RunnerError> {
        if job.site.profile.has(Switch::DeliverAfter) {
            if let Some(wait) = wait_for(job.data) {
                return Ok(Disposition::Later(wait));
            }
        }
        job.outbox.enqueue(QueueName::Out, &EntryMessage::Object(job.msg.to_value()), job.data)?;
        Ok(Disposition::Done)
    }

    fn rest(&self) -> Option<Duration> {
        Some(REST)
    }
}
