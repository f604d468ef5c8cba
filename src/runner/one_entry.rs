//! One entry, from the queue to its ending: opened, its list found, handed to the runner; shunted when that fails.

use super::by_python;
use super::entry_loop::EntryLoop;
use super::open_lists::Batch;
use super::owed::Deed;
use super::panic_guard::guard;
use super::{Disposition, Job, JobList};
use crate::error::RunnerError;
use compat::durable::is_of_machine;
use compat::email::{parser, Message};
use compat::list::{ListError, MailList};
use compat::queue::{DequeueError, Entry, EntryError, EntryMessage, EntryName, Metadata, Outbox, QueueName, Stage};
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// Entries and lists above this size make the heap grow.
pub(super) const LARGE: u64 = 1 << 20;

/// How an entry leaves the runner's hands, once what came of it is safe.
#[derive(Debug)]
pub(super) enum Ending {
    /// It is dealt with and is removed.
    Done,
    /// It could not be shunted and is set aside.
    Preserved,
    /// It is in the shunt queue under this name, for this reason.
    Shunted(EntryName, String),
    /// It is in its queue again under this name.
    Kept(EntryName),
    /// The machine is to blame: it goes back as it was.
    Stuck,
    /// It goes back as it was and rests.
    Later(Duration),
    /// It goes back as it was and is taken with the next batch.
    Again,
}

impl Ending {
    /// Whether nothing of what came of the entry is to be kept.
    pub(super) fn leaves_nothing(&self) -> bool {
        matches!(self, Ending::Stuck | Ending::Later(_) | Ending::Again)
    }
}

impl EntryLoop {
    /// Works on one entry. `None`: it could not be read, and that is settled.
    pub(super) fn one_entry(&mut self, name: &EntryName, batch: &mut Batch) -> Option<Ending> {
        let file = name.file(self.switchboard.dir(), "bak");
        self.watchdog.begins(Some(file.clone()));
        let entry = match self.switchboard.dequeue(name) {
            Ok(entry) => entry,
            Err(error) => return self.unreadable(name, error),
        };
        self.note_size(&file);
        let before = batch.outbox.mark();
        let ending = self.open_and_dispose(name, entry, batch);
        // What is left to do is the batch's: its commit, and the removal of its entries.
        self.watchdog.begins(None);
        if ending.leaves_nothing() {
            batch.outbox.back_to(before);
            self.lists.forget_shared();
        }
        Some(ending)
    }

    /// Counts a large file, whose contents are now in memory.
    fn note_size(&mut self, path: &Path) {
        let size = path.metadata().map_or(0, |about| about.len());
        if size > LARGE {
            self.grown += size;
        }
    }

    fn unreadable(&mut self, name: &EntryName, error: DequeueError) -> Option<Ending> {
        match (error.stage, &error.source) {
            (Stage::Gone, _) => {}
            (Stage::Queued, _) => self.complain(&error.into()),
            (Stage::InWork, EntryError::Io(source)) if is_of_machine(source) => {
                return Some(self.stuck(&error.into()));
            }
            (Stage::InWork, source) => self.damaged(name, source),
        }
        None
    }

    fn damaged(&mut self, name: &EntryName, error: &EntryError) {
        let preserve = self.site.settings.truth(settings::QRUNNER_SAVE_BAD_MESSAGES);
        self.site.log("error", format!("Uncaught runner exception: {error}"));
        self.site.log("error", format!("Traceback: {name} could not be read"));
        let what = if preserve { "Skipping and preserving" } else { "Ignoring" };
        self.site.log("error", format!("{what} unparseable message: {name}"));
        let deed = if preserve { Deed::SetAside } else { Deed::Remove };
        if let Err(error) = deed.carry_out(&self.switchboard, name) {
            self.owe(name.clone(), deed, &error);
        }
    }

    fn open_and_dispose(&mut self, name: &EntryName, entry: Entry, batch: &mut Batch) -> Ending {
        let Entry { message, mut metadata } = entry;
        let mut msg = match open_message(&message) {
            Ok(msg) => msg,
            Err(error) => return self.shunt(name, &message, metadata, &mut batch.outbox, &error),
        };
        let before = batch.outbox.mark();
        let mut outcome = self.with_list(&mut msg, &mut metadata, batch);
        let outbox = &mut batch.outbox;
        if by_python::is_needed(&outcome) {
            outbox.back_to(before);
            self.lists.forget_shared();
            if batch.open_lists.holds_any() {
                // Python may want the lock of a list that stays open here.
                return Ending::Again;
            }
            outcome = self.by_python(outcome, message, &mut msg, &mut metadata);
        }
        let kept = |msg: &Message| EntryMessage::Object(msg.to_value());
        match outcome {
            Ok(Disposition::Done | Disposition::ByPython) => Ending::Done,
            Ok(Disposition::Later(time)) => Ending::Later(time),
            Ok(Disposition::Again) => Ending::Again,
            Ok(Disposition::KeepQueued) => match outbox.enqueue_in(self.switchboard.dir(), &kept(&msg), &metadata) {
                Ok(new_name) => Ending::Kept(new_name),
                Err(error) => self.stuck(&error.into()),
            },
            Err(error) => self.shunt(name, &kept(&msg), metadata, outbox, &error),
        }
    }

    /// Finds the list and hands all to the runner. Mail for a list that is gone is shunted without a way back.
    fn with_list(
        &mut self,
        msg: &mut Message,
        data: &mut Metadata,
        batch: &mut Batch,
    ) -> Result<Disposition, RunnerError> {
        let name = match data.str("listname").filter(|name| !name.is_empty()) {
            Some(name) => name,
            None => self.site.settings.str(settings::MAILMAN_SITE_LIST)?,
        };
        let Batch { outbox, open_lists, .. } = batch;
        let open = match open_lists.take(&name) {
            Some(list) => Some(JobList::Open(list)),
            None => self.open_list(&name)?.map(JobList::Read),
        };
        let Some(list) = open else {
            self.site.log("error", format!("Dequeuing message destined for missing list: {name}"));
            outbox.enqueue(QueueName::Shunt, &EntryMessage::Object(msg.to_value()), data)?;
            return Ok(Disposition::Done);
        };
        let spoken = list.language_value_of(&msg.sender(self.site.sender_rules()));
        let language = spoken.as_text().cloned().unwrap_or_default();
        data.set("lang", spoken);
        let (runner, site) = (&mut self.runner, &self.site);
        guard(|| runner.dispose(Job { site, list, msg, data, outbox, open_lists, language }))
    }

    fn open_list(&mut self, name: &ByteStr) -> Result<Option<MailList>, RunnerError> {
        if let Some(list) = self.lists.again(&self.site, name) {
            return Ok(Some(list));
        }
        // Python's error for a list that does not exist has no text.
        let text = match self.lists.open(&self.site, name) {
            Ok(list) => {
                self.note_size(&list.folder().join("config.pck"));
                return Ok(Some(list));
            }
            Err(ListError::Unknown(_)) => String::new(),
            Err(ListError::Corrupt { reason, .. }) => reason,
            Err(error) => return Err(error.into()),
        };
        self.site.log("error", format!("error opening list: {name}\n{text}"));
        Ok(None)
    }

    /// Puts an entry that failed where a person will look, with the way back (`whichq`) for bin/unshunt.
    fn shunt(
        &mut self,
        name: &EntryName,
        message: &EntryMessage,
        mut data: Metadata,
        outbox: &mut Outbox,
        error: &RunnerError,
    ) -> Ending {
        if error.is_of_machine() {
            return self.stuck(error);
        }
        self.log_exception(error, &data);
        data.set_str("whichq", self.switchboard.dir().as_os_str().as_bytes());
        match outbox.enqueue(QueueName::Shunt, message, &data) {
            Ok(new_name) => Ending::Shunted(new_name, error.reason()),
            Err(error) => {
                let error = RunnerError::from(error);
                if error.is_of_machine() {
                    return self.stuck(&error);
                }
                self.log_exception(&error, &data);
                self.site.log("error", format!("SHUNTING FAILED, preserving original entry: {name}"));
                Ending::Preserved
            }
        }
    }

    fn stuck(&mut self, error: &RunnerError) -> Ending {
        self.complain(error);
        Ending::Stuck
    }

    /// Two entries, as Python writes them: the exception, and where it came from.
    fn log_exception(&self, error: &RunnerError, data: &Metadata) {
        let list = data.str("listname").unwrap_or_default();
        self.site.log("error", format!("Uncaught runner exception: {error}"));
        self.site.log("error", format!("Traceback: {}, list {list}\n{}", self.name(), error.chain()));
    }
}

/// The message of an entry; a text is parsed, an instance read.
fn open_message(message: &EntryMessage) -> Result<Message, RunnerError> {
    match message {
        EntryMessage::Raw(text) => Ok(parser::parse(text)),
        EntryMessage::Object(value) => read_object(value),
    }
}

fn read_object(value: &Value) -> Result<Message, RunnerError> {
    Message::from_value(value).map_err(|error| RunnerError::Cause(Box::new(error)))
}
