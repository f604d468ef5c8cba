//! Lists that are taken again from memory, without reading their files.

use super::*;
use crate::list::attributes;

/// A list that was read when its file was old enough for its times to tell of any change.
fn settled(scratch: &Scratch) -> MailList {
    loop {
        let list = scratch.open();
        if list.to_keep().is_some() {
            return list;
        }
        std::thread::yield_now();
    }
}

#[test]
fn what_is_changed_in_a_copy_is_seen_in_no_other() {
    let scratch = Scratch::of_newest();
    let list = settled(&scratch);
    let mut first = list.again().unwrap();
    let member = first.regular_members()[0].clone();
    first.language_of(&member);
    first.set(attributes::POST_ID, Value::Float(99.0));
    first.dict_mut(attributes::USER_OPTIONS).unwrap().set(member.clone(), Value::Int(77));
    first.remove_member(&member).unwrap();
    let second = list.again().unwrap();
    assert_eq!(second.float(attributes::POST_ID), 7.0);
    assert!(second.is_member(&member) && second.options_of(&member) != 77);
    assert!(!second.language_asked.get() && second.is_current());
    assert_eq!(second.to_value(), scratch.open().to_value());
}

#[test]
fn a_file_that_is_another_one_is_read() {
    let scratch = Scratch::of_newest();
    let list = settled(&scratch);
    let mut saved = LockedList::of(list.again().unwrap(), None).unwrap();
    saved.set(attributes::POST_ID, Value::Float(8.0));
    saved.save().unwrap();
    assert!(list.again().is_none());
    let list = settled(&scratch);
    assert_eq!(list.float(attributes::POST_ID), 8.0);
    fs::remove_file(scratch.path("config.pck")).unwrap();
    assert!(list.again().is_none());
}

#[test]
fn python_beside_a_list_is_not_overlooked() {
    let scratch = Scratch::of_newest();
    let list = settled(&scratch);
    scratch.write("extend.py", b"# nothing\n");
    assert!(list.again().is_some());
    scratch.write("extend.py", b"pass\n");
    assert!(list.again().is_none());
}

#[test]
fn what_each_reading_complains_about_is_complained_about_each_time() {
    let scratch = Scratch::of_newest();
    let mut list = scratch.lock();
    list.set(attributes::TOPICS, Value::list(vec![Value::Int(1)]));
    list.save().unwrap();
    list.unlock().unwrap();
    assert!(settled(&scratch).again().is_none());
}
