//! The place of one runner under the master: what runs in it, how often it was started again, and whether it will be.

use nix::sys::wait::WaitStatus;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::time::Duration;

/// So often a runner that keeps failing is started again.
pub const MAX_RESTARTS: u32 = 10;

/// How long a runner lives at least that does not fail at its start.
const GOOD_LIFE: Duration = Duration::from_secs(60);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// One slice of one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The class, as QRUNNERS names it.
    pub runner: String,
    pub slice: i64,
    pub count: i64,
    /// Never reset while the master lives.
    pub restarts: u32,
    /// Exits in a row, each soon after the start.
    pub early_exits: u32,
}

/// How a child ended: by a signal, or with an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    pub pid: i32,
    pub signal: Option<i32>,
    pub status: Option<i32>,
}

impl Exit {
    /// From what `wait` tells; `None` for news of a child that still lives.
    pub fn from_wait(status: WaitStatus) -> Option<Exit> {
        match status {
            WaitStatus::Exited(pid, status) => Some(Exit { pid: pid.as_raw(), signal: None, status: Some(status) }),
            WaitStatus::Signaled(pid, signal, _) => {
                Some(Exit { pid: pid.as_raw(), signal: Some(signal as i32), status: None })
            }
            _ => None,
        }
    }

    /// Neither SIGTERM nor its exit status: nobody asked this runner to end for good.
    fn may_restart(self) -> bool {
        self.signal != Some(SIGTERM) && self.status != Some(SIGTERM)
    }
}

/// What the master does about an exit, and what it logs.
#[derive(Debug, PartialEq, Eq)]
pub struct Decision {
    pub restart: bool,
    pub log: Vec<String>,
}

impl Slot {
    /// The argument by which `ps`, and whoever reads it, knows the runner.
    pub fn argument(&self) -> String {
        format!("--runner={}:{}:{}", self.runner, self.slice, self.count)
    }

    /// Counts an exit and decides. Exit *status* 2 is a restart that an operator asked for and is free; death *by*
    /// signal 2 counts, as it always has.
    pub fn ended(&mut self, exit: Exit, restarting_allowed: bool) -> Decision {
        let mut restart = restarting_allowed && exit.may_restart();
        let remark = if restart { "[restarting]" } else { "" };
        let mut log = vec![format!(
            "Master qrunner detected subprocess exit\n(pid: {}, sig: {}, sts: {}, class: {}, slice: {}/{}) {remark}",
            exit.pid,
            python(exit.signal),
            python(exit.status),
            self.runner,
            self.slice + 1,
            self.count,
        )];
        if exit.status != Some(SIGINT) {
            self.restarts += 1;
        }
        if self.restarts > MAX_RESTARTS {
            log.push(format!(
                "Qrunner {} reached maximum restart limit of {MAX_RESTARTS}, not restarting.",
                self.runner
            ));
            restart = false;
        }
        Decision { restart, log }
    }

    /// How long to wait with the next start of a runner that ended so after this time. One that fails again and again at
    /// its start, because a folder is away for a moment, would use up its restarts within a second: from the third
    /// time on it waits, each time twice as long. Nobody waits for one that was killed or asked to begin anew.
    pub fn pause(&mut self, exit: Exit, lived: Duration) -> Duration {
        if lived >= GOOD_LIFE {
            self.early_exits = 0;
        }
        if lived >= GOOD_LIFE || exit.signal.is_some() || exit.status == Some(SIGINT) {
            return Duration::ZERO;
        }
        self.early_exits += 1;
        match self.early_exits {
            0..=2 => Duration::ZERO,
            exits => Duration::from_secs(1 << (exits - 3).min(6)).min(LONGEST_PAUSE),
        }
    }
}

/// A number or nothing, as Python prints it.
fn python(number: Option<i32>) -> String {
    number.map_or_else(|| "None".to_string(), |n| n.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        Slot { runner: "NewsRunner".to_string(), slice: 0, count: 2, restarts: 0, early_exits: 0 }
    }

    fn exit(signal: Option<i32>, status: Option<i32>) -> Exit {
        Exit { pid: 77, signal, status }
    }

    #[test]
    fn the_log_entry_has_three_parts() {
        let decision = slot().ended(exit(None, Some(1)), true);
        assert_eq!(
            decision.log,
            ["Master qrunner detected subprocess exit\n(pid: 77, sig: None, sts: 1, class: NewsRunner, slice: 1/2) \
              [restarting]"]
        );
        let decision = slot().ended(exit(Some(9), None), false);
        assert!(decision.log[0].ends_with("(pid: 77, sig: 9, sts: None, class: NewsRunner, slice: 1/2) "));
    }

    #[test]
    fn who_fails_at_once_waits_longer_each_time() {
        let mut slot = slot();
        let mut pauses = |lived: u64, number: usize| -> Vec<u64> {
            (0..number).map(|_| slot.pause(exit(None, Some(1)), Duration::from_secs(lived)).as_secs()).collect()
        };
        assert_eq!(pauses(0, 10), [0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pauses(3600, 2), [0, 0]);
        assert_eq!(pauses(1, 3), [0, 0, 1]);
        for asked in [exit(Some(9), None), exit(None, Some(2))] {
            assert_eq!(slot.pause(asked, Duration::ZERO), Duration::ZERO);
        }
    }

    #[test]
    fn who_is_started_again() {
        for (signal, status, expected) in [
            (None, Some(0), true),
            (None, Some(1), true),
            (None, Some(2), true),
            (None, Some(15), false),
            (Some(15), None, false),
            (Some(9), None, true),
            (Some(2), None, true),
        ] {
            assert_eq!(slot().ended(exit(signal, status), true).restart, expected, "{signal:?} {status:?}");
            assert!(!slot().ended(exit(signal, status), false).restart);
        }
    }

    #[test]
    fn a_restart_that_was_asked_for_is_free() {
        let mut slot = slot();
        for _ in 0..50 {
            assert!(slot.ended(exit(None, Some(2)), true).restart);
        }
        for _ in 0..MAX_RESTARTS {
            assert!(slot.ended(exit(Some(2), None), true).restart);
        }
        let last = slot.ended(exit(None, Some(0)), true);
        assert!(!last.restart);
        assert_eq!(last.log[1], "Qrunner NewsRunner reached maximum restart limit of 10, not restarting.");
        assert!(last.log[0].ends_with("[restarting]"), "the first line is written before the count is looked at");
    }
}
