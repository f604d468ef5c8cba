//! Lists that live as long as their process, as before Mailman 2.1.15.
//!
//! There the runners of a process share one object per list (`Runner._listcache`), and a lock reads the file again only
//! if it is newer. Two things show: the order of members is that of dictionaries that live on, not of those that were
//! just filled from the file; and what a post changed before it failed (a hold, say) is saved with the next one that
//! succeeds. So the list goes back to its process when whoever had it drops it, for better or worse.

use super::{config, names, ListError, LockedList, MailList};
use crate::site::{Site, Switch};
use crate::ByteStr;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Lists live on whose files are not larger than this together.
const SIZE: u64 = 8 << 20;

thread_local! {
    /// Those that nobody has at the moment, by folder.
    static SHARED: RefCell<HashMap<PathBuf, MailList>> = RefCell::default();
}

/// Has every list read anew when it is next asked for, and tells how large their files were.
pub fn forget_shared() -> u64 {
    SHARED.with_borrow_mut(std::mem::take).values().map(MailList::file_size).sum()
}

impl MailList {
    /// The list of a runner: the process's own where the site's version shares it, else as [`MailList::load`].
    ///
    /// # Errors
    /// As [`MailList::load`].
    pub fn shared(site: &Rc<Site>, name: &ByteStr) -> Result<MailList, ListError> {
        if site.profile.has(Switch::ListObjectPerEntry) {
            return MailList::load(site, name.clone());
        }
        let found = SHARED.with_borrow_mut(|lists| lists.remove(&names::folder(site, name)));
        let mut list = match found.filter(|list| list.is_of_this_file() && list.refuse_extension().is_ok()) {
            Some(list) => list,
            None => MailList::load(site, name.clone())?,
        };
        list.is_shared = true;
        Ok(list)
    }

    /// Whether dropping the list gives it back to the process, with all that was changed.
    pub fn is_shared(&self) -> bool {
        self.is_shared
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
}

impl LockedList {
    /// Takes the lock of the process's list, or of one that is read.
    ///
    /// # Errors
    /// As [`LockedList::open`].
    pub fn open_shared(site: &Rc<Site>, name: &ByteStr, timeout: Option<Duration>) -> Result<LockedList, ListError> {
        match site.profile.has(Switch::ListObjectPerEntry) {
            true => LockedList::open(site, name.clone(), timeout),
            false => LockedList::of(MailList::shared(site, name)?, timeout),
        }
    }
}

impl Drop for MailList {
    /// Half of a change that a fault in this program cut off does not live on.
    fn drop(&mut self) {
        if !self.is_shared || std::thread::panicking() {
            return;
        }
        let mut list = std::mem::replace(self, MailList::unread(&self.site, self.name.clone()));
        (list.is_shared, list.locked, list.held) = (false, false, None);
        // When the thread ends nobody is left to share with.
        SHARED.try_with(|lists| give_back(&mut lists.borrow_mut(), list)).unwrap_or_default();
    }
}

/// Keeps a list, unless somebody locked it a second time meanwhile and saved it.
fn give_back(lists: &mut HashMap<PathBuf, MailList>, list: MailList) {
    if lists.contains_key(&list.folder) && !list.is_of_this_file() {
        return;
    }
    lists.remove(&list.folder);
    if lists.values().map(MailList::file_size).sum::<u64>() + list.file_size() > SIZE {
        lists.clear();
    }
    if list.file_size() <= SIZE {
        lists.insert(list.folder.clone(), list);
    }
}
