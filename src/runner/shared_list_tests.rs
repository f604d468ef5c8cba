//! What posts that fail leave in lists that live as long as their process.

use super::fault_tests::{pass, put};
use crate::testing::mail_site::Fixture;
use crate::testing::smtp_sink::Answers;
use compat::list::{attributes, ListCache, MailList};
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
