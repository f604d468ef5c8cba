//! What several targets need: a site with a list, in memory where the machine has a file system for that, so that
//! waiting for a disk takes no time.

use compat::list::ListCache;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName, Slice};
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use mailman2::demo::new_list::{self, NewList, NewMember};
use mailman2::demo::site;
use mailman2::runner::{make, EntryLoop};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A site with the list `garden`, gone with this.
pub struct World {
    folder: tempfile::TempDir,
    pub site: Rc<Site>,
}

impl World {
    /// `settings` are lines of mm_cfg.py; `{}` in them is the site's folder.
    pub fn new(settings: &[&str]) -> World {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder");
        let home = folder.path().to_string_lossy().into_owned();
        let settings: Vec<String> = settings.iter().map(|line| line.replace("{}", &home)).collect();
        let site = site::create(folder.path(), &settings).expect("a site");
        let world = World { folder, site };
        world.make_list();
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    /// The list as it was made.
    pub fn make_list(&self) {
        let _ = std::fs::remove_dir_all(self.path("lists/garden"));
        let members = [
            NewMember { address: "ann@example.org", name: "Ann", digest: true },
            NewMember { address: "ben@example.net", name: "Ben", digest: false },
        ];
        let list = NewList { name: "garden", owners: &["rose@example.com"], members: &members };
        new_list::create(&self.site, &list).expect("a list");
    }

    /// Puts a message to the list into a queue, under this key.
    pub fn enqueue(&self, queue: QueueName, key: &str, text: &[u8]) {
        let data = Metadata::new().with("listname", Value::str("garden")).with(key, Value::Int(1));
        let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&self.path("qfiles"))));
        outbox.enqueue(queue, &EntryMessage::Raw(ByteStr::from(text)), &data).expect("enqueued");
        outbox.commit().expect("committed");
    }

    /// What a runner does with its queue.
    pub fn run(&self, name: &str) {
        let lists = ListCache::default();
        let runner = make(name, &self.site, &lists).expect("a runner of ours");
        let mut entries = EntryLoop::open(&self.site, runner, Slice::WHOLE, &lists).expect("its queue");
        entries.pass(None, &mut || false);
        entries.turn();
    }

    /// How many entries a queue has.
    pub fn count(&self, queue: &str) -> usize {
        std::fs::read_dir(self.path("qfiles").join(queue)).map_or(0, |items| items.flatten().count())
    }

    /// Takes away what one input left, so that the next one finds the same.
    pub fn clear(&self, folders: &[&str]) {
        for folder in folders {
            let _ = std::fs::remove_dir_all(self.path(folder));
        }
        for log in std::fs::read_dir(self.path("logs")).into_iter().flatten().flatten() {
            let _ = std::fs::OpenOptions::new().write(true).truncate(true).open(log.path());
        }
    }
}
