//! Any bytes as one of a list's databases: refused, put right from the last good state, or used.
#![no_main]

use compat::list::{attributes, LockedList, MailList};
use compat::site::Site;
use libfuzzer_sys::fuzz_target;
use mailman2::demo::new_list::{self, NewList};
use mailman2::demo::site;
use std::rc::Rc;

const FILES: [&str; 4] = ["config.pck", "config.pck.last", "pending.pck", "request.pck"];

thread_local! {
    static SITE: (tempfile::TempDir, Rc<Site>) = {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let site = site::create(dir.path(), &[]).expect("a site");
        (dir, site)
    };
}

fuzz_target!(|data: &[u8]| {
    let Some((&which, contents)) = data.split_first() else { return };
    SITE.with(|(dir, site)| {
        let folder = dir.path().join("lists/garden");
        let _ = std::fs::remove_dir_all(&folder);
        let list = NewList { name: "garden", owners: &["rose@example.com"], members: &[] };
        new_list::create(site, &list).expect("a list");
        std::fs::write(folder.join(FILES[usize::from(which) % FILES.len()]), contents).expect("a file");
        if let Ok(list) = MailList::load(site, "garden") {
            let _ = (list.members(), list.pended(), list.strings(attributes::OWNER), list.preferred_language());
        }
        if let Ok(mut list) = LockedList::open(site, "garden", None) {
            let _ = list.requests().map(|requests| requests.len());
            let _ = (list.pend_sweep(), list.save());
        }
    });
});
