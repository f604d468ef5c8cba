//! The queues of a site: how many entries, how old, how large, for which lists; and files that are none.

use super::finding::{Findings, Level};
use crate::json::Json;
use compat::clock;
use compat::queue::look::{self, FileKind, QueueFile};
use compat::queue::{QueueFolders, QueueName};
use compat::site::Site;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// A temporary file this old has no writer any more.
const OLD: Duration = Duration::from_secs(36 * 3600);

/// One queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueFacts {
    pub queue: &'static str,
    /// Entries that wait.
    pub queued: usize,
    /// Entries in work, or left by a runner that was killed.
    pub in_work: usize,
    /// Entries set aside.
    pub set_aside: usize,
    /// Bytes of all of these.
    pub size: u64,
    /// Seconds since the oldest file was written.
    pub oldest: u64,
    /// Entries by list, most first.
    pub by_list: Vec<(String, usize)>,
}

impl QueueFacts {
    /// As an object.
    pub fn json(&self) -> Json {
        let list = |(name, count): &(String, usize)| {
            Json::Object(vec![("list", Json::text(name)), ("entries", Json::count(*count))])
        };
        Json::Object(vec![
            ("queue", Json::text(self.queue)),
            ("queued", Json::count(self.queued)),
            ("in_work", Json::count(self.in_work)),
            ("set_aside", Json::count(self.set_aside)),
            ("size", Json::count(self.size)),
            ("oldest", Json::count(self.oldest)),
            ("by_list", Json::array(&self.by_list, list)),
        ])
    }

    /// All entries.
    pub fn entries(&self) -> usize {
        self.queued + self.in_work + self.set_aside
    }
}

/// Looks at all queues. `lists` are the names of lists that exist.
pub fn look(site: &Site, lists: &[&str], found: &mut Findings) -> Vec<QueueFacts> {
    let folders = match QueueFolders::from_settings(&site.settings) {
        Ok(folders) => folders,
        Err(error) => {
            found.add(Level::Stop, "no-queues", error.to_string(), "Defaults.py or mm_cfg.py must name every queue");
            return Vec::new();
        }
    };
    QueueName::ALL.into_iter().filter_map(|queue| one(&folders, queue, lists, found)).collect()
}

fn one(folders: &QueueFolders, queue: QueueName, lists: &[&str], found: &mut Findings) -> Option<QueueFacts> {
    let files = match look::look(folders, queue) {
        Ok(files) => files,
        Err(error) => {
            let text = format!("{}: {error}", folders.of(queue).display());
            found.add(Level::Stop, "unreadable-queue", text, "run this as root or the list user");
            return None;
        }
    };
    let (by_list, unreadable) = by_list(folders, &files);
    odd_files(queue, &files, found);
    odd_entries(queue, &unreadable, &by_list, lists, found);
    let count = |kind| files.iter().filter(|file| file.kind == kind).count();
    let entries = || files.iter().filter(|file| file.is_entry());
    let facts = QueueFacts {
        queue: queue.folder(),
        queued: count(FileKind::Queued),
        in_work: count(FileKind::InWork),
        set_aside: count(FileKind::SetAside),
        size: entries().map(|file| file.size).sum(),
        oldest: entries().map(|file| age(file.modified).as_secs()).max().unwrap_or(0),
        by_list: most_first(by_list),
    };
    waiting(queue, &facts, found);
    Some(facts)
}

fn age(time: SystemTime) -> Duration {
    clock::system().duration_since(time).unwrap_or_default()
}

/// How many entries each list has, and the names of those that can't be read.
fn by_list(folders: &QueueFolders, files: &[QueueFile]) -> (BTreeMap<String, usize>, Vec<String>) {
    let (mut counts, mut unreadable) = (BTreeMap::new(), Vec::new());
    for file in files.iter().filter(|file| file.is_entry()) {
        match look::read(&file.path(folders)) {
            Ok(entry) => {
                let list = entry.metadata.str("listname").unwrap_or_default().to_latin1();
                *counts.entry(list).or_default() += 1;
            }
            // An entry that a runner has taken meanwhile is no trouble.
            Err(compat::queue::EntryError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => unreadable.push(format!("{} ({error})", file.file_name.to_string_lossy())),
        }
    }
    (counts, unreadable)
}

fn most_first(counts: BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn odd_files(queue: QueueName, files: &[QueueFile], found: &mut Findings) {
    let name = |file: &QueueFile| file.file_name.to_string_lossy().into_owned();
    let is_pythons_end = |file: &&QueueFile| {
        let text = name(file);
        file.kind == FileKind::Other && (text.ends_with(".pck") || text.ends_with(".bak"))
    };
    let foreign: Vec<String> = files.iter().filter(is_pythons_end).map(name).collect();
    found.add_all(
        Level::Risk,
        "foreign-file",
        &format!("files in queue {} that look like entries and are none", queue.folder()),
        &foreign,
        "ours leaves them alone, a Python runner ends over them: move them away",
    );
    let is_old = |file: &&QueueFile| file.kind == FileKind::Temporary && age(file.modified) > OLD;
    let old: Vec<String> = files.iter().filter(is_old).map(name).collect();
    found.add_all(
        Level::Note,
        "old-temporary",
        &format!("half-written files in queue {}", queue.folder()),
        &old,
        "their writers were killed; ours clears them away at a start",
    );
}

fn odd_entries(
    queue: QueueName,
    unreadable: &[String],
    by_list: &BTreeMap<String, usize>,
    lists: &[&str],
    found: &mut Findings,
) {
    // What was set aside is there because it could not be read.
    if queue != QueueName::Bad {
        found.add_all(
            Level::Risk,
            "unreadable-entry",
            &format!("entries in queue {} that can't be read", queue.folder()),
            unreadable,
            "a runner of either engine sets them aside in qfiles/bad; look at them first",
        );
    }
    let gone: Vec<String> =
        by_list.keys().filter(|list| !list.is_empty() && !lists.contains(&list.as_str())).cloned().collect();
    found.add_all(
        Level::Risk,
        "entry-of-no-list",
        &format!("lists that entries in queue {} are for, and that do not exist", queue.folder()),
        &gone,
        "a runner of either engine shunts such entries",
    );
}

fn waiting(queue: QueueName, facts: &QueueFacts, found: &mut Findings) {
    if queue == QueueName::Shunt && facts.queued > 0 {
        found.add(
            Level::Risk,
            "shunted",
            format!("{} entries in qfiles/shunt", facts.queued),
            "they failed under the old runners; `mailman2-rs queues` says why, `unshunt` tries again",
        );
    }
    if queue == QueueName::Bad && facts.entries() > 0 {
        found.add(
            Level::Note,
            "set-aside",
            format!("{} entries in qfiles/bad", facts.entries()),
            "a person decides; `mailman2-rs queues show bad/NAME` prints one",
        );
    }
}
