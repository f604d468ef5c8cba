//! The events file of a runner: refusals that wait to be counted as bounces.
//!
//! Answers to the file part of `BounceMixin` in Mailman's `Queue/BounceRunner.py`. The file is
//! `data/bounce-events-PID.pck`, one pickle of protocol 1 after the other: `(list, address, (year, month, day),
//! message)`. To count an event means to lock its list, so they are collected and counted together from time to time.
//! Only here is the file written; who counts reads it with [`BounceEvents::read`] and then says which events must stay,
//! with [`BounceEvents::keep`].
//!
//! Mailman stores the message once for each address: a bounce of 100 kB that names a thousand members is a file of 100
//! MB. Here the copies of one bounce take [`COPIES`] together; above that the first event alone has the message, and
//! each that follows has a [stand-in](stand_in), an almost empty message that Python would count just as well. For the
//! same reason messages are read one at a time: [`BounceEvents::read`] returns the events without them.

use crate::clock;
use chrono::Datelike;
use compat::durable::{self, Append, Commit};
use compat::email::message::Message;
use compat::pickle::{dumps, load, PickleError, Protocol, Reason};
use compat::value::Value;
use compat::ByteStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const PREFIX: &str = "bounce-events-";
const SUFFIX: &str = ".pck";
/// Bytes that the copies of one bounce may take.
const COPIES: usize = 1 << 20;
/// Bytes that are read at once; an event that is larger takes more.
const PIECE: usize = 1 << 16;
/// Bytes of one event; what claims to be larger is damaged.
const MAX_EVENT: usize = 1 << 30;
/// The attribute by which a stand-in is known. No message has it that was read from a text.
const STAND_IN: &str = "mailman2_rs_stands_for";

/// One refusal. Its message stays in the file: see [`BounceEvents::messages`].
#[derive(Clone, Debug)]
pub struct BounceEvent {
    pub list: ByteStr,
    pub address: ByteStr,
    /// Year, month, day in local time.
    pub day: (i64, i64, i64),
    /// Which record of the file has the message.
    message: Place,
}

/// Where a record lies in the file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    start: u64,
    len: usize,
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
    /// The machine's fault: another time it may go well.
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    /// What follows the events that are returned is not a pickle.
    #[error("{}: {error}", path.display())]
    Pickle { path: PathBuf, error: PickleError },
}

impl BounceEvent {
    /// The same refusal for another list.
    pub(super) fn for_list(&self, list: ByteStr) -> BounceEvent {
        BounceEvent { list, ..self.clone() }
    }
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
    ///
    /// # Errors
    /// The file; then no event is added.
    pub fn queue(&mut self, list: &ByteStr, addresses: &[ByteStr], msg: &Message) -> io::Result<()> {
        if !addresses.is_empty() {
            self.written(list, addresses, msg)?.commit()?;
        }
        self.count += addresses.len();
        Ok(())
    }

    /// The same, but the events get to the disk with the rest of the commit. If that fails they are gone, though they
    /// stay in the count.
    ///
    /// # Errors
    /// The file.
    pub fn queue_with(
        &mut self,
        list: &ByteStr,
        addresses: &[ByteStr],
        msg: &Message,
        commit: &mut Commit,
    ) -> io::Result<()> {
        if !addresses.is_empty() {
            let file = self.written(list, addresses, msg)?;
            commit.append(file).map_err(|error| error.source)?;
        }
        self.count += addresses.len();
        Ok(())
    }

    /// Counts events that are not worth a record, because nothing would come of them.
    pub fn pass_over(&mut self, number: usize) {
        self.count += number;
    }

    fn written(&self, list: &ByteStr, addresses: &[ByteStr], msg: &Message) -> io::Result<Append> {
        let today = clock::local();
        let day = (i64::from(today.year()), i64::from(today.month()), i64::from(today.day()));
        let message = msg.to_value();
        let mut file = Append::open(&self.path, durable::FILE_MODE)?;
        let mut room = COPIES;
        for (nth, address) in addresses.iter().enumerate() {
            let whole = nth == 0 || room > 0;
            let record = record(list, address, day, if whole { message.clone() } else { stand_in() })?;
            room = room.saturating_sub(record.len());
            file.write_all(&record)?;
        }
        Ok(file)
    }

    /// All events of the file, in order, and what stopped the reading early.
    pub fn read(&self) -> (Vec<BounceEvent>, Option<EventsError>) {
        let mut events = Vec::new();
        let outcome = self.open().and_then(|file| match file {
            Some(file) => self.read_all(&file, &mut events),
            None => Ok(()),
        });
        (events, outcome.err())
    }

    fn read_all(&self, file: &File, events: &mut Vec<BounceEvent>) -> Result<(), EventsError> {
        let mut records = Records::new(file);
        let mut message = None;
        while let Some((value, place)) = records.next().map_err(|error| self.error(error))? {
            let stands_for_another = value.as_items().and_then(|items| items.get(3)).is_some_and(is_stand_in);
            let place = *message.insert(match (stands_for_another, message) {
                (true, Some(before)) => before,
                _ => place,
            });
            events.extend(event(&value, place));
        }
        Ok(())
    }

    /// The messages of the events.
    ///
    /// # Errors
    /// The file can't be opened.
    pub fn messages(&self) -> Result<Messages<'_>, EventsError> {
        Ok(Messages { events: self, file: self.open()?, last: None })
    }

    fn open(&self) -> Result<Option<File>, EventsError> {
        match durable::open_regular(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EventsError::Io { path: self.path.clone(), error }),
        }
    }

    fn error(&self, error: RecordError) -> EventsError {
        let path = self.path.clone();
        match error {
            RecordError::Io(error) => EventsError::Io { path, error },
            RecordError::Pickle(error) => EventsError::Pickle { path, error },
        }
    }

    /// All events but these are counted. Without any the file goes.
    ///
    /// # Errors
    /// The file; then all its events stay.
    pub fn keep(&mut self, kept: &[BounceEvent]) -> io::Result<()> {
        match self.messages() {
            Ok(messages) => replace(&self.path, messages, kept)?,
            Err(error) => return Err(io::Error::other(error)),
        }
        self.count = kept.len();
        Ok(())
    }

    /// The same for a file with a damaged end, which is kept beside it for a person to see.
    ///
    /// # Errors
    /// The files.
    pub fn set_aside(&mut self, kept: &[BounceEvent]) -> io::Result<()> {
        let messages = self.messages().map_err(io::Error::other)?;
        // The open file is read on under its new name.
        durable::rename(&self.path, &self.path.with_extension("pck.bad"))?;
        replace(&self.path, messages, kept)?;
        self.count = kept.len();
        Ok(())
    }

    /// Counts what is in the file: it was another process's.
    pub(super) fn recount(&mut self) {
        self.count = self.read().0.len();
    }
}

/// Writes the file anew with these events; messages that were shared are shared again.
fn replace(path: &Path, mut messages: Messages<'_>, kept: &[BounceEvent]) -> io::Result<()> {
    if kept.is_empty() {
        durable::unlink_if_there(path)?;
        return Ok(());
    }
    durable::replace(path, &path.with_extension("pck.tmp"), durable::FILE_MODE, |file| {
        let mut before = None;
        for event in kept {
            let message = match before.replace(event.message) == Some(event.message) {
                true => stand_in(),
                false => messages.of(event).map_err(io::Error::other)?,
            };
            file.write_all(&record(&event.list, &event.address, event.day, message)?)?;
        }
        Ok(())
    })
}

/// The messages of an open events file, one at a time.
pub struct Messages<'a> {
    events: &'a BounceEvents,
    file: Option<File>,
    last: Option<(Place, Value)>,
}

impl Messages<'_> {
    /// The message of an event that was read from this file, as it is pickled.
    ///
    /// # Errors
    /// The file can't be read, or is another one by now.
    pub fn of(&mut self, event: &BounceEvent) -> Result<Value, EventsError> {
        if let Some((_, value)) = self.last.as_ref().filter(|(place, _)| *place == event.message) {
            return Ok(value.clone());
        }
        self.last = None;
        let value = self.read(event.message).map_err(|error| self.events.error(error))?;
        self.last = Some((event.message, value.clone()));
        Ok(value)
    }

    fn read(&self, place: Place) -> Result<Value, RecordError> {
        let file = self.file.as_ref().ok_or_else(|| RecordError::Io(io::ErrorKind::NotFound.into()))?;
        let mut bytes = vec![0; place.len];
        file.read_exact_at(&mut bytes, place.start).map_err(RecordError::Io)?;
        let (value, _) = load(&ByteStr::new(bytes)).map_err(RecordError::Pickle)?;
        let message = value.as_items().and_then(|items| items.get(3)).cloned();
        message.ok_or_else(|| RecordError::Io(io::ErrorKind::InvalidData.into()))
    }
}

/// What can go wrong with one record.
enum RecordError {
    Io(io::Error),
    Pickle(PickleError),
}

/// Reads one record after the other, with no more in memory than the largest needs.
struct Records<'a> {
    file: &'a File,
    /// Where the buffer starts in the file.
    start: u64,
    buffer: ByteStr,
    /// Where the next record starts in the buffer.
    at: usize,
}

impl<'a> Records<'a> {
    fn new(file: &'a File) -> Self {
        Records { file, start: 0, buffer: ByteStr::default(), at: 0 }
    }

    /// The next record, or nothing at the end of the file.
    fn next(&mut self) -> Result<Option<(Value, Place)>, RecordError> {
        loop {
            let rest = self.buffer.slice_from(self.at);
            match load(&rest) {
                Ok((value, used)) => {
                    let place = Place { start: self.start + self.at as u64, len: used };
                    self.at += used.max(1);
                    return Ok(Some((value, place)));
                }
                Err(error) if error.reason != Reason::Truncated => return Err(RecordError::Pickle(error)),
                Err(error) if rest.len() > MAX_EVENT => return Err(RecordError::Pickle(error)),
                Err(error) => match (self.fill(rest.len())?, rest.is_empty()) {
                    (true, _) => {}
                    (false, true) => return Ok(None),
                    (false, false) => return Err(RecordError::Pickle(error)),
                },
            }
        }
    }

    /// Reads on behind the `have` bytes that are left: as many again. False at the end of the file.
    fn fill(&mut self, have: usize) -> Result<bool, RecordError> {
        self.start += self.at as u64;
        self.at = 0;
        let mut bytes = vec![0; (have * 2).max(PIECE)];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.file.read_at(&mut bytes[filled..], self.start + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(RecordError::Io(error)),
            }
        }
        bytes.truncate(filled);
        self.buffer = ByteStr::new(bytes);
        Ok(filled > have)
    }
}

/// The pickle of an event.
fn record(list: &ByteStr, address: &ByteStr, day: (i64, i64, i64), message: Value) -> io::Result<Vec<u8>> {
    let day = Value::tuple([day.0, day.1, day.2].map(Value::Int).to_vec());
    let parts = vec![Value::Str(list.clone()), Value::Str(address.clone()), day, message];
    dumps(&Value::tuple(parts), Protocol::P1)
}

/// What stands in a record in the place of the message that an earlier record has.
fn stand_in() -> Value {
    let mut msg = Message::new();
    msg.append("Subject", "The same bounce as that of the address before");
    let mut value = msg.to_value();
    if let Value::Object(object) = &mut value {
        if let Some(state) = Rc::make_mut(object).state.as_mut().and_then(Value::as_dict_mut) {
            state.set(STAND_IN, Value::Int(1));
        }
    }
    value
}

fn is_stand_in(message: &Value) -> bool {
    message.as_object().is_some_and(|object| object.attribute(STAND_IN).is_some())
}

/// The number of the process whose file this is, where it is an events file.
pub(super) fn number_of(path: &Path) -> Option<i32> {
    path.file_name()?.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

fn event(value: &Value, message: Place) -> Option<BounceEvent> {
    let [list, address, day, _] = value.as_items()? else { return None };
    let [year, month, day] = day.as_items()? else { return None };
    Some(BounceEvent {
        list: list.as_text()?.as_bytes().into(),
        address: address.as_text()?.as_bytes().into(),
        day: (year.as_int()?, month.as_int()?, day.as_int()?),
        message,
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
        assert_eq!(found[0].day.0, clock::today().0);
        assert_eq!(
            Message::from_value(&events.messages().unwrap().of(&found[0]).unwrap()).unwrap().get_str("subject"),
            Some("x".into())
        );
        events.keep(&found[2..]).unwrap();
        assert_eq!((events.count(), events.read().0[0].address.clone()), (1, ByteStr::from("c@x")));
        events.keep(&[]).unwrap();
        assert!(!events.path().exists());
        assert!(events.read().0.is_empty());
    }

    /// A message of 300,000 bytes: four of them are more than the copies of a bounce may take.
    fn large() -> Message {
        let mut msg = Message::new();
        msg.append("X", ByteStr::new(vec![b'x'; 300_000]));
        msg
    }

    #[test]
    fn a_bounce_that_names_many_stores_its_message_a_few_times() {
        let dir = tempfile::tempdir().unwrap();
        let mut events = BounceEvents::new(dir.path());
        let many: Vec<ByteStr> = (0..100).map(|n| ByteStr::from(format!("a{n}@x"))).collect();
        events.queue(&"garden".into(), &many, &large()).unwrap();
        events.queue(&"garden".into(), &["b@x".into()], &Message::new()).unwrap();
        assert!(std::fs::metadata(events.path()).unwrap().len() < 1_300_000);
        let (found, trouble) = events.read();
        assert_eq!((found.len(), trouble.is_none()), (101, true));
        for nth in [0, 3, 4, 99] {
            let value = events.messages().unwrap().of(&found[nth]).unwrap();
            assert_eq!(Message::from_value(&value).unwrap().get_str("x").map(|x| x.len()), Some(300_000), "{nth}");
        }
        events.keep(&[found[50].clone(), found[51].clone(), found[100].clone()]).unwrap();
        assert!(std::fs::metadata(events.path()).unwrap().len() < 310_000);
        let found = events.read().0;
        let mut messages = events.messages().unwrap();
        let sizes: Vec<usize> = found
            .iter()
            .map(|event| Message::from_value(&messages.of(event).unwrap()).unwrap().get_str("x").map_or(0, |x| x.len()))
            .collect();
        assert_eq!(sizes, [300_000, 300_000, 0]);
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
