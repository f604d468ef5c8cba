//! Deciding on a small site. Expected log lines, headers and files are what Mailman writes.

use super::requests::{hold_subscription, hold_unsubscription};
use super::waiting::{by_sender, discard_lost, tidy_requests, Joining, Order, Post};
use super::{decide, Action, Decided, Decision};
use crate::confirmation::tests::Fixture;
use crate::membership::{Refused, UserDesc};
use crate::notice::save_with_mail;
use compat::list::attributes;
use compat::queue::QueueName;
use compat::value::{UniStr, Value};
use compat::ByteStr;

fn carl() -> UserDesc {
    UserDesc {
        fullname: Some(Value::str("Carl")),
        password: Some(Value::str("pw")),
        ..UserDesc::new("carl@example.net")
    }
}

#[test]
fn a_deferred_post_can_be_kept_and_forwarded() {
    let mut site = Fixture::new(39);
    let id = site.hold();
    let decision =
        Decision { preserve: true, forward_to: Some(b"a@x.example, B <b@x.example>"), ..Decision::default() };
    assert_eq!(decide(&mut site.ctx(), id, &decision).unwrap(), Decided::Kept);
    assert!(site.list.requests().unwrap().contains(id));
    let kept = std::fs::read_to_string(site.dir.path().join(format!("spam/spam-garden-{id}.msg"))).unwrap();
    assert!(kept.starts_with("From ") && kept.contains("Message-ID: <w@example.net>"), "{kept}");
    let copy = &site.queued(QueueName::Virgin)[0];
    assert_eq!(copy.get_str("subject").unwrap(), "Forward of moderated message");
    assert_eq!(copy.get_str("to").unwrap(), "a@x.example, b@x.example");
    assert_eq!(copy.get_str("from").unwrap(), "garden-bounces@lists.example.com");
    assert_eq!(copy.content_type(), "message/rfc822");
}

#[test]
fn a_post_whose_file_is_gone() {
    for action in [Action::Approve, Action::Reject, Action::Discard] {
        let mut site = Fixture::new(39);
        let id = site.hold();
        std::fs::remove_dir_all(site.dir.path().join("data")).unwrap();
        assert_eq!(decide(&mut site.ctx(), id, &Decision::plain(action)).unwrap(), Decided::Lost);
        assert!(!site.list.requests().unwrap().contains(id));
    }
}

#[test]
fn files_stay_until_the_commit() {
    let mut site = Fixture::new(39);
    let (first, second) = (site.hold(), site.hold());
    // The history of changes has a folder there.
    let files = |site: &Fixture| {
        let entries = std::fs::read_dir(site.dir.path().join("data")).unwrap().flatten();
        entries.filter(|entry| entry.path().is_file()).count()
    };
    decide(&mut site.ctx(), first, &Decision::plain(Action::Approve)).unwrap();
    decide(&mut site.ctx(), second, &Decision::plain(Action::Discard)).unwrap();
    // Whoever is killed here has saved nothing: the list on disk still names both posts, and both files are there.
    assert_eq!((files(&site), site.outbox.len()), (2, 1));
    save_with_mail(&mut site.list, &mut site.outbox).unwrap();
    assert_eq!((files(&site), site.outbox.len()), (0, 0));
    assert!(site.list.requests().unwrap().is_empty());
}

#[test]
fn joining_is_decided() {
    let mut site = Fixture::new(39);
    for _ in 0..3 {
        hold_subscription(&mut site.ctx(), &carl()).unwrap();
    }
    let refusal = Decision { comment: Some(b""), ..Decision::plain(Action::Reject) };
    decide(&mut site.ctx(), 1, &refusal).unwrap();
    decide(&mut site.ctx(), 2, &Decision::plain(Action::Discard)).unwrap();
    assert_eq!(decide(&mut site.ctx(), 3, &Decision::plain(Action::Approve)).unwrap(), Decided::Done);
    let expected = [
        "garden: rejected subscription request from carl@example.net",
        "\tReason: [No reason given]",
        "garden: discarded subscription request from carl@example.net",
    ];
    assert_eq!(site.log("vette")[3..], expected);
    assert_eq!(site.log("subscribe"), ["garden: new Carl <carl@example.net>, via admin approval"]);
    assert!(site.list.is_member(b"carl@example.net"));
    assert!(site.list.requests().unwrap().is_empty());
}

/// What Python put into the cookie's record or the list as `unicode` or `long` stays that, as there.
#[test]
fn kinds_of_values_stay() {
    let mut site = Fixture::new(39);
    site.list.set(attributes::NEXT_REQUEST_ID, Value::Long("5".into()));
    let password = Value::Unicode(UniStr("pä\u{df}".into()));
    let user = UserDesc::from_value(&UserDesc { password: Some(password.clone()), ..carl() }.to_value()).unwrap();
    hold_subscription(&mut site.ctx(), &user).unwrap();
    assert_eq!(site.list.get(attributes::NEXT_REQUEST_ID), Some(&Value::Long("6".into())));
    let (_, record) = site.list.requests().unwrap().get(5).unwrap();
    assert_eq!(record.as_items().unwrap()[3], password);
    decide(&mut site.ctx(), 5, &Decision::plain(Action::Approve)).unwrap();
    let stored = |site: &Fixture| site.list.get(attributes::PASSWORDS).unwrap().as_dict().unwrap().clone();
    assert_eq!(stored(&site).get(b"carl@example.net"), Some(&password));
    site.list.change_address(b"carl@example.net", b"carl@example.org", false).unwrap();
    assert_eq!(stored(&site).get(b"carl@example.org"), Some(&password));
}

#[test]
fn who_is_banned_waits_on() {
    let mut site = Fixture::new(39);
    hold_subscription(&mut site.ctx(), &carl()).unwrap();
    site.list.set(attributes::BAN_LIST, Value::list(vec![Value::str("carl@example.net")]));
    let banned = decide(&mut site.ctx(), 1, &Decision::plain(Action::Approve));
    assert!(matches!(banned, Err(Refused::Banned { .. })), "{banned:?}");
    assert!(site.list.requests().unwrap().contains(1));
}

#[test]
fn leaving_is_decided() {
    let mut site = Fixture::new(39);
    let anna = ByteStr::from("anna@example.org");
    for _ in 0..2 {
        hold_unsubscription(&mut site.ctx(), &anna).unwrap();
    }
    decide(&mut site.ctx(), 1, &Decision { comment: Some(b"stay"), ..Decision::plain(Action::Reject) }).unwrap();
    assert!(site.list.is_member(&anna));
    assert_eq!(decide(&mut site.ctx(), 2, &Decision::plain(Action::Approve)).unwrap(), Decided::Done);
    assert!(!site.list.is_member(&anna));
    assert_eq!(site.log("subscribe"), ["garden: deleted anna@example.org"]);
    let vette = site.log("vette");
    assert_eq!(vette[2..], ["garden: rejected unsubscription request from anna@example.org", "\tReason: stay"]);
}

#[test]
fn of_several_requests_newer_versions_keep_the_last() {
    for (version, kept) in [(39, 2), (13, 1)] {
        let mut site = Fixture::new(version);
        for _ in 0..2 {
            hold_subscription(&mut site.ctx(), &carl()).unwrap();
        }
        hold_unsubscription(&mut site.ctx(), &"nobody@example.org".into()).unwrap();
        let lost = site.hold();
        std::fs::remove_dir_all(site.dir.path().join("data")).unwrap();
        tidy_requests(&mut site.ctx()).unwrap();
        discard_lost(&mut site.ctx(), &[lost]).unwrap();
        let requests = site.list.requests().unwrap();
        assert_eq!(
            Joining::all(requests).iter().map(|request| request.id).collect::<Vec<_>>(),
            [kept],
            "2.1.{version}"
        );
        assert!(!requests.contains(3) && !requests.contains(lost));
    }
}

#[test]
fn groups_and_their_order() {
    let post = |id: i64, since: f64, sender: &str| Post {
        id,
        since,
        sender: sender.into(),
        subject: Value::None,
        reason: "".into(),
        file: "".into(),
        rejection_notice: None,
        received: None,
    };
    let posts = || vec![post(1, 30.0, "b@x"), post(2, 20.0, "b@x"), post(3, 25.0, "a@x")];
    let shown = |order: Order, by_time: bool| {
        let groups = by_sender(posts(), order, by_time);
        groups.iter().map(|group| group.posts.iter().map(|post| post.id).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(shown(Order::Sender, true), [vec![3], vec![2, 1]]);
    assert_eq!(shown(Order::Sender, false), [vec![3], vec![1, 2]]);
    assert_eq!(shown(Order::SenderByTime, true), [vec![2, 1], vec![3]]);
    assert_eq!(shown(Order::Time, true), [vec![2], vec![3], vec![1]]);
}
