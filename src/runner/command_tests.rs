//! Which commands by mail share the saving of their list.

use super::fault_tests::{pass, put};
use crate::testing::mail_site::Fixture;
use crate::testing::smtp_sink::Answers;
use compat::durable::fault;
use compat::list::{attributes, ListCache, LockedList, MailList};
use compat::queue::{EntryMessage, Metadata, QueueName};
use compat::value::Value;
use std::fs;

/// How often the list is written when messages with these commands wait, each of which is answered.
fn saves(commands: &[&str]) -> usize {
    let site = Fixture::new(39, Answers::friendly(), &[]);
    fs::create_dir_all(site.dir.path().join("archives/public")).unwrap();
    let data = Metadata::new().with("listname", Value::str("garden")).with("torequest", Value::Int(1));
    for command in commands {
        let text = format!("From: anna@example.org\nSubject: {command}\nMessage-ID: <1@example.org>\n\n");
        put(site.dir.path(), QueueName::Commands, &EntryMessage::Raw(text.into()), &data);
    }
    let record = fault::record();
    pass(&site.site, "CommandRunner", &ListCache::default());
    let steps = record.steps();
    let replies = fs::read_dir(site.dir.path().join("qfiles/virgin")).unwrap().count();
    assert_eq!(replies, commands.len());
    let is_config = |path: &std::path::PathBuf| path.ends_with("lists/garden/config.pck");
    steps.iter().filter(|step| step.op == fault::Op::Rename && step.to.as_ref().is_some_and(is_config)).count()
}

#[test]
fn questions_share_what_a_change_ends() {
    assert_eq!(saves(&["help"]), 1);
    // The state before the last one becomes config.pck.last.
    assert_eq!(saves(&["help", "who", "info", "help"]), 2);
    assert_eq!(saves(&["set show", "set show"]), 2);
    assert_eq!(saves(&["help", "help", "set show", "help", "help"]), 4);
}

/// How many senders the list has noted in its file after a request that it only answers, and a post.
fn notes_after_a_post(version: u8) -> usize {
    let site = Fixture::new(version, Answers::friendly(), &[]);
    fs::create_dir_all(site.dir.path().join("archives/public")).unwrap();
    let mut list = LockedList::open(&site.site, "garden", None).unwrap();
    list.set(attributes::AUTORESPOND_REQUESTS, Value::Int(1));
    list.save().unwrap();
    list.unlock().unwrap();
    let lists = ListCache::default();
    let text = |id: u8| EntryMessage::Raw(format!("From: anna@example.org\nMessage-ID: <{id}@x>\n\nhelp\n").into());
    let data = |to: &str| Metadata::new().with("listname", Value::str("garden")).with(to, Value::Int(1));
    for (queue, runner, to) in
        [(QueueName::Commands, "CommandRunner", "torequest"), (QueueName::In, "IncomingRunner", "tolist")]
    {
        put(site.dir.path(), queue, &text(1), &data(to));
        pass(&site.site, runner, &lists);
    }
    let list = MailList::load(&site.site, "garden").unwrap();
    list.dict(attributes::REQUEST_RESPONSES).map_or(0, |notes| notes.len())
}

/// Old versions keep the list in memory, for all runners of a process.
#[test]
fn a_note_that_was_not_saved_is_saved_with_the_next_post_before_2_1_15() {
    assert_eq!((notes_after_a_post(13), notes_after_a_post(39)), (1, 0));
}
