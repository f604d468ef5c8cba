//! The runners, and the newsgroups.

use crate::scenario::*;
use crate::support::*;
use compat::list::attributes;
use compat::list::pending::{Kind, Pended};
use compat::queue::{Metadata, QueueName};
use compat::value::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[test]
fn virgin_runner() {
    run(&Scenario::runner("VirginRunner", "Virgin")
        .prepare(|site| enqueue(site, QueueName::Virgin, recipients()))
        .once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn retry_runner() {
    run(&Scenario::runner("RetryRunner", "Retry")
        .prepare(|site| enqueue(site, QueueName::Retry, recipients()))
        .once(|site| with(site, "qfiles/out", ID) + with(site, "qfiles/retry", ID)));
}

#[test]
fn maildir_runner() {
    run(&Scenario::runner("MaildirRunner", "Maildir")
        .prepare(|site| {
            let text = format!("Delivered-To: garden@lists.example.com\n{POST}");
            fs::write(site.path("qfiles/maildir/new/1"), text).expect("written");
        })
        .once(|site| with(site, "qfiles/out", ID)));
}

/// A post that is held: its file and its request, one each, and what moderators and sender got can be answered. File and
/// cookie are written before the commit; a run that is cut off there leaves a cookie that nobody was told.
#[test]
fn incoming_runner_holds() {
    run(&Scenario::runner("IncomingRunner, a held post", "Incoming")
        .prepare(|site| {
            with_list(site, |list| list.set(attributes::EMERGENCY, Value::Int(1)));
            enqueue(site, QueueName::In, Metadata::new().with("tolist", Value::Int(1)));
        })
        .wrong(held_amiss)
        .once(|site| list(site).read_requests().expect("requests").len()));
}

fn held_amiss(site: &TestSite) -> Vec<String> {
    let files = names(&site.path("data")).into_iter().filter(|name| name.starts_with("heldmsg-")).count();
    let waiting = list(site).read_requests().expect("requests").len();
    let counts = (files != waiting || waiting == 0).then(|| format!("{files} files, {waiting} requests"));
    counts.into_iter().chain(cookies_without_record(site)).collect()
}

/// A moderator's approval by mail.
#[test]
fn command_runner_approves() {
    run(&Scenario::runner("CommandRunner, an approval", "Command")
        .prepare(|site| {
            hold_one(site);
            let record = Pended { kind: Kind::HeldMessage, content: vec![Value::Int(1)] };
            let mut cookie = String::new();
            with_list(site, |list| cookie = list.pend_new(&record, None).expect("pended").to_string());
            let text = format!(
                "From: rose@example.com\nTo: garden-request@lists.example.com\nSubject: confirm {cookie}\n\
                 Message-ID: <yes@example.com>\nApproved: pw\n\n"
            );
            let metadata = Metadata::new().with("torequest", Value::Int(1));
            enqueue_text(site, QueueName::Commands, &text, metadata);
        })
        .wrong(leftovers_of_held_post)
        .once(|site| with(site, "qfiles/out", ID)));
}

#[test]
fn bounce_runner() {
    const BOUNCE: &str = "From: MAILER-DAEMON@mx.example.org\nTo: garden-bounces@lists.example.com\nSubject: Undelivered\n\
        MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\nno\n\n--B\n\
        Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ann@example.org\n\
        Action: failed\nStatus: 5.1.1\n\n--B--\n";
    run(&Scenario::runner("BounceRunner", "Bounce")
        .prepare(|site| enqueue_text(site, QueueName::Bounces, BOUNCE, Metadata::new()))
        .wrong(|site| {
            // What a killed runner had noted waits in its file until that is old enough to be taken over.
            let is_counted = list(site).bounce_info(b"ann@example.org").is_some();
            let waits = with(site, "data", "ann@example.org") > 0;
            (!is_counted && !waits).then(|| "not counted".to_string()).into_iter().collect()
        }));
}

#[test]
fn archive_runner() {
    run(&Scenario::runner("ArchRunner", "Arch")
        .prepare(|site| enqueue(site, QueueName::Archive, Metadata::new()))
        .wrong(|site| {
            (0..4).for_each(|_| {
                forget_locks(site);
                site.run(QRUNNER, &["-r", "Arch", "-o"]);
            });
            in_archive(site, &[ID])
        })
        .once(|site| site.mbox().matches(ID).count().max(pages(site))));
}

#[test]
fn news_runner() {
    let (server, articles) = news_server();
    let clear = Arc::clone(&articles);
    let scenario = Scenario::runner("NewsRunner", "News").prepare(move |site| {
        clear.lock().expect("counted").clear();
        gateway(site, &server);
        enqueue(site, QueueName::News, Metadata::new());
    });
    run(&scenario.once(move |site| {
        // What waits is posted by a runner that is not disturbed.
        (0..4).for_each(|_| drop(site.run(QRUNNER, &["-r", "News", "-o"])));
        assert!(site.queue("news").is_empty(), "{:?}", site.queue("news"));
        articles.lock().expect("counted").iter().filter(|article| article.contains(ID)).count()
    }));
}

#[test]
fn gate_news() {
    let (server, _) = news_server();
    run(&Scenario::new("gate_news", MAILMAN2_RS, &["gate_news"])
        .prepare(move |site| {
            gateway(site, &server);
            with_list(site, |list| {
                list.set(attributes::GATEWAY_TO_MAIL, Value::Int(1));
                list.set(attributes::USENET_WATERMARK, Value::Int(0));
            });
        })
        .once(|site| {
            // The next call of cron gets what this one did not.
            forget_locks(site);
            site.run(MAILMAN2_RS, &["gate_news"]);
            drain(site);
            with(site, "qfiles/out", ID)
        }));
}

/// The list is linked with the newsgroup of a server.
fn gateway(site: &TestSite, server: &str) {
    with_list(site, |list| {
        list.set(attributes::NNTP_HOST, Value::str(server));
        list.set(attributes::LINKED_NEWSGROUP, Value::str("misc.test"));
    });
}

/// A news server with one article, which takes what is posted.
fn news_server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let articles = Arc::new(Mutex::new(Vec::new()));
    let posted = Arc::clone(&articles);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let posted = Arc::clone(&posted);
            thread::spawn(move || drop(talk(stream, &posted)));
        }
    });
    (address, articles)
}

fn talk(mut stream: TcpStream, posted: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let (head, body) = POST.split_once("\n\n").expect("a post");
    stream.write_all(b"200 ready\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "GROUP" => "211 1 1 1 misc.test\r\n".to_string(),
            "HEAD" => format!("221 head\r\n{}\r\n.\r\n", head.replace('\n', "\r\n")),
            "BODY" => format!("222 body\r\n{body}.\r\n"),
            "QUIT" => "205 bye\r\n".to_string(),
            "POST" => {
                stream.write_all(b"340 go on\r\n")?;
                let mut article = String::new();
                while !article.ends_with("\r\n.\r\n") {
                    if lines.read_line(&mut article)? == 0 {
                        return Ok(());
                    }
                }
                posted.lock().expect("counted").push(article);
                "240 taken\r\n".to_string()
            }
            _ => "200 ok\r\n".to_string(),
        };
        stream.write_all(answer.as_bytes())?;
    }
}
