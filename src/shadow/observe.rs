//! From the events of a site's folders to what each runner made of each entry.

use super::course::{Course, Span, SAVED_BY_OTHERS};
use super::logs::Logs;
use super::snapshot::{held_posts, Snapshot};
use super::trial::{Job, Made};
use super::watch::{Event, Eyes};
use super::{FROM_OUTSIDE, QUEUES};
use crate::signals::Signals;
use compat::clock;
use compat::durable;
use compat::queue::{look, Entry, QueueFolders, QueueName, ENTRY_LIMIT};
use compat::site::{settings, Site, Switch};
use compat::ByteStr;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Queues whose runners lock the list that they work for.
const LOCKING: [QueueName; 5] =
    [QueueName::In, QueueName::Commands, QueueName::Virgin, QueueName::Archive, QueueName::Bounces];

const FAILED_BEFORE: &str = "the entry before failed, and what was done for it is saved with this one";
/// So much of an mbox before its end may have been written before it was looked at.
const MBOX: usize = 256 << 10;
/// So often it looks for more before it works on what it has.
const ROUNDS: usize = 100;

/// An event, with what was read as soon as it was reported.
struct Seen {
    event: Event,
    /// An entry that came.
    bytes: Option<Vec<u8>>,
    /// Its list, or the one that was saved.
    state: Option<Snapshot>,
}

impl Seen {
    /// Whether it is an entry of this list that came.
    fn is_of(&self, list: &str) -> bool {
        self.bytes.as_ref().is_some_and(|bytes| about(bytes).0 == list)
    }
}

/// An entry that was seen and is not done with.
struct Open {
    bytes: Vec<u8>,
    list: String,
    message_id: ByteStr,
    is_taken: bool,
    /// How long logs were when it was taken.
    logs: Vec<u64>,
    /// How long the mbox of the list was when it was taken.
    mbox: u64,
    /// Posts that were held when it came, if its runner may decide about them.
    held: Vec<(String, Vec<u8>)>,
    /// What only shows in the Message-ID.
    made: Vec<Made>,
    /// Why a difference would prove nothing.
    unclear: Option<&'static str>,
}

/// Watches a site.
pub struct Observer {
    site: Rc<Site>,
    folders: QueueFolders,
    logs: Logs,
    eyes: Eyes,
    /// What happened and was not looked at yet.
    unread: VecDeque<Seen>,
    open: HashMap<(QueueName, String), Open>,
    /// Of lists that have an open entry.
    courses: HashMap<String, Course>,
    /// Lists for which a runner failed last, and keeps what it did so far in memory.
    failed: HashSet<String>,
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
        let mut observer = Observer {
            site: Rc::clone(site),
            logs: Logs::of(site),
            eyes: Eyes::open(site, &folders)?,
            folders,
            unread: VecDeque::new(),
            open: HashMap::new(),
            courses: HashMap::new(),
            failed: HashSet::new(),
            held: HashSet::new(),
            missed: 0,
        };
        let mut waiting = Vec::new();
        for queue in QueueName::ALL {
            for file in look::look(&observer.folders, queue)? {
                let name = file.file_name.to_string_lossy().into_owned();
                waiting.extend(name.strip_suffix(".pck").map(|base| Event::Came { queue, base: base.to_string() }));
            }
        }
        observer.witness(waiting)?;
        Ok(observer)
    }

    /// Waits for no more than this; the entries that runners are done with.
    ///
    /// # Errors
    /// What the system reports.
    pub fn wait(&mut self, limit: Duration, signals: &Signals) -> io::Result<Vec<Job>> {
        let events = self.eyes.wait(limit, signals)?;
        self.witness(events)?;
        let mut jobs = Vec::new();
        while let Some(Seen { event, bytes, state }) = self.unread.pop_front() {
            match event {
                Event::Came { queue, base } => self.came(queue, base, bytes, state),
                Event::Taken { queue, base } => self.taken(queue, &base),
                Event::Done { queue, base } => jobs.extend(self.done(queue, base)),
                Event::PutAway { queue, base } => drop(self.done(queue, base)),
                Event::Data { name } => self.data(&name),
                Event::Saved { list, is_list } => self.saved(&list, state, is_list),
                Event::Removed { list } => self.removed(&list),
                Event::Lost => self.lost(),
            }
            let events = self.eyes.look()?;
            self.witness(events)?;
        }
        Ok(jobs)
    }

    /// Reads at once what will be gone or overwritten soon. What a list is counts only if it was not saved again meanwhile.
    fn witness(&mut self, events: Vec<Event>) -> io::Result<()> {
        let mut events = events;
        for _ in 0..ROUNDS {
            if events.is_empty() {
                return Ok(());
            }
            let mut seen: Vec<Seen> = events.into_iter().map(|event| self.entry_of(event)).collect();
            let lists: Vec<Option<String>> = seen.iter().map(|one| self.list_of(one, &seen)).collect();
            for (at, (one, list)) in seen.iter_mut().zip(&lists).enumerate() {
                let is_last = !lists.iter().skip(at + 1).any(|later| later == list);
                one.state = list.as_ref().filter(|_| is_last).and_then(|list| Snapshot::take(&self.site, list));
            }
            events = self.eyes.look()?;
            for one in &mut seen {
                let is_old = |state: &mut Snapshot| events.iter().any(|event| saves(event, &state.list));
                one.state.take_if(is_old);
            }
            self.unread.extend(seen);
        }
        self.unread.extend(events.into_iter().map(|event| Seen { event, bytes: None, state: None }));
        Ok(())
    }

    fn entry_of(&self, event: Event) -> Seen {
        let bytes = match &event {
            Event::Came { queue, base } => self.read(*queue, base),
            _ => None,
        };
        Seen { event, bytes, state: None }
    }

    /// The list whose state is of interest.
    fn list_of(&self, seen: &Seen, others: &[Seen]) -> Option<String> {
        match (&seen.event, &seen.bytes) {
            (Event::Came { .. }, Some(bytes)) => Some(about(bytes).0).filter(|list| !self.courses.contains_key(list)),
            (Event::Saved { list, .. }, _) => {
                let is_known = self.courses.contains_key(list);
                let is_watched = is_known || self.unread.iter().chain(others).any(|seen| seen.is_of(list));
                is_watched.then(|| list.clone())
            }
            _ => None,
        }
    }

    /// How many entries were gone before they could be read, since this was asked last.
    pub fn take_missed(&mut self) -> usize {
        std::mem::take(&mut self.missed)
    }

    fn came(&mut self, queue: QueueName, base: String, bytes: Option<Vec<u8>>, state: Option<Snapshot>) {
        let Some(bytes) = bytes else {
            // Gone before it was read: whoever made it can't be judged.
            self.at_work("").for_each(|open| open.unclear = Some("an entry was gone before it could be read"));
            self.missed += usize::from(QUEUES.iter().any(|(tried, _)| *tried == queue));
            return;
        };
        let (list, message_id) = about(&bytes);
        self.put_back(queue, &bytes);
        if !FROM_OUTSIDE.contains(&queue) {
            self.made(&list, Made::Entry { queue: queue.folder().to_string(), bytes: bytes.clone() });
        }
        let logs = &self.logs;
        self.courses.entry(list.clone()).or_insert_with(|| Course::new(state, logs.lengths()));
        let decides = queue == QueueName::Commands;
        let open = Open {
            bytes,
            held: if decides { held_posts(&self.site, &list) } else { Vec::new() },
            list,
            message_id,
            is_taken: false,
            logs: Vec::new(),
            mbox: 0,
            made: Vec::new(),
            unclear: None,
        };
        self.open.insert((queue, base), open);
    }

    /// A runner that could not do its work now writes the entry anew, to try later.
    fn put_back(&mut self, queue: QueueName, bytes: &[u8]) {
        let same = |open: &Open| {
            boundary(&open.bytes) > 0 && open.bytes.get(..boundary(&open.bytes)) == bytes.get(..boundary(bytes))
        };
        for ((at, _), open) in &mut self.open {
            if *at == queue && open.is_taken && same(open) {
                open.unclear = Some("it was put back, to be tried later");
            }
        }
    }

    fn taken(&mut self, queue: QueueName, base: &str) {
        let logs = self.logs.lengths();
        let Some(list) = self.open.get(&(queue, base.to_string())).map(|open| open.list.clone()) else { return };
        let mbox = self.logs.mbox_length(&list);
        let others = if LOCKING.contains(&queue) { self.at_work(&list).map(share).count() } else { 0 };
        if let (0, true, Some(course)) = (others, LOCKING.contains(&queue), self.courses.get_mut(&list)) {
            course.begin(logs.clone());
        }
        if let Some(open) = self.open.get_mut(&(queue, base.to_string())) {
            (open.is_taken, open.logs, open.mbox) = (true, logs, mbox);
            if others > 0 {
                share(open);
            }
        }
    }

    fn done(&mut self, queue: QueueName, base: String) -> Option<Job> {
        let open = self.open.remove(&(queue, base.clone()))?;
        let list = open.list.clone();
        let job = if open.is_taken { self.job(queue, base, open) } else { None };
        if !self.open.values().any(|other| other.list == list) {
            self.courses.remove(&list);
        }
        job
    }

    fn job(&mut self, queue: QueueName, base: String, open: Open) -> Option<Job> {
        let lengths = self.logs.lengths();
        let is_alone = self.is_alone(&open.list);
        let course = self.courses.get_mut(&open.list)?;
        let is_tried = QUEUES.iter().any(|(tried, _)| *tried == queue);
        let span = match LOCKING.contains(&queue) {
            true => course.end(lengths),
            false => Span { before: course.now(), logs: open.logs, ..Span::default() },
        };
        if span.saves > 1 {
            // One of them may have been another's.
            self.at_work(&open.list).for_each(|other| other.unclear = Some(SAVED_BY_OTHERS));
        }
        let trouble = match LOCKING.contains(&queue) {
            true if self.failed_before(&open.list, &span.made) => Some(FAILED_BEFORE),
            true => span.trouble(),
            false => None,
        };
        is_tried.then(|| Job {
            log: if is_alone { self.logs.since(queue, &span.logs, &open.list) } else { Vec::new() },
            logged: self.logs.about(queue, &span.logs, &open.list),
            mbox: self.logs.mbox_since(queue, &open.list, open.mbox, MBOX + 2 * open.bytes.len()),
            held: open.held,
            day: clock::local().date_naive(),
            made: open.made.into_iter().chain(span.made).collect(),
            unclear: open.unclear.or(trouble),
            before: span.before,
            after: span.after,
            bytes: open.bytes,
            list: open.list,
            queue,
            base,
        })
    }

    /// Whether the runners of an old Mailman, which keep lists in memory, save with this entry what they did for one before that
    /// failed.
    fn failed_before(&mut self, list: &str, made: &[Made]) -> bool {
        if self.site.profile.has(Switch::ListObjectPerEntry) {
            return false;
        }
        let fails = made.iter().any(|made| matches!(made, Made::Entry { queue, .. } if queue == "shunt"));
        match fails {
            true => !self.failed.insert(list.to_string()),
            false => self.failed.remove(list),
        }
    }

    /// Whether no other entry of a list is there, or has been since this was reported.
    fn is_alone(&self, list: &str) -> bool {
        !self.open.values().any(|other| other.list == list) && !self.unread.iter().any(|seen| seen.is_of(list))
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

    fn saved(&mut self, list: &str, now: Option<Snapshot>, is_list: bool) {
        let is_idle = self.at_work(list).next().is_none();
        let logs = self.logs.lengths();
        if let Some(course) = self.courses.get_mut(list) {
            course.saved(now, is_list);
            if is_idle {
                course.begin(logs);
            }
        }
    }

    /// Runners that have it in work find it now or found it before; for all others there is none.
    fn removed(&mut self, list: &str) {
        let in_work = self.open.values_mut().filter(|open| open.is_taken && open.list == list);
        in_work.for_each(|open| open.unclear = Some("the list was removed meanwhile"));
        let nothing = Snapshot { list: list.to_string(), ..Snapshot::default() };
        self.saved(list, Some(nothing), true);
    }

    /// Something of a list appeared: it is the work of the runner whose message it is, or of the one that has the list.
    fn made(&mut self, list: &str, made: Made) {
        let Made::Entry { queue, bytes } = &made else {
            return self.courses.get_mut(list).map_or((), |course| course.made(made));
        };
        let (_, message_id) = about(bytes);
        let is_own = |(at, open): (&QueueName, &Open)| {
            open.is_taken && !LOCKING.contains(at) && queue == "shunt" && open.message_id == message_id
        };
        let own = self.open.iter_mut().find(|((at, _), open)| is_own((at, open)));
        match (own, self.courses.get_mut(list)) {
            (Some((_, open)), _) => open.made.push(made),
            (None, Some(course)) => course.made(made),
            (None, None) => {}
        }
    }

    /// Entries of a list, or of all, that runners with its lock have in work.
    fn at_work<'a>(&'a mut self, list: &'a str) -> impl Iterator<Item = &'a mut Open> {
        let is_meant = move |open: &Open| open.is_taken && (list.is_empty() || open.list == list);
        self.open
            .iter_mut()
            .filter(move |((queue, _), open)| LOCKING.contains(queue) && is_meant(open))
            .map(|(_, open)| open)
    }

    fn lost(&mut self) {
        self.open.values_mut().for_each(|open| open.unclear = Some("events were lost"));
        self.courses.clear();
    }

    /// An entry, under whichever name it has by now.
    fn read(&self, queue: QueueName, base: &str) -> Option<Vec<u8>> {
        let path = |end: &str| -> PathBuf { self.folders.of(queue).join(format!("{base}.{end}")) };
        ["pck", "bak", "pck"].iter().find_map(|end| durable::read_file(&path(end), ENTRY_LIMIT).ok())
    }
}

fn saves(event: &Event, list: &str) -> bool {
    matches!(event, Event::Saved { list: saved, .. } | Event::Removed { list: saved } if saved == list)
}

/// Which of them did what cannot always be determined.
fn share(open: &mut Open) {
    open.unclear.get_or_insert("two runners worked for the list at once");
}

/// List and Message-ID of an entry.
fn about(bytes: &[u8]) -> (String, ByteStr) {
    let about = Entry::parse(&ByteStr::from(bytes)).map(|entry| entry.about()).unwrap_or_default();
    (about.list.to_latin1(), about.message_id)
}

/// Where the metadata begins; 0 where that cannot be determined.
fn boundary(bytes: &[u8]) -> usize {
    Entry::parse_with_boundary(&ByteStr::from(bytes)).map_or(0, |(_, boundary)| boundary)
}
