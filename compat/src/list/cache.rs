//! Lists that the runners of a process keep from one entry to the next.
//!
//! Since Mailman 2.1.15 each entry reads its list. A bounce only asks a list whether somebody is a member, and to read
//! 10,000 members for each of a thousand bounces costs more than all the rest: so the next entry of a list that was read
//! recently gets a copy of its own, as long as `config.pck` is the file that was read ([`ListCache::again`]). The
//! values are shared and copied when written to, so that what one entry changes in its copy no other sees.
//!
//! Before 2.1.15 the runners of a process share one object per list (`Runner._listcache`), and a lock reads the file again
//! only if it is newer. Two things show: the order of members is that of dictionaries that live on, not of those that
//! were just filled from the file; and what a post changed before it failed (a hold, say) is saved with the next one
//! that succeeds. So such a list goes back to its cache when whoever had it drops it, for better or worse.
//!
//! The cache belongs to the loop of the runners, which forgets what it keeps when there is nothing to do.

use super::{config, names, ListError, LockedList, MailList};
use crate::site::{Site, Switch};
use crate::ByteStr;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::{Rc, Weak};
use std::time::Duration;

/// Maximum size of the files of all shared lists together, and of those of which copies are kept.
const SIZE: u64 = 8 << 20;

/// What is put right with a line in the error log, which each reading writes anew.
const TOLD_OF: [&[u8]; 2] = [b"reply_to_address", b"topics"];

/// Where a shared list goes back to.
pub(super) type Home = Weak<RefCell<Shared>>;

/// The lists of the runners of one process. Clones are the same cache.
#[derive(Clone, Default)]
pub struct ListCache {
    shared: Rc<RefCell<Shared>>,
    recent: Rc<RefCell<Recent>>,
}

/// Shared lists that nobody has at the moment, by folder.
#[derive(Default)]
pub(super) struct Shared(HashMap<PathBuf, MailList>);

/// Lists that were read recently, by folder, each with the size of its file.
#[derive(Default)]
struct Recent {
    lists: HashMap<PathBuf, (MailList, u64)>,
    size: u64,
}

impl ListCache {
    /// The list of this name without reading it, if it was read before and would be read so again.
    pub fn again(&self, site: &Site, name: &ByteStr) -> Option<MailList> {
        let recent = self.recent.borrow();
        recent.lists.get(&names::folder(site, name)).and_then(|(list, _)| list.again())
    }

    /// The list of a runner: the shared one where the site's version shares it, else as [`MailList::load`].
    ///
    /// # Errors
    /// As [`MailList::load`].
    pub fn open(&self, site: &Rc<Site>, name: &ByteStr) -> Result<MailList, ListError> {
        if site.profile.has(Switch::ListObjectPerEntry) {
            let list = MailList::load(site, name.clone())?;
            self.recent.borrow_mut().keep(&list);
            return Ok(list);
        }
        let found = self.shared.borrow_mut().0.remove(&names::folder(site, name));
        let mut list = match found.filter(|list| list.is_of_this_file() && list.refuse_extension().is_ok()) {
            Some(list) => list,
            None => MailList::load(site, name.clone())?,
        };
        list.home = Some(Rc::downgrade(&self.shared));
        Ok(list)
    }

    /// Takes the lock of the shared list, or of one that is read.
    ///
    /// # Errors
    /// As [`LockedList::open`].
    pub fn lock(&self, site: &Rc<Site>, name: &ByteStr, timeout: Option<Duration>) -> Result<LockedList, ListError> {
        match site.profile.has(Switch::ListObjectPerEntry) {
            true => LockedList::open(site, name.clone(), timeout),
            false => LockedList::of(self.open(site, name)?, timeout),
        }
    }

    /// Has every shared list read anew when it is next asked for. Returns the size of their files, together.
    pub fn forget_shared(&self) -> u64 {
        let lists = std::mem::take(&mut self.shared.borrow_mut().0);
        lists.values().map(MailList::file_size).sum()
    }

    /// Gives everything back. Returns the size of the files of all these lists, together.
    pub fn forget(&self) -> u64 {
        let recent = std::mem::take(&mut *self.recent.borrow_mut());
        recent.size + self.forget_shared()
    }
}

impl Recent {
    /// Keeps a list that was just read. When there are too many, those before it are forgotten.
    fn keep(&mut self, list: &MailList) {
        if let Some((_, size)) = self.lists.remove(&list.folder) {
            self.size -= size;
        }
        let Some((list, size)) = list.to_keep().filter(|(_, size)| *size <= SIZE) else { return };
        if self.size + size > SIZE {
            *self = Recent::default();
        }
        self.size += size;
        self.lists.insert(list.folder.clone(), (list, size));
    }
}

impl Shared {
    /// Keeps a list, unless somebody locked it a second time meanwhile and saved it.
    fn take_back(&mut self, list: MailList) {
        if self.0.contains_key(&list.folder) && !list.is_of_this_file() {
            return;
        }
        self.0.remove(&list.folder);
        if self.0.values().map(MailList::file_size).sum::<u64>() + list.file_size() > SIZE {
            self.0.clear();
        }
        if list.file_size() <= SIZE {
            self.0.insert(list.folder.clone(), list);
        }
    }
}

impl MailList {
    /// Whether dropping the list gives it back to its cache, with all that was changed.
    pub fn is_shared(&self) -> bool {
        self.home.is_some()
    }

    /// Whether the file is the one that was read or saved last.
    pub(super) fn is_of_this_file(&self) -> bool {
        let stamp = config::Stamp::of(&self.folder.join("config.pck"));
        stamp.is_some() && stamp == self.stamp
    }

    /// Notes which file is the list's, while nobody else can write another.
    pub(super) fn note_file(&mut self) {
        self.stamp = config::Stamp::of(&self.folder.join("config.pck"));
    }

    fn file_size(&self) -> u64 {
        self.stamp.as_ref().map_or(0, config::Stamp::size)
    }

    /// The same list as if it were read now, or `None` where only the file can tell: it is another one than was read,
    /// or so young that a change might not show, or somebody put an `extend.py` beside it.
    pub(super) fn again(&self) -> Option<MailList> {
        let is_as_read = self.settled && self.requests.is_none();
        let is_silent = !TOLD_OF.iter().any(|attr| self.changed.contains(*attr));
        let is_same = is_as_read && is_silent && self.is_of_this_file();
        (is_same && self.refuse_extension().is_ok()).then(|| self.copy())
    }

    /// A copy of a list that was just read, to be asked for [`MailList::again`]; `None` where that would be in vain.
    /// With it the size of the file.
    pub(super) fn to_keep(&self) -> Option<(MailList, u64)> {
        let size = self.stamp.as_ref().map(config::Stamp::size)?;
        self.settled.then(|| (self.copy(), size))
    }

    fn copy(&self) -> MailList {
        MailList {
            site: Rc::clone(&self.site),
            name: self.name.clone(),
            folder: self.folder.clone(),
            attributes: self.attributes.clone(),
            missing: self.missing.clone(),
            left: self.left.clone(),
            is_for_looking: self.is_for_looking,
            layout: self.layout.clone(),
            changed: self.changed.clone(),
            tables: self.tables.clone(),
            requests: None,
            used_cookies: Vec::new(),
            stamp: self.stamp.clone(),
            settled: self.settled,
            // Nobody has asked this one.
            language_asked: Cell::new(false),
            corrected: self.corrected,
            home: None,
        }
    }
}

impl Drop for MailList {
    /// Half of a change that a fault in this program cut off does not live on.
    fn drop(&mut self) {
        // Without the cache nobody is left to share with.
        let Some(shared) = self.home.take().and_then(|home| home.upgrade()) else { return };
        if !std::thread::panicking() {
            let list = std::mem::replace(self, MailList::unread(&self.site, self.name.clone()));
            shared.borrow_mut().take_back(list);
        }
    }
}
