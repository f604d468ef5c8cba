//! Runners that are not built yet. They start, so that the master's eight are all there, say so once in the log, and
//! leave their queue alone: the mail waits.

use super::{Disposition, Job, Runner, RunnerError};
use compat::queue::QueueName;
use std::time::Duration;

/// The maildir runner has a folder that is no queue; as nothing is touched, any will do.
const UNSERVED: [(&str, QueueName); 1] = [("MaildirRunner", QueueName::In)];

/// A runner that only waits for its successor.
struct Unserved {
    name: &'static str,
    queue: QueueName,
}

/// The runner of this name, if it is one of those.
pub fn make(name: &str) -> Option<Box<dyn Runner>> {
    let (name, queue) = UNSERVED.iter().find(|(known, _)| *known == name)?;
    Some(Box::new(Unserved { name, queue: *queue }))
}

/// Whether this is one of them.
pub fn is_known(name: &str) -> bool {
    UNSERVED.iter().any(|(known, _)| *known == name)
}

impl Runner for Unserved {
    fn name(&self) -> &'static str {
        self.name
    }

    fn queue(&self) -> QueueName {
        self.queue
    }

    fn dispose(&mut self, _job: Job<'_>) -> Result<Disposition, RunnerError> {
        Ok(Disposition::Later(Duration::from_secs(3600)))
    }

    fn refuses(&self) -> Option<&'static str> {
        Some("not served yet; its queue is left as it is")
    }
}
