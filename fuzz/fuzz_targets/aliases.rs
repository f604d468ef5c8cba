//! Any bytes as the files of aliases that Postfix reads: a list comes in and goes out, and what is another's stays.
#![no_main]

use compat::list::MailList;
use libfuzzer_sys::fuzz_target;
use mailman2::lists::postfix;
use mailman2_fuzz::World;

const OTHER: &[u8] = b"# STANZA START: meadow\n# CREATED: then\nmeadow: x\n# STANZA END: meadow\n\n";

thread_local! {
    static WORLD: World = World::new(&[
        "MTA = 'Postfix'", "POSTFIX_ALIAS_CMD = ':'", "POSTFIX_MAP_CMD = ':'",
        "POSTFIX_STYLE_VIRTUAL_DOMAINS = ['lists.example.com']",
    ]);
}

fuzz_target!(|data: &[u8]| {
    WORLD.with(|world| {
        let list = MailList::load(&world.site, "garden").expect("the list");
        let files = ["data/aliases", "data/virtual-mailman"].map(|name| world.path(name));
        for file in &files {
            std::fs::write(file, [OTHER, data].concat()).expect("a file");
        }
        postfix::add(&list).expect("added");
        let has = |file: &std::path::Path, text: &[u8]| {
            memchr::memmem::find(&std::fs::read(file).expect("a file"), text).is_some()
        };
        assert!(files.iter().all(|file| has(file, b"# STANZA START: garden\n")));
        postfix::remove(&list).expect("removed");
        assert!(files.iter().all(|file| has(file, OTHER)));
    });
});
