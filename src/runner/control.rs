//! The signals that a process of runners obeys: SIGTERM and SIGINT end it between two entries, SIGHUP reopens logs.
//!
//! The exit status tells the master why: 15 must stay ended, 2 is to be started again. That is Mailman's bin/qrunner.

use crate::signals::{Signal, Signals};
use compat::site::Site;
use std::cell::Cell;
use std::io;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What the operator or the master wants of this process.
pub struct Control {
    site: Rc<Site>,
    /// The runner's class, or `Main loop` where several share a process.
    name: String,
    signals: Signals,
    stopping: Cell<bool>,
    status: Cell<i32>,
}

impl Control {
    /// Listens from now on.
    ///
    /// # Errors
    /// What the system reports.
    pub fn listen(site: &Rc<Site>, name: &str) -> io::Result<Control> {
        let signals = Signals::listen(&[Signal::Terminate, Signal::Interrupt, Signal::HangUp])?;
        Ok(Control {
            site: Rc::clone(site),
            name: name.to_string(),
            signals,
            stopping: Cell::new(false),
            status: Cell::new(0),
        })
    }

    /// Whether the process is to end after the entry in work. Obeys what came since it was last asked.
    pub fn is_stopping(&self) -> bool {
        self.signals.hush();
        if self.signals.take(Signal::HangUp) {
            self.site.reopen_logs();
            self.log("caught SIGHUP.  Reopening logs.");
        }
        for signal in [Signal::Terminate, Signal::Interrupt] {
            if self.signals.take(signal) {
                self.stopping.set(true);
                self.status.set(signal.number());
                self.log(&format!("caught {}.  Stopping.", signal.name()));
            }
        }
        self.stopping.get()
    }

    /// The exit status of the process.
    pub fn status(&self) -> i32 {
        self.status.get()
    }

    /// Readable when [`Control::is_stopping`] has something to look at.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.signals.fd()
    }

    /// Waits until `until` holds, asking each second; false when the time ran out or the process is to end first.
    pub fn wait_until(&self, time: Duration, mut until: impl FnMut() -> bool) -> bool {
        let start = Instant::now();
        while !until() {
            if start.elapsed() >= time || self.is_stopping() {
                return false;
            }
            self.signals.sleep(Some(Duration::from_secs(1)));
        }
        true
    }

    /// Rests, unless the process is to end.
    pub fn rest(&self, time: Duration) {
        if !self.is_stopping() {
            self.signals.sleep(Some(time));
        }
    }

    fn log(&self, text: &str) {
        self.site.log("qrunner", format!("{} qrunner {text}", self.name));
    }
}
