//! Nothing is lost when a step fails: each durable step of posts on their way in and out fails in turn, once, for good,
//! or as if the process had been killed there. Then the disk is mended, the runner starts anew, and all mail is counted.

use super::EntryLoop;
use crate::demo::new_list::{self, NewList, NewMember};
use crate::demo::site;
use crate::testing::mail_site::{entry, post, Fixture};
use crate::testing::smtp_sink::Answers;
use compat::durable::fault::{self, Fault};
use compat::list::{attributes, ListCache, LockedList};
use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName, Slice};
use compat::site::Site;
use compat::value::Value;
use nix::errno::Errno;
use std::fs;
use std::path::Path;
use std::rc::Rc;

const POSTS: usize = 2;
const FAULTS: [Fault; 3] = [Fault::Fail(Errno::EIO as i32), Fault::FailOnward(Errno::ENOSPC as i32), Fault::CutOff];

/// In memory where the system has such a place: the steps count here, not the disk, and there are thousands.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

pub(super) fn put(site: &Path, queue: QueueName, message: &EntryMessage, data: &Metadata) {
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&site.join("qfiles"))));
    outbox.enqueue(queue, message, data).unwrap();
    outbox.commit().unwrap();
}

/// One pass of a runner that starts now; whatever comes of it.
pub(super) fn pass(site: &Rc<Site>, runner: &str, lists: &ListCache) {
    let runner = super::make(runner, site, lists).unwrap();
    if let Ok(mut entries) = EntryLoop::open(site, runner, Slice::new(0, 1), lists) {
        entries.pass(None, &mut || false);
    }
}

fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    items
        .filter(|item| item.path().extension().is_some_and(|e| e == "pck"))
        .map(|i| fs::read(i.path()).unwrap())
        .collect()
}

fn holding(files: &[Vec<u8>], number: usize) -> usize {
    let id = format!("<{number}@example.org>");
    files.iter().filter(|file| file.windows(id.len()).any(|window| window == id.as_bytes())).count()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut items| items.next().is_none()) || !folder.exists()
}

/// A site whose list has some posts waiting. With a small threshold each of them sends a digest.
fn with_posts(folder: &Path, threshold: f64) -> Rc<Site> {
    let site = site::create(folder, &[]).unwrap();
    let members = ["ann@example.org", "dot@example.org"].map(|address| NewMember {
        address,
        name: "",
        digest: address.starts_with("dot"),
    });
    new_list::create(&site, &NewList { name: "garden", owners: &["o@example.com"], members: &members }).unwrap();
    let mut list = LockedList::open(&site, "garden", None).unwrap();
    list.set(attributes::DIGEST_SIZE_THRESHHOLD, Value::Float(threshold));
    list.set(attributes::POST_ID, Value::Float(1.0));
    list.save().unwrap();
    list.unlock().unwrap();
    let data = Metadata::new().with("listname", Value::str("garden")).with("tolist", Value::Int(1));
    for number in 0..POSTS {
        let head = "From: ann@example.org\nTo: garden@lists.example.com\nSubject: x\n";
        let text = format!("{head}Message-ID: <{number}@example.org>\n\nHello.\n");
        put(folder, QueueName::In, &EntryMessage::Raw(text.into()), &data);
    }
    site
}

/// Lets the N-th step meet the fault, then mends everything; how often the worst post was doubled, `None` when there is
/// no N-th step.
fn incoming(nth: u64, fault: Fault, threshold: f64) -> Option<usize> {
    let dir = folder();
    let queue = |name: &str| dir.path().join("qfiles").join(name);
    let site = with_posts(dir.path(), threshold);
    let armed = fault::arm(nth, fault);
    pass(&site, "IncomingRunner", &ListCache::default());
    let met = armed.was_met();
    drop(armed);
    assert!(is_empty(&queue("shunt")) && is_empty(&queue("bad")), "step {nth} {fault:?} shunts what is in order");
    // A killed process leaves its lock; that it is dead cannot be seen from inside.
    fs::read_dir(dir.path().join("locks")).unwrap().flatten().for_each(|lock| fs::remove_file(lock.path()).unwrap());
    (0..POSTS + 1).for_each(|_| pass(&site, "IncomingRunner", &ListCache::default()));
    assert!(is_empty(&queue("in")) && is_empty(&queue("shunt")) && is_empty(&queue("bad")), "step {nth} {fault:?}");
    let mut gathered = contents(&queue("virgin"));
    gathered.extend(fs::read(dir.path().join("lists/garden/digest.mbox")));
    let (out, archive) = (contents(&queue("out")), contents(&queue("archive")));
    let counts = |files: &[Vec<u8>]| (0..POSTS).map(|number| holding(files, number)).collect::<Vec<_>>();
    for files in [&out, &archive, &gathered] {
        assert!(counts(files).iter().all(|count| *count > 0), "step {nth} {fault:?}: {:?}", counts(files));
    }
    let list = LockedList::open(&site, "garden", None).unwrap();
    assert!(list.float(attributes::POST_ID) >= 1.0 + POSTS as f64, "step {nth} {fault:?}: each post counts");
    met.then(|| counts(&out).into_iter().max().unwrap_or(0))
}

fn every_step(mut run: impl FnMut(u64, Fault) -> Option<usize>) -> Vec<(Fault, usize)> {
    let worst = FAULTS.map(|fault| (fault, (1..).map_while(|nth| run(nth, fault)).max().unwrap_or(0)));
    worst.to_vec()
}

#[test]
fn posts_on_their_way_in_survive_each_failing_step() {
    let worst = every_step(|nth, fault| incoming(nth, fault, 30.0));
    assert!(worst.iter().all(|(_, copies)| (1..=2).contains(copies)), "doubled once at most: {worst:?}");
}

#[test]
fn posts_that_send_a_digest_survive_each_failing_step() {
    let worst = every_step(|nth, fault| incoming(nth, fault, 0.001));
    assert!(worst.iter().all(|(_, copies)| (1..=2).contains(copies)), "doubled once at most: {worst:?}");
}

#[test]
fn a_post_on_its_way_out_survives_each_failing_step() {
    every_step(|nth, fault| {
        let later = [("ben@example.net".to_owned(), "450 later".to_owned())].into();
        let site = Fixture::new(39, Answers { refuse_recipient: later, ..Answers::friendly() }, &[]);
        let queue = |name: &str| site.dir.path().join("qfiles").join(name);
        let recipients = entry(&["anna@example.org", "ben@example.net"]);
        put(site.dir.path(), QueueName::Out, &EntryMessage::Object(post().to_value()), &recipients);
        let armed = fault::arm(nth, fault);
        pass(&site.site, "OutgoingRunner", &ListCache::default());
        let met = armed.was_met();
        drop(armed);
        assert!(is_empty(&queue("shunt")) && is_empty(&queue("bad")), "step {nth} {fault:?} shunts what is in order");
        (0..2).for_each(|_| pass(&site.site, "OutgoingRunner", &ListCache::default()));
        assert!(
            is_empty(&queue("out")) && is_empty(&queue("shunt")) && is_empty(&queue("bad")),
            "step {nth} {fault:?}"
        );
        let served = site.sink.received().iter().filter(|seen| seen.recipients == ["anna@example.org"]).count();
        assert!(served > 0, "step {nth} {fault:?}");
        let waiting = contents(&queue("retry"));
        assert!(!waiting.is_empty(), "step {nth} {fault:?}: who was not served is tried again");
        met.then_some(served)
    });
}

/// Bounces that share one fsync of the events file; which bounces are in that file in the end.
fn bounces(nth: u64, fault: Fault) -> Option<usize> {
    let site = Fixture::new(39, Answers::friendly(), &[]);
    let queue = |name: &str| site.dir.path().join("qfiles").join(name);
    let data = Metadata::new().with("listname", Value::str("garden"));
    for number in 0..3 {
        let text = format!("X-Failed-Recipients: anna@example.org\nMessage-ID: <{number}@example.org>\n\nx\n");
        put(site.dir.path(), QueueName::Bounces, &EntryMessage::Raw(text.into()), &data);
    }
    let armed = fault::arm(nth, fault);
    pass(&site.site, "BounceRunner", &ListCache::default());
    let met = armed.was_met();
    drop(armed);
    (0..4).for_each(|_| pass(&site.site, "BounceRunner", &ListCache::default()));
    assert!(is_empty(&queue("bounces")) && is_empty(&queue("shunt")) && is_empty(&queue("bad")), "{nth} {fault:?}");
    let events = contents(&site.dir.path().join("data")).concat();
    let count = |number| {
        let id = format!("<{number}@example.org>");
        events.windows(id.len()).filter(|window| *window == id.as_bytes()).count()
    };
    assert!((0..3).all(|number| count(number) > 0), "step {nth} {fault:?}");
    met.then(|| (0..3).map(count).max().unwrap_or(0))
}

#[test]
fn bounces_survive_each_failing_step() {
    let worst = every_step(bounces);
    assert!(worst.iter().all(|(_, copies)| (1..=2).contains(copies)), "doubled once at most: {worst:?}");
}

/// Questions that share the saving of their list; how often the worst was answered.
fn questions(nth: u64, fault: Fault) -> Option<usize> {
    let dir = folder();
    let queue = |name: &str| dir.path().join("qfiles").join(name);
    let site = with_posts(dir.path(), 30.0);
    let data = Metadata::new().with("listname", Value::str("garden")).with("torequest", Value::Int(1));
    for number in 0..3 {
        let head = "From: ann@example.org\nTo: garden-request@lists.example.com\nSubject: help\n";
        let text = format!("{head}Message-ID: <{number}@example.org>\n\n");
        put(dir.path(), QueueName::Commands, &EntryMessage::Raw(text.into()), &data);
    }
    let armed = fault::arm(nth, fault);
    pass(&site, "CommandRunner", &ListCache::default());
    let met = armed.was_met();
    drop(armed);
    fs::read_dir(dir.path().join("locks")).unwrap().flatten().for_each(|lock| fs::remove_file(lock.path()).unwrap());
    (0..4).for_each(|_| pass(&site, "CommandRunner", &ListCache::default()));
    assert!(is_empty(&queue("commands")) && is_empty(&queue("shunt")) && is_empty(&queue("bad")), "{nth} {fault:?}");
    let replies = contents(&queue("virgin"));
    assert!((0..3).all(|number| holding(&replies, number) > 0), "step {nth} {fault:?}");
    let list = LockedList::open(&site, "garden", None).unwrap();
    assert!(
        list.dict(attributes::HOLD_AND_CMD_AUTORESPONSES).is_some_and(|answered| answered.len() == 1),
        "step {nth} {fault:?}"
    );
    met.then(|| (0..3).map(|number| holding(&replies, number)).max().unwrap_or(0))
}

#[test]
fn questions_by_mail_survive_each_failing_step() {
    let worst = every_step(questions);
    assert!(worst.iter().all(|(_, copies)| (1..=2).contains(copies)), "doubled once at most: {worst:?}");
}
