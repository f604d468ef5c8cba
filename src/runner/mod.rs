//! The runners: the common loop, and one file per runner.
//!
//! A runner serves one queue. The loop takes an entry, opens its list, hands both to [`Runner::dispose`] and is done
//! with the entry only when everything that came of it is safely on disk. This answers to Mailman/Queue/Runner.py.

mod archive;
mod autoreply_notes;
mod backoff;
mod bounce;
#[cfg(test)]
mod bounce_tests;
mod by_python;
mod command;
#[cfg(test)]
mod command_tests;
pub mod control;
mod entry_loop;
#[cfg(test)]
mod fault_tests;
mod incoming;
mod maildir;
mod news;
pub mod occupied;
mod one_entry;
mod open_lists;
mod outgoing;
#[cfg(test)]
mod outgoing_tests;
mod owed;
pub(crate) mod panic_guard;
mod retry;
#[cfg(test)]
mod shared_list_tests;
mod virgin;

pub use crate::error::RunnerError;
pub use entry_loop::{EntryLoop, Pass};
pub use open_lists::{JobList, OpenLists};
pub use outgoing::Outgoing;
pub use panic_guard::listen as listen_for_faults;

use compat::email::Message;
use compat::list::ListCache;
use compat::queue::{Metadata, Outbox, QueueName};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// One entry, opened, with all that a runner needs for it.
pub struct Job<'a> {
    pub site: &'a Rc<Site>,
    /// The list that the entry is for.
    pub list: JobList,
    /// The message; what stands here after an error is what is shunted.
    pub msg: &'a mut Message,
    /// The metadata, likewise.
    pub data: &'a mut Metadata,
    /// New entries. They are made durable together, before the entry in work is given up; also after an error, for
    /// what a pipeline did before it failed is not done again.
    pub outbox: &'a mut Outbox,
    /// Where a list may be left, locked and not saved, for the next entry that shares the waiting for the disk.
    pub open_lists: &'a mut OpenLists,
    /// The language of texts: the sender's, if the sender is a member, else the list's. Also in `data` as `lang`.
    pub language: ByteStr,
}

/// What becomes of an entry that was disposed of without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It is dealt with and leaves the queue.
    Done,
    /// It stays, with the message and metadata as they are now: a new entry in the same queue.
    KeepQueued,
    /// It stays exactly as it was and is not looked at again for this long.
    Later(Duration),
    /// It stays exactly as it was and is taken again soon: it cannot be done together with those before it.
    Again,
    /// It is to be dealt with by Mailman's own runner of this class: it needs Python code of the site's.
    ByPython,
}

/// One kind of runner.
pub trait Runner {
    /// The class, such as `IncomingRunner`: its name in logs, command lines and QRUNNERS.
    fn name(&self) -> &'static str;

    /// The queue that it serves.
    fn queue(&self) -> QueueName;

    /// A folder that it reads instead of its queue, in passes of its own.
    fn folder(&self) -> Option<PathBuf> {
        None
    }

    /// One pass over that folder.
    fn own_pass(&mut self, _stop: &mut dyn FnMut() -> bool) -> Pass {
        Pass::default()
    }

    /// Deals with one entry.
    ///
    /// # Errors
    /// What failed, and whether message or machine is to blame.
    fn dispose(&mut self, job: Job<'_>) -> Result<Disposition, RunnerError>;

    /// The first entry of those not reported yet has left the queue: it will not come back after a crash.
    fn left_queue(&mut self) {}

    /// Work besides the queue, asked for after every entry and every pass; not when running once.
    fn periodic(&mut self) {}

    /// The longest time between two calls of [`Runner::periodic`] while the queue is empty. `None`: an idle runner
    /// sleeps until something arrives.
    fn period(&self) -> Option<Duration> {
        None
    }

    /// A rest after each pass whatever arrives meanwhile (the retry runner's). `None`: work as it comes.
    fn rest(&self) -> Option<Duration> {
        None
    }

    /// Called when the loop ends, also after running once.
    fn cleanup(&mut self) {}

    /// How many entries may share the waiting for the disk. More than one is quicker under load; after a crash as many
    /// may be processed a second time.
    fn batch(&self) -> usize {
        1
    }

    /// Why this runner must not touch its queue, if so: its settings cannot be followed. It then sleeps until it is stopped.
    fn refuses(&self) -> Option<&'static str> {
        None
    }
}

/// The runners of QRUNNERS by name, with the configured number of slices.
pub fn configured(site: &Site) -> Vec<(String, i64)> {
    let rows = site.settings.get(settings::QRUNNERS).and_then(Value::as_items).unwrap_or_default();
    rows.iter()
        .filter_map(|row| match row.as_items()? {
            [name, count, ..] => Some((name.as_text()?.to_latin1(), count.as_int()?)),
            _ => None,
        })
        .collect()
}

/// Makes the runner of one class.
type Maker = fn(&Rc<Site>, &ListCache) -> Box<dyn Runner>;

/// The runners of this program by their class.
const RUNNERS: &[(&str, Maker)] = &[
    ("ArchRunner", |_, _| Box::<archive::ArchRunner>::default()),
    ("BounceRunner", |site, lists| Box::new(bounce::BounceRunner::new(site, lists))),
    ("CommandRunner", |site, _| Box::new(command::CommandRunner::new(site))),
    ("IncomingRunner", |site, _| Box::new(incoming::IncomingRunner::new(site))),
    ("MaildirRunner", |site, _| Box::new(maildir::MaildirRunner::new(site))),
    ("VirginRunner", |_, _| Box::<virgin::VirginRunner>::default()),
    ("OutgoingRunner", |site, lists| Box::new(Outgoing::new(site, lists))),
    ("NewsRunner", |site, _| Box::new(news::NewsRunner::new(site))),
    ("RetryRunner", |_, _| Box::new(retry::Retry)),
];

/// The classes of this program's runners.
pub fn classes() -> impl Iterator<Item = &'static str> {
    RUNNERS.iter().map(|(class, _)| *class)
}

/// The class that serves the queue with this folder.
pub fn of_queue(folder: &str) -> Option<&'static str> {
    const SERVED: [(&str, &str); 8] = [
        ("archive", "ArchRunner"),
        ("bounces", "BounceRunner"),
        ("commands", "CommandRunner"),
        ("in", "IncomingRunner"),
        ("news", "NewsRunner"),
        ("out", "OutgoingRunner"),
        ("retry", "RetryRunner"),
        ("virgin", "VirginRunner"),
    ];
    SERVED.iter().find(|(served, _)| *served == folder).map(|(_, class)| *class)
}

/// The runner of a class name, or `None` when it is not one of ours. Lists that it opens by itself are those of `lists`.
pub fn make(name: &str, site: &Rc<Site>, lists: &ListCache) -> Option<Box<dyn Runner>> {
    RUNNERS.iter().find(|(known, _)| *known == name).map(|(_, maker)| maker(site, lists))
}

/// Whether [`make`] knows a class. The others are Python of the site's own.
pub fn is_ours(name: &str) -> bool {
    RUNNERS.iter().any(|(known, _)| *known == name)
}
