//! The events file of a runner: refusals that wait to be counted as bounces.
//!
//! Answers to the file part of `BounceMixin` in Mailman's `Queue/BounceRunner.py`. The file is
//! `data/bounce-events-PID.pck`, one pickle of protocol 1 after the other: `(list, address, (year, month, day),
//! message)`. To count an event means to lock its list, so they are collected and counted together from time to time.
//! Only here is the file written; who counts reads it with [`BounceEvents::read`] and then says which events must stay,
//! with [`BounceEvents::keep`].

use chrono::{Datelike, Local};
use compat::durable::{self, Append, Commit};
use compat::email::message::Message;
use compat::pickle::{dumps, load, PickleError, Protocol, Value};
use compat::ByteStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const PREFIX: &str = "bounce-events-";
const SUFFIX: &str = ".pck";

/// One refusal.
#[derive(Clone, Debug)]
pub struct BounceEvent {
    pub list: ByteStr,
    pub address: ByteStr,
    /// Year, month, day in local time.
    pub day: (i64, i64, i64),
    /// The message, as it is pickled.
    pub message: Value,
}

/// The events of this process.
#[derive(Debug)]
pub struct BounceEvents {
    path: PathBuf,
    count: usize,
}

/// Why the events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    /// What follows the events that are returned is not a pickle.
    #[error("{}: {error}", path.display())]
    Pickle { path: PathBuf, error: PickleError },
}

impl BounceEvents {
    /// The file of this process; it is not made yet. What a process of the same number left behind goes on counting.
    pub fn new(data_dir: &Path) -> Self {
        let path = data_dir.join(format!("{PREFIX}{:05}{SUFFIX}", std::process::id()));
        BounceEvents { path, count: 0 }
    }

    /// How many events this process has added.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `_queue_bounces`: adds an event for each address, and waits until they are on the disk.
    pub fn queue(&mut self, list: &ByteStr, addresses: &[ByteStr], msg: &Message) -> io::Result<()> {
        self.written(list, addresses, msg)?.commit()?;
        self.count += addresses.len();
        Ok(())
    }

    /// The same, but the events get to the disk with the rest of `together`. If that fails they are gone, though they
    /// stay in the count.
    pub fn queue_with(
        &mut self,
        list: &ByteStr,
        addresses: &[ByteStr],
        msg: &Message,
        commit: &mut Commit,
    ) -> io::Result<()> {
        let file = self.written(list, addresses, msg)?;
        commit.append(file).map_err(|error| error.source)?;
        self.count += addresses.len();
        Ok(())
    }

    fn written(&self, list: &ByteStr, addresses: &[ByteStr], msg: &Message) -> io::Result<Append> {
        let today = Local::now();
        let day = [i64::from(today.year()), i64::from(today.month()), i64::from(today.day())].map(Value::Int).to_vec();
        let (day, message) = (Value::tuple(day), msg.to_value());
        let mut file = Append::open(&self.path, durable::FILE_MODE)?;
        for address in addresses {
            file.write_all(&record(list, address, day.clone(), message.clone())?)?;
        }
        Ok(file)
    }

    /// All events of the file, in order, and what stopped the reading early.
    pub fn read(&self) -> (Vec<BounceEvent>, Option<EventsError>) {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => ByteStr::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (Vec::new(), None),
            Err(error) => return (Vec::new(), Some(EventsError::Io { path: self.path.clone(), error })),
        };
        let (mut events, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            match load(&bytes.slice_from(at)) {
                Ok((value, used)) => {
                    events.extend(event(&value));
                    at += used.max(1);
                }
                Err(error) => return (events, Some(EventsError::Pickle { path: self.path.clone(), error })),
            }
        }
        (events, None)
    }

    /// All events but these are counted. Without any the file goes.
    pub fn keep(&mut self, kept: &[BounceEvent]) -> io::Result<()> {
        if kept.is_empty() {
            durable::unlink_if_there(&self.path)?;
        } else {
            let temporary = self.path.with_extension("pck.tmp");
            durable::replace(&self.path, &temporary, durable::FILE_MODE, |file| {
                kept.iter().try_for_each(|event| file.write_all(&event.to_bytes()?))
            })?;
        }
        self.count = kept.len();
        Ok(())
    }

    /// The same for a file with a damaged end, which is kept beside it for a person to see.
    pub fn set_aside(&mut self, kept: &[BounceEvent]) -> io::Result<()> {
        durable::rename(&self.path, &self.path.with_extension("pck.bad"))?;
        self.keep(kept)
    }

    /// Counts what is in the file: it was another process's.
    pub(super) fn recount(&mut self) {
        self.count = self.read().0.len();
    }
}

impl BounceEvent {
    fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let (year, month, day) = self.day;
        let day = Value::tuple([year, month, day].map(Value::Int).to_vec());
        record(&self.list, &self.address, day, self.message.clone())
    }
}

/// The pickle of an event.
fn record(list: &ByteStr, address: &ByteStr, day: Value, message: Value) -> io::Result<Vec<u8>> {
    let parts = vec![Value::Str(list.clone()), Value::Str(address.clone()), day, message];
    dumps(&Value::tuple(parts), Protocol::P1)
}

/// The number of the process whose file this is, where it is an events file.
pub(super) fn number_of(path: &Path) -> Option<i32> {
    path.file_name()?.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

fn event(value: &Value) -> Option<BounceEvent> {
    let [list, address, day, message] = value.as_items()? else { return None };
    let [year, month, day] = day.as_items()? else { return None };
    Some(BounceEvent {
        list: list.as_text()?.clone(),
        address: address.as_text()?.clone(),
        day: (year.as_int()?, month.as_int()?, day.as_int()?),
        message: message.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_back_in_order_until_the_file_goes() {
        let dir = tempfile::tempdir().unwrap();
        let mut events = BounceEvents::new(dir.path());
        let mut msg = Message::new();
        msg.append("Subject", "x");
        events.queue(&"garden".into(), &["a@x".into(), "b@x".into()], &msg).unwrap();
        events.queue(&"club".into(), &["c@x".into()], &msg).unwrap();
        let (found, trouble) = events.read();
        assert!(trouble.is_none());
        let names: Vec<String> = found.iter().map(|e| format!("{} {}", e.list, e.address)).collect();
        assert_eq!((names.join(", ").as_str(), events.count()), ("garden a@x, garden b@x, club c@x", 3));
        assert_eq!(found[0].day.0, i64::from(Local::now().year()));
        assert_eq!(Message::from_value(&found[0].message).unwrap().get_str("subject"), Some("x".into()));
        events.keep(&found[2..]).unwrap();
        assert_eq!((events.count(), events.read().0[0].address.clone()), (1, ByteStr::from("c@x")));
        events.keep(&[]).unwrap();
        assert!(!events.path().exists());
        assert!(events.read().0.is_empty());
    }

    #[test]
    fn what_was_cut_off_is_reported_with_the_rest_intact() {
        let dir = tempfile::tempdir().unwrap();
        let mut events = BounceEvents::new(dir.path());
        events.queue(&"garden".into(), &["a@x".into()], &Message::new()).unwrap();
        let mut bytes = std::fs::read(events.path()).unwrap();
        bytes.extend_from_within(..20);
        std::fs::write(events.path(), bytes).unwrap();
        let (found, trouble) = events.read();
        assert_eq!(found.len(), 1);
        assert!(matches!(trouble, Some(EventsError::Pickle { .. })));
    }
}
