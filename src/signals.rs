//! Signals as flags: what was asked for is noted at once and acted upon between two entries.
//!
//! A handler may do next to nothing, so it sets a flag and writes a byte to a pipe; whoever sleeps, sleeps on that pipe
//! (and whatever else wakes it) and so never misses a signal that came just before. System calls in progress go on:
//! an SMTP dialogue is not disturbed, unlike under Python, where a signal could look like a network failure.

use nix::errno::Errno;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use signal_hook::consts::{SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// How long to rest where waiting itself fails.
const SHORT_REST: Duration = Duration::from_millis(500);

/// What may be asked of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Terminate,
    Interrupt,
    HangUp,
    Alarm,
    Child,
}

impl Signal {
    /// The number, which is also the exit status that tells the master why a runner ended.
    pub fn number(self) -> i32 {
        match self {
            Signal::Terminate => SIGTERM,
            Signal::Interrupt => SIGINT,
            Signal::HangUp => SIGHUP,
            Signal::Alarm => SIGALRM,
            Signal::Child => SIGCHLD,
        }
    }

    /// The name in log lines.
    pub fn name(self) -> &'static str {
        match self {
            Signal::Terminate => "SIGTERM",
            Signal::Interrupt => "SIGINT",
            Signal::HangUp => "SIGHUP",
            Signal::Alarm => "SIGALRM",
            Signal::Child => "SIGCHLD",
        }
    }
}

/// The signals that this process listens to.
pub struct Signals {
    flags: Vec<(Signal, Arc<AtomicBool>)>,
    wake: UnixStream,
}

impl Signals {
    /// Listens to these from now on.
    ///
    /// # Errors
    /// What the system reports.
    pub fn listen(wanted: &[Signal]) -> io::Result<Self> {
        let (wake, sender) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        sender.set_nonblocking(true)?;
        let mut flags = Vec::new();
        for &signal in wanted {
            let flag = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(signal.number(), Arc::clone(&flag))?;
            signal_hook::low_level::pipe::register(signal.number(), sender.try_clone()?)?;
            flags.push((signal, flag));
        }
        Ok(Signals { flags, wake })
    }

    /// Becomes readable when a signal comes, for those who sleep on something else as well.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    /// Makes [`Signals::fd`] unreadable again. Look at the flags after that, not before.
    pub fn hush(&self) {
        while matches!((&self.wake).read(&mut [0; 64]), Ok(count) if count > 0) {}
    }

    /// Whether this signal came since the last time it was asked for.
    pub fn take(&self, signal: Signal) -> bool {
        self.flags.iter().any(|(s, flag)| *s == signal && flag.swap(false, Ordering::SeqCst))
    }

    /// Sleeps until a signal comes or the time is over (`None`: forever).
    pub fn sleep(&self, time: Option<Duration>) {
        let timeout = match time {
            None => PollTimeout::NONE,
            Some(time) => PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX),
        };
        // An interrupted poll is as good as one that ended: the caller looks at its flags either way.
        match poll(&mut [PollFd::new(self.fd(), PollFlags::POLLIN)], timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            // No memory to wait with. A caller that comes back at once would only make that worse.
            Err(_) => std::thread::sleep(time.map_or(SHORT_REST, |time| time.min(SHORT_REST))),
        }
        self.hush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_signal_wakes_the_sleeper_even_when_it_came_before() {
        let signals = Signals::listen(&[Signal::Alarm]).expect("listens");
        assert!(!signals.take(Signal::Alarm));
        nix::sys::signal::raise(nix::sys::signal::Signal::SIGALRM).expect("raised");
        let start = Instant::now();
        signals.sleep(Some(Duration::from_secs(60)));
        assert!(start.elapsed() < Duration::from_secs(30));
        assert!(signals.take(Signal::Alarm));
        assert!(!signals.take(Signal::Alarm), "a flag is taken once");
    }

    #[test]
    fn sleep_ends_by_itself() {
        let signals = Signals::listen(&[Signal::HangUp]).expect("listens");
        signals.sleep(Some(Duration::from_millis(5)));
        assert!(!signals.take(Signal::HangUp));
    }
}
