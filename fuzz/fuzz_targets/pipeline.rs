//! Any bytes as mail to a list, to its commands or as a bounce, through all runners: nothing panics, nothing is lost. The
//! entry leaves its queue, for another one or for good.
#![no_main]

use compat::list::ListCache;
use compat::value::Value;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName, Slice};
use compat::site::Site;
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;
use mailman2::demo::new_list::{self, NewList, NewMember};
use mailman2::demo::site;
use mailman2::runner::{make, EntryLoop};
use std::rc::Rc;

const RUNNERS: [&str; 5] = ["IncomingRunner", "BounceRunner", "CommandRunner", "VirginRunner", "ArchRunner"];

thread_local! {
    static SITE: (tempfile::TempDir, Rc<Site>) = {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let site = site::create(dir.path(), &[]).expect("a site");
        let members = [NewMember { address: "ann@example.org", name: "Ann", digest: true }];
        let list = NewList { name: "garden", owners: &["rose@example.com"], members: &members };
        new_list::create(&site, &list).expect("a list");
        (dir, site)
    };
}

fuzz_target!(|data: &[u8]| {
    let Some((&which, text)) = data.split_first() else { return };
    SITE.with(|(dir, site)| {
        let queues = dir.path().join("qfiles");
        let (queue, key) = match which % 3 {
            0 => (QueueName::In, "tolist"),
            1 => (QueueName::Bounces, "tobounces"),
            _ => (QueueName::Commands, "torequest"),
        };
        let data = Metadata::new().with("listname", Value::str("garden")).with(key, Value::Int(1));
        let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&queues)));
        outbox.enqueue(queue, &EntryMessage::Raw(ByteStr::from(text)), &data).expect("enqueued");
        outbox.commit().expect("committed");
        let lists = ListCache::default();
        for name in RUNNERS {
            let runner = make(name, site, &lists).expect("a runner of ours");
            let mut entries = EntryLoop::open(site, runner, Slice::WHOLE, &lists).expect("its queue");
            entries.pass(None, &mut || false);
            entries.turn();
        }
        for folder in ["in", "bounces", "commands", "virgin", "archive"] {
            let left = std::fs::read_dir(queues.join(folder)).map_or(0, |items| items.flatten().count());
            assert_eq!(left, 0, "{folder} is not done with");
        }
        for folder in ["out", "shunt"] {
            let _ = std::fs::remove_dir_all(queues.join(folder));
        }
    });
});
