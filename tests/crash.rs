//! The real program is killed at each durable step in turn, started again, and its mail counted.

#![allow(clippy::expect_used)]

mod support;

use compat::queue::QueueName;
use std::fs;
use std::process::{Command, Stdio};
use support::*;

/// The system calls by which files change.
const STEPS: &str = "openat,write,fsync,linkat,rename,unlink";
const POSTS: usize = 3;

fn has_strace() -> bool {
    let asked = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

fn post(number: usize) -> String {
    let head = "From: ann@example.org\nTo: garden@lists.example.com\nSubject: x\n";
    format!("{head}Message-ID: <post{number}@example.org>\n\nHello.\n")
}

/// How often a post is in a queue, in entries that runners take or took.
fn copies(site: &TestSite, queue: &str, number: usize) -> usize {
    let id = format!("<post{number}@example.org>");
    let entries = site.queue(queue).into_iter().filter(|name| name.ends_with(".pck") || name.ends_with(".bak"));
    let holds = |name: &String| {
        let bytes = fs::read(site.path("qfiles").join(queue).join(name)).unwrap_or_default();
        bytes.windows(id.len()).any(|window| window == id.as_bytes())
    };
    entries.filter(holds).count()
}

/// The program under strace, killed at the N-th step after the first entry was taken; whether it came to that.
fn killed(site: &TestSite, call: &str, nth: usize) -> bool {
    let inject = format!("inject={call}:signal=KILL:when={nth}");
    let mut command = site.command("strace", &["-f", "-qq", "-o", "/dev/null", "-e"]);
    command.args([&format!("trace={STEPS}"), "-e", &inject, QRUNNER, "-r", "Incoming", "-r", "Incoming", "-o"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace runs");
    !status.success()
}

fn all_is_there(site: &TestSite, what: &str) {
    for lock in site.names_of_locks() {
        // Whether its holder is dead cannot be seen from every container.
        fs::remove_file(site.path("locks").join(lock)).expect("removed");
    }
    while !site.queue("in").is_empty() {
        site.run(QRUNNER, &["-r", "Incoming", "-o"]);
    }
    assert!(site.queue("shunt").is_empty() && site.queue("bad").is_empty(), "{what}");
    for queue in ["out", "archive"] {
        let counts: Vec<usize> = (0..POSTS).map(|number| copies(site, queue, number)).collect();
        assert!(counts.iter().all(|count| (1..=2).contains(count)), "{what}: {queue} {counts:?}");
    }
}

#[test]
fn a_kill_at_each_step_loses_nothing() {
    if !has_strace() {
        eprintln!("skipped: a_kill_at_each_step_loses_nothing needs strace");
        return;
    }
    let mut kills = 0;
    for call in ["write", "fsync", "linkat", "rename", "unlink"] {
        for nth in 1.. {
            let site = TestSite::new();
            (0..POSTS).for_each(|number| site.enqueue(QueueName::In, "garden", &post(number)));
            let was_killed = killed(&site, call, nth);
            all_is_there(&site, &format!("killed at {call} {nth}"));
            if !was_killed {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 20, "only {kills} kills");
}
