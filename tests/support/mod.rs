//! What whole-program tests share: a site of its own for each, commands on it, and waiting for what must become true.
#![allow(dead_code)]

use compat::email::parser::parse;
use compat::list::Held;
use compat::list::LockedList;
use compat::pickle::{self, Protocol};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::site::Site;
use compat::value::{Dict, Value};
use mailman2::demo::new_list::{self, NewList, NewMember};
use mailman2::demo::site;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Nothing here takes longer unless it is broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub const QRUNNER: &str = env!("CARGO_BIN_EXE_qrunner");
pub const MAILMANCTL: &str = env!("CARGO_BIN_EXE_mailmanctl");
pub const MAILMAN2_RS: &str = env!("CARGO_BIN_EXE_mailman2-rs");

/// A site in a folder of its own, with the list `garden`. Its processes are ended and its folder removed when it goes.
pub struct TestSite {
    pub site: Rc<Site>,
    folder: tempfile::TempDir,
}

impl TestSite {
    pub fn new() -> TestSite {
        TestSite::with(&[])
    }

    /// With lines for mm_cfg.py.
    pub fn with(settings: &[&str]) -> TestSite {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let site = site::create(folder.path(), &settings).expect("a site");
        let members = [NewMember { address: "ann@example.org", name: "Ann", digest: false }];
        let list = NewList { name: "garden", owners: &["rose@example.com"], members: &members };
        new_list::create(&site, &list).expect("a list");
        TestSite { site, folder }
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env("MAILMAN_PREFIX", self.folder.path()).env("TZ", "UTC").stdin(Stdio::null());
        command
    }

    pub fn run(&self, program: &str, args: &[&str]) -> Output {
        self.command(program, args).output().expect("the program runs")
    }

    pub fn spawn(&self, program: &str, args: &[&str]) -> Running {
        let mut command = self.command(program, args);
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts"))
    }

    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.path("logs").join(name)).unwrap_or_default()
    }

    /// Puts a message into a queue as Mailman's scripts do.
    pub fn enqueue(&self, queue: QueueName, list: &str, message: &str) {
        let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&self.path("qfiles"))));
        let metadata = Metadata::new().with("listname", compat::value::Value::str(list));
        outbox.enqueue(queue, &EntryMessage::Raw(message.into()), &metadata).expect("enqueued");
        outbox.commit().expect("committed");
    }

    /// The names in a queue, sorted.
    pub fn queue(&self, name: &str) -> Vec<String> {
        names(&self.path("qfiles").join(name))
    }

    pub fn names_of_locks(&self) -> Vec<String> {
        names(&self.path("locks"))
    }

    pub fn mbox(&self) -> String {
        std::fs::read_to_string(compat::list::archive_mbox(&self.site, b"garden")).unwrap_or_default()
    }
}

impl Drop for TestSite {
    fn drop(&mut self) {
        let pid_file = self.path("data/master-qrunner.pid");
        if pid_file.exists() {
            let _ =
                self.command(MAILMANCTL, &["-q", "-u", "stop"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }
}

/// Holds a post for the moderators of a list, as the pipeline does.
pub fn hold(list: &mut LockedList, sender: &str, subject: &str, text: &str) {
    let post = pickle::dumps(&parse(&text.into()).to_value(), Protocol::P1).expect("a pickle");
    let held = Held {
        sender: sender.into(),
        subject: Value::str(subject),
        reason: Value::str("because"),
        metadata: Value::dict(Dict::new()),
    };
    list.hold_message(held, |out, _| out.write_all(&post)).expect("held");
}

/// A process in the background; killed when it goes.
pub struct Running(pub Child);

impl Running {
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.0.id() as i32);
        nix::sys::signal::kill(pid, signal).expect("signalled");
    }

    /// Its exit status, which must come.
    pub fn status(&mut self) -> std::process::ExitStatus {
        wait("the end of a process", || self.0.try_wait().expect("waited").is_some());
        self.0.wait().expect("waited")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let listing = std::fs::read_dir(folder).map(|items| items.flatten().collect::<Vec<_>>()).unwrap_or_default();
    let mut names: Vec<String> = listing.iter().map(|item| item.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Waits until something is so; fails the test if it never is.
pub fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
