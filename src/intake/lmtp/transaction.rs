//! One mail: its sender, its recipients, and an entry for each list that it is for.

use crate::clock;
use crate::intake::address::{Addresses, Door};
use crate::notice;
use compat::email::date::ctime;
use compat::queue::{Outbox, TextEntry};
use compat::site::Site;
use std::io::Write;

/// A mail that is coming in.
pub struct Transaction {
    sender: Vec<u8>,
    /// Each recipient that was taken, by the number of its door.
    recipients: Vec<usize>,
    doors: Vec<Door>,
}

/// The entries of a mail, one for each door, or why there is none.
pub struct Entries {
    outbox: Outbox,
    entries: Vec<Result<TextEntry, String>>,
}

/// The answer to what is to be tried again, with the reason.
fn temporary(reason: impl std::fmt::Display) -> String {
    let reason: String = reason.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("451 4.3.0 {reason}")
}

impl Transaction {
    /// Begins with the sender.
    pub fn new(sender: Vec<u8>) -> Transaction {
        Transaction { sender, recipients: Vec::new(), doors: Vec::new() }
    }

    /// The number of recipients so far.
    pub fn len(&self) -> usize {
        self.recipients.len()
    }

    /// Adds a recipient; the answer.
    pub fn add(&mut self, addresses: &mut Addresses, address: &[u8]) -> String {
        use crate::intake::address::AddressError;
        let door = match addresses.find(address) {
            Ok(door) => door,
            Err(AddressError::Unknown) => return "550 5.1.1 No such list".to_string(),
            Err(error) => return temporary(error),
        };
        let known = self.doors.iter().position(|other| *other == door);
        self.recipients.push(known.unwrap_or(self.doors.len()));
        if known.is_none() {
            self.doors.push(door);
        }
        "250 2.1.5 Ok".to_string()
    }

    /// Begins an entry for each door, with the line that a mail server puts in front for a program.
    ///
    /// # Errors
    /// The answer where there can be none at all.
    pub fn begin(&self, site: &Site) -> Result<Entries, String> {
        let outbox = notice::outbox(site).map_err(temporary)?;
        let sender = if self.sender.is_empty() { &b"MAILER-DAEMON"[..] } else { &self.sender };
        let date = ctime(clock::seconds());
        let first = [b"From ", sender, b"  ", date.as_bytes(), b"\n"].concat();
        let begin = |door: &Door| {
            let metadata = door.script.metadata(site, &door.list).map_err(temporary)?;
            let mut entry = TextEntry::create(outbox.folders().of(door.script.queue), &metadata).map_err(temporary)?;
            entry.write_all(&first).map_err(temporary)?;
            Ok(entry)
        };
        let entries = self.doors.iter().map(begin).collect();
        Ok(Entries { outbox, entries })
    }

    /// Completes the entries; an answer for each recipient.
    pub fn end(&self, entries: Entries) -> Vec<String> {
        let answers = entries.commit();
        self.recipients.iter().map(|door| answers.get(*door).cloned().unwrap_or_default()).collect()
    }
}

impl Entries {
    /// Adds a piece of the mail. An entry that fails is dropped; the others go on.
    pub fn write(&mut self, piece: &[u8]) {
        for entry in &mut self.entries {
            if let Ok(open) = entry {
                if let Err(error) = open.write_all(piece) {
                    *entry = Err(failure(&error));
                }
            }
        }
    }

    /// Everything on the disk, then an answer for each door.
    fn commit(mut self) -> Vec<String> {
        let outbox = &mut self.outbox;
        let place = |entry: Result<TextEntry, String>| entry.and_then(|entry| outbox.place(entry).map_err(temporary));
        let placed: Vec<_> = self.entries.into_iter().map(place).collect();
        let committed = self.outbox.commit().map_err(temporary);
        let answer = |placed: Result<_, String>| match (placed, &committed) {
            (Ok(name), Ok(_)) => format!("250 2.0.0 {name}"),
            (Ok(_), Err(answer)) => answer.clone(),
            (Err(answer), _) => answer,
        };
        placed.into_iter().map(answer).collect()
    }
}

fn failure(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::FileTooLarge => "552 5.3.4 The message is too large".to_string(),
        std::io::ErrorKind::StorageFull => format!("452 4.3.1 {error}"),
        _ => temporary(error),
    }
}
