//! The virgin runner: messages that Mailman itself made. Mailman/Queue/VirginRunner.py.
//!
//! They are not treated as posts are: two handlers, and CookHeaders leaves most of them alone (`_fasttrack`).

use super::incoming::{walk, Refusals, BATCH};
use super::{Disposition, Job, Runner};
use crate::dns::Closed;
use crate::error::RunnerError;
use compat::queue::QueueName;

/// What every message of Mailman's own goes through, whatever its metadata say.
const PIPELINE: [&str; 2] = ["CookHeaders", "ToOutgoing"];

/// Serves the queue `virgin`.
#[derive(Default)]
pub struct VirginRunner {
    refusals: Refusals,
}

impl Runner for VirginRunner {
    fn name(&self) -> &'static str {
        "VirginRunner"
    }

    fn queue(&self) -> QueueName {
        QueueName::Virgin
    }

    fn dispose(&mut self, job: Job<'_>) -> Result<Disposition, RunnerError> {
        job.data.set_int("_fasttrack", 1);
        walk(job, self.name(), &mut self.refusals, &Closed, |_, _| {
            Ok(PIPELINE.iter().map(|name| (*name).into()).collect())
        })
    }

    fn batch(&self) -> usize {
        BATCH
    }
}
