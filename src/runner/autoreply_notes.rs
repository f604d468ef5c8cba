//! Whom a list has answered by itself when its -request address was written to.
//!
//! Mailman notes this before it locks the list and so before it reads the list again: what becomes of the note depends
//! on the file's time. A list that only answers (`autorespond_requests` 1) is never saved, and the note goes with it;
//! before 2.1.15 it lives on with the list.

use crate::clock;
use compat::list::{attributes, Attribute, LockedList, MailList};
use compat::names::Table;
use compat::value::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// Senders and the time until which they are not answered again.
const TABLE: Attribute<Table> = attributes::REQUEST_RESPONSES;

/// A list's notes in its file before a message is looked at, and when that was.
pub struct AutoreplyNotes {
    notes: Option<Value>,
    at: f64,
}

impl AutoreplyNotes {
    /// What the list has noted.
    pub fn of(list: &MailList) -> AutoreplyNotes {
        AutoreplyNotes { notes: list.get(TABLE).cloned(), at: clock::now() }
    }

    /// The notes of a list that was read without its lock, where there are new ones.
    pub fn new_notes(&self, unlocked: &MailList) -> Option<Value> {
        unlocked.get(TABLE).filter(|notes| Some(*notes) != self.notes.as_ref()).cloned()
    }

    /// Takes new notes along to the list as it was read under its lock, unless Mailman would have read its file again:
    /// it does so where the file is not older than the second in which the list was opened.
    pub fn carry_over(&self, notes: Option<Value>, list: &mut LockedList) {
        let Some(notes) = notes.filter(|_| !list.is_shared()) else { return };
        let is_older = changed(list)
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .is_some_and(|time| time.as_secs_f64() < self.at.floor());
        if is_older && list.get(TABLE) == self.notes.as_ref() {
            list.set(TABLE, notes);
        }
    }
}

/// When the list's file was written.
fn changed(list: &MailList) -> Option<SystemTime> {
    list.folder().join("config.pck").metadata().and_then(|about| about.modified()).ok()
}
