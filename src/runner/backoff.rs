//! Entries that have to wait, and complaints that need not be repeated.
//!
//! Python's runner takes an entry that was put back again at once, and so rewrites a deferred message, or logs a full
//! disk, as fast as the machine can. Here such an entry is left in peace for a while, and a complaint that stays the
//! same is logged once an hour.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often the same complaint is made.
const REPEAT: Duration = Duration::from_secs(3600);
/// Maximum number of complaints or entries that are remembered.
const LIMIT: usize = 10_000;

/// What is not to be looked at, or said, before its time.
#[derive(Default)]
pub struct Backoff {
    until: HashMap<String, Instant>,
}

impl Backoff {
    /// Leaves `name` in peace for `time`.
    pub fn hold(&mut self, name: &str, time: Duration) {
        if self.until.len() < LIMIT {
            if let Some(until) = Instant::now().checked_add(time) {
                self.until.insert(name.to_string(), until);
            }
        }
    }

    /// Whether `name` is to be left in peace now.
    pub fn holds(&self, name: &str) -> bool {
        self.until.get(name).is_some_and(|until| *until > Instant::now())
    }

    /// The time until the first one may be looked at again; forgets those whose time has come.
    pub fn next(&mut self) -> Option<Duration> {
        let now = Instant::now();
        self.until.retain(|_, until| *until > now);
        self.until.values().min().map(|until| *until - now)
    }

    /// For complaints: whether this one is to be made now, that is, was not made within the hour.
    pub fn is_news(&mut self, complaint: &str) -> bool {
        let news = !self.holds(complaint);
        if news {
            self.next();
            self.hold(complaint, REPEAT);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_rests_for_its_time() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(), None);
        backoff.hold("a", Duration::from_secs(60));
        backoff.hold("b", Duration::ZERO);
        assert!(backoff.holds("a") && !backoff.holds("b"));
        assert!(backoff.next().is_some_and(|time| time > Duration::from_secs(50)));
    }

    #[test]
    fn a_complaint_is_made_once() {
        let mut backoff = Backoff::default();
        assert!(backoff.is_news("disk full"));
        assert!(!backoff.is_news("disk full"));
        assert!(backoff.is_news("disk gone"));
    }
}
