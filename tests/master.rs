//! `mailmanctl` and its master: start, stop, restart, reopen, the lock, the pid file, what `ps` shows.

#![allow(clippy::expect_used)]

mod support;

use mailman2::master::is_running;
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::fs;
use support::*;

const RUNNERS: usize = 8;

fn ctl(site: &TestSite, command: &str) -> std::process::Output {
    site.run(MAILMANCTL, &["-u", "-q", command])
}

/// The master's process, once it is there and all its runners are.
fn start(site: &TestSite) -> i32 {
    let output = ctl(site, "start");
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    wait("all runners", || started(site) >= RUNNERS);
    pid(site)
}

fn started(site: &TestSite) -> usize {
    site.log("qrunner").matches(" qrunner started.\n").count()
}

fn pid(site: &TestSite) -> i32 {
    fs::read_to_string(site.path("data/master-qrunner.pid")).expect("a pid file").trim().parse().expect("a number")
}

/// The children of a process with their command lines.
fn children(parent: i32) -> Vec<(i32, String)> {
    let pids = names(std::path::Path::new("/proc")).into_iter().filter_map(|name| name.parse::<i32>().ok());
    let of_parent = pids.filter(|pid| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.lines().any(|line| line == format!("PPid:\t{parent}"))
    });
    of_parent
        .map(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            (pid, String::from_utf8_lossy(&line).trim_end_matches('\0').replace('\0', " "))
        })
        .collect()
}

fn stop(site: &TestSite, master: i32) {
    assert_eq!(ctl(site, "stop").status.code(), Some(0));
    wait("the end of the master", || !is_running(master));
}

#[test]
fn the_life_of_a_master() {
    let site = TestSite::new();
    let output = site.run(MAILMANCTL, &["-u", "start"]);
    let expected = "Warning!  You may encounter permission problems.\nStarting Mailman's master qrunner.\n";
    assert_eq!(stdout(&output), expected);
    wait("all runners", || started(&site) == RUNNERS);
    let master = pid(&site);
    let children = children(master);
    assert_eq!(children.len(), RUNNERS, "{children:?}");
    let qrunner = site.path("bin/qrunner");
    assert!(
        children.iter().any(|(_, line)| *line == format!("{} --runner=IncomingRunner:0:1 -s", qrunner.display())),
        "{children:?}"
    );
    let lock = fs::read_to_string(site.path("locks/master-qrunner")).expect("a lock");
    assert!(lock.ends_with(&format!(".{master}")), "{lock}");

    let again = site.run(MAILMANCTL, &["-u", "-q", "-s", "start"]);
    assert_eq!(again.status.code(), Some(0), "as ever");
    assert!(stderr(&again).contains(&format!("process {master}")), "{}", stderr(&again));
    assert_eq!(pid(&site), master);

    stop(&site, master);
    assert!(children.iter().all(|(pid, _)| !is_running(*pid)));
    assert!(names(&site.path("locks")).is_empty());
    let log = site.log("qrunner");
    assert!(log.contains(") Master watcher caught SIGTERM.  Exiting.\n"), "{log}");
    let end = "sig: None, sts: 15, class: ArchRunner, slice: 1/1) \n";
    assert!(log.contains(") Master qrunner detected subprocess exit\n(pid: ") && log.contains(end), "{log}");
    assert!(!log.contains("[restarting]"));
}

#[test]
fn restart_and_reopen() {
    let site = TestSite::new();
    let master = start(&site);
    let before = children(master);
    assert_eq!(ctl(&site, "reopen").status.code(), Some(0));
    wait("all logs", || site.log("qrunner").matches("caught SIGHUP.  Reopening logs.").count() == RUNNERS);
    assert!(site.log("qrunner").contains(") Master watcher caught SIGHUP.  Re-opening log files.\n"));
    assert_eq!(children(master).len(), RUNNERS);

    for round in 2..15 {
        assert_eq!(ctl(&site, "restart").status.code(), Some(0));
        wait("new runners", || started(&site) == round * RUNNERS);
    }
    let after = children(master);
    assert_eq!(after.len(), RUNNERS, "restarts that were asked for are free, {after:?}");
    assert!(after.iter().all(|child| !before.contains(child)));
    let log = site.log("qrunner");
    assert!(log.contains("sig: None, sts: 2, class: NewsRunner, slice: 1/1) [restarting]\n"), "{log}");
    stop(&site, master);
}

#[test]
fn a_runner_that_dies_is_started_again_ten_times() {
    let site = TestSite::new();
    let master = start(&site);
    let news = || children(master).into_iter().find(|(_, line)| line.contains("--runner=NewsRunner:"));
    let mut last = 0;
    for _ in 0..=10 {
        wait("a runner", || news().is_some_and(|(pid, _)| pid != last));
        last = news().expect("it is there").0;
        kill(Pid::from_raw(last), Signal::SIGKILL).expect("killed");
        wait("its end", || !is_running(last));
    }
    let limit = ") Qrunner NewsRunner reached maximum restart limit of 10, not restarting.\n";
    wait("the last word", || site.log("qrunner").contains(limit));
    assert!(news().is_none());
    assert_eq!(children(master).len(), RUNNERS - 1);
    stop(&site, master);
}

#[test]
fn a_terminated_runner_stays_ended() {
    let site = TestSite::new();
    let master = start(&site);
    let (victim, _) = children(master).into_iter().find(|(_, line)| line.contains("NewsRunner")).expect("a runner");
    kill(Pid::from_raw(victim), Signal::SIGTERM).expect("told");
    wait("its end", || site.log("qrunner").contains("sts: 15, class: NewsRunner, slice: 1/1) \n"));
    assert_eq!(children(master).len(), RUNNERS - 1);
    stop(&site, master);
}

#[test]
fn without_restart_nothing_is_started_again() {
    let site = TestSite::new();
    assert_eq!(site.run(MAILMANCTL, &["-u", "-q", "-n", "start"]).status.code(), Some(0));
    wait("all runners", || started(&site) == RUNNERS);
    let master = pid(&site);
    assert_eq!(ctl(&site, "restart").status.code(), Some(0));
    wait("the end of a master without runners", || !is_running(master));
    assert_eq!(started(&site), RUNNERS);
}

#[test]
fn the_lock_of_a_dead_master_is_taken_over_when_asked() {
    let site = TestSite::new();
    let master = start(&site);
    let orphans = children(master);
    kill(Pid::from_raw(master), Signal::SIGKILL).expect("killed");
    wait("its end", || !is_running(master));
    orphans.iter().for_each(|(pid, _)| kill(Pid::from_raw(*pid), Signal::SIGTERM).expect("told"));
    wait("the end of its runners", || orphans.iter().all(|(pid, _)| !is_running(*pid)));

    assert_eq!(site.run(MAILMANCTL, &["-u", "-q", "-s", "start"]).status.code(), Some(0));
    wait("all runners", || started(&site) == 2 * RUNNERS);
    let second = pid(&site);
    assert_ne!(second, master);
    stop(&site, second);
}
