//! A list under its lock: read again once the lock is had, saved, unlocked.
//!
//! Answers to `MailList.Lock`, `Save` and `Unlock`. The order of a save is Mailman's, with the folder's fsync added:
//! lock refreshed, temporary written and fsynced, old `.last` removed, config.pck linked to `.last`, temporary renamed;
//! then request.pck, even if config.pck failed; then the links of the public archive.

use super::error::python_error;
use super::{ListError, MailList};
use crate::durable::{self, NewFile, FILE_MODE};
use crate::lock::Lock;
use crate::pickle::{self, Dict, Protocol, Value};
use crate::site::Site;
use crate::ByteStr;
use std::ffi::OsStr;
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// LIST_LOCK_LIFETIME where the site does not say it: five hours.
const USUAL_LIFETIME: i64 = 5 * 60 * 60;

/// A list whose lock this process holds. It is unlocked when this is dropped.
pub struct LockedList {
    list: MailList,
    lock: Lock,
}

impl LockedList {
    /// Takes the lock, waiting for `timeout` or as long as it takes, and reads the list.
    ///
    /// # Errors
    /// As [`MailList::load`]; `LockTimeout` when somebody else kept the lock.
    pub fn open(site: &Rc<Site>, name: impl Into<ByteStr>, timeout: Option<Duration>) -> Result<LockedList, ListError> {
        // Read once without the lock, as Mailman does: no lock file for a list that does not exist.
        let list = MailList::unread(site, name.into());
        if !super::exists(site, &list.name) {
            return Err(ListError::Unknown(list.name));
        }
        LockedList::of(list, timeout)
    }

    /// Takes the lock of a list that was read before. It is read again only if somebody saved it since, or if it was
    /// changed in memory: a list of 100,000 members is not read twice for a post.
    ///
    /// # Errors
    /// As [`LockedList::open`].
    pub fn of(mut list: MailList, timeout: Option<Duration>) -> Result<LockedList, ListError> {
        let mut lock = list.new_lock();
        lock.acquire(timeout).map_err(|source| ListError::lock(&list.name, source))?;
        if !list.is_current() {
            list.read(Some(&mut lock))?;
        }
        list.locked = true;
        Ok(LockedList { list, lock })
    }

    /// Takes the lock of a list that has no file yet, in a folder that is there. [`LockedList::save`] writes the first.
    ///
    /// # Errors
    /// The lock can't be had.
    pub fn create(site: &Rc<Site>, name: ByteStr, attributes: Dict) -> Result<LockedList, ListError> {
        let mut list = MailList::unread(site, name);
        let mut lock = list.new_lock();
        lock.acquire(None).map_err(|source| ListError::lock(&list.name, source))?;
        list.attributes = attributes;
        list.check_values();
        list.locked = true;
        Ok(LockedList { list, lock })
    }

    /// Tells others that the lock is still wanted; an error when it is no longer ours.
    ///
    /// # Errors
    /// The lock was broken or stolen.
    pub fn refresh(&mut self) -> Result<(), ListError> {
        self.lock.refresh().map_err(|source| ListError::lock(&self.list.name, source))
    }

    /// Writes the list, then its held requests if they were opened.
    ///
    /// # Errors
    /// What failed; the old state is then still in place.
    pub fn save(&mut self) -> Result<(), ListError> {
        self.refresh()?;
        let saved = self.list.write_config();
        if let Err(ListError::Io { source, .. }) = &saved {
            let text = python_error(source);
            self.list.site.log("error", format!("Failed config.pck write, retaining old state.\n{text}"));
        }
        let requests = self.list.save_requests();
        saved?;
        requests?;
        self.list.link_public_archive()
    }

    /// Gives the lock back. Changes that were not saved are lost.
    ///
    /// # Errors
    /// The lock was not ours any more.
    pub fn unlock(mut self) -> Result<(), ListError> {
        self.lock.release().map_err(|source| ListError::lock(&self.list.name, source))
    }
}

impl Deref for LockedList {
    type Target = MailList;
    fn deref(&self) -> &MailList {
        &self.list
    }
}

impl DerefMut for LockedList {
    fn deref_mut(&mut self) -> &mut MailList {
        &mut self.list
    }
}

impl MailList {
    pub(super) fn new_lock(&self) -> Lock {
        let settings = &self.site.settings;
        let lifetime = settings.int("LIST_LOCK_LIFETIME").unwrap_or(USUAL_LIFETIME).max(1) as u64;
        let file = [&self.name[..], b".lock"].concat();
        let path = settings.path("LOCK_DIR").join(OsStr::from_bytes(&file));
        let site = Rc::clone(&self.site);
        let log = Rc::new(move |line: &str| site.log("locks", line));
        Lock::new(path, Duration::from_secs(lifetime)).logging(log, settings.truth("LIST_LOCK_DEBUGGING"))
    }

    fn write_config(&mut self) -> Result<(), ListError> {
        let main = self.folder.join("config.pck");
        self.put_config(&main).map_err(|e| ListError::io(&self.name, &main, e))
    }

    fn put_config(&self, main: &Path) -> io::Result<()> {
        let temporary = self.temporary();
        durable::unlink_if_there(&temporary)?;
        let mut file = NewFile::create(temporary, FILE_MODE)?;
        self.dump(&mut file)?;
        file.sync()?;
        let last = self.folder.join("config.pck.last");
        durable::unlink_if_there(&last)?;
        match durable::link(main, &last) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        file.publish(main)?;
        durable::sync_dir(&self.folder)
    }

    /// Writes what changed anew and copies the rest from the file that was read, where the two can be told apart.
    pub(super) fn dump(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let changed = |name: &[u8]| self.changed.contains(name);
        match &self.layout {
            Some(layout) if layout.allows(&self.attributes, &changed) => layout.write(&self.attributes, &changed, out),
            _ => pickle::dump_dict(&self.attributes, Protocol::P1, out),
        }
    }

    /// `CheckHTMLArchiveDir`: a public archive is a link to the private one.
    fn link_public_archive(&self) -> Result<(), ListError> {
        let settings = &self.site.settings;
        if settings.get("ARCHIVE_TO_MBOX").and_then(Value::as_int) == Some(-1) {
            return Ok(());
        }
        let mbox = [&self.name[..], b".mbox"].concat();
        for (name, is_wanted) in [(&self.name[..], true), (&mbox[..], settings.truth("PUBLIC_MBOX"))] {
            let name = OsStr::from_bytes(name);
            let public = settings.path("PUBLIC_ARCHIVE_FILE_DIR").join(name);
            let result = match (self.truth("archive_private"), is_wanted) {
                (true, _) => durable::unlink_if_there(&public).map(|_| ()),
                (false, true) => link_unless_there(&settings.path("PRIVATE_ARCHIVE_FILE_DIR").join(name), &public),
                (false, false) => Ok(()),
            };
            result.map_err(|e| ListError::io(&self.name, &public, e))?;
        }
        Ok(())
    }
}

fn link_unless_there(target: &Path, link: &Path) -> io::Result<()> {
    match durable::symlink(target, link) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
