//! A membership from its beginning to its end, all by mail, through the real runners: somebody asks to join, confirms,
//! changes options, posts, asks who is there, changes address, and leaves.

#![allow(clippy::expect_used, clippy::panic)]

mod support;

use compat::email::generator;
use compat::email::Message;
use compat::list::{options, MailList};
use compat::queue::{Entry, EntryMessage, Metadata, Outbox, QueueFolders, QueueName};
use compat::value::Value;
use std::fs;
use std::rc::Rc;
use support::*;

const IDA: &str = "ida@example.org";
const NEW: &str = "ida.new@example.net";

/// Somebody writes to one of the list's addresses, and the runner of that queue takes the mail.
fn write(site: &TestSite, from: &str, flag: &str, queue: QueueName, subject: &str, text: &str) {
    let message = format!(
        "From: {from}\nTo: garden@lists.example.com\nSubject: {subject}\nMessage-ID: <{flag}.{}@example.org>\n\n{text}",
        subject.len() + text.len()
    );
    let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&site.path("qfiles"))));
    let data = Metadata::new().with("listname", Value::str("garden")).with(flag, Value::Int(1));
    outbox.enqueue(queue, &EntryMessage::Raw(message.as_str().into()), &data).expect("enqueued");
    outbox.commit().expect("committed");
    let runner = if queue == QueueName::In { "Incoming" } else { "Command" };
    let output = site.run(QRUNNER, &["-r", runner, "-o"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    assert!(site.queue("shunt").is_empty(), "{}", site.log("error"));
}

/// The answers that wait to be sent, as text; they are taken away.
fn answers(site: &TestSite) -> Vec<String> {
    let folder = site.path("qfiles/virgin");
    let texts = site.queue("virgin").into_iter().map(|name| {
        let bytes = fs::read(folder.join(&name)).expect("read");
        fs::remove_file(folder.join(&name)).expect("taken");
        let entry = Entry::parse(&bytes.into()).expect("an entry");
        let EntryMessage::Object(message) = &entry.message else { panic!("no message: {name}") };
        let mut message = Message::from_value(message).expect("a message");
        String::from_utf8_lossy(&generator::as_bytes(&mut message, false, true).expect("text")).into_owned()
    });
    texts.collect()
}

fn one_answer(site: &TestSite, to: &str) -> String {
    let mut all = answers(site);
    all.retain(|text| text.contains(&format!("\nTo: {to}\n")) || text.contains(&format!("To: {to}\n")));
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// The cookie that stands in the Subject of a question.
fn cookie(question: &str) -> String {
    let subject = question.lines().find(|line| line.starts_with("Subject: confirm ")).expect("a question");
    subject["Subject: confirm ".len()..].to_string()
}

fn list(site: &TestSite) -> MailList {
    MailList::load(&site.site, "garden").expect("the list")
}

#[test]
fn a_membership_by_mail() {
    let site = TestSite::with(&["VERP_CONFIRMATIONS = 0"]);

    write(&site, IDA, "tojoin", QueueName::Commands, "join", "");
    let question = one_answer(&site, IDA);
    assert!(!list(&site).is_member(IDA.as_bytes()), "not before the answer");
    write(&site, IDA, "torequest", QueueName::Commands, &format!("Re: confirm {}", cookie(&question)), "");
    assert!(list(&site).is_member(IDA.as_bytes()));
    let welcome = answers(&site).join("\n");
    let password = list(&site).password_of(IDA.as_bytes()).expect("a password").to_latin1();
    assert!(welcome.contains(&password), "the welcome tells the password:\n{welcome}");

    let orders = format!("set authenticate {password}\nset ack on\nset hide on\nend\n");
    write(&site, IDA, "torequest", QueueName::Commands, "", &orders);
    assert!(list(&site).option(IDA.as_bytes(), options::ACKNOWLEDGE_POSTS));
    assert!(list(&site).option(IDA.as_bytes(), options::CONCEAL_SUBSCRIPTION));
    answers(&site);

    write(&site, IDA, "tolist", QueueName::In, "Snails", "They are slow.\n");
    assert_eq!((site.queue("out").len(), site.queue("archive").len()), (1, 1));
    assert!(one_answer(&site, IDA).contains("Snails"), "the acknowledgement that was asked for");

    write(&site, IDA, "torequest", QueueName::Commands, "", &format!("who {password}\nend\n"));
    let roster = one_answer(&site, IDA);
    assert!(roster.contains("ann@example.org"), "{roster}");
    assert!(!roster.replace(&format!("To: {IDA}"), "").contains(&format!("    {IDA}")), "hidden:\n{roster}");

    // There is no command for it: the new address joins, and the old one leaves.
    write(&site, NEW, "torequest", QueueName::Commands, "", &format!("subscribe address={NEW}\nend\n"));
    let question = answers(&site).into_iter().find(|text| text.contains("Subject: confirm ")).expect("a question");
    write(&site, NEW, "torequest", QueueName::Commands, &format!("confirm {}", cookie(&question)), "");
    answers(&site);
    write(&site, IDA, "torequest", QueueName::Commands, "", &format!("unsubscribe {password}\nend\n"));
    assert!(list(&site).is_member(NEW.as_bytes()) && !list(&site).is_member(IDA.as_bytes()));
    answers(&site);

    write(&site, NEW, "toleave", QueueName::Commands, "", "");
    let question = one_answer(&site, NEW);
    assert!(list(&site).is_member(NEW.as_bytes()), "not before the answer");
    write(&site, NEW, "torequest", QueueName::Commands, &format!("Re: confirm {}", cookie(&question)), "");
    assert_eq!(list(&site).members(), ["ann@example.org"]);
}
