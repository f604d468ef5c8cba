//! The interface on a list of its own.

use super::given::Given;
use super::{respond, OPENAPI};
use crate::auth::{hex_digest, token};
use crate::lists::{create, NewList};
use crate::web::request::Body;
use crate::web::{Content, Request, Response};
use compat::list::attributes;
use compat::list::Looks;
use compat::site::{settings, Origin, Site, Version};
use compat::value::{Dict, Value};
use std::rc::Rc;

struct Client {
    site: Rc<Site>,
    secret: String,
    _home: tempfile::TempDir,
}

impl Client {
    fn new(list: Option<&[u8]>, may_write: bool) -> Client {
        let home = tempfile::tempdir().unwrap();
        let mut site = Site::bare(home.path(), Version { micro: 39 });
        let defaults = &mut Rc::get_mut(&mut site).unwrap().settings;
        for name in [settings::DEFAULT_EMAIL_HOST, settings::DEFAULT_URL_HOST] {
            defaults.set(name, Value::str("lists.example.com"), Origin::BuiltIn);
        }
        for name in
            [settings::LIST_DATA_DIR, settings::LOCK_DIR, settings::LOG_DIR, settings::DATA_DIR, settings::QUEUE_DIR]
        {
            std::fs::create_dir_all(site.settings.path(name)).unwrap();
        }
        for folder in ["archives/private", "archives/public"] {
            std::fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        let new = NewList {
            name: &"club".into(),
            owner: b"owner@example.com",
            password: "".into(),
            language: "en".into(),
            mail_host: "lists.example.com".into(),
            url_host: "lists.example.com".into(),
        };
        create(&site, &new, Dict::new(), |_, _| Ok(())).unwrap();
        let (_, secret) = token::create(&site, list, may_write, "").unwrap();
        Client { site, secret, _home: home }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request {
            method: method.into(),
            query: query.into(),
            authorization: Some(format!("Bearer {}", self.secret).into()),
            content_type: Some("application/json".into()),
            body: if body.is_empty() { Body::Empty } else { Body::Bytes(body.into()) },
            ..Request::default()
        };
        shown(respond(&self.site, &Looks::default(), &request, path.as_bytes()))
    }
}

fn shown(response: Response) -> (u16, String) {
    let status = response.status;
    let kind = response.headers().find(|(name, _)| *name == "Content-Type").map(|(_, kind)| kind.to_string());
    let expected = if status >= 400 { "application/problem+json" } else { "application/json" };
    assert_eq!(kind.as_deref(), Some(expected));
    let Content::Bytes(bytes) = response.content else { panic!("no bytes") };
    (status, String::from_utf8(bytes).unwrap())
}

#[test]
fn the_description_is_json_and_needs_no_token() {
    let client = Client::new(None, true);
    let request = Request { method: "GET".into(), ..Request::default() };
    let (status, text) = shown(respond(&client.site, &Looks::default(), &request, b"/openapi.json"));
    assert_eq!((status, text.as_str()), (200, OPENAPI));
    assert!(matches!(Given::parse(text.as_bytes()), Ok(Given::Object(_))));
}

#[test]
fn without_a_token_there_is_nothing() {
    let client = Client::new(None, true);
    for authorization in [None, Some("Bearer mm2_0"), Some("Basic eA=="), Some("Bearer ")] {
        let request =
            Request { method: "GET".into(), authorization: authorization.map(Into::into), ..Request::default() };
        let response = respond(&client.site, &Looks::default(), &request, b"/lists");
        assert!(response.headers().any(|(name, value)| name == "WWW-Authenticate" && *value == "Bearer"));
        assert_eq!(shown(response).0, 401, "{authorization:?}");
    }
}

#[test]
fn a_token_of_another_list_shows_nothing_of_this_one() {
    let client = Client::new(Some(b"garden"), true);
    for path in ["/lists/club", "/lists/club/members", "/lists/club/held", "/lists/club/settings"] {
        assert_eq!(client.ask("GET", path, "").0, 404, "{path}");
    }
    let (status, text) = client.ask("GET", "/lists", "");
    assert!(status == 200 && text.contains("\"total\": 0"), "{text}");
}

#[test]
fn a_token_that_may_only_read_changes_nothing() {
    let client = Client::new(Some(b"club"), false);
    assert_eq!(client.ask("POST", "/lists/club/members", "{\"address\": \"a@b.example\"}").0, 403);
    assert_eq!(client.ask("PUT", "/lists/club/settings/info", "{\"value\": \"x\"}").0, 403);
    assert_eq!(client.ask("GET", "/lists/club/members", "").0, 200);
}

#[test]
fn members_come_change_and_go() {
    let client = Client::new(Some(b"club"), true);
    let members = "/lists/club/members";
    let (status, text) =
        client.ask("POST", members, r#"{"address": "New@x.example", "name": "N\u00e4h", "welcome": false}"#);
    assert!(status == 201 && text.contains("\"name\": \"Näh\""), "{status} {text}");
    assert_eq!(client.ask("POST", members, r#"{"address": "new@x.example"}"#).0, 409);
    let one = "/lists/club/members/new%40x.example";
    let (status, text) = client.ask("PATCH", one, r#"{"delivery": "byadmin", "mod": true}"#);
    assert!(status == 200 && text.contains("\"delivery\": \"byadmin\""), "{text}");
    let (_, found) = client.ask("GET", "/lists/club/members?search=n%C3%A4h&limit=1", "");
    assert!(found.contains("\"total\": 1") && found.contains("New@x.example"), "{found}");
    assert_eq!(client.ask("DELETE", one, "").0, 204);
    assert_eq!(client.ask("GET", one, "").0, 404);
}

/// As on the owners' page: the member keeps all else, is told where that is wanted, and a bad address changes nothing.
#[test]
fn a_member_gets_another_address() {
    let client = Client::new(Some(b"club"), true);
    let members = "/lists/club/members";
    for address in ["Ann@x.example", "ben@x.example"] {
        client.ask("POST", members, &format!(r#"{{"address": "{address}", "welcome": false}}"#));
    }
    client.ask("PUT", "/lists/club/settings/ban_list", r#"{"value": ["^.*@bad.example"]}"#);
    let one = "/lists/club/members/ann%40x.example";
    let wrong = [("", 400), ("ann", 400), ("BEN@x.example", 409), ("a@bad.example", 409)];
    for (address, expected) in wrong {
        let (status, text) = client.ask("PATCH", one, &format!(r#"{{"address": "{address}", "hide": true}}"#));
        assert_eq!(status, expected, "{address}: {text}");
    }
    assert!(client.ask("GET", one, "").1.contains("\"hide\": false"), "what is refused changes nothing");
    let letters = || std::fs::read_dir(client.site.home.join("qfiles/virgin")).map_or(0, Iterator::count);
    let before = letters();
    let change = r#"{"address": "Ann@y.example", "notify_old": true, "notify_new": true, "hide": true}"#;
    let (status, text) = client.ask("PATCH", one, change);
    assert!(status == 200 && text.contains("Ann@y.example") && text.contains("\"hide\": true"), "{status} {text}");
    assert_eq!(letters() - before, 2);
    assert_eq!(client.ask("GET", one, "").0, 404);
    let list = compat::list::MailList::load(&client.site, "club").unwrap();
    assert_eq!(list.case_preserved(b"ann@y.example").unwrap(), "Ann@y.example");
    let history = std::fs::read_to_string(client.site.home.join("data/history/changes")).unwrap();
    assert!(history.contains("address Ann@x.example changed to Ann@y.example"), "{history}");
}

#[test]
fn what_is_wrong_is_refused_with_the_reason() {
    let client = Client::new(None, true);
    let members = "/lists/club/members";
    for body in ["", "[]", "{", r#"{"address": 1}"#, r#"{"address": "bad"}"#, r#"{"address": "a@b.example", "x": 1}"#] {
        let (status, text) = client.ask("POST", members, body);
        assert!(status == 400 && text.contains("\"detail\""), "{body}: {status} {text}");
    }
    for path in ["/lists?limit=0", "/lists?limit=1001", "/lists?offset=-1", "/lists?x=1", "/lists?limit=a"] {
        assert_eq!(client.ask("GET", path, "").0, 400, "{path}");
    }
    assert_eq!(client.ask("PATCH", "/lists", "{}").0, 405);
    assert_eq!(client.ask("GET", "/nothing", "").0, 404);
}

#[test]
fn settings_are_checked_as_elsewhere() {
    let client = Client::new(Some(b"club"), true);
    let set = |name: &str, body: &str| client.ask("PUT", &format!("/lists/club/settings/{name}"), body);
    let (status, text) = set("description", r#"{"value": "A <b>club</b>"}"#);
    assert!(status == 200 && text.contains("A <b>club</b>"), "{text}");
    assert_eq!(set("real_name", r#"{"value": "other"}"#).0, 400);
    assert_eq!(set("owner", r#"{"value": ["bad"]}"#).0, 400);
    assert_eq!(set("owner", r#"{"value": ["a@b.example"]}"#).0, 200);
    assert_eq!(set("advertised", r#"{"value": 2}"#).0, 400);
    assert_eq!(set("header_filter_rules", r#"{"value": [["^x: y", 3, 0]]}"#).0, 200);
    assert_eq!(set("header_filter_rules", r#"{"value": [["(", 3, 0]]}"#).0, 400);
    assert_eq!(set("topics", r#"{"value": [["roses"]]}"#).0, 400);
    assert_eq!(set("post_id", r#"{"value": 3}"#).0, 404);
    let (status, text) = client.ask("GET", "/lists/club/settings/description", "");
    assert!(status == 200 && text.contains("\"name\": \"description\""), "{text}");
}

#[test]
fn lists_come_and_go() {
    let client = Client::new(None, true);
    let body =
        r#"{"name": "Roses", "owner": "rose@example.com", "password": "spade", "moderate": true, "notify": true}"#;
    let (status, text) = client.ask("POST", "/lists", body);
    assert!(status == 201 && text.contains("\"list\": \"roses\""), "{status} {text}");
    let list = compat::list::MailList::load(&client.site, "roses").unwrap();
    assert_eq!(list.str(attributes::PASSWORD), hex_digest(b"spade"));
    assert!(list.truth(attributes::DEFAULT_MEMBER_MODERATION));
    assert_eq!(client.ask("POST", "/lists", body).0, 409);
    for wrong in [
        r#"{"name": "a b", "owner": "rose@example.com"}"#,
        r#"{"name": "x", "owner": "rose"}"#,
        r#"{"name": "x"}"#,
        r#"{"name": "x", "owner": "rose@example.com", "language": "xx"}"#,
        r#"{"name": "x", "owner": "rose@example.com", "url_host": "elsewhere.example"}"#,
        r#"{"name": "x", "owner": "rose@example.com", "password": " "}"#,
    ] {
        assert_eq!(client.ask("POST", "/lists", wrong).0, 400, "{wrong}");
    }
    assert_eq!(client.ask("DELETE", "/lists/roses?archives=maybe", "").0, 400);
    let archive = client.site.home.join("archives/private/roses");
    assert_eq!((client.ask("DELETE", "/lists/roses", "").0, archive.exists()), (204, true));
    assert_eq!(client.ask("DELETE", "/lists/roses", "").0, 404);
    assert_eq!(client.ask("DELETE", "/lists/club?archives=true", "").0, 204);
    assert!(!client.site.home.join("archives/private/club").exists());
    let history = std::fs::read_to_string(client.site.home.join("data/history/changes")).unwrap();
    assert!(history.contains("roses: list made, owner rose@example.com -- api, token"), "{history}");
    assert!(history.contains("club: list removed -- api, token"), "{history}");
}

#[test]
fn a_token_of_one_list_makes_and_removes_none() {
    let client = Client::new(Some(b"club"), true);
    assert_eq!(client.ask("POST", "/lists", r#"{"name": "x", "owner": "a@example.com"}"#).0, 403);
    assert_eq!(client.ask("DELETE", "/lists/club", "").0, 403);
    let reader = Client::new(None, false);
    assert_eq!(reader.ask("DELETE", "/lists/club", "").0, 403);
}

#[test]
fn all_settings_of_a_member() {
    let client = Client::new(Some(b"club"), true);
    client.ask("PUT", "/lists/club/settings/topics", r#"{"value": [["Roses", "rose", "", false]]}"#);
    client.ask("POST", "/lists/club/members", r#"{"address": "a@b.example", "welcome": false}"#);
    let one = "/lists/club/members/a%40b.example";
    let change = r#"{"noremind": true, "nmtopics": true, "topics": ["Roses"], "password": "spade", "hide": true}"#;
    let (status, text) = client.ask("PATCH", one, change);
    assert_eq!(status, 200, "{text}");
    for part in
        ["\"noremind\": true", "\"nmtopics\": true", "\"topics\": [\"Roses\"]", "\"hide\": true", "\"ack\": false"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("spade"));
    for wrong in [r#"{"topics": ["Trees"]}"#, r#"{"topics": "Roses"}"#, r#"{"password": ""}"#] {
        assert_eq!(client.ask("PATCH", one, wrong).0, 400, "{wrong}");
    }
    let list = compat::list::MailList::load(&client.site, "club").unwrap();
    assert_eq!(list.password_of(b"a@b.example").unwrap(), "spade");
}
