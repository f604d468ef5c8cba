//! Counting, whole: on a list in a temporary site, to the log lines, the records and the notices.

use super::events::{BounceEvent, BounceEvents};
use super::info::{BounceInfo, Day};
use super::register::Counting;
use super::work::{Language, Work};
use super::Bounces;
use super::{adopt, probe_bounced, verp};
use crate::notice::outbox;
use crate::testing::mail_site::{post, Fixture};
use crate::testing::smtp_sink::Answers;
use compat::list::{attributes, DeliveryStatus, ListCache, LockedList, MailList};
use compat::names::by_name;
use compat::queue::{read_entry, Entry, EntryMessage};
use compat::value::Value;
use compat::ByteStr;
use std::fs::{self, File};
use std::time::{Duration, SystemTime};

const ANNA: &str = "anna@example.org";
const TODAY: Day = (2026, 3, 10);

fn site(version: u8, settings: &[(&str, Value)]) -> Fixture {
    let site = Fixture::new(version, Answers::friendly(), settings);
    fs::create_dir_all(site.dir.path().join("archives/public")).unwrap();
    site
}

fn list(site: &Fixture) -> MailList {
    MailList::load(&site.site, "garden").unwrap()
}

fn change(site: &Fixture, attributes: &[(&str, Value)]) {
    let mut list = LockedList::open(&site.site, "garden", None).unwrap();
    attributes.iter().for_each(|(name, value)| list.set(by_name(name), value.clone()));
    list.save().unwrap();
}

/// Counts one bounce.
fn bounce(site: &Fixture, member: &str, day: Day) -> bool {
    let mut list = LockedList::open(&site.site, "garden", None).unwrap();
    let (mut outbox, mut current_language) = (outbox(&site.site).unwrap(), Language::default());
    let mut work =
        Work { site: &site.site, list: &mut list, outbox: &mut outbox, current_language: &mut current_language };
    let is_member = work.register(&member.into(), day, &post().to_value()).unwrap();
    outbox.commit().unwrap();
    list.save().unwrap();
    is_member
}

fn foretold(site: &Fixture, member: &str, day: Day) -> String {
    super::forecast::forecast(&list(site), &member.into(), day)
}

fn info(site: &Fixture) -> BounceInfo {
    BounceInfo::from_value(list(site).bounce_info(ANNA.as_bytes()).unwrap()).unwrap()
}

/// What waits in the virgin queue: the text of each message, and its entry.
fn notices(site: &Fixture) -> Vec<(String, Entry)> {
    let folder = site.dir.path().join("qfiles/virgin");
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path| {
        let entry = read_entry(&mut File::open(path).unwrap()).unwrap();
        let EntryMessage::Object(value) = &entry.message else { panic!("not pickled") };
        let mut msg = compat::email::Message::from_value(value).unwrap();
        let text = compat::email::generator::as_bytes(&mut msg, false, false).unwrap();
        (String::from_utf8_lossy(&text).into_owned(), entry)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn a_day_counts_once_and_old_records_start_anew() {
    let site = site(39, &[]);
    change(&site, &[("bounce_score_threshold", Value::Float(9.0)), ("bounce_info_stale_after", Value::Int(172_800))]);
    for day in [10, 10, 11, 13, 16] {
        assert!(bounce(&site, ANNA, (2026, 3, day)));
    }
    assert!(!bounce(&site, "stranger@example.org", TODAY));
    assert_eq!(
        site.log("bounce"),
        [
            "garden: anna@example.org bounce score: 1.0",
            "garden: anna@example.org already scored a bounce for date 10-Mar-2026",
            "garden: anna@example.org current bounce score: 2.0",
            "garden: anna@example.org current bounce score: 3.0",
            "garden: anna@example.org has stale bounce info, resetting",
        ]
    );
    assert_eq!((info(&site).score(), info(&site).day()), (1.0, Some((2026, 3, 16))));
    assert!(notices(&site).is_empty());
}

#[test]
fn the_threshold_stops_a_members_mail_and_writes_to_both_sides() {
    for (version, precedence) in [(39, false), (13, true)] {
        let site = site(version, &[]);
        change(&site, &[("bounce_score_threshold", Value::Int(2)), ("bounce_notify_owner_on_disable", Value::Int(1))]);
        for day in [10, 11, 12] {
            bounce(&site, "Anna@example.org", (2026, 3, day));
        }
        assert_eq!(
            site.log("bounce")[2..],
            [
                "garden: Anna@example.org disabling due to bounce score 2.0 >= 2",
                "garden: Anna@example.org residual bounce received",
            ]
        );
        assert_eq!(list(&site).delivery_status(ANNA.as_bytes()), DeliveryStatus::ByBounce);
        let info = info(&site);
        let record = list(&site).pend_look(&info.cookie()).unwrap().unwrap();
        let expected = ["E", "garden", "Anna@example.org"].map(Value::str);
        assert_eq!((record.as_items().unwrap(), info.notices_left()), (&expected[..], 2));
        let notices = notices(&site);
        let [(warning, _), (notice, _)] = &notices[..] else { panic!("{} notices", notices.len()) };
        assert!(warning.contains(&format!("Subject: confirm {}\n", info.cookie())) && warning.contains("11-Mar-2026"));
        assert_eq!(warning.contains("Precedence: bulk"), precedence);
        assert!(
            notice.contains("To: garden-owner@lists.example.com") && notice.contains("Message-ID: <m1@example.org>")
        );
    }
}

#[test]
fn owners_may_hear_of_each_first_bounce_of_a_day() {
    for (version, count) in [(39, 1), (13, 0)] {
        let site = site(version, &[]);
        change(&site, &[("bounce_notify_owner_on_bounce_increment", Value::Int(1))]);
        bounce(&site, ANNA, TODAY);
        bounce(&site, ANNA, TODAY);
        assert_eq!(notices(&site).len(), count);
    }
}

#[test]
fn without_warnings_a_member_goes_at_once() {
    let site = site(39, &[]);
    let settings = [
        ("bounce_score_threshold", Value::Int(1)),
        ("bounce_you_are_disabled_warnings", Value::Int(0)),
        ("bounce_notify_owner_on_disable", Value::Int(0)),
        ("bounce_notify_owner_on_removal", Value::Int(1)),
    ];
    change(&site, &settings);
    bounce(&site, ANNA, TODAY);
    assert!(!list(&site).is_member(ANNA.as_bytes()) && list(&site).bounce_info(ANNA.as_bytes()).is_none());
    assert!(list(&site).pended().unwrap().is_empty());
    assert_eq!(site.log("bounce")[2..], ["garden: anna@example.org deleted after exhausting notices"]);
    let expected = [
        "garden: deleted anna@example.org; disabled address",
        "garden: anna@example.org auto-unsubscribed [reason: BYBOUNCE]",
    ];
    assert_eq!(site.log("subscribe"), expected);
    assert_eq!(notices(&site).len(), 2);
}

/// A site on which Anna was sent a probe; its token.
fn probed(version: u8) -> (Fixture, ByteStr) {
    let site = site(version, &[("VERP_PROBES", Value::Bool(true))]);
    change(&site, &[("bounce_score_threshold", Value::Float(1.0))]);
    bounce(&site, ANNA, TODAY);
    let token = notices(&site)[0].1.metadata.str("probe_token").unwrap();
    (site, token)
}

#[test]
fn a_probe_goes_out_with_its_token_and_the_score_starts_anew() {
    let (site, token) = probed(39);
    assert_eq!(site.log("bounce")[1..], ["sending garden list probe to: anna@example.org (score 1.0 >= 1.0)"]);
    let (text, entry) = notices(&site).remove(0);
    let from = format!("garden-bounces+{token}@lists.example.com");
    assert_eq!(entry.metadata.str("envsender").unwrap(), from.as_str());
    assert_eq!(entry.metadata.get("verp"), Some(&Value::Bool(false)));
    assert!(text.contains("mailing list probe message\n"));
    assert_eq!(info(&site).get("score"), Value::Int(0));
    assert_eq!(list(&site).delivery_status(ANNA.as_bytes()), DeliveryStatus::Enabled);
    let msg = compat::email::parser::parse(&ByteStr::from(format!("To: <{from}>\n\nx")));
    assert_eq!(verp::probe_token(&site.site, &list(&site), &msg).unwrap(), Some(token));
}

#[test]
fn a_probes_bounce_disables_once() {
    let (site, token) = probed(39);
    assert!(probe_bounced(&site.site, &"garden".into(), &token, Language::default()).unwrap());
    assert_eq!(list(&site).delivery_status(ANNA.as_bytes()), DeliveryStatus::ByBounce);
    assert_eq!(site.log("bounce").last().unwrap(), "garden: anna@example.org disabling due to probe bounce received");
    assert!(list(&site).pend_look(&token).unwrap().is_none());
    assert!(!probe_bounced(&site.site, &"garden".into(), &token, Language::default()).unwrap());
    let cookie = info(&site).cookie();
    assert!(!probe_bounced(&site.site, &"garden".into(), &cookie, Language::default()).unwrap(), "no probe's cookie");
    assert!(list(&site).pend_look(&cookie).unwrap().is_some());
}

#[test]
fn a_probes_bounce_for_somebody_who_left_uses_the_token_up() {
    let (site, token) = probed(39);
    let mut locked = LockedList::open(&site.site, "garden", None).unwrap();
    locked.remove_member(ANNA.as_bytes()).unwrap();
    locked.save().unwrap();
    drop(locked);
    assert!(probe_bounced(&site.site, &"garden".into(), &token, Language::default()).unwrap());
    assert!(list(&site).pended().unwrap().is_empty());
}

#[test]
fn older_versions_fail_on_a_probes_bounce_without_a_record() {
    let (site, token) = probed(13);
    let mut locked = LockedList::open(&site.site, "garden", None).unwrap();
    locked.set_bounce_info(ANNA.as_bytes(), None).unwrap();
    locked.save().unwrap();
    drop(locked);
    assert!(probe_bounced(&site.site, &"garden".into(), &token, Language::default()).is_err());
    // As with Python 2.1.13: the token is gone, and a cookie to enable her again is there.
    let pended = list(&site).pended().unwrap();
    assert_eq!(pended.len(), 1);
    assert_eq!(pended[0].1.as_items().unwrap()[0], Value::str("E"));
    assert_eq!(list(&site).delivery_status(ANNA.as_bytes()), DeliveryStatus::Enabled);
}

fn to(address: &str) -> compat::email::Message {
    compat::email::parser::parse(&ByteStr::from(format!("Delivered-To: x@y\nTo: {address}\n\nx")))
}

#[test]
fn verp_addresses_name_members_of_this_list_only() {
    let site = site(39, &[]);
    let member = |address: &str| verp::member(&site.site, &list(&site), &to(address)).unwrap();
    assert_eq!(member("garden-bounces+ann+tag=example.org@h"), Some("ann+tag@example.org".into()));
    assert_eq!(member("other-bounces+ann=example.org@h"), None);
    assert_eq!(member("garden-bounces@h"), None);
}

#[test]
fn a_verp_pattern_without_its_groups_is_complained_about() {
    let site = site(39, &[("VERP_REGEXP", Value::str("^(?P<bounces>[^+]+)"))]);
    assert_eq!(verp::member(&site.site, &list(&site), &to("garden-bounces@h")).unwrap(), None);
    assert_eq!(site.log("error"), ["VERP_REGEXP doesn't yield the right match groups: ^(?P<bounces>[^+]+)"]);
}

fn data(site: &Fixture) -> std::path::PathBuf {
    site.dir.path().join("data")
}

#[test]
fn events_are_counted_and_those_of_a_broken_list_wait() {
    let site = site(39, &[]);
    fs::create_dir_all(site.dir.path().join("lists/broken")).unwrap();
    fs::write(site.dir.path().join("lists/broken/config.pck"), "no pickle").unwrap();
    let mut events = BounceEvents::new(&data(&site));
    for name in ["garden", "broken", "gone"] {
        events.queue(&name.into(), &[ANNA.into()], &post()).unwrap();
    }
    Counting::new(&site.site, &ListCache::default()).register("BounceRunner", &mut events);
    let log = site.log("bounce");
    assert!(log[0].starts_with("<BounceRunner at ") && log[0].ends_with("> processing 3 queued bounces"), "{}", log[0]);
    assert_eq!(log[1], "garden: anna@example.org bounce score: 1.0");
    let kept: Vec<ByteStr> = events.read().0.into_iter().map(|event| event.list).collect();
    assert_eq!((kept, events.count()), (vec![ByteStr::from("broken")], 1));
    let errors = site.log("error");
    for start in ["1 bounce events dropped: list gone", "bounce events kept for later: list broken"] {
        assert_eq!(errors.iter().filter(|line| line.starts_with(start)).count(), 1, "{start}");
    }
}

#[test]
fn a_damaged_end_is_kept_beside() {
    let site = site(39, &[]);
    let mut events = BounceEvents::new(&data(&site));
    events.queue(&"garden".into(), &[ANNA.into()], &post()).unwrap();
    fs::write(events.path(), [&fs::read(events.path()).unwrap()[..], b"(half"].concat()).unwrap();
    Counting::new(&site.site, &ListCache::default()).register("BounceRunner", &mut events);
    assert_eq!(info(&site).score(), 1.0);
    assert!(!events.path().exists() && events.path().with_extension("pck.bad").exists());
}

#[test]
fn bounces_of_strangers_go_to_the_lists_that_are_included() {
    for (version, count) in [(39, 1), (13, 0)] {
        let site = site(version, &[]);
        let folder = site.dir.path().join("lists/umbrella");
        fs::create_dir_all(&folder).unwrap();
        fs::copy(site.dir.path().join("lists/garden/config.pck"), folder.join("config.pck")).unwrap();
        let mut list = LockedList::open(&site.site, "umbrella", None).unwrap();
        list.remove_member(ANNA.as_bytes()).unwrap();
        let include = ["Garden@lists.example.com", "umbrella@x", "missing@x"].map(Value::str);
        list.set(attributes::REGULAR_INCLUDE_LISTS, Value::list(include.to_vec()));
        list.save().unwrap();
        drop(list);
        let mut events = BounceEvents::new(&data(&site));
        events.queue(&"umbrella".into(), &[ANNA.into()], &post()).unwrap();
        Counting::new(&site.site, &ListCache::default()).register("BounceRunner", &mut events);
        let scored =
            site.log("bounce").iter().filter(|l| l.starts_with("garden: anna@example.org bounce score")).count();
        assert_eq!((scored, site.log("error").len()), (count, 2 * count));
        assert!(!events.path().exists());
    }
}

fn orphan(site: &Fixture, pid: u32, age: Duration) -> std::path::PathBuf {
    let mut events = BounceEvents::new(&data(site));
    events.queue(&"garden".into(), &[ANNA.into()], &post()).unwrap();
    let path = data(site).join(format!("bounce-events-{pid:05}.pck"));
    fs::rename(events.path(), &path).unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now() - age).unwrap();
    path
}

#[test]
fn orphans_are_taken_over_when_their_process_is_gone() {
    const DEAD: u32 = 4_194_305;
    let (site, hour) = (site(39, &[]), Duration::from_secs(3600));
    let mut events = BounceEvents::new(&data(&site));
    let path = orphan(&site, 1, hour);
    assert!(!adopt(&site.site, &mut events, hour / 2).unwrap(), "process 1 lives");
    fs::remove_file(path).unwrap();
    let path = orphan(&site, DEAD, hour);
    assert!(!adopt(&site.site, &mut events, hour * 2).unwrap(), "too young");
    assert!(adopt(&site.site, &mut events, hour / 2).unwrap());
    assert_eq!((events.count(), path.exists(), events.path().exists()), (1, false, true));
    assert!(!adopt(&site.site, &mut events, hour / 2).unwrap(), "events of our own come first");
}

#[test]
fn what_a_process_of_our_number_left_is_ours() {
    let site = site(39, &[]);
    BounceEvents::new(&data(&site)).queue(&"garden".into(), &[ANNA.into()], &post()).unwrap();
    let mut events = BounceEvents::new(&data(&site));
    assert!(adopt(&site.site, &mut events, Duration::from_secs(3600)).unwrap());
    let read: Vec<BounceEvent> = events.read().0;
    assert_eq!((read.len(), events.count()), (1, 1));
}

#[test]
fn what_one_more_bounce_would_do_is_told() {
    let site = site(39, &[]);
    change(&site, &[("bounce_score_threshold", Value::Float(2.0)), ("bounce_info_stale_after", Value::Float(6e5))]);
    assert_eq!(foretold(&site, "nobody@example.org", TODAY), "no member of garden: not counted");
    assert_eq!(foretold(&site, ANNA, TODAY), "score would be 1.0 of 2.0 (the first bounce)");
    bounce(&site, ANNA, TODAY);
    assert_eq!(foretold(&site, ANNA, TODAY), "score would be 1.0 of 2.0 (one was counted today already)");
    let stops = "score would be 2.0 of 2.0 (one more); that stops delivery, or sends a probe";
    assert_eq!(foretold(&site, ANNA, (2026, 3, 11)), stops);
    let stale = "score would be 1.0 of 2.0 (what was counted before is stale)";
    assert_eq!(foretold(&site, ANNA, (2026, 3, 30)), stale);
}
