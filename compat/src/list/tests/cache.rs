//! Lists of a version that shares them among its runners, and of one that does not; and those that were read recently.

use super::*;
use crate::list::attributes;

fn of_process(lists: &ListCache, scratch: &Scratch) -> MailList {
    lists.open(&scratch.site, &"test".into()).unwrap()
}

/// What a list has as its description once somebody changed it in memory and dropped it.
fn description_after_a_failure(version: Version) -> ByteStr {
    let scratch = Scratch::new(version);
    let lists = ListCache::default();
    let mut list = lists.lock(&scratch.site, &"test".into(), None).unwrap();
    list.set(attributes::DESCRIPTION, Value::str("half done"));
    drop(list);
    of_process(&lists, &scratch).str(attributes::DESCRIPTION)
}

#[test]
fn what_was_not_saved_lives_on_where_lists_do() {
    assert_eq!(description_after_a_failure(V13), "half done");
    assert_ne!(description_after_a_failure(V39), "half done");
}

#[test]
fn a_list_that_another_program_saved_is_read_again() {
    let scratch = Scratch::new(V13);
    let lists = ListCache::default();
    of_process(&lists, &scratch).set(attributes::DESCRIPTION, Value::str("half done"));
    let mut other = scratch.lock();
    other.set(attributes::INFO, Value::str("of somebody else"));
    other.save().unwrap();
    drop(other);
    let list = of_process(&lists, &scratch);
    assert_eq!(list.str(attributes::INFO), "of somebody else");
    assert_ne!(list.str(attributes::DESCRIPTION), "half done");
}

#[test]
fn what_was_saved_is_not_read_again_until_all_is_forgotten() {
    let scratch = Scratch::new(V13);
    let lists = ListCache::default();
    let mut list = LockedList::of(of_process(&lists, &scratch), None).unwrap();
    list.set(attributes::INFO, Value::str("new"));
    list.requests().unwrap();
    list.save().unwrap();
    list.unlock().unwrap();
    // Python would not see this either: the file's time is that of its own saving.
    let mut list = of_process(&lists, &scratch);
    list.set(attributes::DESCRIPTION, Value::str("in memory"));
    drop(list);
    let mut again = LockedList::of(of_process(&lists, &scratch), None).unwrap();
    assert_eq!((again.str(attributes::INFO), again.str(attributes::DESCRIPTION)), ("new".into(), "in memory".into()));
    again.save().unwrap();
    assert_eq!(scratch.stored().get(b"description").unwrap(), &Value::str("in memory"));
    again.set(attributes::DESCRIPTION, Value::str("never"));
    again.unlock().unwrap();
    assert!(lists.forget_shared() > 0);
    assert_eq!(of_process(&lists, &scratch).str(attributes::DESCRIPTION), "in memory");
}

#[test]
fn requests_that_were_not_saved_live_on() {
    let scratch = Scratch::new(V13);
    let lists = ListCache::default();
    let mut list = LockedList::of(of_process(&lists, &scratch), None).unwrap();
    let before = list.requests().unwrap().len();
    list.add_request(requests::RequestKind::Subscription, Value::None).unwrap();
    drop(list);
    let mut list = LockedList::of(of_process(&lists, &scratch), None).unwrap();
    assert_eq!(list.requests().unwrap().len(), before + 1);
}

#[test]
fn a_list_is_kept_once_until_all_are_forgotten() {
    let scratch = Scratch::of_newest();
    let lists = ListCache::default();
    // As soon as the file is older than a tick of the clock.
    while lists.again(&scratch.site, &"test".into()).is_none() {
        of_process(&lists, &scratch);
    }
    of_process(&lists, &scratch);
    let size = scratch.path("config.pck").metadata().unwrap().len();
    assert_eq!(lists.forget(), size);
    assert!(lists.again(&scratch.site, &"test".into()).is_none());
    assert_eq!(lists.forget(), 0);
}
