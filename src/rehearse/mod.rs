//! The evening of the switch, tried out: the site is copied into a temporary folder, our runners work off its queues there,
//! and a mail server that passes nothing on takes what they send. The site itself is only read.
//!
//! What would reach beyond the copy is left out: news is not posted, archives are not handed to programs of the site's, and its
//! own Python does not run unless that is wished.

mod work;

use crate::queues::stuck::{self, Stuck};
use crate::testing::smtp_sink::{Answers, Received, Sink};
use compat::durable;
use compat::queue::look::look;
use compat::queue::{QueueFolders, QueueName};
use compat::site::{settings, Site};
use compat::value::Value;
use migration::collect::{self, Archives, CollectError};
use migration::progress::Progress;
use migration::restore::{self, places, RestoreError};
use migration::verify::{compare, Account, ManifestError};
use migration::Engine;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Maximum number of lines of the error log that are shown.
const MAX_LOG_LINES: usize = 200;
const LOG_LIMIT: u64 = 64 << 20;

/// What is wished of a rehearsal.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where the copy is made; it goes afterwards.
    pub folder: PathBuf,
    pub archives: Archives,
    /// Handlers and commands of the site's own run in its Python.
    pub with_python: bool,
    /// No longer than this.
    pub limit: Duration,
    /// The copy stays.
    pub stays: bool,
}

/// What would happen.
#[derive(Debug)]
pub struct Rehearsal {
    /// Where the copy is, if it stays.
    pub copy: PathBuf,
    /// Entries that waited, by queue, before and after.
    pub queues: Vec<(&'static str, usize, usize)>,
    pub account: Account,
    /// Messages that went to the mail server, and their recipients.
    pub messages: usize,
    pub recipients: usize,
    pub bytes: usize,
    /// By sender, the most first: the list's address for bounces tells which list it was.
    pub senders: Vec<(String, usize)>,
    /// Entries that are stuck in the copy and were not in the site.
    pub stuck: Vec<Stuck>,
    /// What the error log would say.
    pub errors: Vec<String>,
    /// Messages held for moderators: before and after.
    pub held: (usize, usize),
    pub took: Duration,
    /// Whether the limit of time ended it.
    pub was_ended: bool,
}

impl Rehearsal {
    /// Whether nothing speaks against the switch.
    pub fn is_good(&self) -> bool {
        self.stuck.is_empty() && self.account.is_complete(&silent()) && !self.was_ended
    }
}

/// Queues whose runners log no message ids: what they did with a message can't be proved.
pub fn silent() -> Vec<String> {
    ["bounces", "commands", "news"].map(String::from).to_vec()
}

/// Why nothing was tried.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    /// The site could not be copied.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// The copy could not be made.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Its messages.
    #[error(transparent)]
    Messages(#[from] ManifestError),
    /// Its settings.
    #[error(transparent)]
    Setting(#[from] compat::site::SettingError),
    /// A file or a process.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}

fn during(what: impl ToString) -> impl FnOnce(io::Error) -> RehearseError {
    move |source| RehearseError::Io { what: what.to_string(), source }
}

/// Copies the site, works its queues off, and tells what came of it.
///
/// # Errors
/// See [`RehearseError`]. The copy is gone then too.
pub fn rehearse(
    site: &Site,
    engine: &dyn Engine,
    wish: &Wish,
    progress: &mut dyn Progress,
) -> Result<Rehearsal, RehearseError> {
    let folder = Temporary::new(&wish.folder).map_err(during(wish.folder.display()))?;
    let sink = Sink::start(Answers::friendly()).map_err(during("the mail server of the rehearsal"))?;
    let copy = copy(site, engine, wish, &folder.0, sink.port(), progress)?;
    let folders = QueueFolders::from_settings(&copy.site.settings)?;
    let before = count(&folders);
    let stuck_before = entries_stuck(&copy.site, &folders)?;
    let held_before = held(&copy.site);
    let log_before = fs::metadata(error_log(&copy.site)).map_or(0, |about| about.len());
    let start = Instant::now();
    let was_ended = !work::off(&copy.site, wish.limit, progress).map_err(during("qrunner"))?;
    let took = start.elapsed();
    let received = sink.received();
    let after = count(&folders);
    let known: Vec<String> = stuck_before.into_iter().map(|stuck| stuck.entry).collect();
    let stuck =
        entries_stuck(&copy.site, &folders)?.into_iter().filter(|stuck| !known.contains(&stuck.entry)).collect();
    let rehearsal = Rehearsal {
        copy: copy.site.home.clone(),
        queues: before.into_iter().zip(after).map(|((name, before), (_, after))| (name, before, after)).collect(),
        account: compare(&copy.site, &copy.manifest)?,
        messages: received.len(),
        recipients: received.iter().map(|one| one.recipients.len()).sum(),
        bytes: received.iter().map(|one| one.data.as_ref().map_or(0, Vec::len)).sum(),
        senders: senders(&received),
        stuck,
        errors: new_errors(&copy.site, log_before),
        held: (held_before, held(&copy.site)),
        took,
        was_ended,
    };
    if wish.stays {
        folder.keep();
    }
    Ok(rehearsal)
}

/// The folder of the copy; it goes when this does.
pub struct Temporary(PathBuf);

impl Temporary {
    /// Makes one.
    ///
    /// # Errors
    /// It can't be made there.
    pub fn new(above: &Path) -> io::Result<Temporary> {
        Ok(Temporary(nix::unistd::mkdtemp(&above.join("mailman2-rs-rehearsal-XXXXXX"))?))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Left behind it does no harm.
        let _ = durable::remove_tree(&self.0);
    }
}

/// Collected and restored, as on the evening itself.
///
/// # Errors
/// The site can't be read, or the copy can't be written.
pub fn copy(
    site: &Site,
    engine: &dyn Engine,
    wish: &Wish,
    folder: &Path,
    port: u16,
    progress: &mut dyn Progress,
) -> Result<restore::Restored, RehearseError> {
    let archive = folder.join("site.tar");
    let wanted = collect::Wish { is_last: false, archives: wish.archives, machine: folder.join("no machine") };
    collect::to_file(site, engine, &wanted, &archive, progress)?;
    let root = folder.join("site");
    let below = |path: PathBuf| {
        let new = root.join(path.strip_prefix("/").unwrap_or(&path));
        (path, new)
    };
    let wanted = restore::Wish {
        paths: places(site).into_iter().map(below).collect(),
        may_be_live: true,
        settings: closed_in(port, wish.with_python),
        ..restore::Wish::default()
    };
    let copy = restore::restore(&archive, &wanted, progress)?;
    durable::unlink(&archive).map_err(during(archive.display()))?;
    give_way(&copy.site, folder).map_err(during(folder.display()))?;
    Ok(copy)
}

/// Settings under which nothing leaves the copy.
fn closed_in(port: u16, with_python: bool) -> Vec<(String, Value)> {
    let mut closed = vec![
        ("SMTPHOST", Value::str("127.0.0.1")),
        ("SMTPPORT", Value::Int(i64::from(port))),
        ("SMTP_AUTH", Value::Bool(false)),
        ("SMTP_USE_TLS", Value::Bool(false)),
        ("DELIVERY_MODULE", Value::str("SMTPDirect")),
        ("PUBLIC_EXTERNAL_ARCHIVER", Value::Bool(false)),
        ("PRIVATE_EXTERNAL_ARCHIVER", Value::Bool(false)),
    ];
    if !with_python {
        closed.push(("MAILMAN2_RS_PYTHON", Value::str("/nonexistent")));
    }
    closed.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// As root the copy belongs to the list user, who must get to it.
fn give_way(copy: &Rc<Site>, folder: &Path) -> io::Result<()> {
    let lists = fs::metadata(copy.settings.path(settings::LIST_DATA_DIR))?;
    match nix::unistd::geteuid().is_root() {
        true => durable::set_owner(folder, lists.uid(), lists.gid()),
        false => Ok(()),
    }
}

/// Entries of each queue.
fn count(folders: &QueueFolders) -> Vec<(&'static str, usize)> {
    let entries = |queue| look(folders, queue).unwrap_or_default().iter().filter(|file| file.is_entry()).count();
    QueueName::ALL.into_iter().map(|queue| (queue.folder(), entries(queue))).collect()
}

/// What lies in `shunt` and `bad`; in other queues the age of the copied files says nothing.
fn entries_stuck(site: &Site, folders: &QueueFolders) -> Result<Vec<Stuck>, RehearseError> {
    let stuck = stuck::all(site, folders).map_err(during("the queues of the copy"))?;
    Ok(stuck
        .into_iter()
        .filter(|stuck| ["shunt/", "bad/"].iter().any(|queue| stuck.entry.starts_with(queue)))
        .collect())
}

fn held(site: &Site) -> usize {
    let listing = fs::read_dir(site.settings.path(settings::DATA_DIR));
    let names = listing.into_iter().flatten().flatten().map(|item| item.file_name());
    names.filter(|name| name.to_string_lossy().starts_with("heldmsg-")).count()
}

fn error_log(site: &Site) -> PathBuf {
    site.settings.path(settings::LOG_DIR).join("error")
}

fn new_errors(site: &Site, before: u64) -> Vec<String> {
    let log = durable::read_file(&error_log(site), before.saturating_add(LOG_LIMIT)).unwrap_or_default();
    let new = log.get(usize::try_from(before).unwrap_or(0)..).unwrap_or_default();
    let lines = new.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    lines.take(MAX_LOG_LINES).map(|line| String::from_utf8_lossy(line).into_owned()).collect()
}

fn senders(received: &[Received]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in received {
        *counts.entry(without_verp(&one.sender)).or_default() += one.recipients.len();
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// `list-bounces+member=host@domain` is the list's address too.
fn without_verp(sender: &str) -> String {
    match (sender.split_once('+'), sender.rsplit_once('@')) {
        (Some((list, _)), Some((_, host))) => format!("{list}@{host}"),
        _ => sender.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_lists() {
        assert_eq!(
            without_verp("garden-bounces+ann=example.org@lists.example.com"),
            "garden-bounces@lists.example.com"
        );
        assert_eq!(without_verp("garden-bounces@lists.example.com"), "garden-bounces@lists.example.com");
        assert_eq!(without_verp(""), "");
    }
}
