//! The demonstration of the README: a small site in a temporary folder, its runners, a mail server that keeps what it
//! gets, and one post on its way through all of them; then its pages, for as long as somebody wants to look. Needs no
//! Mailman, no Python, no mail server and no rights.

pub mod new_list;
mod pages;
pub mod site;

use crate::clock;
use crate::master::is_running;
use crate::testing::smtp_sink::{Answers, Received, Sink};
use compat::email::date::formatdate;
use compat::list::archive_mbox;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueError, QueueFolders, QueueName};
use compat::site::{settings, SettingError, Site};
use new_list::{NewList, NewMember};
use nix::unistd::{geteuid, User};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Nothing of this takes longer unless something is broken.
const PATIENCE: Duration = Duration::from_secs(30);
const RUNNERS: usize = 8;
const LIST: &str = "garden";
const OWNERS: [&str; 2] = ["rose@example.com", "basil@example.com"];
const MEMBERS: [NewMember; 4] = [
    NewMember { address: "ann@example.org", name: "Ann Appletree", digest: false },
    NewMember { address: "ben@example.net", name: "Ben Bramble", digest: false },
    NewMember { address: "cleo@example.com", name: "Cleo Clover", digest: false },
    NewMember { address: "dora@example.org", name: "Dora Daisy", digest: true },
];
/// The date comes in front.
const POST: &str = "\
From: Ann Appletree <ann@example.org>
To: garden@lists.example.com
Subject: Slugs
Message-ID: <slugs@example.org>

They ate the lettuce again. What do you do about them?
";

/// Why the demonstration stopped.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The site could not be made.
    #[error(transparent)]
    Site(#[from] site::NewSiteError),
    /// Its list.
    #[error(transparent)]
    List(#[from] crate::lists::CreateError),
    /// A setting of it.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Its queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The server of its pages.
    #[error(transparent)]
    Serve(#[from] crate::web::serve::ServeError),
    /// A file or a process.
    #[error("{what}: {source}")]
    Io { what: &'static str, source: io::Error },
    /// Something did not happen in time.
    #[error("waited in vain: {0}")]
    TooLong(&'static str),
}

fn during(what: &'static str) -> impl Fn(io::Error) -> DemoError {
    move |source| DemoError::Io { what, source }
}

/// Runs it. Progress is reported through `say`; after an error, the site's error log too. Where it
/// `stays`, it ends by showing the site's pages until somebody stops it.
///
/// # Errors
/// The step that failed.
pub fn run(say: &dyn Fn(&str), stays: bool) -> Result<(), DemoError> {
    let folder = TemporaryFolder::new()?;
    let outcome = in_folder(&folder.0, say, stays);
    if outcome.is_err() {
        let log = std::fs::read_to_string(folder.0.join("logs/error")).unwrap_or_default();
        say(&format!("The site's error log:\n{log}"));
    }
    outcome
}

fn in_folder(folder: &Path, say: &dyn Fn(&str), stays: bool) -> Result<(), DemoError> {
    let sink = Sink::start(Answers::friendly()).map_err(during("mail server of the demonstration"))?;
    let door = pages::Door::open()?;
    let mut settings = vec![format!("SMTPPORT = {}", sink.port())];
    settings.extend(door.settings());
    let site = site::create(folder, &settings)?;
    new_list::create(&site, &NewList { name: LIST, owners: &OWNERS, members: &MEMBERS })?;
    say(&format!(
        "A site in {}, with the list {LIST}: {} members, {} owners.",
        folder.display(),
        MEMBERS.len(),
        OWNERS.len()
    ));
    let master = Master::start(&site)?;
    say(&format!("mailmanctl start: master {}, {RUNNERS} runners.", master.pid));
    post(&site)?;
    say("A post by Ann is in the queue \"in\".");
    let copies = wait_for_copies(&sink)?;
    copies.iter().for_each(|copy| say(&show(copy)));
    let mbox = archive_mbox(&site, LIST.as_bytes());
    wait("the post in the archive", || holds(&mbox, "Subject:"))?;
    say(&format!("The archive has it: {} bytes in {}.", size(&mbox), mbox.display()));
    let pages = site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR).join(LIST);
    wait("the page in the archive", || first_page(&pages).is_some_and(|page| holds(&page, "lettuce")))?;
    say(&format!("And as a page for readers: {}.", first_page(&pages).unwrap_or_default().display()));
    let digest = site.settings.path(settings::LIST_DATA_DIR).join(LIST).join("digest.mbox");
    wait("the post in the next digest", || holds(&digest, "Subject:"))?;
    say(&format!("Dora gets it with the next digest: {} bytes in {}.", size(&digest), digest.display()));
    if stays {
        door.show(&site, &sink, say)?;
    }
    master.stop()?;
    say("mailmanctl stop: all runners have ended.");
    Ok(())
}

/// A folder that goes when this does.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Result<Self, DemoError> {
        let template = std::env::temp_dir().join("mailman2-rs-demo-XXXXXX");
        let made = nix::unistd::mkdtemp(&template).map_err(|e| during("temporary folder")(e.into()))?;
        Ok(TemporaryFolder(made))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Left behind it does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The master of the site; ended when this is dropped.
struct Master {
    site: Rc<Site>,
    pid: i32,
}

impl Master {
    fn start(site: &Rc<Site>) -> Result<Master, DemoError> {
        mailmanctl(site, "start")?;
        let pid_file = site.settings.path(settings::PIDFILE);
        let read = || std::fs::read_to_string(&pid_file).ok()?.trim().parse().ok();
        wait("the master's pid file", || read().is_some())?;
        let master = Master { site: Rc::clone(site), pid: read().unwrap_or_default() };
        let log = site.settings.path(settings::LOG_DIR).join("qrunner");
        let started = || std::fs::read_to_string(&log).unwrap_or_default().matches(" qrunner started.").count();
        wait("all runners", || started() >= RUNNERS)?;
        Ok(master)
    }

    fn stop(&self) -> Result<(), DemoError> {
        if self.is_alive() {
            mailmanctl(&self.site, "stop")?;
        }
        wait("the end of the master", || !self.is_alive())
    }

    fn is_alive(&self) -> bool {
        is_running(self.pid)
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        // A second attempt only after an error, which is the one to be told.
        let _ = self.stop();
    }
}

fn mailmanctl(site: &Site, command: &str) -> Result<(), DemoError> {
    let failed = during("mailmanctl");
    let mut call = Command::new(std::env::current_exe().map_err(&failed)?);
    call.arg("mailmanctl").arg("-q");
    // A user without a name cannot be MAILMAN_USER.
    if User::from_uid(geteuid()).ok().flatten().is_none() {
        call.arg("-u");
    }
    let status = call.arg(command).env("MAILMAN_PREFIX", &site.home).stdout(Stdio::null()).status().map_err(&failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(io::Error::other(status.to_string())))
    }
}

/// What Mailman's wrapper does with a message that the mail server pipes to it.
fn post(site: &Site) -> Result<(), DemoError> {
    let folders = QueueFolders::from_settings(&site.settings)?;
    let mut outbox = Outbox::new(Rc::new(folders));
    let mut metadata = Metadata::new();
    metadata.set_str("listname", LIST);
    metadata.set_int("tolist", 1);
    let now = clock::since_epoch().as_secs();
    let dated = format!("Date: {}\n{POST}", formatdate(i64::try_from(now).unwrap_or_default(), false));
    outbox.enqueue(QueueName::In, &EntryMessage::Raw(dated.into()), &metadata)?;
    outbox.commit()?;
    Ok(())
}

/// One copy for each member who gets single posts, Ann too: she did not ask to be left out.
fn wait_for_copies(sink: &Sink) -> Result<Vec<Received>, DemoError> {
    let wanted = MEMBERS.iter().filter(|member| !member.digest).count();
    let delivered = || -> usize { sink.received().iter().map(|copy| copy.recipients.len()).sum() };
    wait("the copies", || delivered() >= wanted)?;
    Ok(sink.received())
}

fn show(copy: &Received) -> String {
    let text = String::from_utf8_lossy(copy.data.as_deref().unwrap_or_default()).into_owned();
    let indented: String = text.lines().map(|line| format!("    | {line}\n")).collect();
    format!("To {} from {}:\n{}", copy.recipients.join(", "), copy.sender, indented.trim_end())
}

/// The page of the first article in whatever volume it is.
fn first_page(pages: &Path) -> Option<PathBuf> {
    let volumes = std::fs::read_dir(pages).ok()?.flatten().map(|volume| volume.path().join("000000.html"));
    volumes.into_iter().find(|page| page.exists())
}

fn holds(path: &Path, text: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|found| found.contains(text))
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |about| about.len())
}

/// Waits until something is so.
fn wait(what: &'static str, mut is_so: impl FnMut() -> bool) -> Result<(), DemoError> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > PATIENCE {
            return Err(DemoError::TooLong(what));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
