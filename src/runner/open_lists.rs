//! What the entries of a batch share: the outbox, and the lists that stay open from one entry to the next.
//!
//! Under load many posts in a row are for the same list. It is then locked and read once, and saved once, with the
//! queue entries of all these posts. Python does so for each post; what is left behind is the same. A batch is short,
//! in entries and in time, for others want the lock too, and after a crash all of it is done again. While one list is
//! held, nobody waits for the lock of another: two runners could wait for each other.

use crate::error::RunnerError;
use compat::list::{Checkpoint, ListError, LockedList, MailList};
use compat::queue::{Outbox, QueueFolders};
use compat::ByteStr;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A batch takes in no new entry after this time.
const TIME: Duration = Duration::from_millis(500);
/// Nor when several lists are open whose files are larger than this together.
const SIZE: u64 = 8 << 20;

/// The list that an entry is for.
pub enum JobList {
    /// Read without its lock.
    Read(MailList),
    /// Locked, as an entry of this batch left it.
    Open(LockedList),
}

impl JobList {
    /// What a list holds that an entry before left open: the state to go back to if this entry comes to nothing.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        match self {
            JobList::Read(_) => None,
            JobList::Open(list) => Some(list.checkpoint()),
        }
    }

    /// The list with its lock, for which nobody waits longer than `timeout`.
    ///
    /// # Errors
    /// As [`LockedList::of`].
    pub fn lock(self, timeout: Duration) -> Result<LockedList, ListError> {
        match self {
            JobList::Read(list) => LockedList::of(list, Some(timeout)),
            JobList::Open(mut list) => {
                list.take_up();
                Ok(list)
            }
        }
    }
}

impl Deref for JobList {
    type Target = MailList;
    fn deref(&self) -> &MailList {
        match self {
            JobList::Read(list) => list,
            JobList::Open(list) => list,
        }
    }
}

impl DerefMut for JobList {
    fn deref_mut(&mut self) -> &mut MailList {
        match self {
            JobList::Read(list) => list,
            JobList::Open(list) => list,
        }
    }
}

/// Lists that are locked and changed but not saved yet.
#[derive(Default)]
pub struct OpenLists {
    open: Vec<OpenList>,
    wants_end: bool,
    size: u64,
}

struct OpenList {
    name: ByteStr,
    /// `None` while a post has it; forever when that post met a fault in this program.
    list: Option<LockedList>,
    /// The state before the last post, if there was one in this batch: the `.last` file will hold it.
    before: Option<Checkpoint>,
}

impl OpenLists {
    fn find(&mut self, name: &[u8]) -> Option<&mut OpenList> {
        self.open.iter_mut().find(|open| open.name == *name)
    }

    /// The list of this name, if it is here: locked, as the post before left it.
    pub fn take(&mut self, name: &ByteStr) -> Option<LockedList> {
        self.find(name)?.list.take()
    }

    /// Keeps a list until the batch is saved. `before` is what it held when it was taken from here.
    pub fn keep(&mut self, mut list: LockedList, before: Option<Checkpoint>) {
        // What else belongs to the list is read anew by the next post, so it has to be saved first.
        self.wants_end |= list.has_open_requests();
        let name = list.name().clone();
        if self.find(&name).is_none() {
            self.size += size_of(&list.folder().join("config.pck"));
            self.open.push(OpenList { name: name.clone(), list: None, before: None });
        }
        if let Some(open) = self.find(&name) {
            open.before = before.or(open.before.take());
            list.set_aside();
            open.list = Some(list);
        }
    }

    /// Gives up a list whose last post came to nothing, or puts it back as it was `before` that. But what a post that is
    /// shunted did to a list which lives on is there to stay; only its cookies remain good, for when it comes back.
    pub fn give_up(&mut self, mut list: LockedList, before: Option<Checkpoint>, why: Option<&RunnerError>) {
        list.leave_cookies();
        let Some(before) = before else { return };
        match list.is_shared() && why.is_some_and(RunnerError::is_of_entry) {
            true => self.end_batch(),
            false => list.back_to(before),
        }
        self.keep(list, None);
    }

    /// Nothing more joins this batch: what was done is to be saved before anything else is.
    pub fn end_batch(&mut self) {
        self.wants_end = true;
    }

    /// How long to wait for the lock of a list that is not here.
    pub fn lock_timeout(&self, usual: Duration) -> Duration {
        match self.open.is_empty() {
            true => usual,
            false => Duration::ZERO,
        }
    }

    /// Whether a list is held, so that a lock which cannot be had at once has to wait for the next batch.
    pub fn holds_any(&self) -> bool {
        !self.open.is_empty()
    }
}

fn size_of(path: &Path) -> u64 {
    path.metadata().map_or(0, |about| about.len())
}

/// Entries that are worked on together.
pub(super) struct Batch {
    pub outbox: Outbox,
    pub open_lists: OpenLists,
    started: Instant,
}

impl Batch {
    pub fn new(folders: &Rc<QueueFolders>) -> Batch {
        Batch { outbox: Outbox::new(Rc::clone(folders)), open_lists: OpenLists::default(), started: Instant::now() }
    }

    /// Whether it is time to save.
    pub fn is_full(&mut self) -> bool {
        let too_large = self.open_lists.open.len() > 1 && self.open_lists.size > SIZE;
        too_large || self.open_lists.wants_end || self.outbox.pending().removes() || self.started.elapsed() > TIME
    }

    /// Brings everything to the disk: entries to their queues, lists to their files. Only then are the lists unlocked.
    pub fn commit(mut self) -> Result<(), RunnerError> {
        let mut held = Vec::new();
        for open in self.open_lists.open {
            held.push(save(open, &mut self.outbox)?);
        }
        self.outbox.commit()?;
        held.into_iter().for_each(LockedList::leave_committed);
        Ok(())
    }
}

fn save(open: OpenList, outbox: &mut Outbox) -> Result<LockedList, RunnerError> {
    let OpenList { name, list, before } = open;
    let mut list = list.ok_or(RunnerError::PostCutOff(name))?;
    if let Some(before) = before {
        list.save_checkpoint(before, outbox.pending())?;
    }
    list.save_with(outbox.pending())?;
    Ok(list)
}
