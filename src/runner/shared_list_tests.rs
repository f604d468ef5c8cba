//! What posts that fail leave in lists that live as long as their process.

use super::fault_tests::{pass, put};
use crate::testing::mail_site::Fixture;
use crate::testing::smtp_sink::Answers;
use compat::list::pending::{Kind, Pended};
use compat::list::{attributes, ListCache, LockedList, MailList};
use compat::queue::{EntryMessage, Metadata, QueueName};
use compat::value::Value;
use std::fs;

/// By how much the number of the next post has grown in the file after posts of one batch with these pipelines.
fn counted(version: u8, pipelines: &[&[&str]]) -> f64 {
    let site = Fixture::new(version, Answers::friendly(), &[]);
    fs::create_dir_all(site.dir.path().join("archives/public")).unwrap();
    let number = || MailList::load(&site.site, "garden").unwrap().float(attributes::POST_ID);
    let before = number();
    for pipeline in pipelines {
        let mut data = Metadata::new().with("listname", Value::str("garden"));
        data.set_strings("pipeline", pipeline.iter().map(|&name| name.into()));
        put(site.dir.path(), QueueName::In, &EntryMessage::Raw("From: anna@example.org\n\nx\n".into()), &data);
    }
    pass(&site.site, "IncomingRunner", &ListCache::default());
    let shunted = fs::read_dir(site.dir.path().join("qfiles/shunt")).map_or(0, |folder| folder.count());
    assert_eq!(shunted, pipelines.iter().filter(|pipeline| pipeline.contains(&"Nonsense")).count());
    number() - before
}

#[test]
fn what_a_failed_post_counted_is_saved_with_the_next_before_2_1_15() {
    let (good, bad) = (&["AfterDelivery"][..], &["AfterDelivery", "Nonsense"][..]);
    assert_eq!((counted(13, &[bad]), counted(39, &[bad])), (0.0, 0.0));
    assert_eq!((counted(13, &[bad, good]), counted(39, &[bad, good])), (2.0, 1.0));
    assert_eq!((counted(13, &[good, bad, good]), counted(39, &[good, bad, good])), (3.0, 2.0));
}

/// Whether a cookie is there after the mail that confirms it has failed, and another one has had the list saved.
fn cookie_stays(version: u8) -> bool {
    let site = Fixture::new(version, Answers::friendly(), &[]);
    fs::create_dir_all(site.dir.path().join("archives/public")).unwrap();
    let mut list = LockedList::open(&site.site, "garden", None).unwrap();
    let probe = Pended { kind: Kind::ProbeBounce, content: vec![Value::str("anna@example.org"), Value::None] };
    let cookie = list.pend_new(&probe, None).unwrap();
    list.save().unwrap();
    list.unlock().unwrap();
    let data = Metadata::new().with("listname", Value::str("garden")).with("torequest", Value::Int(1));
    for command in ["help", &format!("confirm {cookie}"), "help"] {
        let text = format!("From: anna@example.org\nSubject: {command}\nMessage-ID: <1@example.org>\n\n");
        put(site.dir.path(), QueueName::Commands, &EntryMessage::Raw(text.into()), &data);
    }
    pass(&site.site, "CommandRunner", &ListCache::default());
    assert_eq!(fs::read_dir(site.dir.path().join("qfiles/shunt")).unwrap().count(), 1);
    MailList::load(&site.site, "garden").unwrap().pend_look(&cookie).unwrap().is_some()
}

#[test]
fn the_cookie_of_a_confirmation_that_failed_stays_good() {
    assert_eq!((cookie_stays(13), cookie_stays(39)), (true, true));
}
