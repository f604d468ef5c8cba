//! Whom a list has answered by itself when its -request address was written to.
//!
//! Mailman notes this before it locks the list and so before it reads the list again: what becomes of the note depends
//! on the file's time. A list that only answers (`autorespond_requests` 1) is never saved, and the note goes with it;
//! before 2.1.15 it lives as long as the process keeps the list, and any runner of that process that saves the list saves
//! the note.

use crate::clock;
use compat::list::{LockedList, MailList};
use compat::pickle::Value;
use compat::site::Switch;
use compat::ByteStr;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Senders and the time until which they are not answered again.
const TABLE: &str = "request_responses";

thread_local! {
    /// Notes that no file has, by list, with the file's time when they were made. All runners of a process share them, as
    /// they share `Runner._listcache`.
    static UNSAVED: RefCell<HashMap<ByteStr, (SystemTime, Value)>> = RefCell::default();
}

/// A list's notes in its file before a message is looked at, and when that was.
pub struct Seen {
    notes: Option<Value>,
    at: f64,
}

/// Gives a list the notes that no file has. They count as long as nobody has saved the list since.
pub fn recall(list: &mut MailList) {
    let unsaved = UNSAVED.with_borrow(|all| all.get(list.name()).cloned());
    let Some((time, notes)) = unsaved else { return };
    if changed(list) == Some(time) {
        list.set(TABLE, notes);
    } else {
        UNSAVED.with_borrow_mut(|all| all.remove(list.name()));
    }
}

impl Seen {
    /// What the list has noted.
    pub fn of(list: &mut MailList) -> Seen {
        let seen = Seen { notes: list.get(TABLE).cloned(), at: clock::now() };
        recall(list);
        seen
    }

    /// Keeps new notes of a list that may never be saved.
    pub fn keep_unsaved(&self, list: &MailList) {
        if list.site().profile.has(Switch::ListObjectPerEntry) {
            return;
        }
        if let (Some(time), Some(notes)) = (changed(list), self.new_notes(list)) {
            UNSAVED.with_borrow_mut(|all| all.insert(list.name().clone(), (time, notes)));
        }
    }

    /// The notes of a list that was read without its lock, where there are new ones.
    pub fn new_notes(&self, unlocked: &MailList) -> Option<Value> {
        unlocked.get(TABLE).filter(|notes| Some(*notes) != self.notes.as_ref()).cloned()
    }

    /// Takes new notes along to the list as it was read under its lock, unless Mailman would have read its file again:
    /// it does so where the file is not older than the second in which the list was opened, before 2.1.15 where it has
    /// changed since.
    pub fn carry_over(&self, notes: Option<Value>, list: &mut LockedList) {
        let Some(notes) = notes else { return };
        let by_second = list.site().profile.has(Switch::ReloadByWholeSecond);
        let time = changed(list).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let is_older = time.is_some_and(|time| time.as_secs_f64() < self.at.floor());
        if (is_older || !by_second) && list.get(TABLE) == self.notes.as_ref() {
            list.set(TABLE, notes);
        }
    }
}

/// When the list's file was written.
fn changed(list: &MailList) -> Option<SystemTime> {
    list.folder().join("config.pck").metadata().and_then(|about| about.modified()).ok()
}
