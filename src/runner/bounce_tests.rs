//! The bounce runner, entry by entry: what becomes of each kind of message.

use super::bounce::BounceRunner;
use super::EntryLoop;
use crate::testing::mail_site::Fixture;
use crate::testing::smtp_sink::Answers;
use compat::email::parser::parse;
use compat::list::{attributes, ListCache, LockedList, MailList};
use compat::names::{Any, Named, OfList};
use compat::queue::{read_entry, Entry, EntryMessage, Metadata, Outbox, QueueFolders, QueueName, Slice};
use compat::value::Value;
use compat::ByteStr;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

const FAILED: &str = "X-Failed-Recipients: anna@example.org\n";
const WARNING: &str = "\nDelivery attempts will continue to be made\n";

fn site() -> Fixture {
    let site = Fixture::new(39, Answers::friendly(), &[]);
    fs::create_dir_all(site.dir.path().join("archives/public")).unwrap();
    site
}

fn change(site: &Fixture, name: impl Named<OfList, Any>, value: Value) {
    let mut list = LockedList::open(&site.site, "garden", None).unwrap();
    list.set(name, value);
    list.save().unwrap();
}

/// Puts a message into the queue and lets the runner take it.
fn run(site: &Fixture, list: &str, text: &str) {
    let folders = Rc::new(QueueFolders::below(&site.dir.path().join("qfiles")));
    let mut outbox = Outbox::new(folders);
    let message = EntryMessage::Object(parse(&ByteStr::from(text)).to_value());
    outbox.enqueue(QueueName::Bounces, &message, &Metadata::new().with("listname", Value::str(list))).unwrap();
    outbox.commit().unwrap();
    EntryLoop::open(
        &site.site,
        Box::new(BounceRunner::new(&site.site, &ListCache::default())),
        Slice::new(0, 1),
        &ListCache::default(),
    )
    .unwrap()
    .turn();
    assert!(files(site, "bounces").is_empty() && files(site, "shunt").is_empty());
}

fn files(site: &Fixture, queue: &str) -> Vec<PathBuf> {
    let folder = site.dir.path().join("qfiles").join(queue);
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

fn only(site: &Fixture, queue: &str) -> Entry {
    let found = files(site, queue);
    assert_eq!(found.len(), 1, "{queue}");
    read_entry(&mut fs::File::open(&found[0]).unwrap()).unwrap()
}

fn scored(site: &Fixture) -> Vec<ByteStr> {
    MailList::load(&site.site, "garden").unwrap().bouncing_members()
}

#[test]
fn a_bounce_that_is_understood_is_counted_at_the_end() {
    let site = site();
    run(&site, "garden", &format!("To: garden-bounces@lists.example.com\n{FAILED}\nx\n"));
    assert_eq!(scored(&site), ["anna@example.org"]);
    assert!(files(&site, "virgin").is_empty() && files(&site, "out").is_empty());
    let data = fs::read_dir(site.dir.path().join("data")).unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(data.filter(|name| name != "history").count(), 0);
}

#[test]
fn the_address_comes_before_the_text_but_a_warning_is_one() {
    let site = site();
    let to_ben = "To: garden-bounces+ben=example.net@lists.example.com\n";
    run(&site, "garden", &format!("{to_ben}{WARNING}"));
    assert!(scored(&site).is_empty());
    run(&site, "garden", &format!("{to_ben}{FAILED}\nx\n"));
    assert_eq!(scored(&site), ["ben@example.net"]);
}

#[test]
fn what_nobody_understands_goes_to_the_owners() {
    let site = site();
    run(&site, "garden", "Message-ID: <m@x>\nSubject: Away\n\nHi\n");
    let lines = ["bounce message w/no discernable addresses: <m@x>", "forwarding unrecognized, message-id: <m@x>"];
    assert_eq!(site.log("bounce"), lines.map(|line| format!("garden: {line}")));
    let notice = only(&site, "virgin").metadata;
    assert_eq!(notice.strings("recips").unwrap(), ["o@example.org"]);
    assert_eq!(notice.str("envsender").unwrap(), "mailman-bounces@lists.example.com");
}

#[test]
fn or_to_nobody() {
    let site = site();
    change(&site, attributes::BOUNCE_UNRECOGNIZED_GOES_TO_LIST_OWNER, Value::Int(0));
    run(&site, "garden", "Subject: Away\n\nHi\n");
    assert_eq!(site.log("bounce")[1..], ["garden: discarding unrecognized, message-id: n/a"]);
    assert!(files(&site, "virgin").is_empty());
}

#[test]
fn only_empty_addresses_are_none() {
    let site = site();
    run(&site, "garden", "X-Failed-Recipients: <>\n\nx\n");
    assert_eq!(site.log("bounce").len(), 2);
    assert_eq!(files(&site, "virgin").len(), 1);
}

#[test]
fn a_list_may_not_want_to_know() {
    let site = site();
    change(&site, attributes::BOUNCE_PROCESSING, Value::Int(0));
    run(&site, "garden", &format!("{FAILED}\nx\n"));
    assert!(scored(&site).is_empty() && site.log("bounce").is_empty());
}

#[test]
fn bounces_of_notices_to_owners_make_no_loop() {
    let site = site();
    run(&site, "garden", &format!("From: mailman-bounces@lists.example.com\n{FAILED}\nx\n"));
    let data = only(&site, "out").metadata;
    assert_eq!(data.strings("recips").unwrap(), ["mailman-owner@lists.example.com"]);
    assert_eq!(data.str("envsender").unwrap(), "mailman-loop@lists.example.com");
    assert_eq!((data.int("nodecorate"), data.str("listname").unwrap()), (Some(1), ByteStr::from("garden")));
    assert!(scored(&site).is_empty());
}

#[test]
fn the_site_lists_bounces_go_to_its_owners() {
    let site = site();
    let folder = site.dir.path().join("lists/mailman");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(site.dir.path().join("lists/garden/config.pck"), folder.join("config.pck")).unwrap();
    run(&site, "mailman", &format!("{FAILED}\nx\n"));
    assert_eq!(only(&site, "out").metadata.strings("recips").unwrap(), ["o@example.org"]);
}
