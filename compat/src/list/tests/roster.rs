//! Who is a member, and what changes when somebody joins, leaves or moves.

use super::*;
use crate::list::attributes;

fn is(list: &MailList, attr: &str, key: &str) -> Option<Value> {
    list.dict(by_name(attr)).unwrap().get(key.as_bytes()).cloned()
}

#[test]
fn the_roster_is_read() {
    let scratch = Scratch::new(V39);
    let list = scratch.open();
    assert_eq!(list.member_count(), 3);
    assert_eq!(list.digest_members(), ["cris@example.com"]);
    assert_eq!(list.members().last(), Some(&"cris@example.com".into()));
    assert!(list.is_member(b"ANNE@Example.com") && !list.is_member(b"dora@example.com"));
    assert_eq!(list.case_preserved(b"bart@example.com"), Some("Bart@example.com".into()));
    assert_eq!(list.case_preserved(b"Anne@example.com"), Some("anne@example.com".into()));
    assert_eq!(list.case_preserved(b"dora@example.com"), None);
    assert_eq!(list.password_of(b"anne@example.com"), Some("aa".into()));
    assert_eq!(list.language_of(b"bart@example.com"), "de");
    assert_eq!(list.language_of(b"cris@example.com"), "en");
    assert_eq!(list.language_of(b"dora@example.com"), "en");
    assert!(list.option(b"anne@example.com", options::DONT_RECEIVE_DUPLICATES));
    assert!(!list.option(b"anne@example.com", options::MODERATE));
    assert!(list.option(b"cris@example.com", options::DIGESTS));
    assert_eq!(list.name_of(b"anne@example.com"), Some(Value::Unicode("Anne €".into())));
    assert_eq!(list.name_of(b"cris@example.com"), None);
    assert_eq!(list.topics_of(b"cris@example.com"), ["cats"]);
    assert_eq!(list.delivery_status(b"bart@example.com"), DeliveryStatus::ByUser);
    assert_eq!(list.delivery_status_time(b"bart@example.com"), 1262304000.5);
    assert_eq!(list.delivery_status(b"anne@example.com"), DeliveryStatus::Enabled);
    assert_eq!(list.members_with_status(&[DeliveryStatus::ByUser]), ["bart@example.com"]);
    assert_eq!(list.bouncing_members(), ["anne@example.com"]);
    let info = list.bounce_info(b"Anne@example.com").and_then(Value::as_object).unwrap();
    assert_eq!(info.attribute("score"), Some(&Value::Float(1.0)));
}

fn newcomer(address: &str) -> NewMember {
    NewMember { address: address.into(), password: Value::str("pw"), language: None, name: None, digest: false }
}

#[test]
fn somebody_joins_and_leaves() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.open();
    list.add_member(&newcomer("Dora@example.com")).unwrap();
    assert_eq!(is(&list, "members", "dora@example.com"), Some(Value::str("Dora@example.com")));
    assert_eq!(is(&list, "user_options", "dora@example.com"), Some(Value::Int(256)));
    assert_eq!(is(&list, "language", "dora@example.com"), Some(Value::str("en")));
    assert_eq!(is(&list, "usernames", "dora@example.com"), None);
    assert!(matches!(list.add_member(&newcomer("dora@example.com")), Err(ListError::AlreadyAMember(_))));
    list.add_member(&newcomer("ed@example.com")).unwrap();
    assert_eq!(is(&list, "members", "ed@example.com"), Some(Value::Int(0)));
    list.remove_member(b"DORA@example.com").unwrap();
    for attr in ["members", "passwords", "language", "user_options"] {
        assert_eq!(is(&list, attr, "dora@example.com"), None);
    }
    assert!(matches!(list.remove_member(b"dora@example.com"), Err(ListError::NotAMember(_))));
    list.remove_member(b"anne@example.com").unwrap();
    assert_eq!(is(&list, "bounce_info", "anne@example.com"), None);
}

#[test]
fn somebody_moves() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.open();
    list.change_address(b"bart@example.com", b"B@example.org", false).unwrap();
    assert!(!list.is_member(b"bart@example.com"));
    assert_eq!(is(&list, "members", "b@example.org"), Some(Value::str("B@example.org")));
    assert_eq!(list.password_of(b"b@example.org"), Some("bb".into()));
    assert_eq!(list.delivery_status(b"b@example.org"), DeliveryStatus::ByUser);
    assert_eq!(list.delivery_status_time(b"b@example.org"), 1262304000.5);
    list.change_address(b"cris@example.com", b"c@example.org", true).unwrap();
    assert!(list.is_member(b"cris@example.com"));
    assert_eq!(list.options_of(b"c@example.org"), 144);
    assert_eq!(list.is_digest_member(b"c@example.org"), Some(true));
    assert!(list.topics_of(b"c@example.org").is_empty());
}

#[test]
fn options_without_a_bit_have_no_entry() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.open();
    list.set_option(b"bart@example.com", options::MODERATE, true).unwrap();
    assert_eq!(list.options_of(b"bart@example.com"), 128);
    list.set_option(b"bart@example.com", options::MODERATE, false).unwrap();
    assert_eq!(is(&list, "user_options", "bart@example.com"), None);
}

#[test]
fn digest_mode_is_left_and_taken() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.open();
    list.set_option(b"cris@example.com", options::DIGESTS, false).unwrap();
    assert_eq!(is(&list, "members", "cris@example.com"), Some(Value::Int(0)));
    assert_eq!(is(&list, "one_last_digest", "cris@example.com"), Some(Value::Int(0)));
    assert!(list.set_option(b"cris@example.com", options::DIGESTS, false).is_err());
    list.set_option(b"Cris@example.com", options::DIGESTS, true).unwrap();
    assert_eq!(is(&list, "digest_members", "cris@example.com"), Some(Value::Int(0)));
    assert_eq!(is(&list, "one_last_digest", "cris@example.com"), None);
    list.set(attributes::NONDIGESTABLE, Value::Bool(false));
    let refused = list.set_option(b"cris@example.com", options::DIGESTS, false);
    assert!(matches!(refused, Err(ListError::NoSuchDelivery { .. })));
}

#[test]
fn enabling_forgets_bounces() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.open();
    list.set_delivery_status(b"anne@example.com", DeliveryStatus::ByBounce).unwrap();
    let record = is(&list, "delivery_status", "anne@example.com").unwrap();
    assert!(matches!(record.as_items(), Some([Value::Int(4), Value::Float(_)])));
    list.set_delivery_status(b"anne@example.com", DeliveryStatus::Enabled).unwrap();
    assert_eq!(is(&list, "delivery_status", "anne@example.com"), None);
    assert_eq!(list.bounce_info(b"anne@example.com"), None);
}

#[test]
fn other_settings_of_a_member() {
    let scratch = Scratch::new(V39);
    let mut list = scratch.open();
    let anne = b"Anne@example.com";
    list.set_password(anne, b"new").unwrap();
    list.set_language(anne, Value::str("de")).unwrap();
    list.set_name(anne, Value::str("")).unwrap();
    list.set_topics(anne, &["cats".into()]).unwrap();
    assert_eq!(list.password_of(anne), Some("new".into()));
    assert_eq!(list.language_of(anne), "de");
    assert_eq!(list.name_of(anne), Some(Value::str("")));
    assert_eq!(list.topics_of(anne), ["cats"]);
    list.set_topics(anne, &[]).unwrap();
    assert_eq!(is(&list, "topics_userinterest", "anne@example.com"), None);
    assert!(list.set_name(b"dora@example.com", Value::str("")).is_err());
    assert_eq!(list.random_password().len(), 8);
    assert_ne!(list.random_password(), list.random_password());
}
