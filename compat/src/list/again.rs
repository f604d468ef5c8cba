//! A list that was read is had once more without reading it, as long as its file is the same.
//!
//! A bounce only asks a list whether somebody is a member. To read 10,000 members for each of a thousand bounces costs
//! more than all the rest. The values are shared and copied when written to, so that what one entry changes in its
//! copy no other sees.

use super::{config, MailList};
use std::cell::Cell;
use std::rc::Rc;

/// What is put right with a line in the error log, which each reading writes anew.
const TOLD_OF: [&[u8]; 2] = [b"reply_to_address", b"topics"];

impl MailList {
    /// The same list as if it were read now, or `None` where only the file can tell: it is another one than was read,
    /// or so young that a change might not show, or somebody put an `extend.py` beside it.
    #[must_use]
    pub fn again(&self) -> Option<MailList> {
        let is_as_read = self.settled && self.requests.is_none() && !self.locked;
        let is_silent = !TOLD_OF.iter().any(|attr| self.changed.contains(*attr));
        let stamp = config::Stamp::of(&self.folder.join("config.pck"));
        let is_same = is_as_read && is_silent && stamp.is_some() && stamp == self.stamp;
        (is_same && self.refuse_extension().is_ok()).then(|| self.copy())
    }

    /// A copy of a list that was just read, to be asked for [`MailList::again`]; `None` where that would be in vain.
    /// With it the size of the file.
    #[must_use]
    pub fn to_keep(&self) -> Option<(MailList, u64)> {
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
            layout: self.layout.clone(),
            changed: self.changed.clone(),
            tables: self.tables.clone(),
            requests: None,
            used_cookies: Vec::new(),
            locked: false,
            stamp: self.stamp.clone(),
            settled: self.settled,
            held: None,
            // Nobody has asked this one.
            language_asked: Cell::new(false),
            corrected: self.corrected,
            is_shared: false,
        }
    }
}
