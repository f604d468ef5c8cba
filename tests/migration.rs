//! A site surveyed, noted, worked on and accounted for, by the commands.
#![allow(clippy::expect_used)]

mod support;

use compat::queue::QueueName;
use std::fs;
use support::*;

fn tool(site: &TestSite, args: &[&str]) -> (String, Option<i32>) {
    let output = site.run(MAILMAN2_RS, args);
    (stdout(&output) + &stderr(&output), output.status.code())
}

fn post(number: u32) -> String {
    format!("From: ann@example.org\nTo: garden@lists.example.com\nSubject: moss\nMessage-ID: <m{number}@example.org>\n\nGreen.\n")
}

#[test]
fn a_survey_reads_only_and_finds_what_would_stop_a_switch() {
    let site = TestSite::new();
    site.enqueue(QueueName::In, "garden", &post(1));
    site.enqueue(QueueName::Shunt, "gone", &post(2));
    let before: Vec<_> = walk(&site);
    let (text, status) = tool(&site, &["survey"]);
    assert!(text.contains("[shunted]") && text.contains("[entry-of-no-list]") && status == Some(1), "{text}");
    assert!(text.contains("in: 1 waiting") && text.contains("garden: 1 members"), "{text}");
    fs::write(site.path("lists/garden/extend.py"), "import os\n").expect("written");
    let (json, status) = tool(&site, &["survey", "--json"]);
    assert!(json.contains("\"code\": \"extend-py\"") && json.contains("\"exit_code\": 2"), "{json}");
    assert_eq!(status, Some(2));
    fs::remove_file(site.path("lists/garden/extend.py")).expect("removed");
    assert_eq!(walk(&site), before, "nothing was written, not even a log");
}

/// Every file with its contents.
fn walk(site: &TestSite) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    fn below(folder: &std::path::Path, found: &mut Vec<(std::path::PathBuf, Vec<u8>)>) {
        for item in fs::read_dir(folder).expect("a folder").flatten() {
            match item.path().is_dir() {
                true => below(&item.path(), found),
                false => found.push((item.path(), fs::read(item.path()).unwrap_or_default())),
            }
        }
    }
    let mut found = Vec::new();
    below(&site.path(""), &mut found);
    found.sort();
    found
}

#[test]
fn settings_that_are_not_understood_stop_it() {
    let site = TestSite::new();
    fs::write(site.path("Mailman/mm_cfg.py"), "from Defaults import *\nimport Mailman.Utils\nMailman.Utils.x = 1\n")
        .expect("written");
    assert_eq!(tool(&site, &["survey"]).1, Some(2));
}

#[test]
fn pickles_are_read_twice() {
    let site = TestSite::new();
    site.enqueue(QueueName::In, "garden", &post(1));
    let (text, status) = tool(&site, &["verify"]);
    assert!(text.contains("0 differ") && status == Some(0), "{text}");
    fs::write(site.path("lists/garden/pending.pck"), "garbage").expect("written");
    let (text, status) = tool(&site, &["verify"]);
    assert!(text.contains("1 can't be read") && text.contains("pending.pck") && status == Some(1), "{text}");
}

#[test]
fn every_message_is_accounted_for() {
    let site = TestSite::new();
    for number in 1..=3 {
        site.enqueue(QueueName::In, "garden", &post(number));
    }
    let file = site.path("manifest").to_string_lossy().into_owned();
    assert_eq!(tool(&site, &["verify", "--manifest", &file]).0, format!("3 messages noted in {file}\n"));
    let against = || tool(&site, &["verify", "--against", &file]);
    assert!(against().0.ends_with("3 are where they were\nnothing was lost\n"));
    // One post is worked on: it is in `out` and `archive` then.
    site.run(QRUNNER, &["-r", "Incoming", "-o"]);
    let (text, status) = against();
    assert!(text.contains("1 went from in to archive+out") && status == Some(0), "{text}");
    // Another is archived and delivered nowhere: the mail box proves it.
    site.run(QRUNNER, &["-r", "Arch", "-o"]);
    site.queue("out").iter().for_each(|name| fs::remove_file(site.path("qfiles/out").join(name)).expect("removed"));
    let (text, status) = against();
    assert!(text.contains("1 left in, each proved") && text.contains("mail box") && status == Some(0), "{text}");
    // The third vanishes.
    let name = site.queue("in").pop().expect("an entry");
    fs::remove_file(site.path("qfiles/in").join(name)).expect("removed");
    let (text, status) = against();
    assert!(text.contains("is gone without a proof") && text.contains("1 NOT ACCOUNTED FOR"), "{text}");
    assert_eq!(status, Some(1));
    let excused = tool(&site, &["verify", "--against", &file, "--excuse", "in"]);
    assert_eq!(excused.1, Some(0), "{}", excused.0);
    fs::write(&file, "half a").expect("written");
    assert_eq!(against().1, Some(2));
}

#[test]
fn a_site_is_switched_and_switched_back() {
    let site = TestSite::with(&["PYTHON = '/bin/sh'"]);
    let original = "# Python's\n";
    fs::write(site.path("bin/qrunner"), original).expect("written");
    let settings = fs::read(site.path("Mailman/mm_cfg.py")).expect("read");
    let (text, status) = tool(&site, &["switch", "--dry-run", "Outgoing"]);
    assert!(text.starts_with("Would be done:\n") && text.contains("put the shim at") && status == Some(0), "{text}");
    assert_eq!(fs::read_to_string(site.path("bin/qrunner")).expect("read"), original);
    let (text, status) = tool(&site, &["switch", "Outgoing"]);
    assert!(text.contains("Ours serves OutgoingRunner after:") && status == Some(0), "{text}");
    assert_eq!(tool(&site, &["switch", "Outgoing"]).0, "Nothing to do.\n");
    assert!(tool(&site, &["switch", "--status"]).0.starts_with("runners of ours: OutgoingRunner\n"));
    assert_eq!(tool(&site, &["switch", "Maildir"]).1, Some(1));
    assert_eq!(tool(&site, &["back"]).1, Some(0));
    assert_eq!(fs::read_to_string(site.path("bin/qrunner")).expect("read"), original);
    assert_eq!(fs::read(site.path("Mailman/mm_cfg.py")).expect("read"), settings);
    assert_eq!(names(&site.path("bin")), ["qrunner"]);
}
