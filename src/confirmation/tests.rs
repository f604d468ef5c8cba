//! Joining, leaving and deciding on a small site. Expected log lines, headers and texts are what Mailman writes.

use super::{process, Confirmed};
use crate::demo::new_list::{create, NewList, NewMember};
use crate::dns::Closed;
use crate::membership::{address, leave, MembershipContext, Notices, Refused, UserDesc};
use crate::moderation::requests::{self, join, Outcome};
use crate::moderation::{decide, Action, Decided, Decision};
use compat::email::parser::parse;
use compat::email::Message;
use compat::list::pending::{Kind, Pended};
use compat::list::requests::RequestKind;
use compat::list::Held;
use compat::list::{attributes, LockedList};
use compat::pickle::{self, Protocol};
use compat::queue::{Outbox, QueueFolders, QueueName};
use compat::site::{settings, Origin, Site, Version};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

const MEMBERS: [NewMember; 1] = [NewMember { address: "anna@example.org", name: "Anna Field", digest: false }];

/// A site with one locked list, `garden`, which asks for confirmations.
pub(crate) struct Fixture {
    pub(crate) dir: tempfile::TempDir,
    site: Rc<Site>,
    pub(crate) list: LockedList,
    pub(crate) outbox: Outbox,
}

impl Fixture {
    pub(crate) fn new(version: u8) -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["data", "logs", "locks", "lists", "qfiles"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        create(&bare(&dir, 39), &NewList { name: "garden", owners: &["o@example.org"], members: &MEMBERS }).unwrap();
        let site = bare(&dir, version);
        let list = LockedList::open(&site, "garden", None).unwrap();
        let outbox = Outbox::new(Rc::new(QueueFolders::below(&dir.path().join("qfiles"))));
        Fixture { dir, site, list, outbox }
    }

    pub(crate) fn ctx(&mut self) -> MembershipContext<'_> {
        MembershipContext {
            site: &self.site,
            list: &mut self.list,
            outbox: &mut self.outbox,
            dns: &Closed,
            language: "en".into(),
        }
    }

    pub(crate) fn log(&self, name: &str) -> Vec<String> {
        let bytes = std::fs::read(self.dir.path().join("logs").join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        text.lines().map(|line| line.split_once(") ").map_or(line, |(_, rest)| rest).to_owned()).collect()
    }

    /// The messages in a queue, in their order.
    pub(crate) fn queued(&mut self, queue: QueueName) -> Vec<Message> {
        self.outbox.commit().unwrap();
        let folder = self.outbox.folders().of(queue).to_owned();
        let mut names: Vec<_> = std::fs::read_dir(folder).map_or_else(|_| Vec::new(), |dir| dir.flatten().collect());
        names.sort_by_key(std::fs::DirEntry::file_name);
        let read = |entry: std::fs::DirEntry| {
            let bytes = ByteStr::new(std::fs::read(entry.path()).unwrap());
            Message::from_value(&pickle::load(&bytes).unwrap().0).unwrap()
        };
        names.into_iter().map(read).collect()
    }

    fn cookie(&self) -> ByteStr {
        self.list.pended().unwrap()[0].0.clone()
    }

    /// Holds a post as the pipeline does.
    pub(crate) fn hold(&mut self) -> i64 {
        let post = parse(&"From: p@example.net\nSubject: Weeds\nMessage-ID: <w@example.net>\n\nMany.\n".into());
        let held = Held {
            sender: "p@example.net".into(),
            subject: Value::str("100% weeds"),
            reason: Value::str("because"),
            metadata: Value::dict([("filebase".into(), Value::str("old"))].into_iter().collect()),
        };
        let bytes = pickle::dumps(&post.to_value(), Protocol::P1).unwrap();
        self.list.hold_message(held, |out, _| out.write_all(&bytes)).unwrap()
    }
}

fn bare(dir: &tempfile::TempDir, version: u8) -> Rc<Site> {
    let mut site = Site::bare(dir.path(), Version { micro: version });
    let defaults = &mut Rc::get_mut(&mut site).unwrap().settings;
    for name in [settings::DEFAULT_EMAIL_HOST, settings::DEFAULT_URL_HOST] {
        defaults.set(name, Value::str("lists.example.com"), Origin::BuiltIn);
    }
    site
}

fn ben() -> UserDesc {
    UserDesc {
        fullname: Some(Value::str("Ben B")),
        password: Some(Value::str("pw")),
        ..UserDesc::new("Ben@Example.NET")
    }
}

fn names(message: &Message) -> Vec<String> {
    message.headers().map(|(name, _)| name.to_latin1()).collect()
}

#[test]
fn joining_takes_a_confirmation() {
    let mut site = Fixture::new(39);
    let asked = join(&mut site.ctx(), ben(), Some(b"ben@example.net"));
    assert!(matches!(asked, Ok(Outcome::ConfirmationSent)), "{asked:?}");
    assert_eq!(site.log("subscribe"), ["garden: pending Ben B <Ben@example.net>  ben@example.net"]);
    let cookie = site.cookie();
    let mail = &site.queued(QueueName::Virgin)[0];
    assert_eq!(mail.get_str("subject").unwrap(), [b"confirm ", &cookie[..]].concat()[..]);
    assert_eq!(mail.get_str("reply-to").unwrap(), "garden-request@lists.example.com");
    let expected = "MIME-Version Content-Type Content-Transfer-Encoding From To Subject Reply-To Auto-Submitted \
                    Message-ID Date Precedence";
    assert_eq!(names(mail).join(" "), expected);
    assert_eq!(mail.get_str("auto-submitted").unwrap(), "auto-replied");
    let done = process(&mut site.ctx(), &cookie, None).unwrap();
    assert!(matches!(done, Confirmed::Subscribed(user) if user.address == "Ben@example.net"));
    assert_eq!(site.list.case_preserved(b"ben@example.net").unwrap(), "Ben@example.net");
    assert_eq!(site.log("subscribe")[1], "garden: new Ben B <Ben@example.net>, via email confirmation");
    let again = process(&mut site.ctx(), &cookie, None);
    assert!(matches!(again, Err(Refused::BadCookie(_))));
}

/// Mailman fills in what its variables hold, the member's password among them.
#[test]
fn percent_signs_in_an_address_stay_in_the_notice() {
    let mut site = Fixture::new(39);
    let shown = |whence: &[u8], site: &mut Fixture| crate::membership::in_brackets(&site.ctx().words(), Some(whence));
    assert_eq!(shown(b"a%sb@x.example", &mut site), "(a%sb@x.example)");
    assert_eq!(shown(b"%(password)s@x.example", &mut site), "(%(password)s@x.example)");
}

#[test]
fn older_versions_do_not_mark_confirmations() {
    let mut site = Fixture::new(13);
    join(&mut site.ctx(), ben(), None).unwrap();
    assert!(!site.queued(QueueName::Virgin)[0].contains("auto-submitted"));
    assert_eq!(site.log("subscribe"), ["garden: pending Ben B <Ben@example.net> "]);
}

#[test]
fn moderated_joining_is_held_even_after_a_confirmation() {
    let mut site = Fixture::new(39);
    site.list.set(attributes::SUBSCRIBE_POLICY, Value::Int(3));
    assert!(matches!(join(&mut site.ctx(), ben(), None), Ok(Outcome::ConfirmationSent)));
    let cookie = site.cookie();
    let held = process(&mut site.ctx(), &cookie, None);
    assert!(matches!(held, Ok(Confirmed::AwaitsModerator { .. })), "{held:?}");
    assert_eq!(site.log("vette"), ["garden: held subscription request from Ben@example.net"]);
    let requests = site.list.requests().unwrap();
    let (_, data) = requests.get(1).unwrap();
    assert_eq!(requests.ids(RequestKind::Subscription), [1]);
    assert_eq!(data.as_items().unwrap()[1..4], [Value::str("Ben@example.net"), Value::str("Ben B"), Value::str("pw")]);
}

#[test]
fn who_may_not_join() {
    let mut site = Fixture::new(39);
    site.list.set(attributes::BAN_LIST, Value::list(vec![Value::str("^ben@")]));
    let refused = |site: &mut Fixture, address: &str| join(&mut site.ctx(), UserDesc::new(address), Some(b"w"));
    assert!(matches!(refused(&mut site, "anna@Example.org"), Err(Refused::AlreadyMember)));
    assert!(matches!(refused(&mut site, "Garden@lists.example.com"), Err(Refused::BadEmail)));
    assert!(matches!(refused(&mut site, "a b@c.d"), Err(Refused::BadEmail)));
    assert!(matches!(refused(&mut site, "nobody"), Err(Refused::BadEmail)));
    assert!(matches!(refused(&mut site, "a@b_c.d"), Err(Refused::HostileAddress)));
    assert!(matches!(refused(&mut site, "a<@b.c"), Err(Refused::HostileAddress)));
    let banned = refused(&mut site, "ben@example.net");
    assert!(matches!(banned, Err(Refused::Banned { pattern }) if pattern == "^ben@"));
    assert_eq!(site.log("vette"), ["Garden banned subscription: ben@example.net from w (matched: ^ben@)"]);
}

#[test]
fn a_ban_that_came_after_the_request() {
    for (version, logged) in [
        (13, &[][..]),
        (39, &["Garden banned subscription: Ben@example.net from via email confirmation (matched: Ben@example.net)"]),
    ] {
        let mut site = Fixture::new(version);
        join(&mut site.ctx(), ben(), None).unwrap();
        site.list.set(attributes::BAN_LIST, Value::list(vec![Value::str("ben@example.net")]));
        let cookie = site.cookie();
        let banned = process(&mut site.ctx(), &cookie, None);
        assert!(matches!(banned, Err(Refused::Banned { .. })), "{banned:?}");
        assert_eq!(site.log("vette"), logged, "2.1.{version}");
    }
}

#[test]
fn leaving() {
    let mut site = Fixture::new(39);
    let anna = ByteStr::from("anna@example.org");
    leave::confirm_unsubscription(&mut site.ctx(), &anna, None, None).unwrap();
    let cookie = site.cookie();
    let mut answer = Message::new();
    process(&mut site.ctx(), &cookie, Some(&mut answer)).unwrap();
    assert!(!site.list.is_member(&anna));
    assert_eq!(site.log("subscribe"), ["garden: deleted anna@example.org; email confirmation"]);
    let gone = leave::approved_delete(&mut site.ctx(), &anna, None, Notices::default());
    assert!(matches!(gone, Err(Refused::NotAMember)));
}

#[test]
fn moderated_leaving_is_held() {
    let mut site = Fixture::new(39);
    site.list.set(attributes::UNSUBSCRIBE_POLICY, Value::Int(1));
    let anna = ByteStr::from("anna@example.org");
    let held = requests::leave(&mut site.ctx(), &anna, Some("mailcmd"), Notices::default());
    assert!(matches!(held, Ok(Outcome::AwaitsModerator { .. })));
    assert!(site.list.is_member(&anna));
    assert_eq!(site.list.requests().unwrap().get(1), Some((RequestKind::Unsubscription, &Value::Str(anna))));
    assert_eq!(site.queued(QueueName::Virgin)[0].get_str("precedence").unwrap(), "list");
}

#[test]
fn a_new_address() {
    let mut site = Fixture::new(39);
    let (old, new) = (ByteStr::from("anna@example.org"), ByteStr::from("Anna@new.example"));
    address::change(&mut site.ctx(), &old, &new, Value::Bool(false)).unwrap();
    let cookie = site.cookie();
    process(&mut site.ctx(), &cookie, None).unwrap();
    assert!(site.list.is_member(&new) && !site.list.is_member(&old));
    assert_eq!(site.log("subscribe"), ["garden: changed member address from anna@example.org to Anna@new.example"]);
}

#[test]
fn an_approved_post_is_queued_before_its_file_goes() {
    let mut site = Fixture::new(39);
    let id = site.hold();
    assert_eq!(decide(&mut site.ctx(), id, &Decision::plain(Action::Approve)).unwrap(), Decided::Done);
    assert_eq!(site.log("vette"), ["garden: held message approved, message-id: <w@example.net>"]);
    assert!(site.queued(QueueName::In)[0].contains("x-mailman-approved-at"));
    let files = std::fs::read_dir(site.dir.path().join("data")).unwrap();
    assert_eq!(files.filter(|file| file.as_ref().unwrap().file_name() != "history").count(), 0);
    let again = decide(&mut site.ctx(), id, &Decision::plain(Action::Approve));
    assert!(matches!(again, Err(Refused::RequestGone(1))), "{again:?}");
}

#[test]
fn a_refused_post() {
    let mut site = Fixture::new(39);
    let id = site.hold();
    decide(&mut site.ctx(), id, &Decision { comment: Some(b"No way"), ..Decision::plain(Action::Reject) }).unwrap();
    let expected = ["garden: Refused posting:", "\tFrom: p@example.net", "\tSubject: 100%% weeds", "\tReason: No way"];
    assert_eq!(site.log("vette"), expected);
    assert_eq!(
        site.queued(QueueName::Virgin)[0].get_str("subject").unwrap(),
        "Request to mailing list Garden rejected"
    );
}

#[test]
fn a_moderator_answers() {
    let mut site = Fixture::new(39);
    // SHA-1 of "secret".
    site.list.set(attributes::PASSWORD, Value::str("e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"));
    let id = site.hold();
    let record =
        compat::list::pending::Pended { kind: compat::list::pending::Kind::HeldMessage, content: vec![Value::Int(id)] };
    let cookie = site.list.pend_new(&record, None).unwrap();
    let answer = |text: &str| parse(&text.into());
    let wrong = process(&mut site.ctx(), &cookie, Some(&mut answer("Subject: x\n\n\nApproved: no\n")));
    assert!(matches!(wrong, Err(Refused::BadPassword)));
    let right = process(&mut site.ctx(), &cookie, Some(&mut answer("Subject: x\n\n\napprove : secret\n")));
    assert_eq!(right.unwrap(), Confirmed::HeldMessage { approved: true });
    site.list.pend_again(&cookie, &record, None).unwrap();
    let late = process(&mut site.ctx(), &cookie, Some(&mut answer("Subject: x\n\nspam\n")));
    assert_eq!(late.unwrap(), Confirmed::HeldMessage { approved: false });
    assert_eq!(site.log("error"), ["Could not process HELD_MESSAGE: 1"]);
}

#[test]
fn no_cookie_leads_anywhere_but_to_its_record() {
    let mut site = Fixture::new(39);
    join(&mut site.ctx(), ben(), None).unwrap();
    let cookie = site.cookie();
    let odd: [&[u8]; 8] = [b"", b"../../etc/passwd", b"%s", b"\0", b"\xfc", b"None", b"evictions", &cookie[1..]];
    for odd in odd {
        let refused = process(&mut site.ctx(), odd, None);
        assert!(matches!(refused, Err(Refused::BadCookie(_))), "{}", odd.escape_ascii());
    }
    assert!(process(&mut site.ctx(), &cookie, None).is_ok());
}

/// Mailman 2.1.13 throws the post away.
#[test]
fn a_password_is_found_where_an_old_version_does_not_look() {
    // "Approved: secret" in base64, and with blanks before it.
    let encoded = "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nQXBwcm92ZWQ6IHNlY3JldAo=\n";
    for answer in [encoded, "Subject: x\n\n  Approved: secret\n"] {
        let mut site = Fixture::new(13);
        site.list.set(attributes::PASSWORD, Value::str("e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"));
        let record = Pended { kind: Kind::HeldMessage, content: vec![Value::Int(site.hold())] };
        let cookie = site.list.pend_new(&record, None).unwrap();
        let done = process(&mut site.ctx(), &cookie, Some(&mut parse(&answer.into())));
        assert_eq!(done.unwrap(), Confirmed::HeldMessage { approved: true }, "{answer}");
    }
}

/// What Utils.ValidateEmail of 2.1.39 and of 2.1.13 says.
#[rustfmt::skip]
const JUDGED: &[(&str, &str, &[&[u8]])] = &[
    ("hostile", "hostile", &[
        b"a\nb@c.de", b"a\rb@c.de", b"a%(x)d@c.de", b"a\0b@c.de", b"a@c\0.de", b"\xfc@c.de", b"a@\xfc.de",
        b"\xc3\xbc@c.de", b"a@b.c\x7f", b"a\x1b@b.cd", b"a$(id)@c.de", b"a@c.de;x", b"a@c.de|x",
        b"a@[IPv6::1]", b"a,b@c.de", b"a^b@c.de", b"a[0]@c.de", b"(a)@c.de", b"anna(at)example.org",
        b"anna@example.org\x0b", b"a@\tx.y", b"\xa0a@c.de", b"a@c.de\xa0", b"a\xe2\x80\xa8b@c.de",
        b"\x1ca@c.de", b"a\x85b@c.de", b"<>", b"<@r.de:a@c.de>", b"a(\xfc)@c.de"
    ]),
    ("hostile", "bad", &[
        b"a\"b@c.de", b"a:b@c.de", b"a\\b@c.de", b"mailto:a@c.de", b"http://a@c.de/"
    ]),
    ("bad", "bad", &[
        b"\"a b\"@c.de", b"a@-", b"@", b"a", b"a@", b"@c.de", b"a @c.de", b"a@ c.de", b"A <a@c.de>",
        b"a@c.de (x)", b"a!b", b"anna at example.org", b"=?utf-8?q?a=40c.de?=", b"a@localhost", b"root",
        b"postmaster", b"a@b.c, d@e.f", b"\"%s\" <a@c.de>"
    ]),
    ("hostile", "ok", &[
        b"\"a\\\"b\"@c.de", b"a@c..de", b"a@.c.de", b"a@c.de..", b"a@../b.de", b"a@c/d.de", b"a@-.de",
        b"a@_c.de", b"a@c.de@", b"a@=?utf-8?q?c.de?="
    ]),
    ("ok", "ok", &[
        b"a%%b@c.de", b"a%b@c.de", b"%@c.de", b"a@xn--bcher-kva.de", b"a'b@c.de", b"a`id`@c.de", b"a&b@c.de",
        b"a=b@c.de", b"a+b=c.de@d.de", b"a@1.2.3.4", b"../a@c.de", b"a/../b@c.de", b"a@c-.de", b"a@c.d",
        b"a@c.dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", b"a!b@c.de",
        b"a~b@c.de", b"a#b@c.de", b"a*@c.de", b"a{b}@c.de", b"a@x.y-", b".a@c.de", b"a.@c.de", b"a..b@c.de",
        b"MAILER-DAEMON@lists.example.com", b"mailman@lists.example.com"
    ]),
    ("ok", "hostile", &[
        b"--help@c.de"
    ]),
];

#[test]
fn addresses_are_judged_as_by_each_version() {
    for (version, judgement) in [(39, 0), (13, 1)] {
        let site = Fixture::new(version);
        for (newest, oldest, addresses) in JUDGED {
            for address in *addresses {
                let found = match crate::membership::admission::validate(&site.list, address) {
                    Ok(()) => "ok",
                    Err(Refused::BadEmail) => "bad",
                    Err(Refused::HostileAddress) => "hostile",
                    Err(other) => panic!("{other}"),
                };
                assert_eq!(found, [*newest, *oldest][judgement], "2.1.{version}: {}", address.escape_ascii());
            }
        }
    }
}

#[test]
fn a_user_desc_survives_the_pickle() {
    let user = UserDesc { digest: Some(Value::Bool(true)), language: Some(Value::str("de")), ..ben() };
    assert_eq!(UserDesc::from_value(&user.to_value()), Some(user));
    assert_eq!(UserDesc::from_value(&Value::str("x")), None);
}

#[test]
fn a_posts_cookie_decides_on_no_other_request() {
    let mut site = Fixture::new(39);
    let id = site.hold();
    let pended = Pended { kind: Kind::HeldMessage, content: vec![Value::Int(id)] };
    let cookie = site.list.pend_new(&pended, None).unwrap();
    site.list.requests().unwrap().remove(id);
    site.list.set(attributes::NEXT_REQUEST_ID, Value::Int(id));
    requests::hold_subscription(&mut site.ctx(), &ben()).unwrap();
    let done = process(&mut site.ctx(), &cookie, None).unwrap();
    assert_eq!(done, Confirmed::HeldMessage { approved: false });
    assert_eq!(site.log("error"), [format!("Could not process HELD_MESSAGE: {id}")]);
    let held = site.list.requests().unwrap();
    assert!(matches!(held.get(id), Some((RequestKind::Subscription, _))));
}

#[test]
fn half_a_record_is_used_up_and_fails() {
    let mut site = Fixture::new(39);
    let nameless = UserDesc { password: Some(Value::str("pw")), ..UserDesc::new("ben@example.net") };
    let pended = Pended { kind: Kind::Subscription, content: vec![nameless.to_value()] };
    let cookie = site.list.pend_new(&pended, None).unwrap();
    let failed = process(&mut site.ctx(), &cookie, None).unwrap_err();
    assert_eq!(failed.to_string(), "UserDesc instance has no attribute 'fullname'");
    assert!(matches!(process(&mut site.ctx(), &cookie, None), Err(Refused::BadCookie(_))));
}

#[test]
fn a_second_request_is_refused_where_the_site_wants_that() {
    let mut site = Fixture::new(39);
    let mut strict = bare(&site.dir, 39);
    let changed = &mut Rc::get_mut(&mut strict).unwrap().settings;
    changed.set(settings::REFUSE_SECOND_PENDING, Value::Bool(true), Origin::BuiltIn);
    assert!(matches!(join(&mut site.ctx(), ben(), None), Ok(Outcome::ConfirmationSent)));
    let ctx = &mut MembershipContext { site: &strict, ..site.ctx() };
    assert!(matches!(join(ctx, ben(), None), Err(Refused::AlreadyPending)));
    // Python writes the file even where nothing waits.
    let file = site.list.folder().join("pending.pck");
    std::fs::remove_file(&file).unwrap();
    let ctx = &mut MembershipContext { site: &strict, ..site.ctx() };
    let listed = UserDesc::new("garden@lists.example.com");
    assert!(matches!(join(ctx, listed, None), Err(Refused::BadEmail)));
    assert!(file.exists());
}
