//! A delivery is killed half-way, started again, and its copies are counted at the mail server.

#![allow(clippy::expect_used)]

mod support;

use compat::queue::{EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::value::Value;
use mailman2::testing::smtp_sink::{Answers, Sink};
use std::collections::BTreeMap;
use std::rc::Rc;
use support::*;

const RECIPIENTS: usize = 40;
const CONNECTIONS: usize = 4;
const POST: &str = "From: ann@example.org\nTo: garden@lists.example.com\nSubject: x\nMessage-ID: <1@x>\n\nHello.\n";

fn recipient(number: usize) -> String {
    format!("member{number}@example.org")
}

/// A site whose mail goes to the sink, and a post for everybody in its outgoing queue, a copy for each.
fn site(sink: &Sink) -> TestSite {
    let port = format!("SMTPPORT = {}", sink.port());
    let connections = format!("MAILMAN2_RS_SMTP_CONNECTIONS = {CONNECTIONS}");
    let site = TestSite::with(&["SMTPHOST = '127.0.0.1'", &port, &connections]);
    let recipients = (0..RECIPIENTS).map(|number| Value::str(recipient(number).as_str())).collect();
    let metadata = Metadata::new()
        .with("listname", Value::str("garden"))
        .with("recips", Value::list(recipients))
        .with("verp", Value::Bool(true));
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&site.path("qfiles"))));
    outbox.enqueue(QueueName::Out, &EntryMessage::Raw(POST.into()), &metadata).expect("enqueued");
    outbox.commit().expect("committed");
    site
}

/// How often each recipient has got a copy.
fn copies(sink: &Sink) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for recipient in sink.received().into_iter().flat_map(|received| received.recipients) {
        *counts.entry(recipient).or_insert(0) += 1;
    }
    counts
}

/// Starts the runner and kills it when the server has answered this number of copies and holds one more back.
fn killed_after(site: &TestSite, sink: &Sink, answered: usize) {
    let mut runner = site.spawn(QRUNNER, &["-r", "Outgoing"]);
    sink.release(answered);
    wait("the copy that is not answered", || sink.received().len() > answered);
    sink.wait_for_held(1);
    runner.0.kill().expect("killed");
    runner.0.wait().expect("waited");
}

#[test]
fn a_killed_delivery_misses_nobody_and_repeats_one() {
    for answered in [0, 1, 2, 17, RECIPIENTS - 1] {
        let sink = Sink::start(Answers { hold: true, ..Answers::friendly() }).expect("a sink");
        let site = site(&sink);
        killed_after(&site, &sink, answered);
        let before = sink.received().len();
        assert!((answered + 1..=answered + CONNECTIONS).contains(&before), "{before} copies for {answered} answers");
        sink.set_answers(Answers::friendly());
        sink.release(before - answered);
        let output = site.run(QRUNNER, &["-r", "Outgoing", "-o"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let counts = copies(&sink);
        let missed: Vec<String> = (0..RECIPIENTS).map(recipient).filter(|who| !counts.contains_key(who)).collect();
        assert!(missed.is_empty(), "killed after {answered}: nothing for {missed:?}");
        let repeated = counts.values().sum::<usize>() - RECIPIENTS;
        assert!(repeated <= CONNECTIONS, "killed after {answered}: {repeated} came twice");
        assert!(repeated > 0, "the copy without an answer must come again");
        assert!(site.queue("out").is_empty() && site.queue("shunt").is_empty() && site.queue("retry").is_empty());
    }
}
