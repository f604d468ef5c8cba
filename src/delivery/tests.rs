//! Whole deliveries: a site in a temporary folder, a list, the sink as its mail server.

use super::direct::{Direct, Post, Report};
use super::error::DeliveryError;
use super::progress::Progress;
use super::render::{sender_headers, Renderer};
use super::smtp::quote_message;
use super::texts::TextMaker;
use super::{decorate, member};
use crate::testing::mail_site::{entry, everybody, post, Fixture};
use crate::testing::smtp_sink::Answers;
use compat::email::generator::as_bytes;
use compat::email::parser::parse;
use compat::email::Message;
use compat::list::attributes;
use compat::queue::Metadata;
use compat::value::{UniStr, Value};
use compat::ByteStr;
use std::cell::Cell;

impl Fixture {
    fn deliver(&self, msg: &mut Message, data: &mut Metadata) -> (Report, Result<(), DeliveryError>) {
        self.deliver_until(msg, data, &|| false)
    }

    fn deliver_until(
        &self,
        msg: &mut Message,
        data: &mut Metadata,
        stop: &dyn Fn() -> bool,
    ) -> (Report, Result<(), DeliveryError>) {
        let direct = Direct::new(&self.site).unwrap();
        direct.deliver(&mut Post { site: &self.site, list: &self.list, msg, data }, stop)
    }
}

#[test]
fn chunks_are_sent_from_the_end_with_one_footer() {
    let site = Fixture::new(
        39,
        Answers::friendly(),
        &[("SMTP_MAX_RCPTS", Value::Int(2)), ("MAILMAN2_RS_SMTP_CONNECTIONS", Value::Int(1))],
    );
    let (mut msg, mut data) = (post(), entry(&everybody()));
    let (report, result) = site.deliver(&mut msg, &mut data);
    result.unwrap();
    assert!(report.temporary.is_empty() && report.permanent.is_empty() && report.lost.is_empty());
    let received = site.sink.received();
    let recipients: Vec<Vec<String>> = received.iter().map(|r| r.recipients.clone()).collect();
    // Buckets: com, then net and org together.
    assert_eq!(
        recipients,
        [vec!["dora+tag@example.org"], vec!["anna@example.org", "ben@example.net"], vec!["carla@example.com"]]
    );
    assert_eq!(received[0].sender, "garden-bounces@lists.example.com");
    let text = String::from_utf8(received[0].data.clone().unwrap()).unwrap();
    let end = "Errors-To: garden-bounces@lists.example.com\r\nSender: \"Garden\" <garden-bounces@lists.example.com>\r\n\r\n.Hello\r\n-- \r\nGarden at lists.example.com\r\n";
    assert!(text.ends_with(end), "{text}");
    assert_eq!(
        site.log("post"),
        [format!(
            "post to garden from anna@example.org, size={}, message-id=<m1@example.org>, success",
            text.replace('\r', "").len()
        )]
    );
    assert_eq!(site.log("smtp").len(), 1);
    assert!(data.truth("decorated") && !data.contains("undelivered"));
}

#[test]
fn before_2_1_15_sender_is_the_bare_address() {
    let site = Fixture::new(13, Answers::friendly(), &[]);
    site.deliver(&mut post(), &mut entry(&["anna@example.org"])).1.unwrap();
    let text = String::from_utf8(site.sink.wait_for(1)[0].data.clone().unwrap()).unwrap();
    assert!(
        text.contains(
            "\r\nSender: garden-bounces@lists.example.com\r\nErrors-To: garden-bounces@lists.example.com\r\n\r\n"
        ),
        "{text}"
    );
}

#[test]
fn verp_writes_the_recipient_into_the_sender() {
    let site = Fixture::new(39, Answers::friendly(), &[]);
    let mut data = entry(&["anna@example.org", "nobody", "Dora+tag@Example.org"]);
    data.set_int("verp", 1);
    site.deliver(&mut post(), &mut data).1.unwrap();
    let mut pairs: Vec<(String, Vec<String>)> =
        site.sink.received().into_iter().map(|r| (r.sender, r.recipients)).collect();
    pairs.sort();
    let sender = |user: &str| format!("garden-bounces+{user}@lists.example.com");
    let wanted = [("anna=example.org", "anna@example.org"), ("dora+tag=example.org", "Dora+tag@Example.org")];
    assert_eq!(pairs, wanted.map(|(user, to)| (sender(user), vec![to.to_owned()])));
    assert_eq!(site.log("smtp")[0], "Skipping VERP delivery to unqual recip: nobody");
    assert_eq!(data.int("personalize"), Some(1));
}

#[test]
fn undelivered_chunks_win_and_are_not_decorated_again() {
    let site = Fixture::new(39, Answers::friendly(), &[]);
    let mut data = entry(&everybody());
    let chunk = |address: &str| Value::list(vec![Value::str(address)]);
    data.set("undelivered", Value::list(vec![chunk("ben@example.net")]));
    data.set_bool("decorated", true);
    site.deliver(&mut post(), &mut data).1.unwrap();
    let received = site.sink.received();
    assert_eq!((received.len(), &received[0].recipients[..]), (1, &["ben@example.net".to_owned()][..]));
    assert!(!String::from_utf8_lossy(received[0].data.as_ref().unwrap()).contains("-- "));
    assert_eq!(site.log("smtp")[0].split(" recips").next().unwrap(), "<m1@example.org> smtp to garden for 4");
}

/// A runner that is killed forgets message and metadata; only the progress file is left.
#[test]
fn after_a_crash_only_those_who_are_left_get_the_message() {
    let answers = Answers {
        refuse_recipient: [("dora+tag@example.org".into(), "450 later".into())].into(),
        ..Answers::friendly()
    };
    for personal in [false, true] {
        let site = Fixture::new(39, answers.clone(), &[("SMTP_MAX_RCPTS", Value::Int(1))]);
        let data = || if personal { entry(&everybody()).with("verp", Value::Int(1)) } else { entry(&everybody()) };
        let rounds = Cell::new(0);
        let after_two = || rounds.replace(rounds.get() + 1) >= 2;
        let (report, result) = site.deliver_until(&mut post(), &mut data(), &after_two);
        assert!(matches!(result, Err(DeliveryError::Interrupted)));
        assert!(report.progress.as_ref().unwrap().exists());
        let before = site.sink.wait_for(2);
        let mut again = data();
        let (report, result) = site.deliver(&mut post(), &mut again);
        result.unwrap();
        let mut all: Vec<String> = before
            .iter()
            .chain(&site.sink.received())
            .flat_map(|r| [r.recipients.clone(), r.refused.iter().map(|(a, _)| a.clone()).collect()].concat())
            .collect();
        all.sort();
        assert_eq!(all, everybody());
        assert_eq!(report.temporary, [ByteStr::from("dora+tag@example.org")], "a refusal of the first attempt counts");
        assert!(site.log("post")[0].ends_with("1 failures"));
    }
}

#[test]
fn an_interrupted_delivery_says_who_is_left() {
    let site = Fixture::new(39, Answers::friendly(), &[("SMTP_MAX_RCPTS", Value::Int(1))]);
    let mut data = entry(&everybody());
    let rounds = Cell::new(0);
    let (_, result) = site.deliver_until(&mut post(), &mut data, &|| rounds.replace(rounds.get() + 1) >= 3);
    assert!(matches!(result, Err(DeliveryError::Interrupted)));
    let left = data.get("undelivered").and_then(Value::as_items).unwrap();
    assert_eq!(left, [Value::list(vec![Value::str("carla@example.com")])]);
    assert_eq!(data.strings("recips").unwrap().len(), 4);
    assert!(site.log("post").is_empty());
}

#[test]
fn a_message_refused_for_good_is_reported_as_lost_and_logged_as_in_python() {
    let site = Fixture::new(39, Answers { refuse_message: Some("554 5.7.1 bad".into()), ..Answers::friendly() }, &[]);
    let (report, result) = site.deliver(&mut post(), &mut entry(&["anna@example.org"]));
    result.unwrap();
    assert_eq!(report.lost, [(ByteStr::from("anna@example.org"), b"554 5.7.1 bad".to_vec())]);
    assert!(report.temporary.is_empty() && report.permanent.is_empty());
    assert_eq!(site.log("smtp-failure"), ["SMTP session failure: 554, 5.7.1 bad, msgid: <m1@example.org>"]);
    assert!(site.log("post")[0].ends_with("success"));
}

#[test]
fn a_login_that_fails_is_tried_again() {
    let answers = Answers {
        extensions: vec!["AUTH PLAIN".into()],
        login: Some(("u".into(), "right".into())),
        ..Answers::default()
    };
    let auth = [("SMTP_AUTH", Value::Bool(true)), ("SMTP_USER", Value::str("u")), ("SMTP_PASSWD", Value::str("wrong"))];
    let site = Fixture::new(39, answers, &auth);
    let (report, result) = site.deliver(&mut post(), &mut entry(&["anna@example.org"]));
    result.unwrap();
    assert_eq!(report.temporary.len(), 1);
    let refusal = "5.7.8 no such user or wrong password";
    let wanted = [
        format!("SMTP AUTH error: (535, '{refusal}')"),
        format!("SMTP session failure: 535, {refusal}, msgid: <m1@example.org>"),
        format!("delivery to anna@example.org failed with code 535: {refusal}"),
    ];
    assert_eq!(site.log("smtp-failure"), wanted);
}

/// Every step as Python does it, for everybody anew.
fn copied_the_slow_way(site: &Fixture, msg: &Message, data: &Metadata, recipient: &ByteStr) -> Vec<u8> {
    let mut copy = msg.clone();
    if decorate::wanted(data) {
        let texts = TextMaker::new(&site.site, &site.list, data).texts(Some(recipient)).unwrap();
        decorate::wrap(&site.site, &site.list, &mut copy, &texts).unwrap();
    }
    if site.list.int(attributes::PERSONALIZE) == 2 {
        copy.delete("to");
        copy.append("To", member::to_header(&site.site, &site.list, recipient).unwrap());
    }
    copy.delete("x-mailman-copy");
    let sender = site.list.bounces_address();
    sender_headers(&site.site, &site.list, &sender).into_iter().for_each(|header| header.apply(&mut copy));
    as_bytes(&mut copy, false, false).unwrap()
}

#[test]
fn quick_copies_are_those_of_the_slow_way() {
    let bodies = [
        "Subject: plain\n\nHello\nFrom here\n.\n",
        "Subject: no line end\nTo: a@b\nSender: x@y\n\nHello",
        "Subject: base64\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\naGVsbG8gd8O2cmxkCg==\n",
        "Subject: qp\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nh=E4llo\n",
        "Subject: 8bit\nContent-Type: text/plain; charset=iso-8859-1; format=flowed\n\nh\u{e4}llo\n",
        "Subject: html\nContent-Type: text/html\n\n<b>x</b>\n",
        "Subject: mixed\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\n",
        "Subject: alternative\nContent-Type: multipart/alternative; boundary=\"b\"\n\npre\n--b\n\none\n--b--\nend\n",
    ];
    let footers = [
        "",
        "-- \nfor everybody\n",
        "for %(user_address)s <%(user_name)s> %(user_optionsurl)s\n",
        "%(user_name)s without an end",
    ];
    for version in [13, 39] {
        for (personalize, dresden) in [(1, false), (2, false), (2, true)] {
            let mut site = Fixture::new(version, Answers::friendly(), &[]);
            site.list.set(attributes::PERSONALIZE, Value::Int(personalize));
            if dresden {
                let mut names = site.list.dict(attributes::USERNAMES).cloned().unwrap();
                names.set("ben@example.net", Value::Unicode(UniStr::from("Bön")));
                site.list.set(attributes::USERNAMES, Value::dict(names));
            }
            for footer in footers {
                site.list.set(attributes::MSG_FOOTER, Value::str(footer));
                site.list.set(
                    attributes::MSG_HEADER,
                    Value::str(if footer.len() > 30 { "to %(user_delivered_to)s\n" } else { "" }),
                );
                for body in bodies {
                    compare_copies(&site, &parse(&ByteStr::from(body)));
                }
            }
        }
    }
}

fn compare_copies(site: &Fixture, msg: &Message) {
    let data = entry(&everybody()).with("personalize", Value::Int(1));
    let mut renderer = Renderer::new(&site.site, &site.list, msg, &data, site.list.bounces_address()).unwrap();
    for recipient in everybody().into_iter().chain(["stranger@example.org"]).map(ByteStr::from) {
        let quick = renderer.copy(&recipient).unwrap();
        let slow = copied_the_slow_way(site, msg, &data, &recipient);
        let without_boundary = |text: Vec<u8>| mask_boundary(&String::from_utf8_lossy(&text));
        assert_eq!(quick.size, slow.len());
        assert_eq!(without_boundary(quick.data), without_boundary(quote_message(&slow)), "{recipient}");
    }
}

#[test]
fn a_made_up_boundary_is_another_for_each_copy() {
    let mut site = Fixture::new(39, Answers::friendly(), &[]);
    for footer in ["for everybody\n", "for %(user_address)s\n", "gr\u{fc}n\n"] {
        site.list.set(attributes::MSG_FOOTER, Value::str(footer));
        let msg = parse(&ByteStr::from("Subject: html\nContent-Type: text/html\n\n<b>x</b>\n"));
        let data = entry(&everybody()).with("personalize", Value::Int(1));
        let mut renderer = Renderer::new(&site.site, &site.list, &msg, &data, site.list.bounces_address()).unwrap();
        let mut numbers = Vec::new();
        for recipient in ["anna@example.org", "ben@example.net"] {
            let text = renderer.copy(&recipient.into()).unwrap().data;
            let text = String::from_utf8_lossy(&text).into_owned();
            let number = text.split("===============").nth(1).unwrap()[..19].to_owned();
            assert_eq!(text.matches(&number).count(), 4, "{text}");
            numbers.push(number);
        }
        assert_ne!(numbers[0], numbers[1]);
    }
}

#[test]
fn a_footer_that_cannot_be_filled_in_is_logged_for_each_copy() {
    let mut site = Fixture::new(39, Answers::friendly(), &[]);
    site.list.set(attributes::MSG_FOOTER, Value::str("50 % discount\n"));
    let (msg, data) = (post(), entry(&everybody()).with("personalize", Value::Int(1)));
    let mut renderer = Renderer::new(&site.site, &site.list, &msg, &data, site.list.bounces_address()).unwrap();
    for recipient in ["anna@example.org", "ben@example.net"] {
        renderer.copy(&recipient.into()).unwrap();
    }
    let told = site
        .log("error")
        .iter()
        .filter(|line| line.starts_with("Exception while calculating non-digest footer:"))
        .count();
    assert_eq!(told, 2);
}

#[test]
fn a_codec_that_is_no_charset_counts_as_unknown() {
    let mut site = Fixture::new(39, Answers::friendly(), &[]);
    site.list.set(attributes::MSG_FOOTER, Value::str("for everybody\n"));
    for charset in ["hex", "bz2", "idna"] {
        let text = format!("Subject: odd\nContent-Type: text/plain; charset={charset}\n\nabc\n");
        let mut msg = parse(&ByteStr::from(text.as_str()));
        decorate::once(&site.site, &site.list, &mut msg, &mut entry(&everybody())).unwrap();
        assert_eq!((msg.content_type(), msg.is_multipart()), ("multipart/mixed".into(), true), "{charset}");
    }
}

#[test]
fn a_conversion_without_a_name_shows_all_values() {
    let mut site = Fixture::new(39, Answers::friendly(), &[]);
    site.list.set(attributes::MSG_FOOTER, Value::str("100% sure"));
    let data = entry(&everybody());
    let texts = TextMaker::new(&site.site, &site.list, &data).texts(None).unwrap();
    // The order is that of the reference.
    let names =
        ["info", "description", "cgiext", "_internal_name", "real_name", "host_name", "list_name", "web_page_url"];
    let shown = texts.footer.as_str().unwrap().to_latin1();
    let places: Vec<_> = names.iter().map(|name| shown.find(&format!("'{name}': ")).unwrap()).collect();
    assert!(shown.starts_with("100{'info': ") && shown.ends_with("}ure\n"), "{shown}");
    assert!(places.is_sorted(), "{shown}");
}

/// A boundary that was made up differs each time.
fn mask_boundary(text: &str) -> String {
    let made = text.split("===============").nth(1).and_then(|rest| rest.split("==").next());
    made.map_or_else(|| text.to_owned(), |number| text.replace(number, "N"))
}

#[test]
fn a_progress_file_that_cannot_be_read_stops_the_delivery() {
    let site = Fixture::new(39, Answers::friendly(), &[("SMTP_MAX_RCPTS", Value::Int(1))]);
    let rounds = Cell::new(0);
    let (report, _) = site.deliver_until(&mut post(), &mut entry(&everybody()), &|| rounds.replace(1) == 1);
    let path = report.progress.unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let (_, result) = site.deliver(&mut post(), &mut entry(&everybody()));
    assert!(matches!(result, Err(DeliveryError::Io { .. })));
    assert!(Progress::new(site.dir.path(), &[]).past().is_ok());
}
