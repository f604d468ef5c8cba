//! Why a part of the work, or a whole entry, could not be done, and who is to blame: the machine, the message, a setting, an
//! option of the list, or a file that Mailman keeps.

use compat::list::ListError;
use compat::queue::{DequeueError, QueueError};
use compat::site::SettingError;
use compat::ByteStr;
use std::error::Error;
use std::io;

/// Why a handler could not do its work; the message is shunted, with the rest of its pipeline.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// No handler of this name exists, neither here nor among the site's own files.
    #[error("No module named {0}")]
    Unknown(ByteStr),
    /// What a part of the work reports, with its causes.
    #[error("{0}")]
    Cause(#[source] Box<dyn Error>),
    /// The same, with the setting, file or entry that it is about.
    #[error("{what}: {source}")]
    At { what: String, source: Box<dyn Error> },
    /// What the work was given cannot be used. The words are Python's where Mailman's log would have them.
    #[error("{words}")]
    Given { words: String, source: Culprit },
}

/// What cannot be used, where the machine is not to blame. It stands in the log, and beside a shunted entry, below the words
/// of the error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Culprit {
    /// The message or its metadata: no other message meets this.
    #[error("the message is to blame: {0}")]
    Message(&'static str),
    /// A setting: every message meets this until it is mended.
    #[error("the setting {0} is to blame")]
    Setting(&'static str),
    /// An option of the list: its messages meet this until it is mended.
    #[error("the list's option {0} is to blame")]
    Option(&'static str),
    /// A file, or a record in one, that is not as Mailman writes it.
    #[error("{0} does not hold what it should")]
    Record(String),
    /// Nothing from outside.
    #[error("this is a fault in this program, please report it")]
    Program,
}

impl Culprit {
    /// The error of this culprit in these words.
    pub fn says(self, words: impl Into<String>) -> HandlerError {
        HandlerError::Given { words: words.into(), source: self }
    }
}

impl HandlerError {
    /// An error with its causes.
    pub fn cause(error: impl Error + 'static) -> Self {
        HandlerError::Cause(Box::new(error))
    }

    /// Whether the machine is to blame, as [`RunnerError::is_of_machine`] says.
    pub fn is_of_machine(&self) -> bool {
        is_of_machine(self)
    }

    /// The error and what lies behind it, a line each.
    pub fn chain(&self) -> String {
        chain(self)
    }

    /// Puts what an error is about before it, for `map_err`.
    pub fn at<E: Error + 'static>(what: impl ToString) -> impl FnOnce(E) -> Self {
        move |error| HandlerError::At { what: what.to_string(), source: Box::new(error) }
    }
}

/// Errors of the formats and files that handlers work with.
macro_rules! causes {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for HandlerError {
            fn from(error: $error) -> Self {
                HandlerError::Cause(Box::new(error))
            }
        })*
    };
}

causes!(
    compat::durable::CommitError,
    compat::email::build::BuildError,
    compat::email::charset::CharsetError,
    compat::codecs::CodecError,
    compat::email::generator::FlattenError,
    compat::email::header::HeaderError,
    compat::email::params::ParamError,
    compat::list::ListError,
    compat::lock::LockError,
    compat::pattern::TooMuch,
    compat::queue::QueueError,
    compat::site::SettingError,
    compat::site::TemplateError,
    std::io::Error,
);

/// An error in a runner. It is logged with its causes, and the entry is shunted, unless the machine is to blame.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// A queue could not be read or written.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The list, its files or its lock.
    #[error(transparent)]
    List(#[from] ListError),
    /// A setting that is missing or of the wrong kind.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Another file.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    /// What a part of the work reports, with its causes.
    #[error(transparent)]
    Cause(#[from] Box<dyn Error>),
    /// The entry itself.
    #[error(transparent)]
    Entry(#[from] DequeueError),
    /// What the runner was given cannot be used.
    #[error("{words}")]
    Given { words: String, source: Culprit },
    /// The site's own archiver did not end in time.
    #[error("external archiver {command}: ended after {seconds} seconds")]
    ArchiverTimedOut { command: ByteStr, seconds: u64 },
    /// A list that several posts share was lost in the middle of one: those before it begin anew.
    #[error("list {0}: a post was cut off by a fault, those before it begin anew")]
    PostCutOff(ByteStr),
    /// A fault in this program.
    #[error("a fault in this program, please report it: {0}")]
    Panic(String),
}

impl RunnerError {
    /// Whether the machine is to blame (a full disk, a missing permission): the same entry will do when that is mended.
    pub fn is_of_machine(&self) -> bool {
        is_of_machine(self.reported())
    }

    /// Whether the list can only be handled by Mailman's own runners: its mail waits for them in the queue.
    pub fn is_beyond_us(&self) -> bool {
        matches!(self, RunnerError::List(ListError::NeedsPython { .. } | ListError::Refused { .. }))
    }

    /// Whether the entry is to blame, which is shunted.
    pub fn is_of_entry(&self) -> bool {
        !self.is_of_machine() && !self.is_beyond_us() && !matches!(self, RunnerError::Panic(_))
    }

    /// What was reported.
    fn reported(&self) -> &(dyn Error + 'static) {
        match self {
            RunnerError::Cause(cause) => cause.as_ref(),
            other => other,
        }
    }

    /// The error and what lies behind it, a line each.
    pub fn chain(&self) -> String {
        chain(self.reported())
    }

    /// The same in one line, for whoever looks at a shunted entry.
    pub fn reason(&self) -> String {
        self.chain().replace('\n', "; ")
    }
}

/// An error, and what lies behind it.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'e (dyn Error + 'static)| (*cause).source())
}

fn is_of_machine(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<io::Error>().is_some_and(compat::durable::is_of_machine))
}

/// A line each; what says the same as the line before it is left out.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut lines: Vec<String> = causes(error).map(ToString::to_string).collect();
    lines.dedup();
    lines.join("\ncaused by: ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::queue::{EntryError, EntryName, Stage};
    use nix::errno::Errno;
    use std::io::ErrorKind;

    #[test]
    fn a_full_disk_is_the_machines_fault_however_deep_it_lies() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        let direct = RunnerError::Io { what: "config.pck".to_string(), source: full() };
        let queue = RunnerError::from(QueueError::Enqueue { path: "/q".into(), source: full() });
        let boxed = RunnerError::Cause(Box::new(QueueError::Folder { dir: "/q".into(), source: full() }));
        assert!(direct.is_of_machine() && queue.is_of_machine() && boxed.is_of_machine());
        let header = Culprit::Message("its Subject is odd").says("no space left in this header");
        assert!(!RunnerError::Cause(Box::new(header)).is_of_machine());
        let gone = io::Error::from(ErrorKind::NotFound);
        assert!(!RunnerError::Io { what: "x".to_string(), source: gone }.is_of_machine());
        for (number, machine) in [(Errno::EIO, true), (Errno::EMFILE, true), (Errno::ENOENT, false)] {
            let error = io::Error::from_raw_os_error(number as i32);
            let of_template = compat::site::TemplateError::Io { path: "/t".into(), error };
            let handler = crate::error::HandlerError::from(of_template);
            assert_eq!(RunnerError::Cause(Box::new(handler)).is_of_machine(), machine, "{number}");
        }
    }

    #[test]
    fn the_chain_names_each_cause_once() {
        let error = RunnerError::Io { what: "list garden".to_string(), source: io::Error::other("deep") };
        assert_eq!(error.chain(), "list garden: deep\ncaused by: deep");
    }

    #[test]
    fn who_is_to_blame_stands_below_the_words_that_mailman_would_log() {
        let error = Culprit::Option("topics").says("unpack list of wrong size");
        assert_eq!(error.to_string(), "unpack list of wrong size");
        let error = RunnerError::Cause(Box::new(error));
        assert_eq!(error.reason(), "unpack list of wrong size; caused by: the list's option topics is to blame");
        let cut_off = EntryError::Io(io::Error::from(ErrorKind::StorageFull));
        let name = EntryName::parse("1234.5+aa.pck").unwrap();
        assert!(RunnerError::from(DequeueError { name, stage: Stage::InWork, source: cut_off }).is_of_machine());
    }
}
