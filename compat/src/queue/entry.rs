//! An entry's contents: two pickles back to back, the message and its metadata.
//!
//! A message is either the raw text that the MTA piped in (a `str`, protocol 0) or a message object (protocol 1). The
//! flag `_parsemsg` in the metadata tells Python which; after Debian's bin/update a raw text may stand there with the
//! flag false, on which Python fails. So the kind is taken from the value itself and the flag is only advice.

use super::{Metadata, QFILE_SCHEMA_VERSION};
use crate::pickle::{self, Protocol};
use crate::value::Value;
use crate::ByteStr;
use std::fs::File;
use std::io::{self, Write};

/// No larger file is read as an entry.
pub const ENTRY_LIMIT: u64 = (1 << 31) - 1;

/// The message of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryMessage {
    /// Text that is still to be parsed.
    Raw(ByteStr),
    /// An instance of Mailman.Message.Message or a subclass.
    Object(Value),
}

/// What one file in a queue holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The message.
    pub message: EntryMessage,
    /// What is known about it.
    pub metadata: Metadata,
}

/// Why a file is no entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// It could not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// One of the two pickles is damaged.
    #[error("{part} pickle at byte {offset}: {reason}")]
    Pickle { part: &'static str, offset: usize, reason: String },
    /// The pickles are whole but are not a message and a dictionary.
    #[error("{part} pickle at byte {offset} is a {found}")]
    Kind { part: &'static str, offset: usize, found: &'static str },
}

impl Entry {
    /// Reads both pickles; bytes after them are ignored, as Python does.
    ///
    /// # Errors
    /// What is no pair of pickles; an entry beyond the limit; for a file also the system's.
    pub fn parse(bytes: &ByteStr) -> Result<Entry, EntryError> {
        Entry::parse_with_boundary(bytes).map(|(entry, _)| entry)
    }

    /// The same, and where the metadata begins.
    ///
    /// # Errors
    /// As [`Entry::parse`].
    pub fn parse_with_boundary(bytes: &ByteStr) -> Result<(Entry, usize), EntryError> {
        let (message, boundary) = load_part(bytes, 0, "message")?;
        let message = message_of(message)?;
        let (metadata, _) = load_part(&tail(bytes, boundary, &message), boundary, "metadata")?;
        let metadata = Metadata::from_value(&metadata).ok_or_else(|| EntryError::Kind {
            part: "metadata",
            offset: boundary,
            found: metadata.type_name(),
        })?;
        Ok((Entry { message, metadata }, boundary))
    }
}

fn load_part(bytes: &ByteStr, offset: usize, part: &'static str) -> Result<(Value, usize), EntryError> {
    match pickle::load(bytes) {
        Ok((value, used)) => Ok((value, offset + used)),
        Err(e) => Err(EntryError::Pickle { part, offset, reason: e.to_string() }),
    }
}

/// The metadata's pickle. Behind a raw text, which was unquoted into a buffer of its own, it gets one too, so that its
/// strings do not keep the whole file in memory.
fn tail(bytes: &ByteStr, boundary: usize, message: &EntryMessage) -> ByteStr {
    match message {
        EntryMessage::Raw(_) => bytes.get(boundary..).unwrap_or_default().into(),
        EntryMessage::Object(_) => bytes.slice_from(boundary),
    }
}

fn message_of(value: Value) -> Result<EntryMessage, EntryError> {
    match value {
        Value::Str(text) => Ok(EntryMessage::Raw(text)),
        Value::Object(_) => Ok(EntryMessage::Object(value)),
        other => Err(EntryError::Kind { part: "message", offset: 0, found: other.type_name() }),
    }
}

/// Reads an entry from an open file.
///
/// # Errors
/// What is no pair of pickles; an entry beyond the limit; for a file also the system's.
pub fn read_entry(file: &mut File) -> Result<Entry, EntryError> {
    let bytes = crate::durable::read_open(file, ENTRY_LIMIT)?;
    Entry::parse(&ByteStr::new(bytes))
}

impl EntryMessage {
    /// Writes the first pickle.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            EntryMessage::Raw(text) => pickle::dump(&Value::Str(text.clone()), self.protocol(), out),
            EntryMessage::Object(value) => pickle::dump(value, self.protocol(), out),
        }
    }

    /// Text goes out in protocol 0, objects in protocol 1.
    pub(super) fn protocol(&self) -> Protocol {
        match self {
            EntryMessage::Raw(_) => Protocol::P0,
            EntryMessage::Object(_) => Protocol::P1,
        }
    }

    /// The metadata as it is stored: the caller's, without what begins with "_", with the schema's version and the
    /// flag for Python's reader. The caller's own is not changed.
    pub(super) fn stored_metadata(&self, metadata: &Metadata, received: &Value) -> Metadata {
        stored_metadata(metadata, received, matches!(self, EntryMessage::Raw(_)))
    }
}

/// See [`EntryMessage::stored_metadata`]; `is_text` tells Python's reader to parse the message.
pub(super) fn stored_metadata(metadata: &Metadata, received: &Value, is_text: bool) -> Metadata {
    let mut stored = metadata.clone();
    if !stored.contains("received_time") {
        stored.set("received_time", received.clone());
    }
    stored.set_int("version", QFILE_SCHEMA_VERSION);
    stored.dict_mut().retain(|key, _| !key.as_text().is_some_and(|k| k.starts_with(b"_")));
    stored.set_bool("_parsemsg", is_text);
    stored
}

/// The protocol that Python's recovery uses for an entry's metadata: it goes by the flag.
pub(super) fn metadata_protocol(metadata: &Metadata) -> Protocol {
    match metadata.truth("_parsemsg") {
        true => Protocol::P0,
        false => Protocol::P1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole() -> Vec<u8> {
        let mut bytes = pickle::dumps(&Value::str("Subject: x\n\ny\n"), Protocol::P0).unwrap();
        let metadata = Metadata::new().with("listname", Value::str("test")).with("_parsemsg", Value::Bool(true));
        bytes.extend(pickle::dumps(&metadata.to_value(), Protocol::P0).unwrap());
        bytes
    }

    #[test]
    fn every_cut_is_noticed() {
        let bytes = whole();
        assert!(Entry::parse(&bytes.clone().into()).is_ok());
        for cut in 0..bytes.len() {
            assert!(Entry::parse(&bytes[..cut].into()).is_err(), "cut at {cut}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn no_damage_panics(at in 0usize..1000, byte: u8) {
            let mut bytes = whole();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = Entry::parse(&bytes.into());
        }
    }
}
