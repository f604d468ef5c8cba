//! Messages with commands, against a list in a temporary folder.

use super::{lines, Session, Step};
use crate::demo::new_list::{create, NewList, NewMember};
use crate::dns::Closed;
use crate::pipeline::Context;
use compat::email::parser::parse;
use compat::list::{attributes, options, DeliveryStatus, LockedList};
use compat::queue::{read_entry, Metadata, Outbox, QueueFolders, QueueName};
use compat::site::{settings, Origin, Site, Version};
use compat::value::Value;
use compat::ByteStr;
use std::fs::File;
use std::rc::Rc;

const MEMBERS: [NewMember; 2] = [
    NewMember { address: "anna@example.org", name: "Anna Field", digest: false },
    NewMember { address: "ben@example.net", name: "", digest: true },
];

/// A site with one list.
struct Fixture {
    dir: tempfile::TempDir,
    site: Rc<Site>,
    list: LockedList,
}

/// What a message came to.
struct Outcome {
    step: Step,
    results: Vec<String>,
    text: String,
    goes_to: Option<ByteStr>,
}

impl Fixture {
    fn new(version: u8) -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        let site = Site::bare(dir.path(), Version { micro: version });
        // An older version has no defaults for all attributes.
        let mut newest = Site::bare(dir.path(), Version { micro: 39 });
        let defaults = &mut Rc::get_mut(&mut newest).unwrap().settings;
        for name in [settings::DEFAULT_EMAIL_HOST, settings::DEFAULT_URL_HOST] {
            defaults.set(name, Value::str("lists.example.com"), Origin::BuiltIn);
        }
        for folder in ["data", "logs", "locks", "lists", "qfiles"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        create(&newest, &NewList { name: "garden", owners: &["o@example.org"], members: &MEMBERS }).unwrap();
        let mut list = LockedList::open(&site, "garden", None).unwrap();
        list.set_password(b"anna@example.org", b"rose").unwrap();
        Fixture { dir, site, list }
    }

    /// Whom the reply to a message from Anna goes to.
    fn answered(&mut self, subject: &str, rest: &str) -> Vec<String> {
        let text = format!("From: Anna <anna@example.org>\nSubject: {subject}\n{rest}");
        let mut msg = parse(&ByteStr::from(text.as_str()));
        let mut data = Metadata::new();
        data.set_int("torequest", 1);
        let folders = Rc::new(QueueFolders::below(&self.dir.path().join("qfiles")));
        let mut outbox = Outbox::new(Rc::clone(&folders));
        let (site, list) = (&self.site, &mut self.list);
        let mut ctx = Context {
            site,
            list,
            msg: &mut msg,
            data: &mut data,
            outbox: &mut outbox,
            dns: &Closed,
            language: "en".into(),
        };
        assert_ne!(super::answer(&mut ctx).unwrap(), super::Outcome::Dropped);
        outbox.commit().unwrap();
        let entries = std::fs::read_dir(folders.of(QueueName::Virgin)).unwrap();
        let entries = entries.map(|entry| read_entry(&mut File::open(entry.unwrap().path()).unwrap()).unwrap());
        let recipients = entries.flat_map(|entry| entry.metadata.strings("recips").unwrap());
        recipients.map(|address| address.to_latin1()).collect()
    }

    /// Runs a message from Anna: its Subject and what follows its header.
    fn send(&mut self, subject: &str, rest: &str) -> Outcome {
        let text = format!("From: Anna <anna@example.org>\nSubject: {subject}\n{rest}");
        let mut msg = parse(&ByteStr::from(text.as_str()));
        let mut data = Metadata::new();
        data.set_str("lang", "en");
        data.set_int("torequest", 1);
        let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&self.dir.path().join("qfiles"))));
        let mut ctx = Context {
            site: &self.site,
            list: &mut self.list,
            msg: &mut msg,
            data: &mut data,
            outbox: &mut outbox,
            dns: &Closed,
            language: "en".into(),
        };
        let mut session = Session::new(&mut ctx).unwrap();
        let step = session.run().unwrap();
        let results = session.results.iter().map(|line| line.to_latin1()).collect();
        Outcome { step, results, text: session.text(2).to_latin1(), goes_to: session.return_address.clone() }
    }
}

#[test]
fn lines_are_run_up_to_the_first_that_is_none() {
    let outcome = Fixture::new(39).send("Re: info", "\n\nset show now\necho a  b\n-- \nAnna\n");
    assert_eq!(outcome.step, Step::Stop);
    assert_eq!(outcome.results.last().map(String::as_str), Some("echo a b"));
    assert!(outcome.text.contains("\n\n- Unprocessed:\n    -- \n    Anna\n\n- Done.\n\n"), "{}", outcome.text);
}

#[test]
fn no_command_at_all() {
    let outcome = Fixture::new(39).send("hello there", "\n\n> who\nwho\n");
    assert_eq!((outcome.step, outcome.results.len()), (Step::NoCommand, 0));
    let outcome = Fixture::new(39).send("", "\n\n");
    assert!(outcome.text.contains("No commands were found in this message. To obtain"), "{}", outcome.text);
}

#[test]
fn more_lines_than_allowed_are_ignored() {
    let body = "\n".repeat(25) + "who\n";
    let outcome = Fixture::new(39).send("", &format!("\n{body}"));
    assert!(outcome.text.contains("\n- Ignored:\n    who\n"), "{}", outcome.text);
}

#[test]
fn all_words_of_a_long_line_come_back() {
    let outcome = Fixture::new(39).send(&format!("echo{}", " a".repeat(1000)), "\n");
    assert_eq!(outcome.results, [format!("echo{}", " a".repeat(1000))]);
}

#[test]
fn a_message_of_parts_is_read_up_to_its_first_plain_text() {
    let rest = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\nwho\n\
                --b\nContent-Type: text/plain; charset=utf-8\n\necho \u{e9}\n--b--\n";
    let outcome = Fixture::new(39).send("", rest);
    assert_eq!(outcome.results, ["Ignoring non-text/plain MIME parts", "echo ?"]);
    let outcome = Fixture::new(13).send("", rest);
    assert_eq!(outcome.results[1], "echo \u{c3}\u{a9}");
}

#[test]
fn a_subject_beyond_ascii() {
    let encoded = "=?utf-8?q?R=C3=A9=3A_echo_a?=";
    assert_eq!(Fixture::new(39).send(encoded, "\n").results, ["echo a"]);
    // The first line of the text takes its place and may begin with another word.
    assert_eq!(Fixture::new(13).send(encoded, "\nplease echo b\n").results, ["echo b"]);
}

#[test]
fn options_are_set_after_the_password() {
    let mut fixture = Fixture::new(39);
    let body = "\nset ack on\nset authenticate rose\nset ack on\nset digest plain\nset delivery off\nset myposts off\n";
    let outcome = fixture.send("", body);
    assert_eq!(outcome.results[..2], ["Not authenticated", "Usage:"]);
    let done = ["ack option set", "digest option set", "delivery disabled by user", "myposts option set"];
    assert_eq!(outcome.results[3..], done);
    let anna = b"anna@example.org";
    assert!(fixture.list.option(anna, options::ACKNOWLEDGE_POSTS) && fixture.list.option(anna, options::DISABLE_MIME));
    assert!(fixture.list.option(anna, options::DIGESTS) && fixture.list.option(anna, options::DONT_RECEIVE_OWN_POSTS));
    assert_eq!(fixture.list.delivery_status(anna), DeliveryStatus::ByUser);
    let shown = fixture.send("", "\nset show address=anna@example.org\n");
    assert_eq!(shown.goes_to, Some("anna@example.org".into()));
    assert!(shown.results.contains(&"    myposts off".to_owned()), "{:?}", shown.results);
    assert!(shown.results[3].starts_with("    delivery off (by you on "), "{:?}", shown.results);
}

#[test]
fn passwords_are_told_and_changed() {
    let mut fixture = Fixture::new(39);
    assert_eq!(fixture.send("password", "\n").results, ["Your password is: rose"]);
    assert_eq!(fixture.send("password thorn x", "\n").results.len(), 3);
    assert_eq!(
        fixture.send("password rose x address=anna@example.org", "\n").results,
        ["Password successfully changed."]
    );
    assert_eq!(fixture.list.password_of(b"anna@example.org"), Some("x".into()));
    assert!(fixture.send("password a b c", "\n").results.is_empty());
}

/// What 2.1.39 and 2.1.13 answer.
#[test]
fn hostile_words_are_no_more_than_words() {
    let cases = [
        ("echo %s %(x)s `id`", "\n", "echo %s %(x)s `id`"),
        ("", "\nsubscribe address=a%sb@c.de|x\n", "Your subscription is not allowed because\n"),
        ("", "\nset authenticate %s address=%(x)s\n", "You are not a member of the Garden mailing list"),
    ];
    for version in [39, 13] {
        for (subject, rest, answer) in cases {
            let outcome = Fixture::new(version).send(subject, rest);
            assert_eq!(outcome.results.len(), 1, "{rest:?}");
            assert!(outcome.results[0].starts_with(answer), "{rest:?}: {:?}", outcome.results);
        }
    }
}

#[test]
fn the_roster_is_shown_to_those_who_may_see_it() {
    let mut fixture = Fixture::new(39);
    fixture.list.set(attributes::PRIVATE_ROSTER, Value::Int(1));
    let full = [
        "Non-digest (regular) members:",
        "    anna@example.org (Anna Field)",
        "Digest members:",
        "    ben@example.net",
    ];
    assert_eq!(fixture.send("who rose", "\n").results, full);
    assert_eq!(fixture.send("who", "\n").results[0], "Usage:");
    assert_eq!(fixture.send("who thorn", "\n").results, ["You are not allowed to retrieve the list membership."]);
    fixture.list.set(attributes::MOD_PASSWORD, Value::str("e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"));
    fixture.list.set_option(b"anna@example.org", options::CONCEAL_SUBSCRIPTION, true).unwrap();
    assert_eq!(fixture.send("who rose", "\n").results.len(), 3);
    assert_eq!(fixture.send("who secret", "\n").results, full);
}

#[test]
fn a_command_of_the_sites_own_is_found_before_anything_is_done() {
    let mut fixture = Fixture::new(39);
    let folder = fixture.dir.path().join("Mailman/Commands");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("cmd_vote.py"), "").unwrap();
    let mut found = |text: &str| {
        let mut msg = parse(&ByteStr::from(text));
        let mut data = Metadata::new();
        data.set_int("torequest", 1);
        let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&fixture.dir.path().join("qfiles"))));
        let ctx = Context {
            site: &fixture.site,
            list: &mut fixture.list,
            msg: &mut msg,
            data: &mut data,
            outbox: &mut outbox,
            dns: &Closed,
            language: "en".into(),
        };
        assert!(!lines::read(&ctx, b"en").unwrap().commands.is_empty());
        super::site_command(&ctx)
    };
    assert_eq!(found("Subject: Re: Vote\n\n"), Some("vote".into()));
    assert_eq!(found("Subject: x\n\npassword a b\nvote yes\n"), Some("vote".into()));
    assert_eq!(found("Subject: x\n\nend\nvote yes\n"), None);
    assert_eq!(found("Subject: x\n\nhello\nvote yes\n"), None);
}

#[test]
fn a_text_that_cannot_be_read_fails_the_message() {
    let mut fixture = Fixture::new(39);
    let mut fails = |rest: &str| {
        let mut msg = parse(&ByteStr::from(rest));
        let mut data = Metadata::new();
        let mut outbox = Outbox::new(Rc::new(QueueFolders::below(&fixture.dir.path().join("qfiles"))));
        let (site, list) = (&fixture.site, &mut fixture.list);
        let ctx = Context {
            site,
            list,
            msg: &mut msg,
            data: &mut data,
            outbox: &mut outbox,
            dns: &Closed,
            language: "en".into(),
        };
        lines::read(&ctx, b"en").err().map(|error| error.to_string())
    };
    let unknown = "Content-Type: text/plain; charset=x-none\n\ninfo\n";
    assert_eq!(fails(unknown).as_deref(), Some("unknown encoding: x-none"));
    assert!(fails("Content-Type: text/plain; charset=base64\n\ninfo\n").is_some());
    // Python does not look the charset of an empty text up, and a Subject may be broken.
    assert_eq!(fails("Content-Type: text/plain; charset=x-none\n\n"), None);
    assert_eq!(fails("Subject: =?x-none?q?info?=\n\ninfo\n"), None);
}

#[test]
fn an_empty_address_sends_the_reply_to_the_sender() {
    let outcome = Fixture::new(39).send("password address=", "\n");
    assert_eq!(outcome.goes_to, Some("".into()));
    let mut fixture = Fixture::new(39);
    let replies = fixture.answered("set show address=", "\n");
    assert_eq!(replies, ["anna@example.org"]);
}
