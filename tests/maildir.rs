//! The maildir runner: where messages go, and that none is lost.

#![allow(clippy::expect_used)]

mod support;

use std::fs;
use support::*;

fn site() -> TestSite {
    let site = TestSite::with(&["USE_MAILDIR = 1"]);
    ["new", "cur", "tmp"].iter().for_each(|name| {
        fs::create_dir_all(site.path("qfiles/maildir").join(name)).expect("made");
    });
    site
}

fn put(site: &TestSite, file: &str, to: &str) {
    let text = format!("Delivered-To: {to}\nFrom: ann@example.org\nSubject: hello\n\nHello.\n");
    fs::write(site.path("qfiles/maildir").join(file), text).expect("written");
}

fn turn(site: &TestSite) {
    let output = site.run(QRUNNER, &["-r", "Maildir", "-o"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}

fn left(site: &TestSite, folder: &str) -> Vec<String> {
    names(&site.path("qfiles/maildir").join(folder))
}

#[test]
fn addresses_choose_the_queue() {
    let site = site();
    put(&site, "new/1", "garden@lists.example.com");
    put(&site, "new/2", "garden-bounces+ann=example.org@lists.example.com");
    put(&site, "new/3", "garden-request@lists.example.com");
    turn(&site);
    let counts = ["in", "bounces", "commands"].map(|queue| site.queue(queue).len());
    assert_eq!((counts, left(&site, "new").len(), left(&site, "cur").len()), ([1, 1, 1], 0, 0));
}

#[test]
fn what_nobody_can_place_stays_for_a_person() {
    let site = site();
    put(&site, "new/1", "nobody@lists.example.com");
    turn(&site);
    assert_eq!(left(&site, "cur"), ["1:1,X"]);
    assert!(site.log("error").contains(") Message apparently not for any list: "), "{}", site.log("error"));
}

#[test]
fn a_message_that_was_in_work_is_taken_again() {
    let site = site();
    put(&site, "cur/1:1,P", "garden@lists.example.com");
    turn(&site);
    assert_eq!((site.queue("in").len(), left(&site, "cur").len()), (1, 0));
}

#[test]
fn without_room_in_the_queue_a_message_waits() {
    let site = site();
    put(&site, "new/1", "garden@lists.example.com");
    // A file where the queue's folder should be.
    fs::remove_dir_all(site.path("qfiles/in")).ok();
    fs::write(site.path("qfiles/in"), "no folder").expect("written");
    turn(&site);
    assert_eq!((left(&site, "new"), left(&site, "cur").len()), (vec!["1".to_string()], 0));
    fs::remove_file(site.path("qfiles/in")).expect("gone");
    turn(&site);
    assert_eq!((site.queue("in").len(), left(&site, "new").len()), (1, 0));
}
