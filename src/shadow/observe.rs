//! From the events of a site's folders to what each runner made of each entry.

use super::snapshot::Snapshot;
use super::trial::{Job, Made};
use super::watch::{Event, Eyes};
use super::{FROM_OUTSIDE, QUEUES};
use crate::signals::Signals;
use compat::durable;
use compat::queue::{look, Entry, QueueFolders, QueueName, ENTRY_LIMIT};
use compat::site::{settings, Site};
use compat::ByteStr;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Logs to which these runners write what they decide.
pub const LOGS: [&str; 2] = ["vette", "subscribe"];
/// A runner does not log more about one entry.
const LOG_LIMIT: u64 = 1 << 20;

/// An entry that was seen and is not done with.
struct Open {
    bytes: Vec<u8>,
    list: String,
    before: Option<Snapshot>,
    /// How long logs were when it was taken; `None` before that.
    taken: Option<Vec<u64>>,
    made: Vec<Made>,
    /// Why a difference would prove nothing.
    unclear: Option<&'static str>,
}

/// Watches a site.
pub struct Observer {
    site: Rc<Site>,
    folders: QueueFolders,
    eyes: Eyes,
    open: HashMap<(QueueName, String), Open>,
    /// Held posts that were there before.
    held: HashSet<String>,
    /// Entries that were gone before they could be read.
    missed: usize,
}

impl Observer {
    /// Begins to watch; entries that wait already are seen too.
    ///
    /// # Errors
    /// The folders can't be watched.
    pub fn new(site: &Rc<Site>) -> io::Result<Observer> {
        let folders = QueueFolders::from_settings(&site.settings).map_err(io::Error::other)?;
        let eyes = Eyes::open(site, &folders)?;
        let mut observer =
            Observer { site: Rc::clone(site), folders, eyes, open: HashMap::new(), held: HashSet::new(), missed: 0 };
        for (queue, _) in QUEUES {
            for file in look::look(&observer.folders, queue)? {
                let name = file.file_name.to_string_lossy().into_owned();
                if let Some(base) = name.strip_suffix(".pck") {
                    observer.came(queue, base.to_string());
                }
            }
        }
        Ok(observer)
    }

    /// Waits for no more than this; the entries that runners are done with.
    ///
    /// # Errors
    /// The system's.
    pub fn wait(&mut self, limit: Duration, signals: &Signals) -> io::Result<Vec<Job>> {
        let mut jobs = Vec::new();
        for event in self.eyes.wait(limit, signals)? {
            match event {
                Event::Came { queue, base } => self.came(queue, base),
                Event::Taken { queue, base } => self.taken(queue, base),
                Event::Done { queue, base } => jobs.extend(self.done(queue, base)),
                Event::Data { name } => self.data(&name),
                Event::Lost => self.open.values_mut().for_each(|open| open.unclear = Some("events were lost")),
            }
        }
        Ok(jobs)
    }

    /// How many entries were gone before they could be read, since this was asked last.
    pub fn take_missed(&mut self) -> usize {
        std::mem::take(&mut self.missed)
    }

    fn came(&mut self, queue: QueueName, base: String) {
        let Some(bytes) = self.read(queue, &base) else {
            // Gone before it was read: whoever made it can't be judged.
            self.busy("", "an entry was gone before it could be read");
            self.missed += usize::from(QUEUES.iter().any(|(tried, _)| *tried == queue));
            return;
        };
        let list = list_of(&bytes);
        match FROM_OUTSIDE.contains(&queue) {
            true => self.put_back(queue, &bytes),
            false => self.made(&list, Made::Entry { queue: queue.folder().to_string(), bytes: bytes.clone() }),
        }
        if QUEUES.iter().any(|(tried, _)| *tried == queue) {
            let before = Snapshot::take(&self.site, &list);
            let open = Open { bytes, list, before, taken: None, made: Vec::new(), unclear: None };
            self.open.insert((queue, base), open);
        }
    }

    /// A runner that could not have the list's lock writes the entry anew, to try later.
    fn put_back(&mut self, queue: QueueName, bytes: &[u8]) {
        let same = |open: &Open| {
            boundary(&open.bytes) > 0 && open.bytes.get(..boundary(&open.bytes)) == bytes.get(..boundary(bytes))
        };
        for ((at, _), open) in &mut self.open {
            if *at == queue && open.taken.is_some() && same(open) {
                open.unclear = Some("it was put back, to be tried later");
            }
        }
    }

    /// The list as it is now is the one that the runner reads.
    fn taken(&mut self, queue: QueueName, base: String) {
        let site = Rc::clone(&self.site);
        let logs = self.log_lengths();
        let Some(open) = self.open.get_mut(&(queue, base)) else { return };
        match &open.before {
            Some(before) if before.is_current(&site) => {}
            before => {
                if before.is_some() {
                    open.unclear = Some("the list was saved between its coming and its being taken");
                }
                open.before = Snapshot::take(&site, &open.list);
            }
        }
        open.taken = Some(logs);
        let list = open.list.clone();
        if self.at_work(&list).count() > 1 {
            self.busy(&list, "two runners worked for the list at once");
        }
    }

    fn done(&mut self, queue: QueueName, base: String) -> Option<Job> {
        let open = self.open.remove(&(queue, base.clone()))?;
        let taken = open.taken?;
        let log = self.log_since(&taken, &open.list);
        Some(Job {
            queue,
            base,
            after: Snapshot::take(&self.site, &open.list),
            bytes: open.bytes,
            list: open.list,
            before: open.before?,
            made: open.made,
            log,
            unclear: open.unclear,
        })
    }

    fn data(&mut self, name: &str) {
        let Some(list) = name.strip_prefix("heldmsg-").and_then(|rest| rest.rsplit_once('-')).map(|(list, _)| list)
        else {
            return;
        };
        let path = self.site.settings.path(settings::DATA_DIR).join(name);
        if let (true, Ok(bytes)) = (self.held.insert(name.to_string()), durable::read_file(&path, ENTRY_LIMIT)) {
            self.made(list, Made::Held { name: name.to_string(), bytes });
        }
    }

    /// Something of a list appeared: it is the work of the runner that has an entry of the list in work.
    fn made(&mut self, list: &str, made: Made) {
        for open in self.open.values_mut().filter(|open| open.taken.is_some() && open.list == list) {
            open.made.push(made.clone());
        }
    }

    fn at_work<'a>(&'a self, list: &'a str) -> impl Iterator<Item = &'a Open> {
        self.open.values().filter(move |open| open.taken.is_some() && (list.is_empty() || open.list == list))
    }

    fn busy(&mut self, list: &str, why: &'static str) {
        let concerned = |open: &&mut Open| open.taken.is_some() && (list.is_empty() || open.list == list);
        self.open.values_mut().filter(concerned).for_each(|open| open.unclear = Some(why));
    }

    /// An entry, under whichever name it has by now.
    fn read(&self, queue: QueueName, base: &str) -> Option<Vec<u8>> {
        let path = |end: &str| -> PathBuf { self.folders.of(queue).join(format!("{base}.{end}")) };
        ["pck", "bak", "pck"].iter().find_map(|end| durable::read_file(&path(end), ENTRY_LIMIT).ok())
    }

    fn log(&self, name: &str) -> PathBuf {
        self.site.settings.path(settings::LOG_DIR).join(name)
    }

    fn log_lengths(&self) -> Vec<u64> {
        LOGS.iter().map(|name| std::fs::metadata(self.log(name)).map_or(0, |about| about.len())).collect()
    }

    fn log_since(&self, lengths: &[u64], list: &str) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for (name, from) in LOGS.iter().zip(lengths) {
            let Ok(file) = File::open(self.log(name)) else { continue };
            let now = file.metadata().map_or(*from, |about| about.len());
            let mut bytes = vec![0; usize::try_from(now.saturating_sub(*from).min(LOG_LIMIT)).unwrap_or(0)];
            if file.read_exact_at(&mut bytes, *from).is_ok() {
                let whole = bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty());
                let of_list = whole.filter(|line| memchr::memmem::find(line, list.as_bytes()).is_some());
                lines.extend(of_list.map(<[u8]>::to_vec));
            }
        }
        lines
    }
}

fn list_of(bytes: &[u8]) -> String {
    let entry = Entry::parse(&ByteStr::from(bytes));
    entry.map(|entry| entry.metadata.str("listname").unwrap_or_default().to_latin1()).unwrap_or_default()
}

/// Where the metadata begins; 0 where that can't be told.
fn boundary(bytes: &[u8]) -> usize {
    Entry::parse_with_boundary(&ByteStr::from(bytes)).map_or(0, |(_, boundary)| boundary)
}
