//! What owners and the site's administrator have beside Mailman's pages.

use super::desk_tests::{text, Desk};
use crate::auth::hex_digest;
use compat::list::{attributes, options, Held, LockedList};
use compat::site::settings;
use compat::value::{Dict, Value};
use std::fs;

/// Holds posts of three senders; their numbers are 1, 2 and 3.
fn hold_three(list: &mut LockedList) {
    for post in 1..=3 {
        let held = Held {
            sender: format!("s{post}@example.net").as_str().into(),
            subject: Value::str(format!("Post {post}").as_str()),
            reason: Value::str("because"),
            metadata: Value::dict(Dict::new()),
        };
        let message = compat::email::parser::parse(&format!("Subject: Post {post}\n\nWords.\n").into());
        let write = |out: &mut dyn std::io::Write, _: bool| {
            compat::pickle::dump(&message.to_value(), compat::pickle::Protocol::P2, out)
        };
        list.hold_message(held, write).unwrap();
    }
}

#[test]
fn the_sites_administrator_sees_all_lists_and_what_waits() {
    let desk = Desk::new(&[]);
    let file = desk.site.settings.path(settings::SITE_PW_FILE);
    fs::write(file, format!("{}\n", hex_digest(b"sitepw"))).unwrap();
    desk.change(hold_three);
    desk.change(|list| list.set(attributes::ADVERTISED, Value::Int(0)));
    let page = text(&desk.send("admin", "", "sitepw=sitepw&all-lists=Show", "192.0.2.1"));
    assert!(page.contains("3 lists; 3 decisions wait."), "{page}");
    let row = &page[page.find(">Garden<").unwrap()..];
    let row = &row[..row.find("</tr>").unwrap()];
    assert!(row.contains("/admindb/garden\">3</a>") && row.contains("0 days"), "{row}");
    assert!(page.contains(">Kitchen<"));
    for wrong in ["wrong", "pw"] {
        let refused = desk.send("admin", "", &format!("sitepw={wrong}"), "192.0.2.2");
        assert_eq!(refused.status, 401);
        assert!(!text(&refused).contains("Garden"), "a list's password is good for its list alone");
    }
}

#[test]
fn members_are_found_by_a_setting_alone_and_with_a_pattern() {
    let desk = Desk::new(&[]);
    let add = "adminpw=pw&subscribees=ben@example.org%0Acarl@example.org&send_welcome_msg_to_this_batch=0";
    desk.send("admin", "/garden/members/add", add, "192.0.2.1");
    desk.change(|list| {
        for (member, bit) in [("ben@example.org", options::MODERATE), ("anna@example.org", options::MODERATE)] {
            list.set_option(member.as_bytes(), bit, true).unwrap();
        }
        list.set_option(b"carl@example.org", options::CONCEAL_SUBSCRIPTION, true).unwrap();
    });
    let found = |query: &str| -> Vec<&str> {
        let form = format!("adminpw=pw&findmember_btn=x&{query}");
        let page = text(&desk.send("admin", "/garden/members", &form, "192.0.2.1"));
        let all = ["anna", "ben", "carl"].into_iter();
        all.filter(|name| page.contains(&format!("value=\"{name}%40example.org\""))).collect()
    };
    assert_eq!(found("findmember=&findoption="), ["anna", "ben", "carl"]);
    assert_eq!(found("findmember=&findoption=mod"), ["anna", "ben"]);
    assert_eq!(found("findmember=%5Eb&findoption=mod"), ["ben"]);
    assert_eq!(found("findmember=&findoption=hide"), ["carl"]);
    assert_eq!(found("findmember=&findoption=nomail"), [""; 0]);
    assert_eq!(found("findmember=&findoption=no-such-setting"), [""; 0]);
}

/// The page of one held post has keys, and ways to its neighbours, as plain links: nothing runs in the browser.
#[test]
fn the_keyboard_leads_through_the_queue_of_held_posts() {
    let desk = Desk::new(&[]);
    desk.change(hold_three);
    let cookie = desk.log_in("admindb", "/garden", "adminpw=pw");
    let page = |id: u32| {
        let request = super::Request {
            method: "GET".into(),
            path_info: Some("/garden".into()),
            query: format!("msgid={id}").into(),
            cookies: cookie.as_str().into(),
            ..super::Request::default()
        };
        text(&desk.ask("admindb", request))
    };
    let way = |page: &str, key: &str| -> Option<String> {
        let link = page.find(&format!("accesskey=\"{key}\" rel="))?;
        let start = page[..link].rfind("?msgid=")? + 7;
        page[start..].split('"').next().map(str::to_string)
    };
    let middle = page(2);
    assert_eq!((way(&middle, "p"), way(&middle, "n")), (Some("1".into()), Some("3".into())));
    assert_eq!((way(&page(1), "p"), way(&page(3), "n")), (None, None));
    for (key, value) in [("f", "0"), ("a", "1"), ("r", "2"), ("d", "3")] {
        let button = middle.split("<INPUT ").find(|field| field.contains(&format!("accesskey=\"{key}\""))).unwrap();
        assert!(button.starts_with("name=\"2\"") && button.contains(&format!("value=\"{value}\"")), "{key}: {button}");
    }
    assert!(middle.contains("accesskey=\"s\"") && !middle.contains("<script"));
    desk.send("admindb", "/garden", "adminpw=pw&2=3", "192.0.2.1");
    assert_eq!(way(&page(1), "n"), Some("3".into()), "what was decided is left out");
}
