//! The files of held messages, which `request.pck` names: `data/heldmsg-LIST-NUMBER.pck`.
//!
//! Answers to the part of Mailman/ListAdmin.py that writes them. A message that was decided about loses its name in the
//! instant in which what it became is in its queue, and keeps one of ours, `decided-RUN-heldmsg-...`, until the record is
//! gone. A program that was killed in between leaves a record without a file, which Mailman and we take for decided. After
//! a power cut, that is in another run of the machine, nobody knows: such a message is held again.

use super::members::now;
use super::requests::{with_suffix, RequestKind};
use super::{ListError, LockedList, MailList};
use crate::durable;
use crate::host;
use crate::site::settings;
use crate::value::Value;
use crate::ByteStr;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Messages that were set aside, by the names that they had.
pub(super) type Aside = HashMap<Vec<u8>, Vec<PathBuf>>;

/// What a held message's record says of it.
pub struct Held {
    /// `msg.get_sender()`, or the translated `<missing>`.
    pub sender: ByteStr,
    /// The raw header value: `str` or an `email.Header`.
    pub subject: Value,
    /// Why it is held, in the list's language.
    pub reason: Value,
    /// Metadata of the entry, with which it goes on when it is approved.
    pub metadata: Value,
}

impl LockedList {
    /// `HoldMessage`: writes the message to a file of its own, then stores the request. `write` gets the file and
    /// whether it is to hold a pickle (HOLD_MESSAGES_AS_PICKLES) or the flattened text.
    ///
    /// # Errors
    /// The requests can't be read, or a file can't be written.
    pub fn hold_message(
        &mut self,
        held: Held,
        write: impl FnOnce(&mut dyn Write, bool) -> io::Result<()>,
    ) -> Result<i64, ListError> {
        let (id, key) = self.next_request_id()?;
        let as_pickle = self.site.settings.truth(settings::HOLD_MESSAGES_AS_PICKLES);
        let extension = if as_pickle { "pck" } else { "txt" };
        let file = [&b"heldmsg-"[..], &self.name, format!("-{id}.{extension}").as_bytes()].concat();
        let path = self.held_file(&file);
        durable::replace(&path, &with_suffix(&path, ".tmp"), self.request_mode(), |out| write(out, as_pickle))
            .map_err(|e| ListError::io(&self.name, &path, e))?;
        let items = vec![
            Value::Float(now()),
            Value::Str(held.sender),
            held.subject,
            held.reason,
            Value::str(file),
            held.metadata,
        ];
        self.requests()?.put(key, RequestKind::HeldMessage, Value::tuple(items));
        Ok(id)
    }

    /// Whether a held message was decided about by a program that was killed before it could say so in the list: what it
    /// became is in its queue. One that was set aside in an earlier run of the machine is held again.
    ///
    /// # Errors
    /// The requests can't be read, or a file can't be put back.
    pub fn was_decided(&mut self, name: &[u8]) -> Result<bool, ListError> {
        if self.requests()?.aside.is_none() {
            let aside = self.all_aside()?;
            self.requests()?.aside = Some(aside);
        }
        let path = self.held_file(name);
        let base = path.file_name().unwrap_or_default().as_bytes();
        let aside = self.requests()?.aside.as_ref().and_then(|aside| aside.get(base)).cloned().unwrap_or_default();
        if aside.contains(&self.decided_file(name)) {
            return Ok(!path.exists());
        }
        for found in aside.iter().filter(|_| !path.exists()) {
            durable::rename(found, &path).map_err(|e| ListError::io(&self.name, found, e))?;
        }
        Ok(false)
    }

    /// The list's messages that were set aside. Those without a record are done with, and removed. A folder that cannot be
    /// read has none.
    fn all_aside(&mut self) -> Result<Aside, ListError> {
        let folder = self.held_file(b"");
        let mut all = Aside::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.file_name();
            let Some((name, number)) = name_and_number(file.as_bytes(), &self.name) else { continue };
            match self.requests()?.contains(number) {
                true => all.entry(name.to_vec()).or_default().push(entry.path()),
                // It is nobody's, and no reason to stop.
                false => drop(durable::unlink(&entry.path())),
            }
        }
        Ok(all)
    }
}

impl MailList {
    /// The path of a held message's file, which a record names without its folder. A name with one is cut to its last
    /// part.
    pub fn held_file(&self, name: &[u8]) -> PathBuf {
        let base = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
        self.site.settings.path(settings::DATA_DIR).join(OsStr::from_bytes(base))
    }

    /// The name that a held message has from when it is decided until what it became is on the disk.
    pub fn decided_file(&self, name: &[u8]) -> PathBuf {
        let path = self.held_file(name);
        let base = path.file_name().unwrap_or_default().as_bytes();
        path.with_file_name(OsStr::from_bytes(&[b"decided-", host::boot().as_bytes(), b"-", base].concat()))
    }
}

/// The name that a held message had before it was set aside: what stands behind `decided-RUN-`.
pub fn name_before(aside: &[u8]) -> Option<&[u8]> {
    let rest = aside.strip_prefix(b"decided-")?;
    Some(&rest[rest.iter().position(|&byte| byte == b'-')? + 1..])
}

/// The name of before of a message of this list that was set aside, and its number.
fn name_and_number<'n>(aside: &'n [u8], list: &[u8]) -> Option<(&'n [u8], i64)> {
    let name = name_before(aside)?;
    let number = name.strip_prefix(b"heldmsg-")?.strip_prefix(list)?.strip_prefix(b"-")?;
    let number = &number[..number.iter().position(|&byte| byte == b'.')?];
    Some((name, std::str::from_utf8(number).ok()?.parse().ok()?))
}
