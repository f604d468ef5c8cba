//! Any bytes as the name of a file in the maildir, and what comes behind as its message: it goes to a queue, or stays.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2_fuzz::World;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

thread_local! {
    static WORLD: World = World::new(&["USE_MAILDIR = 1"]);
}

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (name, text) = data.split_at(end);
    WORLD.with(|world| {
        let maildir = world.path("qfiles/maildir");
        for folder in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(maildir.join(folder)).expect("a folder");
        }
        let is_name = !name.is_empty() && name.len() < 255 && !name.iter().any(|byte| b"\0/".contains(byte));
        if !is_name || [&b"."[..], b".."].contains(&name) {
            return;
        }
        for folder in ["cur", "new"] {
            std::fs::write(maildir.join(folder).join(OsStr::from_bytes(name)), text).expect("a file");
        }
        world.run("MaildirRunner");
        let queued = ["in", "bounces", "commands"].map(|queue| world.count(queue)).iter().sum::<usize>();
        let left = ["maildir/new", "maildir/cur"].map(|folder| world.count(folder)).iter().sum::<usize>();
        assert!(queued + left >= 1, "a message is gone");
        world.clear(&["qfiles/in", "qfiles/bounces", "qfiles/commands", "qfiles/maildir"]);
    });
});
