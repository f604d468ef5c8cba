//! `held` on a site of ours: what it shows of requests and posts, what it decides, and its exit codes.
#![allow(clippy::expect_used)]

mod support;

use compat::list::requests::RequestKind;
use compat::list::LockedList;
use compat::site::Site;
use compat::value::Value;
use support::*;

/// Two posts of Ann and one of Bo are held; Cy wants to join.
fn moderated() -> TestSite {
    let site = TestSite::new();
    let opened = Site::open(&site.path("")).expect("a site");
    let mut list = LockedList::open(&opened, "garden", None).expect("a list");
    for (sender, subject) in
        [("ann@example.org", "moss"), ("ann@example.org", "=?utf-8?q?gr=C3=BCn?="), ("bo@x.example", "spam")]
    {
        let text = format!("From: {sender}\nSubject: {subject}\nMessage-ID: <1@example.org>\n\nIt's \x1b[31mgreen.\n");
        hold(&mut list, sender, subject, &text);
    }
    let cy = ["cy@x.example", "Cy", "pw"].map(Value::str);
    let mut record = vec![Value::Float(1_700_000_000.0)];
    record.extend(cy);
    record.extend([Value::Int(0), Value::str("en")]);
    list.add_request(RequestKind::Subscription, Value::tuple(record)).expect("held");
    list.save().expect("saved");
    site
}

fn held(site: &TestSite, args: &[&str]) -> (String, String, Option<i32>) {
    let output = site.run(MAILMAN2_RS, &[&["held"], args].concat());
    (stdout(&output), stderr(&output), output.status.code())
}

#[test]
fn what_waits_is_shown() {
    let site = moderated();
    let (text, _, status) = held(&site, &[]);
    let mut lines = text.lines();
    assert_eq!((lines.next(), status), (Some("garden: 4"), Some(0)));
    assert!(
        lines.next().is_some_and(|line| line.contains("ann@example.org") && line.ends_with("moss  because")),
        "{text}"
    );
    assert!(text.contains("  grün  ") && text.contains("     4  join "), "{text}");
    let (json, ..) = held(&site, &["garden", "--json"]);
    assert!(
        json.starts_with(r#"[{"list": "garden", "requests": [{"id": 1, "kind": "post", "sender": "ann@example.org", "#),
        "{json}"
    );
    assert!(json.contains(r#""subject": "grün", "reason": "because""#), "{json}");
    let (post, ..) = held(&site, &["show", "garden", "1"]);
    assert!(
        post.starts_with("request  1\nsender   ann@example.org\nreason   because\n\nFrom: ann@example.org\n"),
        "{post}"
    );
    assert!(!post.contains('\x1b'), "{post}");
}

#[test]
fn decisions_are_carried_out() {
    let site = moderated();
    assert_eq!(held(&site, &["approve", "garden", "Ann@example.org"]).0, "1: approved\n2: approved\n");
    assert_eq!(site.queue("in").len(), 2);
    assert_eq!(held(&site, &["forward", "garden", "3", "--to", "me@example.org"]).0, "3: forwarded\n");
    assert_eq!(held(&site, &["reject", "garden", "3", "--why", "not here"]).0, "3: rejected\n");
    assert_eq!(site.queue("virgin").len(), 2);
    assert!(site.log("vette").contains("Reason: not here"));
    assert_eq!(held(&site, &["accept", "garden", "cy@x.example"]).0, "4: accepted\n");
    assert!(site.log("subscribe").contains("garden: new Cy <cy@x.example>, via admin approval"));
    assert_eq!(held(&site, &[]).0, "Nothing waits.\n");
    assert!(names(&site.path("data")).iter().all(|name| !name.starts_with("heldmsg")));
}

#[test]
fn what_is_not_there_is_named_and_the_rest_is_done() {
    let site = moderated();
    let (done, said, status) = held(&site, &["discard", "garden", "9", "3", "nobody@x.example", "4"]);
    assert_eq!((done.as_str(), status), ("3: discarded\n4: discarded\n", Some(1)));
    assert_eq!(said, "9: nothing of that waits\nnobody@x.example: nothing of that waits\n");
    // A post is not accepted as a request is.
    assert_eq!(held(&site, &["accept", "garden", "1"]).1, "1: no such request waits\n");
    assert_eq!(held(&site, &["approve", "nolist", "1"]).2, Some(2));
    assert_eq!(held(&site, &["approve", "garden"]).2, Some(2));
}
