//! Members as owners change them on their pages. Expected log lines are what Mailman writes.

use super::by_owner::{self, NoChange, Obstacle, Subscription};
use super::{rows, Notices};
use crate::confirmation::tests::Fixture;
use compat::list::{attributes, options};
use compat::value::Value;
use compat::ByteStr;
use std::collections::HashMap;

const SILENT: Notices = Notices { member: Some(false), owners: Some(false) };

#[test]
fn owners_subscribe_and_remove_many() {
    let mut fixture = Fixture::new(39);
    fixture.list.set(attributes::BAN_LIST, Value::list(vec![Value::str("^bad@")]));
    let how = Subscription { notices: SILENT, ..Subscription::default() };
    let text = b" Carl <carl@example.com>\r\n\nANNA@example.org\nbad@example.com\nno at\nx<>y\n\"\" <>\n";
    let report = by_owner::subscribe_all(&mut fixture.ctx(), text, &how).unwrap();
    assert_eq!(report.joined.len(), 1);
    let obstacles: Vec<Obstacle> = report.not_joined.into_iter().map(|(_, why)| why).collect();
    assert_eq!(
        obstacles,
        [
            Obstacle::AlreadyMember,
            Obstacle::Banned("^bad@".into()),
            Obstacle::BadAddress,
            Obstacle::Blank,
            Obstacle::Blank
        ]
    );
    assert_eq!(fixture.list.name_of(b"carl@example.com"), Some(Value::Unicode("Carl".into())));
    let report = by_owner::remove_all(&mut fixture.ctx(), b"Carl@example.com\nx@y.z", SILENT).unwrap();
    assert_eq!((report.left, report.not_left), (vec!["Carl@example.com".into()], vec!["x@y.z".into()]));
    let log = fixture.log("subscribe");
    assert_eq!(log[0], "garden: new Carl <carl@example.com>, admin mass sub");
    assert_eq!(log.last().unwrap(), "garden: deleted Carl@example.com; admin mass unsub");
}

#[test]
fn owners_make_the_members_those_of_a_text() {
    let mut fixture = Fixture::new(39);
    let text = b"Z&#252;ri <zuri@example.org>\n(\n";
    let report = by_owner::synchronise(&mut fixture.ctx(), text).unwrap();
    assert_eq!(fixture.list.members(), ["zuri@example.org"]);
    assert_eq!((report.left, report.not_joined.len()), (vec!["anna@example.org".into()], 1));
    assert_eq!(fixture.list.name_of(b"zuri@example.org"), Some(Value::Unicode("Z\u{fc}ri".into())));
    assert_eq!(fixture.log("subscribe").last().unwrap(), "garden: deleted anna@example.org");
}

/// As a dictionary of Python 2 with these five keys in this order has them when the sixth was added.
#[test]
fn members_who_are_not_in_the_text_leave_in_the_order_of_a_dictionary() {
    let mut fixture = Fixture::new(39);
    fixture.list.set(attributes::MIME_IS_DEFAULT_DIGEST, Value::Int(4));
    let text = b"dora@example.com\nben@example.net\nemil@example.com\ncarl@example.com\n";
    by_owner::subscribe_all(&mut fixture.ctx(), text, &Subscription { notices: SILENT, ..Subscription::default() })
        .unwrap();
    assert!(fixture.list.option(b"dora@example.com", options::DISABLE_MIME), "1 - 4 is true in Python");
    let report = by_owner::synchronise(&mut fixture.ctx(), b"xy@example.com\n").unwrap();
    assert_eq!(
        report.left,
        ["anna@example.org", "ben@example.net", "carl@example.com", "emil@example.com", "dora@example.com"]
    );
}

#[test]
fn owners_change_addresses() {
    let mut fixture = Fixture::new(39);
    let mut change =
        |old: &str, new: &str| by_owner::change_address(&mut fixture.ctx(), &old.into(), &new.into()).unwrap().err();
    assert_eq!(change("anna@example.org", ""), Some(NoChange::Missing));
    assert_eq!(change("anna@example.org", "anna@example.org"), Some(NoChange::Same));
    assert_eq!(change("x@example.org", "ANNA@example.org"), Some(NoChange::TakenAlready));
    assert_eq!(change("anna@example.org", "a b"), Some(NoChange::BadAddress));
    assert_eq!(change("x@example.org", "y@example.org"), Some(NoChange::NotAMember));
    assert_eq!(change("anna@example.org", "ann@example.org"), None);
    assert!(fixture.list.is_member(b"ann@example.org") && !fixture.list.is_member(b"anna@example.org"));
}

#[test]
fn rows_say_all_about_their_members() {
    let mut fixture = Fixture::new(39);
    let mut set = |pairs: &[(&str, &str)]| {
        let fields: Vec<(ByteStr, ByteStr)> =
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        rows::set_all(&mut fixture.ctx(), &fields, &HashMap::new()).unwrap()
    };
    let user = ("user", "anna%40example.org");
    let on = [
        user,
        ("anna%40example.org_realname", "An&#252;"),
        ("anna%40example.org_hide", "off"),
        ("anna%40example.org_nomail", "off"),
    ];
    assert_eq!(set(&on), rows::Report::default());
    let report = set(&[user, ("user", "nobody%40example.org"), ("user", "x"), ("x_unsub", "")]);
    assert_eq!(
        (&report.untouched[0], &report.gone[0], &report.not_removed[0]),
        (&"anna@example.org".into(), &"nobody@example.org".into(), &"x".into())
    );
    let list = &fixture.list;
    assert_eq!(list.name_of(b"anna@example.org"), Some(Value::Unicode("An\u{fc}".into())));
    assert_eq!(list.options_of(b"anna@example.org"), 16);
    assert_eq!(list.delivery_status(b"anna@example.org"), compat::list::DeliveryStatus::ByAdmin);
    // Some programs do not quote the address in the names of fields.
    let fields: Vec<(ByteStr, ByteStr)> =
        vec![("user".into(), "anna@example.org".into()), ("anna@example.org_ack".into(), "1".into())];
    rows::set_all(&mut fixture.ctx(), &fields, &HashMap::new()).unwrap();
    let list = &fixture.list;
    assert_eq!(
        (list.options_of(b"anna@example.org"), list.name_of(b"anna@example.org")),
        (4, Some(Value::Unicode("".into())))
    );
    assert_eq!(list.delivery_status(b"anna@example.org"), compat::list::DeliveryStatus::Enabled);
}
