//! The loop of the runners, on the queue of the archive runner: what it takes, leaves, sets aside, and survives.

#![allow(clippy::expect_used)]

mod support;

use compat::list::attributes;
use compat::queue::QueueName;
use nix::sys::signal::Signal;
use std::fs;
use support::*;

fn post(number: usize) -> String {
    format!("From: ann@example.org\nSubject: post {number}\nMessage-ID: <post{number}@example.org>\n\nHello.\n")
}

fn archived(site: &TestSite, number: usize) -> usize {
    site.mbox().lines().filter(|line| *line == format!("Message-ID: <post{number}@example.org>")).count()
}

#[test]
fn once_takes_one_entry_a_turn() {
    let site = TestSite::new();
    (0..4).for_each(|n| site.enqueue(QueueName::Archive, "garden", &post(n)));
    let output = site.run(QRUNNER, &["-r", "Arch", "-o"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    assert_eq!(site.queue("archive").len(), 3);
    site.run(QRUNNER, &["-r", "Arch", "-r", "ArchRunner", "-o"]);
    assert_eq!(site.queue("archive").len(), 1);
    assert_eq!((archived(&site, 0), archived(&site, 2), archived(&site, 3)), (1, 1, 0), "oldest first");
    assert!(site.log("qrunner").contains("Main qrunner loop started.\n"));
    assert!(site.log("qrunner").contains("Main qrunner loop exiting.\n"));
}

#[test]
fn slices_share_a_queue() {
    let site = TestSite::new();
    (0..12).for_each(|n| site.enqueue(QueueName::Archive, "garden", &post(n)));
    let turns = ["-r", "Arch:0:2"].repeat(20);
    site.run(QRUNNER, &[turns.clone(), vec!["-o"]].concat());
    let left = site.queue("archive").len();
    assert!((1..12).contains(&left), "{left} of 12 left to the other slice");
    site.run(QRUNNER, &[["-r", "Arch:1:2"].repeat(20), vec!["-o"]].concat());
    assert!(site.queue("archive").is_empty());
    (0..12).for_each(|n| assert_eq!(archived(&site, n), 1, "post {n}"));
}

#[test]
fn stray_names_are_left_alone() {
    let site = TestSite::new();
    site.enqueue(QueueName::Archive, "garden", &post(1));
    let queue = site.path("qfiles/archive");
    let strays = ["README", "foo.pck", "a+b+c.bak", "1+2+3.pck", "x+ab.pck", "1772452000.4+00.pck.tmp", "core"];
    strays.iter().for_each(|name| fs::write(queue.join(name), "a foreign file").expect("written"));
    fs::create_dir(queue.join("1772452000.5+0000000000000000000000000000000000000001.pck")).expect("a folder");
    let output = site.run(QRUNNER, &["-r", "Arch", "-r", "Arch", "-o"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(archived(&site, 1), 1);
    let left = site.queue("archive");
    strays.iter().for_each(|name| assert!(left.contains(&name.to_string()), "{name} of {left:?}"));
    assert_eq!(left.len(), strays.len() + 1);
    assert_eq!(site.log("error").matches("foo.pck").count(), 2, "once for each of the two runners");
}

#[test]
fn unreadable_entries_are_set_aside_and_do_not_count() {
    let site = TestSite::new();
    let name = "1772452000.1+0000000000000000000000000000000000000001";
    fs::create_dir_all(site.path("qfiles/archive")).expect("made");
    fs::write(site.path("qfiles/archive").join(format!("{name}.pck")), "no pickle").expect("written");
    site.enqueue(QueueName::Archive, "garden", &post(1));
    site.run(QRUNNER, &["-r", "Arch", "-o"]);
    assert_eq!(site.queue("bad"), [format!("{name}.psv")]);
    assert!(site.queue("archive").is_empty());
    assert_eq!(archived(&site, 1), 1);
    let log = site.log("error");
    assert!(log.contains(") Uncaught runner exception: "), "{log}");
    assert!(log.contains(&format!(") Skipping and preserving unparseable message: {name}\n")), "{log}");
}

#[test]
fn mail_for_a_list_that_is_gone_is_shunted() {
    let site = TestSite::new();
    site.enqueue(QueueName::Archive, "gone", &post(1));
    site.run(QRUNNER, &["-r", "Arch", "-o"]);
    assert!(site.queue("archive").is_empty());
    assert_eq!(site.queue("shunt").len(), 1);
    let log = site.log("error");
    assert!(log.contains(") error opening list: gone\n"), "{log}");
    assert!(log.contains(") Dequeuing message destined for missing list: gone\n"), "{log}");
    assert!(!log.contains("SHUNTING"), "{log}");
}

#[test]
fn a_failing_entry_is_shunted_with_its_way_back() {
    let site = TestSite::new();
    site.enqueue(QueueName::Archive, "garden", &post(1));
    // A folder where the mbox should be: neither the disk nor the message can be blamed.
    fs::create_dir_all(compat::list::archive_mbox(&site.site, b"garden")).expect("made");
    site.run(QRUNNER, &["-r", "Arch", "-o"]);
    assert!(site.queue("archive").is_empty());
    let shunted = site.queue("shunt");
    assert_eq!(shunted.len(), 1);
    let bytes = fs::read(site.path("qfiles/shunt").join(&shunted[0])).expect("read");
    let entry = compat::queue::Entry::parse(&bytes.into()).expect("an entry");
    let queue = site.path("qfiles/archive").to_string_lossy().into_owned();
    assert_eq!(entry.metadata.str("whichq").map(|whichq| whichq.to_latin1()), Some(queue));
    let base = shunted[0].trim_end_matches(".pck");
    assert!(site.log("error").contains(&format!(") SHUNTING: {base}\n")), "{}", site.log("error"));
    assert!(site.log("error").contains(") Archive file access failure:\n\t"), "{}", site.log("error"));
}

#[test]
fn signals_end_a_runner_with_their_number() {
    for (signal, status) in [(Signal::SIGTERM, 15), (Signal::SIGINT, 2)] {
        let site = TestSite::new();
        let mut runner = site.spawn(QRUNNER, &["-r", "Arch"]);
        wait("the start", || site.log("qrunner").contains(") ArchRunner qrunner started.\n"));
        runner.signal(Signal::SIGHUP);
        wait("the reopening", || {
            site.log("qrunner").contains(") ArchRunner qrunner caught SIGHUP.  Reopening logs.\n")
        });
        runner.signal(signal);
        assert_eq!(runner.status().code(), Some(status));
        let log = site.log("qrunner");
        assert!(log.contains(&format!(") ArchRunner qrunner caught {signal}.  Stopping.\n")), "{log}");
        assert!(log.ends_with(") ArchRunner qrunner exiting.\n"), "{log}");
    }
}

#[test]
fn a_waiting_runner_takes_an_entry_at_once() {
    let site = TestSite::new();
    let mut runner = site.spawn(QRUNNER, &["-r", "Arch"]);
    wait("the start", || site.log("qrunner").contains("started."));
    for n in 0..3 {
        site.enqueue(QueueName::Archive, "garden", &post(n));
        wait("the archive", || archived(&site, n) == 1);
    }
    wait("the empty queue", || site.queue("archive").is_empty());
    runner.signal(Signal::SIGTERM);
    runner.status();
}

#[test]
fn a_killed_runner_loses_nothing() {
    const POSTS: usize = 60;
    let site = TestSite::new();
    (0..POSTS).for_each(|n| site.enqueue(QueueName::Archive, "garden", &post(n)));
    for killed in 1..5 {
        let mut runner = site.spawn(QRUNNER, &["-r", "Arch"]);
        wait("some work", || site.mbox().matches("\nMessage-ID: <post").count() >= killed * 5);
        runner.0.kill().expect("killed");
        runner.status();
    }
    let mut runner = site.spawn(QRUNNER, &["-r", "Arch"]);
    wait("the empty queue", || site.queue("archive").is_empty());
    runner.signal(Signal::SIGTERM);
    assert_eq!(runner.status().code(), Some(15));
    (0..POSTS).for_each(|n| assert!(archived(&site, n) >= 1, "post {n} is lost"));
    let twice = (0..POSTS).filter(|n| archived(&site, *n) > 1).count();
    assert!(twice <= 4, "only what was in work may be done again, {twice} were");
    assert!(site.queue("shunt").is_empty() && site.queue("bad").is_empty());
}

#[test]
fn a_slice_is_served_by_one_process() {
    let site = TestSite::new();
    let mut first = site.spawn(QRUNNER, &["-r", "Arch:0:1"]);
    wait("the start", || site.log("qrunner").contains("started."));
    let second = site.run(QRUNNER, &["-r", "Arch", "-o"]);
    assert_eq!(second.status.code(), Some(1));
    let said = format!("ArchRunner slice 1:1 is served by process {}; not starting a second one\n", first.0.id());
    assert_eq!(stderr(&second), said);
    assert_eq!(site.run(QRUNNER, &["-r", "News", "-o"]).status.code(), Some(0), "another queue is free");
    let other = TestSite::new();
    assert_eq!(other.run(QRUNNER, &["-r", "Arch", "-o"]).status.code(), Some(0), "so is another site");
    // Under the master the new one waits for the old one to go.
    let mut third = site.spawn(QRUNNER, &["--runner=ArchRunner:0:1", "-s"]);
    wait("patience", || site.log("error").contains("waiting for it to end"));
    first.signal(Signal::SIGTERM);
    first.status();
    wait("the second start", || site.log("qrunner").matches("ArchRunner qrunner started.").count() == 2);
    third.signal(Signal::SIGTERM);
    assert_eq!(third.status().code(), Some(15));
}

#[test]
fn an_entry_that_hangs_its_runner_is_set_aside() {
    let settings = ["MAILMAN2_RS_ENTRY_LIMIT = 1", "HTML_TO_PLAIN_TEXT_COMMAND = 'sleep 20; cat %(filename)s'"];
    let site = TestSite::with(&settings);
    let mut list = compat::list::LockedList::open(&site.site, "garden", None).expect("a list");
    for attribute in [attributes::FILTER_CONTENT, attributes::CONVERT_HTML_TO_PLAINTEXT] {
        list.set(attribute, compat::value::Value::Int(1));
    }
    list.set(attributes::PASS_MIME_TYPES, compat::value::Value::list(Vec::new()));
    list.save().expect("saved");
    list.unlock().expect("unlocked");
    let head = "From: ann@example.org\nTo: garden@lists.example.com\nMIME-Version: 1.0\nContent-Type: text/html\n";
    site.enqueue(QueueName::In, "garden", &format!("{head}\n<p>Hello.\n"));
    let name = site.queue("in").remove(0).replace(".pck", "");
    let mut runner = site.spawn(QRUNNER, &["-r", "Incoming"]);
    assert_eq!(runner.status().code(), Some(2), "to be started again");
    assert_eq!(site.queue("bad"), [format!("{name}.psv")]);
    assert!(site.queue("in").is_empty() && site.names_of_locks().is_empty(), "{:?}", site.names_of_locks());
    let log = site.log("error");
    assert!(log.contains("IncomingRunner: no sign of life for 1 s from ") && log.contains(&name), "{log}");
}
