//! Which commands by mail share the saving of their list.

use super::fault_tests::{pass, put};
use crate::delivery::sink::Answers;
use crate::delivery::tests::Fixture;
use compat::durable::fault;
use compat::pickle::Value;
use compat::queue::{EntryMessage, Metadata, QueueName};
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
    pass(&site.site, super::make("CommandRunner", &site.site).unwrap());
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
