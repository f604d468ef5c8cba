//! Lists that are looked at answer as those that are read whole, and are saved like them.

use super::*;
use crate::list::attributes;
use crate::pickle::{dumps, Protocol};

/// More members than are put into Python's order.
const MANY: usize = 2500;

/// A site whose list has many members, with something of each kind said about some of them.
fn crowded() -> Scratch {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    for n in 0..MANY {
        let member = NewMember {
            address: format!("M{n:05}@example.org").into(),
            password: Value::str("x"),
            language: None,
            name: (n % 3 == 0).then(|| Value::Unicode("Ren\u{e9}e".into())),
            digest: n % 500 == 1,
        };
        list.add_member(&member).unwrap();
        list.set_option(&member.address, options::CONCEAL_SUBSCRIPTION, n % 2 == 0).unwrap();
    }
    list.set_delivery_status(b"m00007@example.org", DeliveryStatus::ByUser).unwrap();
    list.set_topics(b"m00008@example.org", &["apples".into()]).unwrap();
    list.save().unwrap();
    scratch
}

fn look(scratch: &Scratch) -> MailList {
    let list = MailList::look(&scratch.site, "test").unwrap();
    assert!(list.is_left("members") && list.is_left("passwords") && list.is_left("user_options"));
    list
}

/// All that the roster says of somebody.
fn said(list: &MailList, address: &[u8]) -> String {
    let delivery = (list.delivery_status(address), list.delivery_status_time(address) > 0.0);
    let of_roster = (list.is_member(address), list.is_digest_member(address), list.case_preserved(address));
    let of_member = (list.password_of(address), list.options_of(address), list.language_value_of(address));
    format!("{delivery:?} {of_roster:?} {of_member:?} {:?} {:?}", list.name_of(address), list.topics_of(address))
}

#[test]
fn members_are_found_where_they_lie() {
    let scratch = crowded();
    let (whole, list) = (scratch.open(), look(&scratch));
    assert_eq!(list.member_count(), whole.member_count());
    assert_eq!(list.members(), whole.members());
    assert_eq!(list.real_name(), whole.real_name());
    for address in [&b"M00007@example.org"[..], b"m00008@EXAMPLE.org", b"m00501@example.org", b"nobody@example.org"] {
        assert_eq!(said(&list, address), said(&whole, address));
    }
    assert!(list.is_left("members") && list.is_left("user_options"));
}

#[test]
fn many_members_are_asked_for_at_once_or_read() {
    let scratch = crowded();
    let (whole, list) = (scratch.open(), look(&scratch));
    let members = whole.members();
    list.expect_members(&members[..200]);
    for member in &members[..200] {
        assert_eq!(said(&list, member), said(&whole, member));
    }
    assert!(list.is_left("members") && list.is_left("user_options"));
    for member in &members {
        assert_eq!(said(&list, member), said(&whole, member));
    }
    assert!(!list.is_left("user_options"));
    assert_eq!(list.members(), members);
}

#[test]
fn attributes_are_read_when_they_are_asked_for() {
    let scratch = crowded();
    let (whole, list) = (scratch.open(), look(&scratch));
    assert!(list.attribute_names().eq(whole.attribute_names()));
    let list_of = |list: &MailList| format!("{:?}", list.to_value());
    assert_eq!(list_of(&list), list_of(&whole));
    for name in whole.attribute_names() {
        let name = name.to_string();
        assert_eq!(list.get(by_name(&name)), whole.get(by_name(&name)), "{name}");
    }
}

#[test]
fn what_is_changed_is_whole() {
    let scratch = crowded();
    let (mut whole, mut list) = (scratch.open(), look(&scratch));
    for list in [&mut whole, &mut list] {
        list.set(attributes::DESCRIPTION, Value::str("new"));
        list.remove_member(b"m00010@example.org").unwrap();
    }
    assert_eq!(list.to_value(), whole.to_value());
    assert_eq!(list.checkpoint().attributes, whole.checkpoint().attributes);
}

#[test]
fn a_list_that_was_looked_at_is_saved_as_one_that_was_read() {
    let scratch = crowded();
    let before = scratch.read("config.pck");
    let save = |list: MailList| {
        scratch.write("config.pck", &before);
        // The file is another one now, or the one that was read: both must do.
        let mut list = LockedList::of(list, None).unwrap();
        list.set(attributes::DESCRIPTION, Value::str("new"));
        list.set_option(b"m00011@example.org", options::MODERATE, true).unwrap();
        list.save().unwrap();
        scratch.read("config.pck")
    };
    let of_whole = save(scratch.open());
    scratch.write("config.pck", &before);
    assert!(save(look(&scratch)) == of_whole);
    scratch.write("config.pck", &before);
    let list = look(&scratch);
    let mut list = LockedList::of(list, None).unwrap();
    list.set(attributes::DESCRIPTION, Value::str("new"));
    list.set_option(b"m00011@example.org", options::MODERATE, true).unwrap();
    list.save().unwrap();
    assert!(scratch.read("config.pck") == of_whole);
}

#[test]
fn tables_are_left_in_a_file_of_which_only_some_items_were_written_anew() {
    let scratch = crowded();
    for table in [false, true, false] {
        let mut list = scratch.lock();
        list.set(attributes::DESCRIPTION, Value::str(format!("new {table}")));
        if table {
            list.set_password(b"m00020@example.org", b"new").unwrap();
        }
        list.save().unwrap();
        let (whole, list) = (scratch.open(), look(&scratch));
        assert_eq!(said(&list, b"m00020@example.org"), said(&whole, b"m00020@example.org"));
        assert_eq!(format!("{:?}", list.to_value()), format!("{:?}", whole.to_value()));
    }
}

#[test]
fn a_damaged_file_is_put_right_and_looked_at() {
    let scratch = crowded();
    let good = scratch.read("config.pck");
    scratch.write("config.pck.last", &good);
    scratch.write("config.pck", &good[..good.len() - 1]);
    let list = look(&scratch);
    assert_eq!(list.member_count(), scratch.open().member_count());
    assert!(scratch.read("config.pck") == good);
}

#[test]
fn small_lists_are_read_whole() {
    let scratch = Scratch::new(V39);
    let list = MailList::look(&scratch.site, "test").unwrap();
    assert!(list.left.is_none() && list.layout.is_some());
    let bytes = dumps(&list.to_value(), Protocol::P1).unwrap();
    assert!(bytes == dumps(&scratch.open().to_value(), Protocol::P1).unwrap());
}

#[test]
fn a_server_reads_large_tables_only_where_they_are_asked_for() {
    let scratch = crowded();
    let lists = Looks::default();
    let look = || lists.look(&scratch.site, "test").unwrap();
    let is_unread = |list: &MailList| list.left.as_ref().is_some_and(|tables| tables.is_unread());
    // As soon as the file is older than a tick of the clock.
    while !is_unread(&look()) {}
    let whole = scratch.open();
    let kept = look();
    assert_eq!((kept.real_name(), kept.member_count()), (whole.real_name(), whole.member_count()));
    assert!(is_unread(&kept));
    assert_eq!(said(&kept, b"m00007@example.org"), said(&whole, b"m00007@example.org"));
    assert!(!is_unread(&kept) && is_unread(&look()));
    // Somebody saves the list while a page is made: the page is of one state.
    let before = look();
    let mut list = scratch.lock();
    list.remove_member(b"m00007@example.org").unwrap();
    list.save().unwrap();
    assert!(before.is_member(b"m00007@example.org"));
    assert_eq!(before.members(), whole.members());
    assert!(!look().is_member(b"m00007@example.org"));
}
