//! Ours beside other runners: equal where they do the same, told with both sides where they do not.
#![allow(clippy::expect_used)]

mod support;

use compat::queue::QueueName;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use support::*;

fn post(number: u32, from: &str) -> String {
    format!("From: {from}\nTo: garden@lists.example.com\nSubject: moss {number}\nMessage-ID: <m{number}@example.org>\n\nGreen.\n")
}

/// It watches when this comes back.
fn start(site: &TestSite, reports: &Path, copies: &Path) -> Child {
    // A site whose runners run has them.
    for queue in QueueName::ALL {
        fs::create_dir_all(site.path("qfiles").join(queue.folder())).expect("made");
    }
    let (to, copies) = (reports.to_string_lossy().into_owned(), copies.to_string_lossy().into_owned());
    let mut command = site.command(MAILMAN2_RS, &["shadow", "--to", &to, "--in", &copies, "--cpu", "100"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("its errors")).read_line(&mut line).expect("a line");
    assert_eq!(line, "watching\n");
    child
}

/// A site that is watched, with a folder for the reports and what the watcher copies.
fn watched() -> (TestSite, tempfile::TempDir, Child) {
    let site = TestSite::new();
    let folder = tempfile::tempdir().expect("a folder");
    let child = start(&site, &folder.path().join("reports"), folder.path());
    (site, folder, child)
}

/// Stops it when it has seen so many; its report.
fn stop(child: Child) -> (String, Option<i32>) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGTERM)
        .expect("signalled");
    let output = child.wait_with_output().expect("it ends");
    (stdout(&output), output.status.code())
}

/// Puts an entry into a queue, and waits until whoever watches has read it.
fn enqueue(site: &TestSite, queue: QueueName, text: &str) {
    let inotify = Inotify::init(InitFlags::IN_NONBLOCK).expect("a watch");
    let folder = site.path("qfiles").join(queue.folder());
    inotify.add_watch(&folder, AddWatchFlags::IN_CLOSE_NOWRITE).expect("watched");
    site.enqueue(queue, "garden", text);
    wait("the entry to be read", || {
        let events = inotify.read_events().unwrap_or_default();
        events.iter().any(|event| !event.mask.contains(AddWatchFlags::IN_ISDIR))
    });
}

/// A watcher that has no processor sees too late what was there, and says that it could not compare; so this may be done
/// several times.
#[test]
fn the_same_runners_do_the_same() {
    let found: Vec<String> = (0..5).map_while(|_| compared().err()).collect();
    assert!(found.len() < 5, "{}", found.join("\n"));
}

/// Compares once; the report where not all was equal.
fn compared() -> Result<(), String> {
    let (site, folder, child) = watched();
    // A post, one that is held, a command that is answered, and the notices about them.
    for (number, from) in [(1, "ann@example.org"), (2, "stranger@example.net")] {
        enqueue(&site, QueueName::In, &post(number, from));
        site.run(QRUNNER, &["-r", "Incoming", "-o"]);
    }
    enqueue(&site, QueueName::Commands, &post(3, "ann@example.org").replace("moss 3", "help"));
    site.run(QRUNNER, &["-r", "Command", "-o"]);
    let waiting = site.queue("virgin").len();
    for _ in 0..waiting {
        site.run(QRUNNER, &["-r", "Virgin", "-o"]);
    }
    let (text, status) = stop(child);
    let seen = 3 + waiting;
    if !text.contains(&format!("{seen} entries seen, {seen} equal, 0 different, 0 could not")) {
        return Err(text);
    }
    assert_eq!(status, Some(0));
    assert_eq!(names(&folder.path().join("reports")).len(), 3, "a text, an object, a page");
    assert_eq!(names(folder.path()), ["reports"], "the copy is gone");
    assert!(site.names_of_locks().is_empty());
    Ok(())
}

/// The only entry of `in`, taken as a runner takes it.
fn taken_entry(site: &TestSite) -> PathBuf {
    let name = site.queue("in").pop().expect("an entry");
    let entry = site.path("qfiles/in").join(name);
    let taken = entry.with_extension("bak");
    fs::rename(entry, &taken).expect("taken");
    taken
}

#[test]
fn a_difference_is_told_with_both_sides() {
    let (site, _folder, child) = watched();
    // A runner that throws the post away.
    enqueue(&site, QueueName::In, &post(1, "ann@example.org"));
    let taken = taken_entry(&site);
    fs::remove_file(taken).expect("done");
    let (text, status) = stop(child);
    assert!(text.contains("1 entries seen, 0 equal, 1 different"), "{text}");
    assert!(text.contains("  queue out\n    Python: nothing\n    ours:   "), "{text}");
    assert!(text.contains("list's post_id") && text.contains("(list garden, <m1@example.org>)"), "{text}");
    assert_eq!(status, Some(1));
    assert!(site.queue("out").is_empty() && site.queue("in").is_empty(), "nothing of it reached the site");
}

/// A runner that was killed leaves its entry in work; the next one puts it back first. That is no work on it.
#[test]
fn what_is_put_back_is_not_judged() {
    let (site, _folder, child) = watched();
    enqueue(&site, QueueName::In, &post(1, "ann@example.org"));
    let taken = taken_entry(&site);
    fs::rename(&taken, taken.with_extension("psv")).expect("set aside");
    let (text, status) = stop(child);
    assert!(text.contains("0 entries seen") && status == Some(0), "{text}");
}

/// A list is removed while its mail waits: ours is asked what it does without the list, as the other runner was.
#[test]
fn a_list_that_was_removed_is_none() {
    let (site, _folder, child) = watched();
    enqueue(&site, QueueName::In, &post(1, "ann@example.org"));
    let removed = site.run(MAILMAN2_RS, &["rmlist", "garden"]);
    assert!(removed.status.success(), "{}", stderr(&removed));
    site.run(QRUNNER, &["-r", "Incoming", "-o"]);
    assert_eq!(site.queue("shunt").len(), 1);
    let (text, status) = stop(child);
    assert!(text.contains("1 entries seen, 1 equal, 0 different"), "{text}");
    assert_eq!(status, Some(0));
}
