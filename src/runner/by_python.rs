//! Entries that only Mailman's own classes can deal with: of a list with an `extend.py`, or with a command of the site's.
//!
//! Python's runner of the same class does such an entry from opening the list to its end, in a child process. Where the
//! site has no Python 2 the entry rests in its queue; somebody may start Python's runner for it meanwhile.

use super::entry_loop::EntryLoop;
use super::Disposition;
use crate::bridge::{self, BridgeError};
use crate::error::RunnerError;
use compat::email::Message;
use compat::queue::{EntryMessage, Metadata};
use std::time::Duration;

/// How long mail rests that needs a Python which is not there.
const REST: Duration = Duration::from_secs(600);

/// Whether this program must not deal with the entry itself.
pub(super) fn is_needed(outcome: &Result<Disposition, RunnerError>) -> bool {
    match outcome {
        Ok(disposition) => *disposition == Disposition::ByPython,
        Err(error) => error.is_beyond_us(),
    }
}

impl EntryLoop {
    /// Hands the entry over. `msg` and `data` become what is to be shunted, where it comes to that.
    pub(super) fn by_python(
        &mut self,
        outcome: Result<Disposition, RunnerError>,
        message: EntryMessage,
        msg: &mut Message,
        data: &mut Metadata,
    ) -> Result<Disposition, RunnerError> {
        let mut failed = None;
        match bridge::entry(&self.site, self.runner.name(), message, data, &mut failed) {
            Ok(()) => Ok(Disposition::Done),
            Err(BridgeError::NoPython) => {
                if let Err(error) = outcome {
                    self.complain(&error);
                }
                Ok(Disposition::Later(REST))
            }
            Err(error) => {
                *msg = failed.unwrap_or_else(|| std::mem::take(msg));
                Err(RunnerError::Cause(Box::new(error)))
            }
        }
    }
}
