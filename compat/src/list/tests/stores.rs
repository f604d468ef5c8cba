//! pending.pck and request.pck.

use super::pending::{Kind, Pended};
use super::requests::RequestKind;
use super::Held;
use super::*;
use crate::list::attributes;

/// Written by Python 2.7.18: two records, one of them without an eviction, one eviction without a record, one record
/// that has expired.
const PENDING: &[u8] = b"\
(dp1\nS'1111111111111111111111111111111111111111'\np2\n(S'U'\nS'anne@example.com'\np3\ntp4\nsS'222222222222222\
2222222222222222222222222'\np5\n(S'H'\nI7\ntp6\nsS'version'\np7\nI2\nsS'33333333333333333333333333333333333333\
33'\np8\n(S'H'\nI8\ntp9\nsS'evictions'\np10\n(dp11\ng2\nF32503680000\nsg5\nF1000000000.5\nsS'gone'\np12\nF3250\
3680000\nss.";

/// Written by Python 2.7.18: {'version': (0, (0, 1)), 1: (1, (...)), 3: (3, 'bart@example.com')}
const REQUESTS: &[u8] = b"\
}q\x01(K\x03(K\x03U\x10bart@example.comq\x02tq\x03K\x01(K\x01(GA\xd2\xcfN\xc0\x00\x00\x00U\x10dora@example.com\
q\x04U\x05helloq\x05U\x06reasonq\x06U\x12heldmsg-test-1.pckq\x07}ttU\x07versionq\x08(K\x00(K\x00K\x01tq\x09tu.";

const COOKIE: &[u8] = b"1111111111111111111111111111111111111111";

fn record() -> Pended {
    Pended { kind: Kind::HeldMessage, content: vec![Value::Int(9)] }
}

#[test]
fn confirmations_come_and_go() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    let cookie = list.pend_new(&record(), None).unwrap();
    assert_eq!(cookie.len(), 40);
    assert!(cookie.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)));
    let found = list.pend_look(&cookie).unwrap().unwrap();
    assert_eq!(Pended::from_value(&found), Some(record()));
    assert_eq!(list.pend_confirm(&cookie).unwrap(), Some(found));
    assert_eq!(list.pend_confirm(&cookie).unwrap(), None);
    list.pend_again(&cookie, &record(), Some(60.0)).unwrap();
    assert_eq!(list.pended().unwrap(), [(cookie, record().to_value())]);
}

#[test]
fn a_cookie_is_used_up_with_the_list_that_is_saved() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    let cookie = list.pend_new(&record(), None).unwrap();
    assert!(list.pend_use(&cookie).unwrap().is_some());
    assert_eq!(list.pend_use(&cookie).unwrap(), None);
    drop(list);
    let mut list = scratch.lock();
    assert!(list.pend_use(&cookie).unwrap().is_some(), "nothing was saved");
    list.pend_again(&cookie, &record(), None).unwrap();
    list.save().unwrap();
    assert!(list.pend_use(&cookie).unwrap().is_some(), "it was given back");
    list.save().unwrap();
    assert_eq!((list.pend_look(&cookie).unwrap(), list.pended().unwrap().len()), (None, 0));
}

#[test]
fn the_file_is_text_and_in_step() {
    let scratch = Scratch::new(V39);
    scratch.write("pending.pck", PENDING);
    let mut list = scratch.lock();
    let cookie = list.pend_new(&record(), Some(60.0)).unwrap();
    let text = scratch.read("pending.pck");
    assert!(text.starts_with(b"(d") && text.ends_with(b"."));
    let (stored, _) = crate::pickle::load(&ByteStr::new(text)).unwrap();
    let stored = stored.as_dict().unwrap();
    let evictions = stored.get(b"evictions").unwrap().as_dict().unwrap();
    for kept in [COOKIE, &cookie] {
        assert!(stored.contains(kept) && evictions.contains(kept));
    }
    assert_eq!((stored.len(), evictions.len()), (4, 2));
    assert_eq!(stored.get(b"version"), Some(&Value::Int(2)));
}

#[test]
fn names_of_the_files_own_entries_are_no_cookies() {
    let scratch = Scratch::new(V39);
    scratch.write("pending.pck", PENDING);
    let mut list = scratch.lock();
    assert_eq!(list.pend_look(b"evictions").unwrap(), None);
    assert_eq!(list.pend_confirm(b"version").unwrap(), None);
    assert_eq!(scratch.read("pending.pck"), PENDING);
}

#[test]
fn a_cookie_is_looked_at_without_the_lock() {
    let scratch = Scratch::new(V39);
    scratch.write("pending.pck", PENDING);
    assert!(scratch.open().pend_look(COOKIE).unwrap().is_some());
    assert_eq!(scratch.read("pending.pck"), PENDING);
}

#[test]
fn damaged_stores_are_errors() {
    let scratch = Scratch::new(V39);
    scratch.write("pending.pck", b"(dp1\nS'x");
    scratch.write("request.pck", b"].");
    let mut list = scratch.lock();
    assert!(matches!(list.pend_new(&record(), None), Err(ListError::Damaged { .. })));
    assert!(matches!(list.requests().map(|_| ()), Err(ListError::Damaged { .. })));
    list.save().unwrap();
    assert_eq!(scratch.read("request.pck"), b"].");
}

#[test]
fn requests_are_read_and_written_when_the_list_is_saved() {
    let scratch = Scratch::new(V39);
    scratch.write("request.pck", REQUESTS);
    let mut list = scratch.lock();
    let requests = list.requests().unwrap();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests.ids(RequestKind::HeldMessage), [1]);
    assert_eq!(requests.get(3), Some((RequestKind::Unsubscription, &Value::str("bart@example.com"))));
    assert_eq!(requests.get(2), None);
    assert!(requests.remove(3) && !requests.remove(3));
    assert_eq!(list.add_request(RequestKind::Unsubscription, Value::str("x@y.example")).unwrap(), 2);
    assert_eq!(list.int(attributes::NEXT_REQUEST_ID), 3);
    assert_eq!(scratch.read("request.pck"), REQUESTS);
    list.save().unwrap();
    let requests = list.requests().unwrap();
    assert_eq!(requests.ids(RequestKind::Unsubscription), [2]);
    assert!(requests.contains(1));
}

#[test]
fn a_message_is_held() {
    for (version, mode) in [(V13, 0o664), (V39, 0o660)] {
        let scratch = Scratch::new(version);
        let mut list = scratch.lock();
        let held = Held {
            sender: "dora@example.com".into(),
            subject: Value::str("hi"),
            reason: Value::str("why"),
            metadata: Value::dict(Dict::new()),
        };
        let id = list.hold_message(held, |out, as_pickle| out.write_all(if as_pickle { b"N." } else { b"" })).unwrap();
        list.save().unwrap();
        let (kind, data) = list.requests().unwrap().get(id).map(|(kind, data)| (kind, data.clone())).unwrap();
        assert_eq!(kind, RequestKind::HeldMessage);
        let file = data.as_items().unwrap()[4].as_str().unwrap().clone();
        assert_eq!(file, "heldmsg-test-1.pck");
        let path = list.held_file(&file);
        assert_eq!(fs::read(&path).unwrap(), b"N.");
        use std::os::unix::fs::MetadataExt;
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode);
        assert_eq!(fs::metadata(scratch.path("request.pck")).unwrap().mode() & 0o777, mode);
    }
}

/// A program that was killed, a power cut, and what a killed program left over at the very end.
#[test]
fn messages_that_were_set_aside() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.lock();
    for _ in 0..3 {
        let held = Held {
            sender: "dora@example.com".into(),
            subject: Value::str("hi"),
            reason: Value::str("why"),
            metadata: Value::dict(Dict::new()),
        };
        list.hold_message(held, |out, _| out.write_all(b"N.")).unwrap();
    }
    let [killed, cut, done] = ["heldmsg-test-1.pck", "heldmsg-test-2.pck", "heldmsg-test-3.pck"].map(str::as_bytes);
    let of_earlier_run = list.held_file(b"decided-0123456789abcdef-heldmsg-test-2.pck");
    fs::rename(list.held_file(killed), list.decided_file(killed)).unwrap();
    fs::rename(list.held_file(cut), &of_earlier_run).unwrap();
    fs::rename(list.held_file(done), list.decided_file(done)).unwrap();
    let foreign = list.held_file(b"decided-0123456789abcdef-heldmsg-test-a-3.pck");
    fs::write(&foreign, "").unwrap();
    list.requests().unwrap().remove(3);
    assert!(list.was_decided(killed).unwrap());
    assert!(!list.was_decided(cut).unwrap());
    assert!(list.held_file(cut).exists() && !of_earlier_run.exists(), "nobody knows what became of it");
    assert!(!list.decided_file(done).exists() && foreign.exists());
}
