//! The loop: passes over the queue, rest in between, and the disk.
//!
//! One pass takes the entries that were there when it began, oldest first. An entry is dealt with in `one_entry`; what
//! came of it is committed here, and only then is it taken out of the queue. Full disks and missing permissions are the
//! machine's fault and not the entry's: then the entry stays, one line in the log says why, and it is tried again later.

use super::backoff::Backoff;
use super::one_entry::{Ending, LARGE};
use super::open_lists::Batch;
use super::owed::{Deed, Owed};
use super::Runner;
use crate::error::RunnerError;
use crate::sys;
use crate::watchdog::Watchdog;
use compat::list::ListCache;
use compat::pattern::{count_compiled, forget_compiled};
use compat::queue::{EntryName, QueueError, QueueEvent, QueueFolders, Slice, Switchboard, Watcher, Woke};
use compat::site::{settings, Site};
use nix::errno::Errno;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use std::collections::BTreeSet;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// An entry that the machine could not handle is tried again after this time.
const MACHINE_REST: Duration = Duration::from_secs(60);
/// When waiting itself fails, so that a signal is still heeded soon.
const SHORT_REST: Duration = Duration::from_secs(1);
/// With more compiled patterns than this, which take some 20 kilobytes each, a runner at rest gives all of them back.
const PATTERNS_AT_REST: usize = 32;
/// An entry that was put back by its runner is looked at again after this time.
const KEPT_REST: Duration = Duration::from_secs(1);
/// Size of large entries and lists, in bytes, after which memory is returned to the system; it also is before a rest.
const GROWN_LIMIT: u64 = 64 << 20;
/// The program's text is let go before a rest when so much time went by since the last time.
const TEXT_REST: Duration = Duration::from_secs(60);

/// What a pass came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Entries that left the queue.
    pub done: usize,
    /// Entries that stayed, for whatever reason.
    pub kept: usize,
}

/// A runner at work on its slice.
pub struct EntryLoop {
    pub(super) site: Rc<Site>,
    pub(super) runner: Box<dyn Runner>,
    pub(super) switchboard: Switchboard,
    pub(super) waiting: Backoff,
    pub(super) complaints: Backoff,
    pub(super) grown: u64,
    pub(super) lists: ListCache,
    pub(super) watchdog: Watchdog,
    text_let_go: Option<Instant>,
    /// Number of entries that are still processed one by one, because a batch of as many failed.
    cautious: usize,
    /// Entries that an earlier runner had in work when it was killed. One of them may have been the reason, so each is
    /// taken alone: else it would take those of its batch along again and again, until all are set aside.
    suspects: BTreeSet<EntryName>,
    owed: Owed,
    folders: Rc<QueueFolders>,
}

impl EntryLoop {
    /// Opens the queue and brings back what was in work when an earlier runner was killed. `lists` are those of the
    /// process.
    ///
    /// # Errors
    /// The settings name no folders, or the queue cannot be read.
    pub fn open(
        site: &Rc<Site>,
        runner: Box<dyn Runner>,
        slice: Slice,
        lists: &ListCache,
    ) -> Result<EntryLoop, RunnerError> {
        let folders = Rc::new(folders_of(site)?);
        let dir = runner.folder().unwrap_or_else(|| folders.of(runner.queue()).to_path_buf());
        let switchboard = Switchboard::open(dir, site.settings.path(settings::BADQUEUE_DIR), slice)?;
        let watchdog = Watchdog::start(site, runner.name());
        let mut entry_loop = EntryLoop {
            site: Rc::clone(site),
            runner,
            switchboard,
            waiting: Backoff::default(),
            complaints: Backoff::default(),
            grown: 0,
            lists: lists.clone(),
            watchdog,
            text_let_go: None,
            cautious: 0,
            suspects: BTreeSet::new(),
            owed: Owed::default(),
            folders,
        };
        if entry_loop.runner.refuses().is_none() && entry_loop.runner.folder().is_none() {
            entry_loop.recover()?;
        }
        Ok(entry_loop)
    }

    fn recover(&mut self) -> Result<(), RunnerError> {
        self.watchdog.begins(None);
        let recovered = self.switchboard.recover_backups();
        self.watchdog.ends();
        self.log_events();
        self.suspects.extend(recovered?);
        Ok(())
    }

    /// The runner's class.
    pub fn name(&self) -> &'static str {
        self.runner.name()
    }

    /// What `qrunner --once` calls a turn: one entry, then the cleanup.
    pub fn turn(&mut self) {
        if self.runner.refuses().is_none() {
            self.pass(Some(1), &mut || false);
        }
        self.runner.cleanup();
    }

    /// What is to be done from time to time, for a runner that has its turns among others.
    pub fn periodic(&mut self) {
        self.runner.periodic();
    }

    /// Works until `stop` says so; `fd` becomes readable when it is worth asking.
    ///
    /// # Errors
    /// What ends the runner: a queue folder that cannot be read, say.
    pub fn serve(&mut self, stop: &mut dyn FnMut() -> bool, fd: BorrowedFd<'_>) -> Result<(), RunnerError> {
        let interval = self.site.settings.float(settings::QRUNNER_SLEEP_TIME)?.max(0.1);
        let mut watcher = Watcher::new(self.switchboard.dir(), Duration::from_secs_f64(interval.min(3600.0)));
        if let Some(reason) = self.runner.refuses() {
            self.site.log("qrunner", format!("{}: {reason}", self.name()));
        }
        while !stop() {
            watcher.drain();
            let pass = match self.runner.refuses() {
                None => self.pass(None, stop),
                Some(_) => Pass::default(),
            };
            self.runner.periodic();
            if stop() {
                break;
            }
            self.rest(pass, &mut watcher, fd);
        }
        self.runner.cleanup();
        Ok(())
    }

    /// One pass over the entries that are there now, or over the first `limit` that can be read.
    pub fn pass(&mut self, limit: Option<usize>, stop: &mut dyn FnMut() -> bool) -> Pass {
        if self.runner.folder().is_some() {
            return self.runner.own_pass(stop);
        }
        self.watchdog.begins(None);
        let pass = self.watched_pass(limit, stop);
        self.watchdog.ends();
        pass
    }

    fn watched_pass(&mut self, limit: Option<usize>, stop: &mut dyn FnMut() -> bool) -> Pass {
        let mut names = self.due_entries().into_iter();
        let mut pass = Pass::default();
        while names.len() > 0 && !stop() {
            let count = pass.done + pass.kept;
            let is_careful = self.cautious > 0 || !self.suspects.is_empty();
            let usual = if is_careful { 1 } else { self.runner.batch().max(1) };
            let room = limit.map_or(usual, |limit| limit.saturating_sub(count));
            if room == 0 || !self.batch(&mut names, room, stop, &mut pass) {
                break;
            }
            if limit.is_none() {
                // What is done from time to time may take long.
                self.watchdog.ends();
                self.runner.periodic();
                self.watchdog.begins(None);
            }
            self.give_memory_back(GROWN_LIMIT);
        }
        pass
    }

    /// What waits in the queue and need not wait longer.
    fn due_entries(&mut self) -> Vec<EntryName> {
        self.suspects.extend(self.owed.settle(&mut self.switchboard, MACHINE_REST));
        let listed = self.switchboard.files();
        self.log_events();
        match listed {
            Ok(mut names) => {
                names.retain(|name| !self.waiting.holds(name.as_str()));
                names
            }
            Err(error) => {
                self.complain(&error.into());
                Vec::new()
            }
        }
    }

    /// Up to `room` entries, whose results go to the disk together. Unreadable ones do not count, as in Python. False
    /// when the pass should end here, because an entry must be taken again before those behind it.
    fn batch(
        &mut self,
        names: &mut dyn Iterator<Item = EntryName>,
        room: usize,
        stop: &mut dyn FnMut() -> bool,
        pass: &mut Pass,
    ) -> bool {
        let mut batch = Batch::new(&self.folders);
        let mut endings = Vec::new();
        let mut goes_on = true;
        for name in names {
            if let Some(ending) = self.one_entry(&name, &mut batch) {
                goes_on = !matches!(ending, Ending::Again);
                endings.push((name, ending));
            }
            if !goes_on || endings.len() >= room || batch.is_full() || stop() {
                break;
            }
        }
        self.conclude(endings, batch, pass);
        goes_on
    }

    /// Commits what came of some entries, then takes these out of the queue. After an error they are tried one by one.
    fn conclude(&mut self, endings: Vec<(EntryName, Ending)>, batch: Batch, pass: &mut Pass) {
        let committed = batch.commit();
        self.cautious = self.cautious.saturating_sub(endings.len());
        if let Err(error) = &committed {
            self.cautious = endings.len();
            self.lists.forget_shared();
            self.complain(error);
        }
        for (name, ending) in endings {
            let ending = if committed.is_ok() { ending } else { Ending::Stuck };
            let leaves = !ending.leaves_nothing();
            match leaves && !matches!(ending, Ending::Kept(_)) {
                true => pass.done += 1,
                false => pass.kept += 1,
            }
            self.suspects.remove(&name);
            let deed = self.deed(&name, ending);
            match deed.carry_out(&self.switchboard, &name) {
                Ok(()) if leaves => self.runner.left_queue(),
                Ok(()) => {}
                Err(error) => self.owe(name, deed, &error),
            }
        }
    }

    /// What is to be done with the entry's file.
    fn deed(&mut self, name: &EntryName, ending: Ending) -> Deed {
        match ending {
            Ending::Done => Deed::Remove,
            Ending::Preserved => Deed::SetAside,
            Ending::Shunted(new_name, reason) => {
                self.site.log("error", format!("SHUNTING: {new_name}"));
                let shunted = new_name.file(&self.site.settings.path(settings::SHUNTQUEUE_DIR), "pck");
                crate::shunt_reason::note(&shunted, &reason);
                Deed::Remove
            }
            Ending::Kept(new_name) => {
                self.waiting.hold(new_name.as_str(), KEPT_REST);
                Deed::Remove
            }
            Ending::Stuck => {
                self.waiting.hold(name.as_str(), MACHINE_REST);
                Deed::PutBack
            }
            Ending::Later(time) => {
                self.waiting.hold(name.as_str(), time);
                Deed::PutBack
            }
            Ending::Again => Deed::PutBack,
        }
    }

    pub(super) fn owe(&mut self, name: EntryName, deed: Deed, error: &QueueError) {
        self.site.log("error", format!("{error}; tried again later"));
        self.owed.add(name, deed);
    }

    /// Sleeps until there is work, a signal, or time to look again.
    fn rest(&mut self, pass: Pass, watcher: &mut Watcher, fd: BorrowedFd<'_>) {
        let pause = self.runner.rest();
        if pause.is_none() && pass.done > 0 {
            return;
        }
        let forgotten = self.lists.forget();
        let has_many_patterns = count_compiled() > PATTERNS_AT_REST;
        self.grown += if forgotten > LARGE || has_many_patterns { forgotten.max(1) } else { 0 };
        self.give_memory_back(0);
        self.let_go_of_program_text();
        let owed = self.owed.wait(&self.switchboard);
        let until = [pause, self.runner.period(), self.waiting.next(), owed].into_iter().flatten().min();
        let woke = match pause {
            Some(_) => sleep_on(fd, until).map(|()| Woke::TimedOut),
            None => watcher.wait(until, Some(fd)),
        };
        if let Err(source) = woke {
            self.complain(&RunnerError::Io { what: "waiting for entries".to_string(), source });
            std::thread::sleep(SHORT_REST);
        }
    }

    /// Every now and then, for a runner that hardly rests would only fetch it again.
    fn let_go_of_program_text(&mut self) {
        if self.text_let_go.is_none_or(|when| when.elapsed() > TEXT_REST) {
            self.text_let_go = Some(Instant::now());
            sys::let_go_of_program_text();
        }
    }

    /// Returns memory to the system once entries and lists of more than `limit` bytes went through.
    fn give_memory_back(&mut self, limit: u64) {
        if self.grown > limit {
            self.lists.forget();
            forget_compiled();
            sys::give_memory_back();
            self.text_let_go = None;
            self.grown = 0;
        }
    }

    /// Writes to the error log what is new.
    pub(super) fn complain(&mut self, error: &RunnerError) {
        let text = format!("{}: {error}; entries stay in the queue and are tried again", self.name());
        if self.complaints.is_news(&text) {
            self.site.log("error", text);
        }
    }

    fn log_events(&mut self) {
        for event in self.switchboard.take_events().iter().filter(|event| event.is_trouble()) {
            // What is retried is reported once.
            let is_told = matches!(event, QueueEvent::Failed { text } if !self.complaints.is_news(text));
            if is_told {
                continue;
            }
            self.site.log("error", event.to_string());
        }
    }
}

/// The folders of a site's queues, as its settings name them.
fn folders_of(site: &Site) -> Result<QueueFolders, RunnerError> {
    Ok(QueueFolders::from_settings(&site.settings)?)
}

/// Sleeps until `fd` can be read or the time is over.
fn sleep_on(fd: BorrowedFd<'_>, time: Option<Duration>) -> std::io::Result<()> {
    let timeout = time.map_or(PollTimeout::NONE, |time| PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX));
    match poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
