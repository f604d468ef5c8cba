//! Lists that a runner read for entries before, without their locks.
//!
//! The next entry of such a list gets a copy of its own, as long as `config.pck` is the file that was read
//! ([`MailList::again`]). All are forgotten when there is nothing to do, so that a runner at rest holds none of them.
//! Before 2.1.15 there are none: lists live on ([`MailList::shared`]).

use compat::list::MailList;
use compat::ByteStr;
use std::collections::HashMap;

/// Lists are kept whose files are not larger than this together.
const SIZE: u64 = 8 << 20;

/// What was read of late.
#[derive(Default)]
pub(super) struct Recent {
    /// Each with the size of its file.
    lists: HashMap<ByteStr, (MailList, u64)>,
    size: u64,
}

impl Recent {
    /// The list of this name, if it was read before and would be read so again.
    pub fn get(&self, name: &ByteStr) -> Option<MailList> {
        self.lists.get(name).and_then(|(list, _)| list.again())
    }

    /// Keeps a list that was just read. When there are too many, those before it are forgotten.
    pub fn keep(&mut self, name: &ByteStr, list: &MailList) {
        if let Some((_, size)) = self.lists.remove(name) {
            self.size -= size;
        }
        let Some((list, size)) = list.to_keep().filter(|(_, size)| *size <= SIZE) else { return };
        if self.size + size > SIZE {
            self.forget();
        }
        self.size += size;
        self.lists.insert(name.clone(), (list, size));
    }

    /// Gives all of them back, and tells how large their files were.
    pub fn forget(&mut self) -> u64 {
        std::mem::take(self).size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::sink::Answers;
    use crate::delivery::tests::Fixture;

    #[test]
    fn a_list_is_kept_once_until_all_are_forgotten() {
        let site = Fixture::new(39, Answers::friendly(), &[]);
        let name = ByteStr::from("garden");
        let mut recent = Recent::default();
        // As soon as the file is older than a tick of the clock.
        while recent.get(&name).is_none() {
            recent.keep(&name, &MailList::load(&site.site, name.clone()).unwrap());
        }
        recent.keep(&name, &recent.get(&name).unwrap());
        let size = site.dir.path().join("lists/garden/config.pck").metadata().unwrap().len();
        assert_eq!((recent.lists.len(), recent.size), (1, size));
        assert_eq!(recent.forget(), size);
        assert!(recent.get(&name).is_none() && recent.size == 0);
    }
}
