//! Holes of Mailman's pages, known by number or still open in its last release: closed whatever version a site runs.

use super::desk_tests::{cookies, header, text, Desk};
use super::request::{Body, Request};
use super::Response;
use compat::list::{attributes, options};
use compat::value::Value;

/// The first and the last version.
const VERSIONS: [&str; 2] = ["2.1.13", "2.1.39"];
const MEMBER: &str = "/garden/anna@example.org";

fn each(settings: &[(&str, &str)], test: impl Fn(&Desk, &str)) {
    for version in VERSIONS {
        test(&Desk::of_version(version, settings), version);
    }
}

fn from_page(page: &str) -> Request {
    Request { host: Some("lists.example.com".into()), referer: Some(page.into()), ..Request::default() }
}

fn from_site(origin: &str) -> Request {
    Request { host: Some("lists.example.com".into()), origin: Some(origin.into()), ..Request::default() }
}

fn browser() -> Request {
    Request { user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:128.0)".into()), ..Request::default() }
}

/// CVE-2008-0564, CVE-2010-3089, CVE-2018-0618.
#[test]
fn what_owners_write_runs_nothing() {
    each(&[], |desk, version| {
        desk.change(|list| {
            list.set(attributes::DESCRIPTION, Value::str("<img src=x onerror=alert(1)>"));
            list.set(attributes::INFO, Value::str("<script>alert(1)</script><p onmouseover=alert(1)>Hi</p>"));
        });
        for (program, path) in [("listinfo", ""), ("listinfo", "/garden"), ("admin", "")] {
            let page = desk.get(program, path, "");
            let shown = text(&page).replace("&lt;img src=x onerror", "");
            assert!(
                !shown.contains("<script") && !shown.contains("onerror") && !shown.contains("onmouseover"),
                "{version}"
            );
            let policy = header(&page, "Content-Security-Policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        }
    });
}

/// CVE-2011-0707; and a confirmation is a form that is sent, not an address that is followed.
#[test]
fn names_are_escaped_where_they_are_confirmed_and_links_confirm_nothing() {
    each(&[], |desk, version| {
        desk.send("subscribe", "/garden", "email=new@example.org&fullname=%3Cscript%3Ex", "192.0.2.1");
        let path = format!("/garden/{}", desk.cookie());
        let page = text(&desk.get("confirm", &path, ""));
        assert!(page.contains("&lt;script") && !page.contains("<script>x"), "{version}: {page}");
        desk.get("confirm", &path, "submit=1");
        assert!(!desk.list().is_member(b"new@example.org"), "{version}");
        desk.send("confirm", &path, "submit=1", "192.0.2.1");
        assert!(desk.list().is_member(b"new@example.org"), "{version}");
    });
}

/// CVE-2016-7123, CVE-2016-6893: the cookie of somebody who is logged in and a form or address of another site.
#[test]
fn another_site_changes_nothing_with_a_cookie() {
    each(&[], |desk, version| {
        let owner = desk.log_in("admin", "/garden", "adminpw=pw");
        let member = desk.log_in("options", MEMBER, "password=rose&login=1");
        assert!(!owner.is_empty() && !member.is_empty(), "{version}");
        let foreign =
            [from_site("https://evil.example"), from_site("null"), from_page("http://evil.example/lists.example.com")];
        for more in foreign.into_iter().chain([browser()]) {
            desk.send_as(&owner, "admin", "/garden/general", "description=taken", more.clone());
            desk.send_as(&owner, "edithtml", "/garden/listinfo.html", "html_code=taken", more.clone());
            desk.send_as(&member, "options", MEMBER, "conceal=1&options-submit=1", more);
        }
        let fetched = Request { fetch_site: Some("cross-site".into()), ..from_site("http://lists.example.com") };
        desk.send_as(&owner, "admin", "/garden/general", "description=taken", fetched);
        let followed = |program: &str, path: &str, query: &str, cookies: &str| {
            let (path_info, cookies) = (Some(path.into()), cookies.into());
            desk.ask(program, Request { method: "GET".into(), path_info, query: query.into(), cookies, ..browser() })
        };
        followed("admin", "/garden/general", "description=taken", &owner);
        followed("options", MEMBER, "conceal=1&options-submit=1", &member);
        assert_eq!(desk.description(), "", "{version}");
        let list = desk.list();
        assert!(!list.option(b"anna@example.org", options::CONCEAL_SUBSCRIPTION), "{version}");
        assert!(!desk.site.home.join("lists/garden/en/listinfo.html").exists(), "{version}");
    });
}

/// Forms of versions without tokens work, and programs that post with a cookie and no word of where from.
#[test]
fn own_forms_of_old_versions_change_something() {
    let desk = Desk::of_version("2.1.13", &[]);
    let owner = desk.log_in("admin", "/garden", "adminpw=pw");
    desk.send_as(&owner, "admin", "/garden/general", "description=one", from_site("http://lists.example.com"));
    assert_eq!(desk.description(), "one");
    desk.send_as(&owner, "admin", "/garden/general", "description=two", Request::default());
    assert_eq!(desk.description(), "two");
    // A proxy may hide the host that the browser has asked.
    let hidden = Request { host: Some("127.0.0.1:8085".into()), ..from_site("http://lists.example.com") };
    desk.send_as(&owner, "admin", "/garden/general", "description=three", hidden);
    assert_eq!(desk.description(), "three");
}

/// CVE-2018-5950.
#[test]
fn topics_are_for_who_is_logged_in() {
    each(&[], |desk, version| {
        desk.change(|list| {
            let topic = ["Roses", "rose", "All about roses"].map(Value::str);
            let topic = Value::tuple(topic.into_iter().chain([Value::Int(0)]).collect());
            list.set(attributes::TOPICS, Value::list(vec![topic]));
        });
        for query in ["VARHELP=Roses", "VARHELP=%3Cscript%3Ealert(1)"] {
            let page = text(&desk.get("options", MEMBER, query));
            assert!(!page.contains("All about roses") && !page.contains("<script"), "{version}: {page}");
        }
    });
}

/// CVE-2018-13796.
#[test]
fn a_long_name_of_a_list_is_no_text_of_the_site() {
    each(&[], |desk, version| {
        let page = text(&desk.get("listinfo", "/Please-call-this-number-now", ""));
        assert!(page.contains("please-...") || page.contains("please-c"), "{version}: {page}");
        assert!(!page.to_lowercase().contains("this-number"), "{version}: {page}");
    });
}

/// CVE-2020-12108, CVE-2020-15011, CVE-2021-43331, CVE-2021-44227's follow-up, and the Host header.
#[test]
fn what_a_visitor_says_is_not_said_by_the_page() {
    each(&[], |desk, version| {
        let tried = |page: &Response| {
            let shown = text(page);
            assert!(!shown.contains("<script") && !shown.contains("visit evil.example"), "{version}: {shown}");
        };
        tried(&desk.get("options", "/garden/visit evil.example", ""));
        tried(&desk.send("options", "/garden", "email=visit+evil.example&login=1", "192.0.2.1"));
        tried(&desk.send("private", "/garden/", "username=visit+evil.example&password=x&submit=1", "192.0.2.1"));
        tried(&desk.send("roster", "/garden", "roster-email=visit+evil.example&roster-pw=x", "192.0.2.1"));
        tried(&desk.get("options", "/garden/\"><script>x@example.org", ""));
        tried(&desk.get("options", "/garden/anna@example.org\"><script>", ""));
        tried(&desk.get("listinfo", "/garden", "language=\"><script>"));
        let host = Request { method: "GET".into(), host: Some("<script>".into()), ..Request::default() };
        for program in ["listinfo", "admin", "create"] {
            tried(&desk.ask(program, host.clone()));
        }
    });
}

/// The parts of a token that runs together could be cut elsewhere: another list's, another time's.
#[test]
fn the_token_of_the_form_to_join_has_parts() {
    for version in ["2.1.20", "2.1.39"] {
        let desk = Desk::of_version(version, &[("SUBSCRIBE_FORM_SECRET", "'s'"), ("SUBSCRIBE_FORM_MIN_TIME", "0")]);
        let page = text(&desk.get("listinfo", "/garden", ""));
        let token = page.split("sub_form_token\"").nth(1).unwrap().split("value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap();
        let parts: Vec<&str> = token.split(':').collect();
        let network = if version == "2.1.20" { "w.x.y.z" } else { "w.x.y" };
        let signed = format!("s:{}:{}:garden:{network}", parts[0], parts[1]);
        assert_eq!(parts[2], crate::auth::hex_digest(signed.as_bytes()).to_string(), "{version}");
    }
}

#[test]
fn cookies_are_for_the_browser_alone() {
    each(&[], |desk, version| {
        let request = |is_tls| Request { is_tls, remote_addr: Some("192.0.2.1".into()), ..Request::default() };
        let line = |is_tls| header(&desk.send_as("", "admin", "/garden", "adminpw=pw", request(is_tls)), "Set-Cookie");
        assert!(
            line(false).ends_with("; Path=/mailman/; Version=1; HttpOnly; SameSite=Lax"),
            "{version}: {}",
            line(false)
        );
        assert!(line(true).ends_with("; secure"), "{version}: {}", line(true));
        let out = desk.send_as(
            &cookies(&desk.send("admin", "/garden", "adminpw=pw", "x")),
            "admin",
            "/garden/logout",
            "",
            request(true),
        );
        assert!(header(&out, "Set-Cookie").contains("HttpOnly"), "{version}");
    });
}

#[test]
fn a_password_in_an_address_is_told_once() {
    each(&[], |desk, version| {
        let ask = |from: &str| {
            let request = Request {
                method: "GET".into(),
                path_info: Some("/garden/general".into()),
                query: "adminpw=pw&description=by+a+program".into(),
                remote_addr: Some(from.into()),
                ..Request::default()
            };
            desk.ask("admin", request)
        };
        for from in ["192.0.2.1", "192.0.2.2", "198.51.100.1"] {
            ask(from);
        }
        let log = desk.log("error");
        let told: Vec<&str> = log.lines().filter(|line| line.contains("a password came in an address")).collect();
        assert_eq!(told.len(), 2, "{version}: {log}");
        assert!(!log.contains("adminpw=pw") && desk.description() == "by a program", "{version}: {log}");
    });
}

#[test]
fn no_answer_tells_who_is_a_member() {
    each(&[("REFUSE_SECOND_PENDING", "1")], |desk, version| {
        let without_address = |page: &Response, who: &str| {
            (page.status, text(page).replace(who, "WHO").replace(&who.replace('@', "%40"), "WHO"))
        };
        for fields in ["login-unsub=1", "login-remind=1", "password=wrong&login=1", ""] {
            // The second time, the request of the first waits.
            for _ in 0..2 {
                let of = |who: &str| {
                    let page = desk.send("options", "/garden", &format!("email={who}&{fields}"), "192.0.2.1");
                    without_address(&page, who)
                };
                let (member, stranger) = (of("anna@example.org"), of("eve@example.com"));
                assert_eq!(member.1, stranger.1, "{version}: {fields}");
            }
        }
        let join = |who: &str| text(&desk.send("subscribe", "/garden", &format!("email={who}"), "192.0.2.1"));
        assert_eq!(join("anna@example.org"), join("fred@example.com"), "{version}");
    });
}

#[test]
fn who_may_not_make_lists_does_not_hear_which_there_are() {
    each(&[], |desk, version| {
        for name in ["garden", "nothing", "bad@name", ""] {
            let fields = format!("listname={name}&owner=a@example.org&password=x&confirm=y&auth=wrong&doit=1");
            let page = text(&desk.send("create", "", &fields, "192.0.2.1"));
            assert!(page.contains("not authorized") && !page.contains("already exists"), "{version}: {page}");
            assert!(!page.contains("value=\"x\"") && !page.contains("value=\"wrong\""), "{version}: {page}");
        }
    });
}

#[test]
fn caches_and_frames() {
    each(&[], |desk, version| {
        for (program, path) in [
            ("admin", "/garden"),
            ("admindb", "/garden"),
            ("options", MEMBER),
            ("private", "/garden/"),
            ("confirm", "/garden"),
        ] {
            let page = desk.get(program, path, "");
            assert_eq!(header(&page, "Cache-Control"), "no-store", "{version}: {program}");
            assert!(
                header(&page, "Content-Security-Policy").contains("frame-ancestors 'none'"),
                "{version}: {program}"
            );
            assert_eq!(header(&page, "X-Content-Type-Options"), "nosniff", "{version}: {program}");
        }
        let page = desk.get("listinfo", "/garden", "");
        assert_eq!((header(&page, "Cache-Control"), header(&page, "Vary")), ("no-cache".into(), "Cookie".into()));
    });
}

#[test]
fn a_client_is_what_a_proxy_says_that_it_is() {
    let logged = |settings: &[(&str, &str)], peer: &str| {
        let desk = Desk::new(settings);
        let request = Request {
            method: "POST".into(),
            path_info: Some("/garden".into()),
            body: Body::Bytes("email=new@example.org".into()),
            remote_addr: Some(peer.into()),
            forwarded_for: Some("203.0.113.9".into()),
            ..Request::default()
        };
        desk.ask("subscribe", request);
        desk.log("subscribe").trim_end().rsplit(' ').next().unwrap().to_string()
    };
    assert_eq!(logged(&[], "198.51.100.1"), "198.51.100.1");
    for near in ["127.0.0.1", "10.1.2.3", "::1", "fd00::1"] {
        assert_eq!(logged(&[], near), "203.0.113.9");
    }
    let named = [("MAILMAN2_RS_TRUSTED_PROXIES", "['198.51.100.1']")];
    assert_eq!(
        (logged(&named, "198.51.100.1"), logged(&named, "127.0.0.1")),
        ("203.0.113.9".into(), "127.0.0.1".into())
    );
}

#[test]
fn what_is_put_before_the_client_does_not_widen_its_limit() {
    let desk = Desk::new(&[("MAILMAN2_RS_WEB_NETWORK_LIMIT", "3")]);
    let join = |number: usize| {
        let request = Request {
            method: "POST".into(),
            path_info: Some("/garden".into()),
            body: Body::Bytes(format!("email=new{number}@example.org").as_str().into()),
            remote_addr: Some("127.0.0.1".into()),
            forwarded_for: Some(format!("10.9.{number}.1, 203.0.113.9").as_str().into()),
            ..Request::default()
        };
        desk.ask("subscribe", request).status
    };
    assert_eq!((0..5).map(join).collect::<Vec<_>>(), [200, 200, 200, 429, 429]);
}

#[test]
fn no_line_of_a_log_is_a_clients() {
    each(&[], |desk, version| {
        let line = "x%0AMar+02+12:00:00+2026+(1)+Authorization+failed+(admin)";
        desk.send("private", "/garden/", &format!("username={line}&password=x&submit=1"), "192.0.2.1");
        desk.send("options", "/garden", &format!("email={line}@example.org&password=x&login=1"), "192.0.2.1");
        desk.send("roster", "/garden", &format!("roster-email={line}&roster-pw=x"), "192.0.2.1");
        desk.send("subscribe", "/garden", &format!("email={line}@example.org&fullname={line}"), "192.0.2.1");
        for name in ["security", "mischief", "error", "subscribe"] {
            let log = desk.log(name);
            assert!(log.lines().all(|line| !line.starts_with("Mar 02 12:00:00 2026 (1)")), "{version}: {name}: {log}");
        }
    });
}

#[test]
fn a_fault_names_no_secret() {
    each(&[], |desk, version| {
        std::fs::write(desk.site.home.join("lists/garden/config.pck"), "broken").unwrap();
        let _ = std::fs::remove_file(desk.site.home.join("lists/garden/config.pck.last"));
        let page = desk.send_as("garden+admin=SECRET1", "admin", "/garden", "adminpw=SECRET2", Request::default());
        assert_eq!(page.status, 500, "{version}");
        let log = desk.log("error");
        assert!(
            log.contains("failed:") && !log.contains("SECRET") && !text(&page).contains("SECRET"),
            "{version}: {log}"
        );
    });
}
