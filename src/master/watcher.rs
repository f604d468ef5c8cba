//! The master at its work: children, signals, the lock.

use super::lock::REFRESH;
use super::slot::{Exit, Slot};
use super::{MasterError, PAUSES};
use crate::runner;
use crate::runner::configured;
use crate::signals::{Signal, Signals};
use compat::lock::Lock;
use compat::site::{settings, Site};
use nix::errno::Errno;
use nix::sys::signal::{kill, Signal as Number};
use nix::sys::wait::{waitpid, WaitPidFlag};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The master with its children.
pub struct Watcher<'a> {
    site: Rc<Site>,
    lock: &'a mut Lock,
    lock_lost: bool,
    refreshed: Instant,
    signals: Signals,
    restart: bool,
    ending: bool,
    /// This program's file at the start. A newer one of the same name is what a restart then runs.
    program: PathBuf,
    children: BTreeMap<i32, Child>,
    /// Runners that are to be started, and when.
    waiting: Vec<(Instant, Slot)>,
}

/// A runner at work.
struct Child {
    slot: Slot,
    started: Instant,
}

impl<'a> Watcher<'a> {
    /// A master without children yet.
    pub fn new(site: &Rc<Site>, lock: &'a mut Lock, signals: Signals, restart: bool) -> Result<Self, MasterError> {
        let program = std::env::current_exe()
            .map_err(|source| MasterError::Io { what: "own program file".to_string(), source })?;
        Ok(Watcher {
            site: Rc::clone(site),
            lock,
            lock_lost: false,
            refreshed: Instant::now(),
            signals,
            restart,
            ending: false,
            program,
            children: BTreeMap::new(),
            waiting: Vec::new(),
        })
    }

    /// Starts all runners and watches until none is left.
    pub fn watch(mut self) {
        for (runner, count) in configured(&self.site) {
            for slice in 0..count {
                self.start(Slot { runner: runner.clone(), slice, count, restarts: 0, early_exits: 0 });
            }
        }
        while !self.children.is_empty() || !self.waiting.is_empty() {
            self.signals.sleep(Some(self.until_due()));
            self.obey();
            self.reap();
            self.start_due();
            self.keep_lock();
        }
    }

    /// The time until the lock is to be refreshed or a runner to be started.
    fn until_due(&self) -> Duration {
        let refresh = REFRESH.saturating_sub(self.refreshed.elapsed());
        let now = Instant::now();
        self.waiting.iter().map(|(when, _)| when.saturating_duration_since(now)).fold(refresh, Duration::min)
    }

    fn start_due(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.waiting).into_iter().partition(|(when, _)| *when <= now);
        self.waiting = later;
        let due: Vec<(Instant, Slot)> = due;
        due.into_iter().for_each(|(_, slot)| self.start(slot));
    }

    /// Starts a runner in its slot. One that cannot be started counts as one that failed at once.
    fn start(&mut self, slot: Slot) {
        let started = Instant::now();
        match self.spawn(&slot) {
            Ok(pid) => drop(self.children.insert(pid, Child { slot, started })),
            Err(error) => {
                self.site.log("error", format!("Cannot start {}: {error}", slot.argument()));
                self.decide(Child { slot, started }, Exit { pid: 0, signal: None, status: Some(1) });
            }
        }
    }

    /// Writes down that a runner ended, and starts it again, now or after a pause.
    fn decide(&mut self, child: Child, exit: Exit) {
        let Child { mut slot, started } = child;
        let decision = slot.ended(exit, self.may_restart());
        decision.log.iter().for_each(|line| self.site.log("qrunner", line));
        if !decision.restart {
            return;
        }
        let pause = slot.pause(exit, started.elapsed());
        if !pause.is_zero() {
            let seconds = pause.as_secs();
            self.site.log("qrunner", format!("{}{PAUSES}{seconds} s", slot.argument()));
        }
        self.waiting.push((Instant::now() + pause, slot));
    }

    /// Ours run as this program under the name of the site's qrunner, the site's own runners in its Python. In `ps`
    /// both end in `qrunner --runner=NAME:SLICE:COUNT -s`.
    fn spawn(&self, slot: &Slot) -> io::Result<i32> {
        let qrunner = self.site.settings.path(settings::BIN_DIR).join("qrunner");
        let mut command = if runner::is_ours(&slot.runner) {
            let mut command = Command::new(&self.program);
            command.arg0(&qrunner);
            command
        } else {
            let mut command = Command::new(self.site.settings.path(settings::PYTHON));
            command.arg(&qrunner);
            command
        };
        command.arg(slot.argument()).arg("-s").env("MAILMAN_PREFIX", &self.site.home);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn()?;
        i32::try_from(child.id()).map_err(io::Error::other)
    }

    /// Passes signals on, in Mailman's order: logs first.
    fn obey(&mut self) {
        if self.signals.take(Signal::HangUp) {
            self.site.reopen_logs();
            self.forward(Number::SIGHUP);
            self.site.log("qrunner", "Master watcher caught SIGHUP.  Re-opening log files.");
        }
        if self.signals.take(Signal::Interrupt) {
            self.forward(Number::SIGINT);
            self.waiting.iter_mut().for_each(|(when, _)| *when = Instant::now());
            self.site.log("qrunner", "Master watcher caught SIGINT.  Restarting.");
        }
        if self.signals.take(Signal::Terminate) {
            self.ending = true;
            self.waiting.clear();
            self.forward(Number::SIGTERM);
            self.site.log("qrunner", "Master watcher caught SIGTERM.  Exiting.");
        }
    }

    fn forward(&self, signal: Number) {
        for pid in self.children.keys() {
            // A child that is gone already will be reaped; there is nothing to tell it.
            let _ = kill(Pid::from_raw(*pid), signal);
        }
    }

    /// Somebody who was told to end does not start anything any more.
    fn may_restart(&self) -> bool {
        self.restart && !self.ending
    }

    /// Takes note of every child that ended.
    fn reap(&mut self) {
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(status) => match Exit::from_wait(status) {
                    Some(exit) => self.ended(exit),
                    None => return,
                },
                Err(Errno::EINTR) => {}
                Err(_) => {
                    // No child is left, whatever we believed.
                    self.children.clear();
                    return;
                }
            }
        }
    }

    fn ended(&mut self, exit: Exit) {
        // Somebody else's child (we may have inherited one) is none of ours.
        let Some(child) = self.children.remove(&exit.pid) else { return };
        self.decide(child, exit);
    }

    /// Refreshes the lock (on SIGALRM too, as the Python master), and says when it was stolen.
    fn keep_lock(&mut self) {
        let due = self.signals.take(Signal::Alarm) || self.refreshed.elapsed() >= REFRESH;
        if self.lock_lost || !due {
            return;
        }
        self.refreshed = Instant::now();
        if self.lock.refresh().is_err() {
            self.lock_lost = true;
            let text = "Master watcher lost its lock: another master may have been started beside this one (mailmanctl \
                        -s of an old version takes the lock of a living master). This one goes on; stop one of the two.";
            self.site.log("qrunner", text);
            self.site.log("error", text);
        }
    }
}
