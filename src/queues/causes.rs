//! Why an entry waits, where the error log does not name it: what can be seen of its list, the disk, its runner and the mail
//! server. Each is looked at once, however many entries wait for it.

use super::stuck::Stuck;
use super::{safe, tail};
use crate::runner::{self, occupied};
use compat::durable;
use compat::list;
use compat::pickle;
use compat::queue::{QueueFolders, QueueName};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// With less free space nothing that is queued gets anywhere.
const NO_SPACE: u64 = 1 << 20;
/// Maximum size of a list's file, in bytes.
const LIST_LIMIT: u64 = 1 << 30;

/// What was found out so far.
pub(super) struct Causes<'a> {
    site: &'a Site,
    by_list: HashMap<ByteStr, Option<String>>,
    /// The runners that are served by a process, by class.
    served: Vec<String>,
    is_full: Option<String>,
}

impl<'a> Causes<'a> {
    pub(super) fn new(site: &'a Site, folders: &QueueFolders) -> Self {
        let served = occupied::all(&site.home).into_iter().flat_map(|running| running.serves);
        let is_full = [folders.of(QueueName::In).to_path_buf(), site.settings.path(settings::LIST_DATA_DIR)]
            .into_iter()
            .find(|folder| durable::free_space(folder).is_ok_and(|free| free < NO_SPACE))
            .map(|folder| format!("the disk is full at {}", folder.display()));
        Causes { site, by_list: HashMap::new(), served: served.map(|share| share.runner).collect(), is_full }
    }

    /// The first thing that is wrong.
    pub(super) fn of(&mut self, stuck: &Stuck) -> Option<String> {
        let queue = stuck.entry.split('/').next().unwrap_or_default();
        self.is_full.clone().or_else(|| self.list(&stuck.about.list)).or_else(|| self.queue(queue))
    }

    fn list(&mut self, name: &ByteStr) -> Option<String> {
        if name.is_empty() {
            return None;
        }
        let site = self.site;
        self.by_list.entry(name.clone()).or_insert_with(|| trouble_of(site, name)).clone()
    }

    fn queue(&self, queue: &str) -> Option<String> {
        let runner = runner::of_queue(queue)?;
        let is_served = self.served.iter().any(|served| served == runner);
        if !is_served {
            let given_up = self.last_of("qrunner", &[runner, "maximum restart limit"]);
            return Some(given_up.unwrap_or_else(|| format!("no process serves {runner}: mailmanctl start")));
        }
        let refused = matches!(queue, "out" | "retry").then(|| self.last_of("smtp-failure", &[])).flatten();
        // What a runner says when it leaves all entries where they are: a full disk, a folder that it may not write.
        refused.or_else(|| self.last_of("error", &[runner, "entries stay in the queue"]))
    }

    /// The last line of a log that holds these words.
    fn last_of(&self, log: &str, words: &[&str]) -> Option<String> {
        let text = tail(&self.site.settings.path(settings::LOG_DIR).join(log));
        let holds = |line: &&[u8]| words.iter().all(|word| memchr::memmem::find(line, word.as_bytes()).is_some());
        let line = text.split(|&b| b == b'\n').filter(|line| !line.is_empty()).rfind(holds)?;
        Some(format!("log {log}: {}", safe(line)))
    }
}

/// What keeps a list from being opened. Its file is decoded and not opened as a list: that would put a damaged one right.
fn trouble_of(site: &Site, name: &ByteStr) -> Option<String> {
    let shown = safe(name);
    match list::look_up(site, name) {
        Ok(false) => return Some(format!("list {shown} does not exist")),
        Err(error) => return Some(format!("list {shown}: {error}")),
        Ok(true) => {}
    }
    let file: PathBuf = site.settings.path(settings::LIST_DATA_DIR).join(OsStr::from_bytes(name)).join("config.pck");
    let trouble = |why: String| Some(format!("list {shown}: {}: {why}", file.display()));
    match durable::read_file(&file, LIST_LIMIT).map(ByteStr::new) {
        Err(error) => trouble(error.to_string()),
        Ok(bytes) => match pickle::load(&bytes) {
            Ok((Value::Dict(_), _)) => None,
            Ok(_) => trouble("holds no list".to_string()),
            Err(error) => trouble(error.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::queue::look::About;
    use compat::site::Version;

    #[test]
    fn what_can_be_seen_is_told() {
        let home = tempfile::tempdir().unwrap();
        let site = Site::bare(home.path(), Version { micro: 39 });
        let lists = site.settings.path(settings::LIST_DATA_DIR);
        std::fs::create_dir_all(lists.join("bad")).unwrap();
        std::fs::create_dir_all(site.settings.path(settings::LOG_DIR)).unwrap();
        std::fs::write(lists.join("bad/config.pck"), "no pickle").unwrap();
        let folders = QueueFolders::below(home.path());
        let mut causes = Causes::new(&site, &folders);
        let mut why = |queue: &str, list: &str| {
            let about = About { list: list.into(), ..About::default() };
            let entry = format!("{queue}/1.5+aa.pck");
            causes.of(&Stuck { entry, about, reason: None, advice: String::new() }).unwrap_or_default()
        };
        assert_eq!(why("shunt", "gone"), "list gone does not exist");
        assert!(why("shunt", "bad").starts_with("list bad: "), "{}", why("shunt", "bad"));
        assert_eq!(why("out", ""), "no process serves OutgoingRunner: mailmanctl start");
        let log =
            "Nov 25 16:00:00 2026 (7) Qrunner OutgoingRunner reached maximum restart limit of 10, not restarting.\n";
        std::fs::write(site.settings.path(settings::LOG_DIR).join("qrunner"), log).unwrap();
        assert!(why("out", "").ends_with("reached maximum restart limit of 10, not restarting."));
        assert_eq!(why("shunt", ""), "");
        causes.served.push("IncomingRunner".to_string());
        let log = "Nov 30 22:36:50 2026 (7) IncomingRunner: new entry /x: No space left on device; \
            entries stay in the queue and are tried again\n";
        std::fs::write(site.settings.path(settings::LOG_DIR).join("error"), log).unwrap();
        let said = causes.queue("in").unwrap();
        assert!(said.starts_with("log error: Nov 30") && said.contains("No space left"), "{said}");
    }
}
