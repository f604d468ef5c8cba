//! A list under its lock: read again as soon as the lock is held, saved, unlocked.
//!
//! Answers to `MailList.Lock`, `Save` and `Unlock`. The order of a save is Mailman's, with both fsyncs added (Mailman has
//! one, and only when SYNC_AFTER_WRITE is set): lock refreshed, temporary written and fsynced, old `.last` removed,
//! config.pck linked to `.last`, temporary renamed; then request.pck, even if config.pck failed. They are not left out,
//! for on some file systems a power cut would empty config.pck and `.last` alike; what they cost is shared with the
//! entries that a post becomes ([`LockedList::save_with`]).
//!
//! A list may stay open, with its lock, from one entry of a queue to the next ([`LockedList::set_aside`]): then it is
//! read once and saved once. What is left behind is the same as if it had been saved after each, `.last` included.

use super::{Checkpoint, ListError, MailList};
use crate::durable::{self, Commit, NewFile, FILE_MODE};
use crate::format::os_error;
use crate::list::attributes;
use crate::lock::Lock;
use crate::pickle::{self, Protocol};
use crate::site::{settings, Site, Switch};
use crate::value::{Dict, Value};
use crate::ByteStr;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::ops::{Deref, DerefMut};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// LIST_LOCK_LIFETIME where the site does not say it: five hours.
const USUAL_LIFETIME: i64 = 5 * 60 * 60;

/// A list whose lock this process holds. It is unlocked when this is dropped.
///
/// What changes files beside `config.pck`, requests and confirmations, can be asked of nothing else:
///
/// ```compile_fail
/// fn forget(list: &mut compat::list::MailList) {
///     list.pend_confirm(b"0123456789abcdef0123456789abcdef01234567").ok();
/// }
/// ```
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
            return Err(ListError::Unknown(list.name.clone()));
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
        let language_asked = list.language_asked.get() && !list.is_reread_by_python();
        list.is_for_looking = false;
        if !(list.is_current() && list.read_whole()) {
            list.read(Some(&mut lock))?;
            list.language_asked.set(language_asked && !list.is_shared());
        } else {
            list.language_asked.set(language_asked);
        }
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
        Ok(LockedList { list, lock })
    }

    /// Tells others that the lock is still wanted; an error when it is no longer ours.
    ///
    /// # Errors
    /// The lock was broken or stolen.
    pub fn refresh(&mut self) -> Result<(), ListError> {
        self.lock.refresh().map_err(|source| ListError::lock(&self.list.name, source))
    }

    /// Writes the list, its held requests if they were opened, and what is awaited without the cookies that were used.
    ///
    /// # Errors
    /// What failed; the old state is then still in place.
    pub fn save(&mut self) -> Result<(), ListError> {
        let mut commit = Commit::new();
        let prepared = self.save_with(&mut commit);
        commit.commit().map_err(|e| ListError::io(&self.list.name, &e.path, e.source))?;
        prepared?;
        self.link_public_archive()
    }

    /// The same, but what was written takes its place with the rest of the commit, until when the lock must be kept. The
    /// archive's links are left to [`LockedList::link_public_archive`].
    ///
    /// # Errors
    /// What failed. What could be prepared nevertheless, the held requests, is.
    pub fn save_with(&mut self, commit: &mut Commit) -> Result<(), ListError> {
        self.refresh()?;
        self.list.add_server_language();
        let early = if self.list.requests_go_first() { self.list.save_requests(commit) } else { Ok(()) };
        let saved = self.list.write_config(self.list.temporary(), commit);
        let requests = self.list.save_requests(commit);
        let cookies = self.list.save_used_cookies(commit);
        early.and(saved).and(requests).and(cookies)
    }

    /// Puts the links right by which a public archive is reached, as each save does in the end.
    ///
    /// # Errors
    /// A link could not be made or removed.
    pub fn link_public_archive(&self) -> Result<(), ListError> {
        self.list.link_public_archive()
    }

    /// Prepares the state that the list had at a checkpoint, to be followed by the one of now: it becomes `.last`.
    ///
    /// # Errors
    /// It could not be written.
    pub fn save_checkpoint(&mut self, then: Checkpoint, commit: &mut Commit) -> Result<(), ListError> {
        let now = self.list.exchange(then);
        let mut temporary = self.list.temporary().into_os_string();
        temporary.push(".before");
        let saved = self.list.write_config(temporary.into(), commit);
        self.list.exchange(now);
        saved
    }

    /// Leaves the list, with its lock, as saving it would.
    pub fn set_aside(&mut self) {
        self.list.add_server_language();
    }

    /// Takes up a list that was set aside, as if it had been saved and read again: that turns members round whose keys
    /// collide.
    pub fn take_up(&mut self) {
        if !self.list.is_shared() {
            self.list.put_in_order();
        }
    }

    /// Gives the lock back when all that was done is in its place. That this fails is no reason to do it again: the error
    /// log is told.
    pub fn unlock_when_done(self) {
        let site = Rc::clone(&self.list.site);
        if let Err(error) = self.unlock() {
            site.log("error", error.to_string());
        }
    }

    /// The same, with the archive's links, which a commit leaves over.
    pub fn leave_committed(self) {
        if let Err(error) = self.link_public_archive() {
            self.list.site.log("error", error.to_string());
        }
        self.unlock_when_done();
    }

    /// Gives the lock back. Changes that were not saved are lost.
    ///
    /// # Errors
    /// The lock was not ours any more.
    pub fn unlock(mut self) -> Result<(), ListError> {
        if self.list.is_shared() {
            self.list.note_file();
        }
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

impl AsRef<MailList> for LockedList {
    fn as_ref(&self) -> &MailList {
        &self.list
    }
}

impl AsMut<MailList> for LockedList {
    fn as_mut(&mut self) -> &mut MailList {
        &mut self.list
    }
}

impl AsRef<MailList> for MailList {
    fn as_ref(&self) -> &MailList {
        self
    }
}

impl AsMut<MailList> for MailList {
    fn as_mut(&mut self) -> &mut MailList {
        self
    }
}

impl MailList {
    pub(super) fn new_lock(&self) -> Lock {
        let settings = &self.site.settings;
        let lifetime = settings.int(settings::LIST_LOCK_LIFETIME).unwrap_or(USUAL_LIFETIME).max(1) as u64;
        let file = [&self.name[..], b".lock"].concat();
        let path = settings.path(settings::LOCK_DIR).join(OsStr::from_bytes(&file));
        let site = Rc::clone(&self.site);
        let log = Rc::new(move |line: &str| site.log("locks", line));
        Lock::new(path, Duration::from_secs(lifetime)).logging(log, settings.truth(settings::LIST_LOCK_DEBUGGING))
    }

    fn is_reread_by_python(&self) -> bool {
        let of_this_second = || self.stamp.as_ref().is_some_and(super::config::Stamp::is_of_this_second);
        self.site.profile.has(Switch::ReloadByWholeSecond) && of_this_second()
    }

    /// Whether saving a list that was only looked at would leave anything else than was found: values were put right when
    /// it was read, the server's language joins its own, or there is no copy of the file before the last one yet.
    pub fn needs_saving_as_read(&self) -> bool {
        self.corrected || self.lacks_server_language() || !self.folder.join("config.pck.last").exists()
    }

    fn lacks_server_language(&self) -> bool {
        self.language_asked.get()
            && !self.strings(attributes::AVAILABLE_LANGUAGES).contains(&self.site.server_language())
    }

    /// Python's GetAvailableLanguages adds the server's language to the list's own list, which is then saved with it.
    fn add_server_language(&mut self) {
        if !self.lacks_server_language() {
            return;
        }
        let server = self.site.server_language();
        if let Some(languages) = self.get_mut(attributes::AVAILABLE_LANGUAGES).and_then(Value::as_list_mut) {
            languages.push(Value::Str(server));
        }
    }

    fn write_config(&mut self, temporary: PathBuf, commit: &mut Commit) -> Result<(), ListError> {
        let main = self.folder.join("config.pck");
        let written = self.written_config(temporary).map_err(|e| {
            let text = os_error(&e);
            self.site.log("error", format!("Failed config.pck write, retaining old state.\n{text}"));
            ListError::io(&self.name, &main, e)
        })?;
        let last = self.folder.join("config.pck.last");
        commit.place_keeping(written, main, last).map_err(|e| ListError::io(&self.name, &e.path, e.source))
    }

    fn written_config(&self, temporary: PathBuf) -> io::Result<NewFile> {
        let mut file = NewFile::create_over(temporary, FILE_MODE)?;
        self.dump(&mut file)?;
        file.flush()?;
        Ok(file)
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
        if settings.get(settings::ARCHIVE_TO_MBOX).and_then(Value::as_int) == Some(-1) {
            return Ok(());
        }
        let mbox = [&self.name[..], b".mbox"].concat();
        for (name, is_wanted) in [(&self.name[..], true), (&mbox[..], settings.truth(settings::PUBLIC_MBOX))] {
            let name = OsStr::from_bytes(name);
            let public = settings.path(settings::PUBLIC_ARCHIVE_FILE_DIR).join(name);
            let result = match (self.truth(attributes::ARCHIVE_PRIVATE), is_wanted) {
                (true, _) => durable::unlink_if_there(&public).map(|_| ()),
                (false, true) => {
                    link_unless_there(&settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR).join(name), &public)
                }
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
