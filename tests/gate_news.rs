//! Articles of a newsgroup on their way to a list: `gate_news` against a small news server of this test.

#![allow(clippy::expect_used)]

mod support;

use compat::list::{attributes, LockedList, MailList};
use compat::queue::{Entry, EntryMessage};
use compat::value::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use support::*;

/// Articles by number: head and body. What is not there has expired.
type Group = &'static [(i64, &'static str, &'static str)];

const ARTICLES: Group = &[
    (3, "From: a@example.org\r\nSubject: three\r\nMessage-ID: <3@x>\r\nTo: somebody@x", "one\r\n..two dots"),
    (4, "From: l@example.org\r\nX-BeenThere: garden@lists.example.com\r\nSubject: ours", "back again"),
    (6, "From: b@example.org\r\nSubject: six\r\nMessage-ID: <6@x>", "six"),
];

/// Serves connections forever. After this number of articles' bodies it hangs up.
fn server(group: Group, bodies: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(serve(stream, group, bodies))));
    host
}

fn serve(mut stream: TcpStream, group: Group, mut bodies: usize) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    stream.write_all(b"200 ready\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let article = group.iter().find(|(own, _, _)| *own == number);
        let last = group.last().map_or(0, |(number, _, _)| *number);
        let answer = match (words.first().copied().unwrap_or_default(), article) {
            ("GROUP", _) if words[1] == "misc.test" => format!("211 {} 1 {last} misc.test\r\n", group.len()),
            ("GROUP", _) => "411 no such group\r\n".to_string(),
            ("HEAD", Some((_, head, _))) => format!("221 head\r\n{head}\r\n.\r\n"),
            ("BODY", Some(_)) if bodies == 0 => return Ok(()),
            ("BODY", Some((_, _, body))) => {
                bodies -= 1;
                format!("222 body\r\n{body}\r\n.\r\n")
            }
            ("HEAD" | "BODY", None) => "423 no such article\r\n".to_string(),
            ("QUIT", _) => "205 bye\r\n".to_string(),
            _ => "200 ok\r\n".to_string(),
        };
        stream.write_all(answer.as_bytes())?;
    }
}

fn gated(host: &str, group: &str, watermark: Option<i64>) -> TestSite {
    let site = TestSite::new();
    let mut list = LockedList::open(&site.site, "garden", None).expect("the list");
    list.set(attributes::GATEWAY_TO_MAIL, Value::Int(1));
    list.set(attributes::NNTP_HOST, Value::str(host));
    list.set(attributes::LINKED_NEWSGROUP, Value::str(group));
    if let Some(watermark) = watermark {
        list.set(attributes::USENET_WATERMARK, Value::Int(watermark));
    }
    list.save().expect("saved");
    list.unlock().expect("unlocked");
    site
}

fn gate(site: &TestSite) {
    let output = site.run(MAILMAN2_RS, &["gate_news"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}

fn watermark(site: &TestSite) -> Option<i64> {
    MailList::load(&site.site, "garden").expect("the list").get(attributes::USENET_WATERMARK).and_then(Value::as_int)
}

/// What waits for the list, as bytes of its pickles.
fn queued(site: &TestSite) -> Vec<String> {
    let read = |name: &String| fs::read(site.path("qfiles/in").join(name)).expect("read");
    site.queue("in").iter().map(|name| String::from_utf8_lossy(&read(name)).into_owned()).collect()
}

#[test]
fn a_new_list_starts_behind_the_last_article() {
    let site = gated(&server(ARTICLES, 9), "misc.test", None);
    gate(&site);
    assert_eq!((watermark(&site), queued(&site).len()), (Some(6), 0));
    assert!(site.log("fromusenet").contains(") garden caught up to article 6\n"));
    gate(&site);
    assert!(site.log("fromusenet").contains(") nothing new for list garden\n"));
}

#[test]
fn new_articles_come_once_and_our_own_do_not_come_back() {
    let site = gated(&server(ARTICLES, 9), "misc.test", Some(2));
    gate(&site);
    gate(&site);
    let texts = queued(&site);
    assert_eq!((texts.len(), watermark(&site)), (2, Some(6)));
    let three = texts.iter().find(|text| text.contains("three")).expect("article 3");
    for part in ["one\n.two dots\n", "X-Originally-To", "somebody@x", "garden@lists.example.com", "fromusenet"] {
        assert!(three.contains(part), "{part}: {three}");
    }
    let log = site.log("fromusenet");
    assert!(
        log.contains(") posted to list garden:       3\n") && log.contains(") NNTP error for list garden:       5\n"),
        "{log}"
    );
    let bytes = fs::read(site.path("qfiles/in").join(&site.queue("in")[0])).expect("read");
    let entry = Entry::parse(&bytes.into()).expect("an entry");
    assert!(matches!(entry.message, EntryMessage::Object(_)));
}

#[test]
fn a_broken_connection_loses_no_article_and_sends_none_twice() {
    let site = gated(&server(ARTICLES, 1), "misc.test", Some(2));
    gate(&site);
    assert_eq!((watermark(&site), queued(&site).len()), (Some(5), 1), "{}", site.log("fromusenet"));
    gate(&site);
    assert_eq!((watermark(&site), queued(&site).len()), (Some(6), 2));
}

#[test]
fn what_cannot_be_had_is_logged_and_left() {
    let site = gated(&server(ARTICLES, 9), "no.such", Some(2));
    gate(&site);
    let log = site.log("fromusenet");
    assert!(log.contains(") garden: couldn't open newsgroup no.such: skipping\n"), "{log}");
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
    let site = gated(&closed, "misc.test", Some(2));
    gate(&site);
    assert!(site.log("fromusenet").contains(&format!(") error opening connection to nntp_host: {closed}\n")));
    assert_eq!(watermark(&site), Some(2));
}

#[test]
fn one_process_gates_at_a_time() {
    let site = gated(&server(ARTICLES, 9), "misc.test", Some(2));
    let mut lock = compat::lock::Lock::new(site.path("locks/gate_news.lock"), std::time::Duration::from_secs(60));
    lock.acquire(None).expect("taken");
    gate(&site);
    assert!(site.log("fromusenet").contains(") Could not acquire gate_news lock\n"));
    assert!(queued(&site).is_empty());
}
