//! Mail handed in by LMTP: who is taken, what lands in which queue, and that a broken connection leaves nothing.
#![allow(clippy::expect_used, clippy::panic)]

mod support;

use compat::queue::{read_entry, Entry, EntryMessage};
use nix::sys::signal::Signal;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use support::*;

struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    fn new(site: &TestSite) -> Client {
        let path = site.path("lmtp");
        let mut stream = None;
        wait("the server", || {
            stream = UnixStream::connect(&path).ok();
            stream.is_some()
        });
        let mut client = Client { stream: BufReader::new(stream.expect("connected")) };
        assert!(client.answer().starts_with("220 "));
        client.say("LHLO client");
        while client.answer().starts_with("250-") {}
        client
    }

    fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("sent");
    }

    fn say(&mut self, line: &str) {
        self.send(format!("{line}\r\n").as_bytes());
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("an answer");
        line
    }

    fn ask(&mut self, line: &str) -> String {
        self.say(line);
        self.answer()
    }
}

fn server(site: &TestSite) -> Running {
    let place = format!("unix:{}", site.path("lmtp").display());
    site.spawn(MAILMAN2_RS, &["lmtp", "--listen", &place])
}

fn entries(site: &TestSite, queue: &str) -> Vec<Entry> {
    let folder = site.path("qfiles").join(queue);
    let open = |name: &String| File::open(folder.join(name)).expect("opened");
    site.queue(queue).iter().map(|name| read_entry(&mut open(name)).expect("an entry")).collect()
}

#[test]
fn a_mail_for_several_doors() {
    let site = TestSite::new();
    let mut server = server(&site);
    let mut client = Client::new(&site);
    assert_eq!(fs::metadata(site.path("lmtp")).expect("there").permissions().mode() & 0o777, 0o660);
    // All at once, as with pipelining.
    client.send(
        b"MAIL FROM:<ann@example.org> SIZE=20\r\nRCPT TO:<Garden@lists.example.com>\r\n\
          RCPT TO:<garden-bounces+bob=example.net@lists.example.com>\r\nRCPT TO:<nobody@lists.example.com>\r\n\
          RCPT TO:<garden@lists.example.com>\r\nDATA\r\n",
    );
    let answers: Vec<String> = (0..6).map(|_| client.answer()[..3].to_string()).collect();
    assert_eq!(answers, ["250", "250", "250", "550", "250", "354"]);
    client.send(b"Subject: x\r\n\r\n..dot\r\nlone\nlf\r\n.\r\n");
    let names: Vec<String> = (0..3).map(|_| client.answer()).collect();
    assert!(names.iter().all(|line| line.starts_with("250 2.0.0 ")), "{names:?}");
    let post = entries(&site, "in");
    assert_eq!((post.len(), post[0].metadata.int("tolist")), (1, Some(1)));
    let EntryMessage::Raw(text) = &post[0].message else { panic!("text") };
    assert!(text.starts_with(b"From ann@example.org  "), "{text}");
    assert!(text.ends_with(b"\nSubject: x\n\n.dot\nlone\nlf\n"), "{text}");
    assert_eq!(entries(&site, "bounces")[0].metadata.str("listname").expect("a list"), "garden");
    assert!(client.ask("QUIT").starts_with("221"));
    server.signal(Signal::SIGTERM);
    assert_eq!(server.status().code(), Some(0));
}

#[test]
fn what_is_out_of_order_is_refused_and_bounded() {
    let site = TestSite::new();
    let _server = server(&site);
    let mut client = Client::new(&site);
    for (line, code) in [
        ("DATA", "503"),
        ("RCPT TO:<garden@x>", "503"),
        ("EHLO x", "500"),
        ("MAIL FROM:<a@b>", "250"),
        ("MAIL FROM:<a@b>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:<a@b> SIZE=99999999999", "552"),
        ("VRFY garden", "252"),
    ] {
        assert_eq!(&client.ask(line)[..3], code, "{line}");
    }
    assert!(client.ask("MAIL FROM:<a@b>").starts_with("250"));
    for _ in 0..100 {
        assert!(client.ask("RCPT TO:<garden@x>").starts_with("250"));
    }
    assert!(client.ask("RCPT TO:<garden@x>").starts_with("452"));
    assert!(client.ask("RSET").starts_with("250"));
    // Five of the twenty mistakes were made above.
    client.send(&b"NONSENSE\r\n".repeat(15));
    let answers: Vec<String> = (0..16).map(|_| client.answer()[..3].to_string()).collect();
    assert_eq!(answers, [vec!["500"; 15], vec!["421"]].concat());
    let mut client = Client::new(&site);
    assert!(client.ask(&"x".repeat(5000)).starts_with("500"));
}

#[test]
fn a_broken_connection_leaves_nothing() {
    let site = TestSite::new();
    let _server = server(&site);
    let mut client = Client::new(&site);
    client.say("MAIL FROM:<>");
    client.say("RCPT TO:<garden@x>");
    client.say("DATA");
    assert!((0..3).map(|_| client.answer()).all(|answer| !answer.starts_with('5')));
    client.send(&b"half a mail\r\n".repeat(20_000));
    wait("the mail on its way", || !site.queue("in").is_empty());
    drop(client);
    wait("the end of it", || site.queue("in").is_empty());
}

#[test]
fn a_domain_that_is_kept_apart_has_its_own_lists() {
    let site = TestSite::with(&["POSTFIX_STYLE_VIRTUAL_DOMAINS = ['other.example.com', 'LISTS.example.com']"]);
    let _server = server(&site);
    let mut client = Client::new(&site);
    assert!(client.ask("MAIL FROM:<a@b>").starts_with("250"));
    assert!(client.ask("RCPT TO:<garden@other.example.com>").starts_with("550"));
    assert!(client.ask("RCPT TO:<garden@lists.example.com>").starts_with("250"));
    assert!(client.ask("RCPT TO:<garden@anywhere.example>").starts_with("250"));
}

#[test]
fn lists_that_cannot_be_looked_at_are_tried_again() {
    let site = TestSite::new();
    let _server = server(&site);
    let mut client = Client::new(&site);
    fs::rename(site.path("lists"), site.path("gone")).expect("renamed");
    assert!(client.ask("MAIL FROM:<a@b>").starts_with("250"));
    assert!(client.ask("RCPT TO:<garden@x>").starts_with("451"));
}
