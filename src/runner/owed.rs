//! What a runner owes its queue: entries that it could not take out or put back, because the disk failed just then.
//!
//! Such an entry stays as `.bak`, where nobody would look at it before the next start. So it is tried again as long as the
//! runner lives, like the entries that could not be brought back at its start.

use compat::queue::{EntryName, QueueError, Switchboard};
use std::time::{Duration, Instant};

/// What is to be done with an entry in work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// What came of it is safe: it is removed.
    Remove,
    /// It goes to the bad entries.
    SetAside,
    /// It goes back as it was.
    PutBack,
}

impl Deed {
    /// Does it.
    pub fn carry_out(self, switchboard: &Switchboard, name: &EntryName) -> Result<(), QueueError> {
        match self {
            Deed::Remove => switchboard.finish(name, false),
            Deed::SetAside => switchboard.finish(name, true),
            Deed::PutBack => switchboard.put_back(name),
        }
    }
}

/// Deeds that failed.
#[derive(Default)]
pub(super) struct Owed {
    deeds: Vec<(EntryName, Deed)>,
    again: Option<Instant>,
}

impl Owed {
    /// Notes one.
    pub fn add(&mut self, name: EntryName, deed: Deed) {
        self.deeds.push((name, deed));
    }

    /// How long it is until they are to be tried again, where something is owed.
    pub fn wait(&self, switchboard: &Switchboard) -> Option<Duration> {
        let is_owed = !self.deeds.is_empty() || switchboard.has_unrecovered();
        let again = self.again.map_or(Duration::ZERO, |again| again.saturating_duration_since(Instant::now()));
        is_owed.then_some(again)
    }

    /// Tries all again if it is time. Returns the entries that are back in the queue since.
    pub fn settle(&mut self, switchboard: &mut Switchboard, rest: Duration) -> Vec<EntryName> {
        if self.wait(switchboard).is_none_or(|wait| !wait.is_zero()) {
            return Vec::new();
        }
        self.deeds.retain(|(name, deed)| deed.carry_out(switchboard, name).is_err());
        let back = switchboard.recover_rest();
        self.again = Instant::now().checked_add(rest);
        back
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::queue::Slice;
    use std::fs;

    #[test]
    fn what_failed_is_done_when_the_disk_allows_it() {
        let dir = tempfile::tempdir().unwrap();
        let queue = dir.path().join("in");
        let mut switchboard = Switchboard::open(&queue, dir.path().join("bad"), Slice::WHOLE).unwrap();
        let name = EntryName::parse("1.5+aa").unwrap();
        let mut owed = Owed::default();
        assert_eq!(owed.wait(&switchboard), None);
        owed.add(name.clone(), Deed::PutBack);
        // There is no such file yet: it fails.
        assert!(owed.settle(&mut switchboard, Duration::ZERO).is_empty() && owed.wait(&switchboard).is_some());
        fs::write(queue.join("1.5+aa.bak"), "x").unwrap();
        owed.settle(&mut switchboard, Duration::from_secs(60));
        assert!(queue.join("1.5+aa.pck").exists() && owed.wait(&switchboard).is_none());
        // Not before its time.
        owed.add(name, Deed::Remove);
        fs::rename(queue.join("1.5+aa.pck"), queue.join("1.5+aa.bak")).unwrap();
        owed.settle(&mut switchboard, Duration::ZERO);
        assert!(queue.join("1.5+aa.bak").exists());
    }
}
