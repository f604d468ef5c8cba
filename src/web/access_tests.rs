//! Passwords and tokens in requests: what stands in for what, and what a client gets who guesses.

use super::desk_tests::{text, Desk};
use super::request::{Body, Request};
use super::respond;
use compat::list::MailList;

#[test]
fn a_password_stands_in_for_the_token_as_the_site_wants() {
    for (setting, by_post, by_address) in
        [("'always'", true, true), ("'post'", true, false), ("'never'", false, false), ("None", true, true)]
    {
        let desk = Desk::new(&[("MAILMAN2_RS_WEB_PASSWORD_AS_TOKEN", setting)]);
        for (page, changed, value) in [
            (desk.send("admin", "/garden/general", "adminpw=pw&description=posted", ""), by_post, "posted"),
            (desk.get("admin", "/garden/general", "adminpw=pw&description=got"), by_address, "got"),
        ] {
            assert_eq!(text(&page).contains("The form lifetime has expired"), !changed, "{setting} {value}");
            if changed {
                assert!(text(&page).contains(value), "{setting} {value}");
            } else {
                assert_ne!(desk.description(), value, "{setting}");
            }
            // Who knows the password sees the page all the same.
            assert_eq!(page.status, 200);
        }
    }
}

#[test]
fn a_network_that_guesses_has_to_wait_and_nobody_else() {
    let desk = Desk::new(&[("MAILMAN2_RS_WEB_PASSWORD_LIMIT", "2"), ("OWNERS_CAN_DELETE_THEIR_OWN_LISTS", "1")]);
    let guess = |program: &str, list: &str, fields: &str, from: &str| {
        desk.send(program, &format!("/{list}"), fields, from).status
    };
    assert_eq!(guess("admin", "garden", "adminpw=one", "192.0.2.7"), 401);
    assert_eq!(guess("private", "garden", "username=anna@example.org&password=two&submit=1", "192.0.2.8"), 401);
    // Now the right one counts as little as a wrong one, on whichever page; and a member's, too.
    assert_eq!(guess("admindb", "garden", "adminpw=pw", "192.0.2.9"), 429);
    assert_eq!(guess("edithtml", "garden", "adminpw=pw", "192.0.2.9"), 429);
    assert_eq!(guess("roster", "garden", "roster-email=anna@example.org&roster-pw=rose", "192.0.2.9"), 429);
    assert_eq!(guess("options", "garden/anna@example.org", "password=rose&login=1", "192.0.2.9"), 429);
    assert_eq!(guess("rmlist", "garden", "password=pw&doit=1", "192.0.2.9"), 429);
    // Pages without a password, other lists and other networks go on.
    assert_eq!(guess("admin", "garden", "", "192.0.2.7"), 200);
    assert_eq!(guess("admin", "kitchen", "adminpw=pw", "192.0.2.7"), 200);
    assert_eq!(guess("admin", "garden", "adminpw=pw", "198.51.100.7"), 200);
    let (security, mischief) = (desk.log("security"), desk.log("mischief"));
    assert!(security.contains("Authorization failed (admin): list=garden: remote=192.0.2.7"), "{security}");
    assert!(security.contains("Authorization failed (admindb): list=garden: remote=192.0.2.9"), "{security}");
    assert!(mischief.contains("Too many wrong passwords (options): list=garden: remote=192.0.2.9"), "{mischief}");
}

#[test]
fn guesses_over_many_lists_are_counted_by_who_calls() {
    let desk = Desk::new(&[("MAILMAN2_RS_WEB_PASSWORD_LIMIT", "1")]);
    let guess = |number: u32| {
        let request = Request {
            method: "POST".into(),
            path_info: Some(if number % 2 == 0 { "/garden" } else { "/kitchen" }.into()),
            body: Body::Bytes("adminpw=wrong".into()),
            remote_addr: Some("10.0.0.7".into()),
            forwarded_for: Some(format!("198.51.{number}.7").as_str().into()),
            ..Request::default()
        };
        respond(&desk.site, "admin", &request).status
    };
    let statuses: Vec<u16> = (0..12).map(guess).collect();
    assert_eq!(statuses, [[401; 10].to_vec(), vec![429, 429]].concat());
}

#[test]
fn no_limit_is_none() {
    let desk = Desk::new(&[("MAILMAN2_RS_WEB_PASSWORD_LIMIT", "0")]);
    let statuses = (0..70).map(|_| desk.send("admin", "/garden", "adminpw=wrong", "192.0.2.7").status);
    assert!(statuses.into_iter().all(|status| status == 401));
}

#[test]
fn a_site_that_asks_recaptcha_neither_opens_nor_breaks() {
    let desk = Desk::new(&[("RECAPTCHA_SITE_KEY", "'site'"), ("RECAPTCHA_SECRET_KEY", "'secret'")]);
    assert_eq!(desk.get("listinfo", "/garden", "").status, 200);
    let page = desk.send("subscribe", "/garden", "email=bob@example.org&g-recaptcha-response=x", "192.0.2.7");
    assert!(page.status == 200 && text(&page).contains("reCAPTCHA could not be validated"), "{}", text(&page));
    assert!(desk.log("error").contains("RECAPTCHA_SECRET_KEY is set"));
    let list = MailList::load(&desk.site, "garden").unwrap();
    assert!(!list.is_member(b"bob@example.org") && !list.folder().join("pending.pck").exists());
    assert!(!desk.log("subscribe").contains("bob@example.org"));
}
