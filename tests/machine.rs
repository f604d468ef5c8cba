//! What runners do to their machine, and what they do when it fails them: memory, sleep, a full disk.
#![allow(clippy::expect_used)]

mod support;

use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::value::Value;
use nix::sys::signal::Signal;
use std::fs;
use std::process::{Command, Stdio};
use std::rc::Rc;
use support::*;

fn status_line(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with(name)).expect("such a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

fn start(site: &TestSite) -> Running {
    let runner = site.spawn(QRUNNER, &["-r", "Arch"]);
    wait("the start", || site.log("qrunner").contains("started."));
    runner
}

fn stop(mut runner: Running) {
    runner.signal(Signal::SIGTERM);
    assert_eq!(runner.status().code(), Some(15));
}

#[test]
fn memory_is_given_back_after_a_large_entry() {
    let site = TestSite::with(&["ARCHIVE_TO_MBOX = 1"]);
    let runner = start(&site);
    let pid = runner.0.id();
    site.enqueue(QueueName::Archive, "garden", "Subject: small\n\nHello.\n");
    wait("the small one", || site.queue("archive").is_empty());
    let idle = status_line(pid, "VmRSS:");
    let line = "Leaves upon leaves upon leaves.\n";
    let large = format!("Subject: large\n\n{}", line.repeat((32 << 20) / line.len()));
    site.enqueue(QueueName::Archive, "garden", &large);
    wait("the large one", || site.queue("archive").is_empty());
    wait("memory back", || status_line(pid, "VmRSS:") < idle + (8 << 10));
    assert!(status_line(pid, "VmHWM:") > idle + (24 << 10), "it was in memory once");
    stop(runner);
}

/// The answer to the second has five times its size: each line comes back behind four blanks.
#[test]
fn commands_without_end_take_little_more_than_their_answer() {
    const SIZE: usize = 1 << 20;
    let site = TestSite::with(&[]);
    let mut runner = site.spawn(QRUNNER, &["-r", "Command"]);
    wait("the start", || site.log("qrunner").contains("started."));
    let pid = runner.0.id();
    let idle = status_line(pid, "VmHWM:");
    let head = "From: anna@example.org\nMessage-ID: <long@example.org>\n";
    for text in
        [format!("Subject: echo {}\n\n", "a ".repeat(SIZE / 2)), format!("Subject: echo\n{}", "\n".repeat(SIZE))]
    {
        ask(&site, &format!("{head}{text}"));
        wait("the answer", || site.queue("commands").is_empty());
    }
    let peak = status_line(pid, "VmHWM:") - idle;
    assert!(peak < 20 * (SIZE >> 10) as u64, "{peak} KB");
    assert_eq!((site.queue("virgin").len(), site.queue("shunt").len()), (2, 0));
    runner.signal(Signal::SIGTERM);
    assert_eq!(runner.status().code(), Some(15));
}

fn ask(site: &TestSite, text: &str) {
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&site.path("qfiles"))));
    let metadata = Metadata::new().with("listname", Value::str("garden")).with("torequest", Value::Int(1));
    outbox.enqueue(QueueName::Commands, &EntryMessage::Raw(text.into()), &metadata).expect("enqueued");
    outbox.commit().expect("committed");
}

#[test]
fn an_idle_runner_sleeps() {
    let site = TestSite::with(&["ARCHIVE_TO_MBOX = 1"]);
    let runner = start(&site);
    let pid = runner.0.id();
    let switches = || status_line(pid, "voluntary_ctxt_switches:");
    // Let the start come to rest: no switch within a second.
    let mut last = switches();
    wait("rest", || {
        std::thread::sleep(std::time::Duration::from_secs(1));
        std::mem::replace(&mut last, switches()) == last
    });
    let before = switches();
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(switches(), before, "Python wakes three times here");
    stop(runner);
}

/// A file system of the given size; none where mounting is not allowed.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &std::path::Path, size: &str) -> Option<SmallDisk> {
        fs::create_dir_all(at).expect("made");
        mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "none"], at).then(|| SmallDisk(at.to_path_buf()))
    }

    fn grow(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}")], &self.0));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(options: &[&str], at: &std::path::Path) -> bool {
    let status = Command::new("mount").args(options).arg(at).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_keeps_the_entry_and_says_so_once() {
    let site = TestSite::with(&["ARCHIVE_TO_MBOX = 1"]);
    let Some(disk) = SmallDisk::mount(&site.path("archives/private/garden.mbox"), "64k") else {
        eprintln!("skipped: mounting a small disk is not allowed here");
        return;
    };
    let post = format!("Subject: long\nMessage-ID: <long@example.org>\n\n{}", "Twigs and leaves.\n".repeat(20_000));
    site.enqueue(QueueName::Archive, "garden", &post);
    let name = site.queue("archive");
    let runner = start(&site);
    let complaints = || site.log("error").matches("entries stay in the queue").count();
    wait("the complaint", || complaints() == 1);
    wait("the entry", || site.queue("archive") == name);
    assert_eq!(site.mbox(), "", "nothing half done");
    // Another entry does not bring it up again.
    site.enqueue(QueueName::Archive, "garden", "Subject: short\nMessage-ID: <short@example.org>\n\nHello.\n");
    wait("the short one", || site.mbox().contains("<short@example.org>"));
    assert_eq!(complaints(), 1);
    assert!(site.queue("shunt").is_empty() && site.queue("bad").is_empty());
    stop(runner);
    disk.grow("4m");
    site.run(QRUNNER, &["-r", "Arch", "-o"]);
    assert!(site.mbox().contains("<long@example.org>"));
    assert!(site.queue("archive").is_empty());
    drop(disk);
}
