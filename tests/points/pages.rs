//! Pages that change something.

use crate::scenario::*;
use crate::support::*;
use compat::list::attributes;
use compat::list::pending::{Kind, Pended};
use compat::value::Value;
use std::fs;

/// A form that is sent to a page of the list.
fn page(name: &'static str, program: &'static str, path: &str, form: &'static str) -> Scenario {
    let mut scenario = Scenario::new(name, MAILMAN2_RS, &["cgi", program]).input(move |_| form.to_string());
    let variables = [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("REQUEST_METHOD", "POST"),
        ("SCRIPT_NAME", "/mailman/page"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ("HTTP_HOST", "lists.example.com"),
        ("REMOTE_ADDR", "127.0.0.1"),
    ];
    scenario.environment = variables.map(|(name, value)| (name, value.to_string())).to_vec();
    scenario.environment.push(("PATH_INFO", format!("/garden{path}")));
    scenario
}

#[test]
fn approve_on_the_page() {
    run(&page("admindb, approve", "admindb", "", "adminpw=pw&1=1")
        .prepare(hold_one)
        .wrong(leftovers_of_held_post)
        .once(|site| with(site, "qfiles/out", ID)));
}

/// How many posts are decided about in one form: each third is approved, rejected, discarded.
const MANY: usize = 9;

/// By this a post, or the notice about its rejection, is found again.
fn mark_of(post: usize) -> String {
    format!("point{post}@example.org")
}

fn hold_many(site: &TestSite) {
    with_list(site, |list| {
        list.set(attributes::PASSWORD, Value::str(PASSWORD));
        for post in 1..=MANY {
            hold(list, "ann@example.org", "x", &POST.replace("point@example.org", &mark_of(post)));
        }
    });
}

fn decisions_on_many(_: &TestSite) -> String {
    let about = |post: usize| format!("&{post}={}&comment-{post}={}", 1 + post % 3, mark_of(post));
    format!("adminpw=pw{}", (1..=MANY).map(about).collect::<String>())
}

/// How often each post that was approved, or a notice about one that was rejected, is on its way out.
fn copies_of_many(site: &TestSite) -> Vec<(usize, usize)> {
    let told = (1..=MANY).filter(|post| 1 + post % 3 != 3);
    told.map(|post| (post, with(site, "qfiles/out", &mark_of(post)))).collect()
}

/// Of many posts that are decided about at once none is lost, and one at most comes twice.
#[test]
fn decide_about_many_on_the_page() {
    run(&page("admindb, many at once", "admindb", "", "")
        .input(decisions_on_many)
        .prepare(hold_many)
        .wrong(|site| {
            let missing = copies_of_many(site).into_iter().filter(|(_, copies)| *copies == 0);
            let missing = missing.map(|(post, _)| format!("nothing came of post {post}"));
            leftovers_of_held_post(site).into_iter().chain(missing).collect()
        })
        .once(|site| {
            let copies = copies_of_many(site);
            1 + copies.iter().map(|(_, copies)| copies).sum::<usize>() - copies.len()
        }));
}

#[test]
fn save_options_of_a_list() {
    run(&page("admin, save", "admin", "/general", "adminpw=pw&description=moss&submit=x")
        .prepare(with_password)
        .wrong(|site| {
            let found = list(site).str(attributes::DESCRIPTION).to_string();
            Some(found).filter(|found| found != "moss").into_iter().collect()
        }));
}

#[test]
fn add_a_member_on_the_page() {
    const FORM: &str = "adminpw=pw&subscribees=ben%40example.net&subscribe_or_invite=0&\
        send_welcome_msg_to_this_batch=1&send_notifications_to_list_owner=0&setmemberopts_btn=x";
    run(&page("admin, members/add", "admin", "/members/add", FORM)
        .prepare(with_password)
        .wrong(|site| missing_member(site, "ben@example.net"))
        .once(|site| with(site, "qfiles/out", "Welcome to the")));
}

/// Whoever asks to join gets a cookie that is good.
#[test]
fn subscribe() {
    run(&page("subscribe", "subscribe", "", "email=ben%40example.net&pw=secret&pw-conf=secret&digest=0")
        .prepare(|site| with_list(site, |list| list.set(attributes::SUBSCRIBE_POLICY, Value::Int(1))))
        .wrong(|site| {
            let is_told = with(site, "qfiles/out", "ben@example.net") > 0;
            match is_told {
                true => cookies_without_record(site),
                false => vec!["nobody was told".to_string()],
            }
        })
        .once(|site| with(site, "qfiles/out", "ben@example.net")));
}

/// A cookie that waits for its confirmation; it stands in a file beside the site.
fn pend(site: &TestSite, record: &Pended) {
    with_list(site, |list| {
        let cookie = list.pend_new(record, None).expect("pended");
        fs::write(site.path("cookie"), &cookie[..]).expect("written");
    });
}

fn form_with_cookie(site: &TestSite) -> String {
    format!("cookie={}&submit=x", fs::read_to_string(site.path("cookie")).expect("a cookie"))
}

#[test]
fn confirm_leaving() {
    let content = vec![Value::str("ann@example.org")];
    let record = Pended { kind: Kind::Unsubscription, content };
    run(&page("confirm, leaving", "confirm", "", "")
        .prepare(move |site| pend(site, &record))
        .input(form_with_cookie)
        .wrong(|site| list(site).regular_members().iter().map(ToString::to_string).collect())
        .once(|site| with(site, "qfiles/out", "You have been unsubscribed")));
}

#[test]
fn confirm_a_new_address() {
    let content = vec![Value::str("ann@example.org"), Value::str("ann@example.net"), Value::Int(0)];
    let record = Pended { kind: Kind::ChangeOfAddress, content };
    run(&page("confirm, new address", "confirm", "", "")
        .prepare(move |site| pend(site, &record))
        .input(form_with_cookie)
        .wrong(|site| missing_member(site, "ann@example.net")));
}

#[test]
fn leave_on_the_page() {
    run(&page("options, leave", "options", "/ann@example.org", "password=not-a-password&unsub=x&unsubconfirm=1")
        .wrong(|site| list(site).regular_members().iter().map(ToString::to_string).collect())
        .once(|site| with(site, "qfiles/out", "You have been unsubscribed")));
}

#[test]
fn change_the_password() {
    const FORM: &str = "password=not-a-password&newpw=moss&confpw=moss&changepw=x";
    run(&page("options, password", "options", "/ann@example.org", FORM).wrong(|site| {
        let now = list(site).password_of(b"ann@example.org").unwrap_or_default();
        Some(now.to_string()).filter(|now| now != "moss").into_iter().collect()
    }));
}
