//! What happens to one list, cut into the work on one entry after the other.
//!
//! Runners that change a list lock it, so their work on it stands in a row, whatever is taken meanwhile: what was saved and made
//! since the entry before was done with belongs to this one. What a list was is read after its change was reported; where it
//! changed once more before it was read, what it was in between is not known, and nothing is said about it.

use super::snapshot::Snapshot;
use super::trial::Made;
use std::sync::Arc;

/// A save more than a runner makes.
pub const SAVED_BY_OTHERS: &str = "the list was saved by somebody else";

/// One list, since work on an entry began.
#[derive(Default)]
pub struct Course {
    /// What the list was then; `None`: not known.
    start: Option<Arc<Snapshot>>,
    /// What it is.
    now: Option<Arc<Snapshot>>,
    /// How often the list was saved.
    saves: usize,
    made: Vec<Made>,
    /// How long logs were.
    logs: Vec<u64>,
}

/// The work on one entry.
#[derive(Default)]
pub struct Span {
    pub before: Option<Arc<Snapshot>>,
    pub after: Option<Arc<Snapshot>>,
    pub saves: usize,
    pub made: Vec<Made>,
    pub logs: Vec<u64>,
}

impl Span {
    /// Why a difference would prove nothing.
    pub fn trouble(&self) -> Option<&'static str> {
        match (&self.before, &self.after, self.saves) {
            (Some(_), Some(_), 0 | 1) => None,
            (Some(_), Some(_), _) => Some(SAVED_BY_OTHERS),
            _ => Some("the list was saved again before it could be read"),
        }
    }
}

impl Course {
    /// One that begins.
    pub fn new(now: Option<Snapshot>, logs: Vec<u64>) -> Course {
        let mut course = Course { now: now.map(Arc::new), ..Course::default() };
        course.begin(logs);
        course
    }

    /// From now on it is the next entry's.
    pub fn begin(&mut self, logs: Vec<u64>) {
        *self = Course { start: self.now.clone(), now: self.now.take(), logs, ..Course::default() };
    }

    /// The list changed, and this is what was read then.
    pub fn saved(&mut self, now: Option<Snapshot>, is_list: bool) {
        self.saves += usize::from(is_list);
        self.now = now.map(Arc::new);
    }

    /// Something of the list appeared.
    pub fn made(&mut self, made: Made) {
        self.made.push(made);
    }

    /// What the list is, for a runner that does not lock it.
    pub fn now(&self) -> Option<Arc<Snapshot>> {
        self.now.clone()
    }

    /// The work ends here, and the next begins.
    pub fn end(&mut self, logs: Vec<u64>) -> Span {
        let before = self.start.take();
        let span = Span {
            before,
            after: self.now.clone(),
            saves: self.saves,
            made: std::mem::take(&mut self.made),
            logs: std::mem::take(&mut self.logs),
        };
        self.begin(logs);
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot { files: vec![("config.pck".to_string(), text.as_bytes().to_vec())], ..Snapshot::default() }
    }

    fn text(snapshot: Option<Arc<Snapshot>>) -> String {
        let file = snapshot.and_then(|snapshot| snapshot.file("config.pck").map(<[u8]>::to_vec));
        file.map_or("unknown".to_string(), |bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn work_stands_in_a_row() {
        let mut course = Course::new(Some(snapshot("1")), vec![0]);
        course.saved(Some(snapshot("2")), true);
        course.made(Made::Held { name: "a".to_string(), bytes: Vec::new() });
        let span = course.end(vec![5]);
        assert_eq!((text(span.before), text(span.after), span.saves, span.made.len()), ("1".into(), "2".into(), 1, 1));
        assert_eq!(span.logs, [0]);
        // Saved twice before it could be read: what it was between is not known.
        course.saved(None, true);
        let span = course.end(vec![6]);
        assert_eq!((text(span.before), text(span.after)), ("2".into(), "unknown".into()));
        course.saved(Some(snapshot("4")), true);
        let span = course.end(vec![7]);
        assert_eq!((text(span.before), text(span.after), span.saves), ("unknown".into(), "4".into(), 1));
    }
}
