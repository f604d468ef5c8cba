//! The out and retry queues, entry by entry, against the sink.

use super::outgoing::Outgoing;
use super::{EntryLoop, Runner};
use crate::bounce::{BounceEvents, Bounces};
use crate::error::RunnerError;
use crate::testing::mail_site::{entry, post, Fixture};
use crate::testing::smtp_sink::Answers;
use compat::list::{ListCache, MailList};
use compat::queue::{read_entry, Entry, EntryMessage, Metadata, Outbox, QueueFolders, QueueName, Slice};
use compat::value::Value;
use compat::ByteStr;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

const TWO: [&str; 2] = ["anna@example.org", "ben@example.net"];

fn folders(site: &Fixture) -> Rc<QueueFolders> {
    Rc::new(QueueFolders::below(&site.dir.path().join("qfiles")))
}

fn put(site: &Fixture, queue: QueueName, data: &Metadata) {
    let mut outbox = Outbox::new(folders(site));
    outbox.enqueue(queue, &EntryMessage::Object(post().to_value()), data).unwrap();
    outbox.commit().unwrap();
}

fn files(site: &Fixture, folder: &str) -> Vec<PathBuf> {
    std::fs::read_dir(site.dir.path().join(folder)).into_iter().flatten().map(|e| e.unwrap().path()).collect()
}

fn only_entry(site: &Fixture, folder: &str) -> Entry {
    let found = files(site, folder);
    assert_eq!(found.len(), 1, "{folder}");
    read_entry(&mut std::fs::File::open(&found[0]).unwrap()).unwrap()
}

fn turn(site: &Fixture, runner: Box<dyn Runner>) {
    EntryLoop::open(&site.site, runner, Slice::new(0, 1), &ListCache::default()).unwrap().turn();
}

fn answering(recipient: &str, reply: &str) -> Answers {
    Answers { refuse_recipient: [(recipient.to_owned(), reply.to_owned())].into(), ..Answers::friendly() }
}

fn is_near(found: Option<f64>, seconds_from_now: f64) -> bool {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    found.is_some_and(|found| (found - now - seconds_from_now).abs() < 60.0)
}

#[test]
fn temporary_refusals_wait_in_the_retry_queue() {
    for (version, waits) in [(39, true), (13, false)] {
        let site = Fixture::new(version, answering("ben@example.net", "450 later"), &[]);
        put(&site, QueueName::Out, &entry(&TWO));
        turn(&site, Box::new(Outgoing::new(&site.site, &ListCache::default())));
        assert!(files(&site, "qfiles/out").is_empty());
        let data = only_entry(&site, "qfiles/retry").metadata;
        assert_eq!(data.strings("recips"), Some(vec![ByteStr::from("ben@example.net")]));
        assert_eq!(data.int("last_recip_count"), Some(1));
        assert!(is_near(data.float("deliver_until"), 432_000.0));
        assert_eq!(is_near(data.float("deliver_after"), 3600.0), waits);
        turn(&site, super::make("RetryRunner", &site.site, &ListCache::default()).unwrap());
        assert_eq!(files(&site, if waits { "qfiles/retry" } else { "qfiles/out" }).len(), 1);
    }
}

#[test]
fn tries_end_when_nothing_changes_for_too_long_and_a_copy_is_kept() {
    let site = Fixture::new(39, answering("ben@example.net", "450 later"), &[]);
    let mut data = entry(&["ben@example.net"]);
    data.set_int("last_recip_count", 1);
    data.set_float("deliver_until", 1.0);
    put(&site, QueueName::Out, &data);
    turn(&site, Box::new(Outgoing::new(&site.site, &ListCache::default())));
    assert!(files(&site, "qfiles/out").is_empty() && files(&site, "qfiles/retry").is_empty());
    let kept = only_entry(&site, "data/refused").metadata;
    assert_eq!(kept.strings("recips"), Some(vec![ByteStr::from("ben@example.net")]));
    assert_eq!(kept.str("refused_because"), Some("tried for too long".into()));
    assert!(!kept.contains("deliver_until"));
}

#[test]
fn a_message_refused_for_good_is_kept() {
    let answers = Answers { refuse_message: Some("554 5.7.1 bad".into()), ..Answers::friendly() };
    let site = Fixture::new(39, answers, &[]);
    put(&site, QueueName::Out, &entry(&TWO));
    turn(&site, Box::new(Outgoing::new(&site.site, &ListCache::default())));
    assert!(files(&site, "qfiles/out").is_empty() && files(&site, "qfiles/shunt").is_empty());
    let kept = only_entry(&site, "data/refused").metadata;
    assert_eq!(kept.strings("recips").map(|r| r.len()), Some(2));
    assert_eq!(kept.str("refused_because"), Some("554 5.7.1 bad".into()));
    // By this bin/unshunt finds the way back.
    assert!(kept.str("whichq").unwrap().ends_with(b"/qfiles/out"));
    // Put back, it goes out: nothing in it stands in the way.
    site.sink.set_answers(Answers::friendly());
    site.sink.wait_for(1);
    std::fs::rename(
        &files(&site, "data/refused")[0],
        site.dir.path().join("qfiles/out").join(files(&site, "data/refused")[0].file_name().unwrap()),
    )
    .unwrap();
    turn(&site, Box::new(Outgoing::new(&site.site, &ListCache::default())));
    assert_eq!(site.sink.wait_for(1)[0].recipients, TWO);
}

/// Writes down what it is asked.
#[derive(Clone, Default)]
struct Noted(Rc<RefCell<Vec<String>>>);

impl Bounces for Noted {
    fn register(&mut self, runner: &str, events: &mut BounceEvents) {
        let names: Vec<String> = events.read().0.iter().map(|e| format!("{} {}", e.list, e.address)).collect();
        self.0.borrow_mut().push(format!("{runner}: {}", names.join(", ")));
        events.keep(&[]).unwrap();
    }

    fn probe_refused(&mut self, list: &MailList, _: &ByteStr, token: &ByteStr) -> Result<bool, RunnerError> {
        self.0.borrow_mut().push(format!("probe {} {token}", list.name()));
        Ok(true)
    }
}

#[test]
fn permanent_refusals_are_counted_at_the_end() {
    let site = Fixture::new(39, answering("*", "550 5.1.1 nobody"), &[]);
    put(&site, QueueName::Out, &entry(&TWO));
    let noted = Noted::default();
    turn(&site, Box::new(Outgoing::with_bounces(&site.site, Box::new(noted.clone()))));
    assert_eq!(noted.0.borrow()[..], ["OutgoingRunner: garden anna@example.org, garden ben@example.net"]);
    assert!(files(&site, "qfiles/retry").is_empty());
}

#[test]
fn a_refused_probe_is_no_event() {
    let site = Fixture::new(39, answering("*", "550 5.1.1 nobody"), &[]);
    put(&site, QueueName::Out, &entry(&TWO[..1]).with("probe_token", Value::str("abc")));
    let noted = Noted::default();
    turn(&site, Box::new(Outgoing::with_bounces(&site.site, Box::new(noted.clone()))));
    assert_eq!(noted.0.borrow()[..], ["probe garden abc"]);
}

/// Counts nothing.
struct Nobody;

impl Bounces for Nobody {
    fn register(&mut self, _: &str, _: &mut BounceEvents) {}

    fn probe_refused(&mut self, _: &MailList, _: &ByteStr, _: &ByteStr) -> Result<bool, RunnerError> {
        Ok(false)
    }
}

#[test]
fn events_stay_in_their_file_while_nobody_counts_them() {
    let site = Fixture::new(39, answering("*", "550 5.1.1 nobody"), &[]);
    put(&site, QueueName::Out, &entry(&TWO));
    turn(&site, Box::new(Outgoing::with_bounces(&site.site, Box::new(Nobody))));
    let (events, trouble) = BounceEvents::new(&site.dir.path().join("data")).read();
    assert_eq!((events.len(), trouble.is_none()), (2, true));
}

#[test]
fn the_progress_file_goes_with_the_entry() {
    let site = Fixture::new(39, Answers::friendly(), &[("SMTP_MAX_RCPTS", Value::Int(1))]);
    put(&site, QueueName::Out, &entry(&TWO));
    turn(&site, Box::new(Outgoing::new(&site.site, &ListCache::default())));
    assert_eq!(site.sink.received().len(), 2);
    assert!(files(&site, "data/delivery").is_empty());
}

#[test]
fn another_delivery_module_is_refused_aloud() {
    let site = Fixture::new(39, Answers::friendly(), &[("DELIVERY_MODULE", Value::str("Carrier"))]);
    put(&site, QueueName::Out, &entry(&TWO));
    let runner = Outgoing::new(&site.site, &ListCache::default());
    assert!(runner.refuses().is_some());
    turn(&site, Box::new(runner));
    assert_eq!(files(&site, "qfiles/out").len(), 1);
    assert_eq!(site.log("error"), ["OutgoingRunner: DELIVERY_MODULE Carrier is not known to this program"]);
}
