//! Any bytes as one of the files of an archive: the next post finds its place all the same.
#![no_main]

use compat::queue::QueueName;
use libfuzzer_sys::fuzz_target;
use mailman2_fuzz::World;

const POST: &[u8] = b"From: ann@example.org\nSubject: one\nMessage-ID: <1@example.org>\nDate: Tue, 10 Mar 2026 12:00:00 +0000\n\nHello\n";
const NEXT: &[u8] = b"From: ben@example.net\nSubject: two\nMessage-ID: <2@example.net>\nDate: Tue, 10 Mar 2026 13:00:00 +0000\n\nHello\n";
const FILES: [&str; 9] = [
    "garden/pipermail.pck",
    "garden/database/2026-March-article",
    "garden/database/2026-March-date",
    "garden/database/2026-March-author",
    "garden/database/2026-March-subject",
    "garden/database/2026-March-thread",
    "garden/2026-March/000000.html",
    "garden/2026-March.txt",
    "garden.mbox/garden.mbox",
];

thread_local! {
    static WORLD: World = World::new(&["GZIP_ARCHIVE_TXT_FILES = 0", "ARCHIVER_CLOBBER_DATE_POLICY = 0"]);
}

fuzz_target!(|data: &[u8]| {
    let Some((&which, contents)) = data.split_first() else { return };
    WORLD.with(|world| {
        let archive = |text: &[u8]| {
            world.enqueue(QueueName::Archive, "_seen", text);
            world.run("ArchRunner");
        };
        archive(POST);
        let private = world.path("archives/private");
        let file = private.join(FILES[usize::from(which) % FILES.len()]);
        assert!(file.exists(), "{}", file.display());
        std::fs::write(&file, contents).expect("a file");
        archive(NEXT);
        let mbox = std::fs::read(private.join("garden.mbox/garden.mbox")).expect("the mbox");
        assert!(memchr::memmem::find(&mbox, b"<2@example.net>").is_some());
        assert_eq!(world.count("archive"), 0);
        world.clear(&["qfiles/shunt", "archives/private/garden", "archives/private/garden.mbox"]);
        world.make_list();
    });
});
