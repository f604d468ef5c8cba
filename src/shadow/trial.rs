//! Our runner on a copy: one entry, the list as it was, an otherwise empty site; and what came of it beside what Python made.

use super::compare::{differences, Difference};
use super::logs::{refuses, Line, Logs};
use super::outcome::{log_line, Outcome};
use super::snapshot::Snapshot;
use super::{during, ShadowError, Wish, FROM_OUTSIDE, QUEUES};
use crate::rehearse::{self, Temporary};
use crate::testing::smtp_sink::{Answers, Sink};
use chrono::NaiveDate;
use compat::clock;
use compat::durable;
use compat::queue::look::{self, look};
use compat::queue::{QueueFolders, QueueName, ENTRY_LIMIT};
use compat::site::{settings, Site};
use compat::ByteStr;
use migration::collect::Archives;
use migration::progress::Silent;
use migration::Engine;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An entry that takes longer is given up.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(5);
const MODE: u32 = 0o660;

/// What a runner made.
#[derive(Clone, Debug)]
pub enum Made {
    Entry { queue: String, bytes: Vec<u8> },
    Held { name: String, bytes: Vec<u8> },
}

/// An entry that Python's runner is done with.
pub struct Job {
    pub queue: QueueName,
    pub base: String,
    pub bytes: Vec<u8>,
    pub list: String,
    /// The list before and after; `None` where that is not known, or where the runner does not change it.
    pub before: Option<Arc<Snapshot>>,
    pub after: Option<Arc<Snapshot>>,
    /// Posts that were held, where the runner may decide about them.
    pub held: Vec<(String, Vec<u8>)>,
    pub made: Vec<Made>,
    /// Lines that this entry's runner wrote and nobody else.
    pub log: Vec<Line>,
    /// Lines among which are those of this entry's runner.
    pub logged: Vec<Line>,
    /// What the archive's mbox got.
    pub mbox: Vec<u8>,
    /// The day on which the runner was done with it.
    pub day: NaiveDate,
    /// Why a difference would prove nothing.
    pub unclear: Option<&'static str>,
}

/// What became of a comparison.
pub enum Verdict {
    Equal,
    Different {
        entry: String,
        list: String,
        message_id: String,
        differences: Vec<Difference>,
    },
    /// It could not be compared.
    Unclear(String),
}

/// A copy of the site that has no lists and no mail.
pub struct Trial {
    home: PathBuf,
    /// Below it everything of the copy lies under its old path.
    root: String,
    folders: QueueFolders,
    lists: PathBuf,
    data: PathBuf,
    locks: PathBuf,
    archives: PathBuf,
    logs: Logs,
    /// The owner of the copy.
    owner: (u32, u32),
    /// Takes what is delivered, and passes nothing on.
    sink: Sink,
    _folder: Temporary,
}

impl Trial {
    /// Makes the copy.
    ///
    /// # Errors
    /// The site can't be read, or the copy can't be written.
    pub fn prepare(site: &Site, engine: &dyn Engine, wish: &Wish) -> Result<Trial, ShadowError> {
        let folder = Temporary::new(&wish.folder).map_err(during(wish.folder.display()))?;
        let wanted = rehearse::Wish {
            folder: wish.folder.clone(),
            archives: Archives::None,
            with_python: false,
            limit: PATIENCE,
            stays: false,
        };
        let sink = Sink::start(Answers::friendly()).map_err(during("the mail server of the copy"))?;
        let copy = rehearse::copy(site, engine, &wanted, folder.path(), sink.port(), &mut Silent)?;
        let settings = &copy.site.settings;
        let folders =
            QueueFolders::from_settings(settings).map_err(|error| during("queues")(io::Error::other(error)))?;
        let lists = settings.path(settings::LIST_DATA_DIR);
        let about = fs::metadata(&lists).map_err(during(lists.display()))?;
        Ok(Trial {
            home: copy.site.home.clone(),
            root: folder.path().join("site").display().to_string(),
            folders,
            data: settings.path(settings::DATA_DIR),
            locks: settings.path(settings::LOCK_DIR),
            archives: settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR),
            logs: Logs::of(&copy.site),
            sink,
            lists,
            owner: (about.uid(), about.gid()),
            _folder: folder,
        })
    }

    /// Tries one entry.
    pub fn run(&mut self, job: &Job) -> Verdict {
        let Some(before) = &job.before else {
            let entry = format!("{}/{}", job.queue.folder(), job.base);
            return Verdict::Unclear(format!("{entry}: {}", job.unclear.unwrap_or("its list could not be read")));
        };
        match self.outcome(job, before) {
            Ok(ours) => judge(job, &ours, &self.root),
            Err(error) => Verdict::Unclear(format!("ours could not be run: {error}")),
        }
    }

    fn outcome(&self, job: &Job, before: &Snapshot) -> io::Result<Outcome> {
        self.clear(job, before)?;
        let entry = self.folders.of(job.queue).join(format!("{}.pck", job.base));
        self.put(&entry, &job.bytes)?;
        let runner = QUEUES.iter().find(|(queue, _)| *queue == job.queue).map_or("", |(_, runner)| runner);
        self.runner(runner)?;
        if entry.exists() {
            return Err(io::Error::other("it waits, for Python code of the site's own or for a lock"));
        }
        let mut ours = Outcome::default();
        for queue in QueueName::ALL.into_iter().filter(|queue| !FROM_OUTSIDE.contains(queue)) {
            for file in look(&self.folders, queue)?.iter().filter(|file| file.kind == look::FileKind::Queued) {
                let bytes = durable::read_file(&file.path(&self.folders), ENTRY_LIMIT)?;
                ours.add_entry(queue.folder(), &bytes, Some(&self.root));
            }
        }
        for (name, bytes) in self.held(&job.list)? {
            if !before.held.contains(&name) {
                ours.add_held(&bytes);
            }
        }
        let copy = Site::open(&self.home).map_err(io::Error::other)?;
        if let (true, Some(after)) = (job.after.is_some(), Snapshot::take(&copy, &job.list)) {
            ours.set_list(&after);
            ours.hide_passwords(before, &after);
        }
        ours.set_mbox(&self.logs.mbox_since(job.queue, &job.list, 0, 0));
        let log = self.logs.since(job.queue, &[], &job.list);
        log.iter().for_each(|(_, line)| ours.add_log(line));
        Ok(ours)
    }

    /// Leaves nothing but the list as it was.
    fn clear(&self, job: &Job, list: &Snapshot) -> io::Result<()> {
        let queues = QueueName::ALL.into_iter().map(|queue| self.folders.of(queue).to_path_buf());
        for folder in queues.chain([self.locks.clone()]) {
            files(&folder)?.iter().try_for_each(|path| durable::unlink(path))?;
        }
        for (name, _) in self.held("")? {
            durable::unlink(&self.data.join(name))?;
        }
        self.logs.clear()?;
        self.sink.forget();
        self.empty_archives(&list.list)?;
        let folder = self.lists.join(&list.list);
        durable::mkdir_all(&folder, 0o2775)?;
        self.give(&folder)?;
        files(&folder)?.iter().filter(|path| is_state(path)).try_for_each(|path| durable::unlink(path))?;
        list.files.iter().try_for_each(|(name, bytes)| self.put(&folder.join(name), bytes))?;
        job.held.iter().try_for_each(|(name, bytes)| self.put(&self.data.join(name), bytes))
    }

    /// Archives are begun anew for each entry.
    fn empty_archives(&self, list: &str) -> io::Result<()> {
        for item in fs::read_dir(&self.archives)? {
            durable::remove_tree(&item?.path())?;
        }
        for folder in [list.to_string(), format!("{list}.mbox")] {
            durable::mkdir_all(&self.archives.join(&folder), 0o2775)?;
            self.give(&self.archives.join(folder))?;
        }
        Ok(())
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        durable::put_page(path, MODE, bytes)?;
        self.give(path)
    }

    fn give(&self, path: &Path) -> io::Result<()> {
        match nix::unistd::geteuid().is_root() {
            true => durable::set_owner(path, self.owner.0, self.owner.1),
            false => Ok(()),
        }
    }

    /// Held posts of a list, or of all.
    fn held(&self, list: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
        let start = if list.is_empty() { "heldmsg-".to_string() } else { format!("heldmsg-{list}-") };
        let mut held = Vec::new();
        for path in files(&self.data)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(&start) {
                held.push((name, durable::read_file(&path, ENTRY_LIMIT)?));
            }
        }
        Ok(held)
    }

    fn runner(&self, name: &str) -> io::Result<()> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["qrunner", "-r", name, "-o"]).env("MAILMAN_PREFIX", &self.home);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if nix::unistd::geteuid().is_root() && self.owner.0 != 0 {
            command.gid(self.owner.1).uid(self.owner.0);
        }
        let mut child = command.spawn()?;
        let end = Instant::now() + PATIENCE;
        while child.try_wait()?.is_none() {
            if Instant::now() > end {
                child.kill()?;
                child.wait()?;
                return Err(io::Error::other("it took too long"));
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

/// Whether a file of a list's folder is of its state, and not a template of its own.
fn is_state(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".pck", ".pck.last", ".mbox"].iter().any(|end| name.ends_with(end))
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for item in fs::read_dir(folder)? {
        let item = item?;
        if item.file_type()?.is_file() {
            paths.push(item.path());
        }
    }
    Ok(paths)
}

fn judge(job: &Job, ours: &Outcome, root: &str) -> Verdict {
    let (mut python, mut ours) = (of_python(job), ours.clone());
    let logged: Vec<String> = job.logged.iter().map(|(_, line)| log_line(line)).collect();
    python.log.retain(|line| !ours.log.contains(line));
    ours.log.retain(|line| !logged.contains(line));
    if python.mbox.contains(&ours.mbox) {
        // What stands around it is of other posts.
        python.mbox.clone_from(&ours.mbox);
    }
    let differences = differences(&python, &ours);
    let entry = format!("{}/{}", job.queue.folder(), job.base);
    let another_day = (clock::local().date_naive() != job.day).then_some("the day was over before ours could be run");
    match (differences.is_empty(), job.unclear.or_else(|| refused(job)).or(another_day)) {
        (true, _) => Verdict::Equal,
        (false, Some(why)) => Verdict::Unclear(format!("{entry}: {why}")),
        (false, None) => {
            let parsed = compat::queue::Entry::parse(&ByteStr::from(&job.bytes[..]));
            let message_id = parsed.map(|entry| entry.about().message_id.to_latin1()).unwrap_or_default();
            let shown = differences.into_iter().map(|one| Difference { ours: one.ours.replace(root, ""), ..one });
            Verdict::Different { entry, list: job.list.clone(), message_id, differences: shown.collect() }
        }
    }
}

/// What a mail server refused can't be compared with one that takes everything.
fn refused(job: &Job) -> Option<&'static str> {
    let entry = compat::queue::Entry::parse(&ByteStr::from(&job.bytes[..])).ok()?;
    let recipients = entry.metadata.strings("recips").unwrap_or_default();
    let is_recipient = |address: &[u8]| recipients.iter().any(|one| one.eq_ignore_ascii_case(address));
    let message_id = entry.about().message_id;
    let is_refusal = |line: &Line| refuses(line, &message_id, is_recipient);
    job.logged.iter().any(is_refusal).then_some("the mail server did not take all of it")
}

fn of_python(job: &Job) -> Outcome {
    let mut python = Outcome::default();
    for made in &job.made {
        match made {
            Made::Entry { queue, bytes } => python.add_entry(queue, bytes, None),
            Made::Held { name, bytes } if !was_held(job, name) => python.add_held(bytes),
            Made::Held { .. } => {}
        }
    }
    if let Some(after) = &job.after {
        python.set_list(after);
    }
    if let (Some(before), Some(after)) = (&job.before, &job.after) {
        python.hide_passwords(before, after);
    }
    python.set_mbox(&job.mbox);
    job.log.iter().for_each(|(_, line)| python.add_log(line));
    python
}

fn was_held(job: &Job, name: &str) -> bool {
    job.before.iter().any(|before| before.held.iter().any(|known| known == name))
}
