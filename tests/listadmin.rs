//! Debian's `listadmin`, a client that reads the pages of what waits for moderators with patterns: it lists, approves,
//! rejects and discards on a site of ours behind `serve`. Says that it skips where listadmin or `script` is not installed.
#![allow(clippy::expect_used)]

mod support;

use compat::list::requests::RequestKind;
use compat::list::{attributes, LockedList};
use compat::site::Site;
use compat::value::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use support::*;

/// SHA-1 of `pw`.
const PASSWORD: &str = "1a91d62f7ca67399625a4368a6ab5d4a3baa6073";
/// What the moderator types: the requests are asked about before the posts.
const ANSWERS: &str = "a\nd\na\nd\nr\nnot here\ns\n";

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Two people want to join, four posts are held.
fn moderated() -> TestSite {
    let site = TestSite::new();
    let opened = Site::open(&site.path("")).expect("a site");
    let mut list = LockedList::open(&opened, "garden", None).expect("a list");
    list.set(attributes::PASSWORD, Value::str(PASSWORD));
    for (at, address) in ["joe@x.example", "jim@x.example"].into_iter().enumerate() {
        let text = [address, "J", "pw"].map(Value::str);
        let mut record = vec![Value::Float(1_700_000_000.0 + at as f64)];
        record.extend(text);
        record.extend([Value::Int(0), Value::str("en")]);
        list.add_request(RequestKind::Subscription, Value::tuple(record)).expect("held");
    }
    for sender in ["a@x.example", "b@x.example", "c@x.example", "d@x.example"] {
        let text = format!("From: {sender}\nSubject: of {sender}\nMessage-ID: <{sender}>\n\nx\n");
        hold(&mut list, sender, &format!("of {sender}"), &text);
    }
    list.save().expect("saved");
    site
}

/// `serve` on a free port, and its address.
fn serve(site: &TestSite) -> (Child, String) {
    let mut command = site.command(MAILMAN2_RS, &["serve", "--listen", "127.0.0.1:0"]);
    let mut server = command.stdout(Stdio::piped()).spawn().expect("started");
    let mut line = String::new();
    let out = server.stdout.take().expect("its output");
    BufReader::new(out).read_line(&mut line).expect("its address");
    let address = line.split(" at ").nth(1).unwrap_or_default().trim().trim_end_matches('/').to_string();
    (server, address)
}

/// Answers the questions of listadmin, which asks at a terminal.
fn moderate(site: &TestSite, address: &str) -> String {
    let settings = site.path("listadmin.ini");
    let text = format!(
        "adminurl {address}/mailman/admindb/{{list}}\npassword \"pw\"\nconfirm no\nlog none\ngarden@lists.example.com\n"
    );
    fs::write(&settings, text).expect("written");
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o600)).expect("private");
    let call = format!("listadmin -f {}", settings.display());
    let mut script = Command::new("script");
    script.args(["-qec", &call, "/dev/null"]).env("TERM", "dumb").env("PERL_RL", "Stub").env("HOME", site.path(""));
    let mut script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
    script.stdin.take().expect("its input").write_all(ANSWERS.as_bytes()).expect("typed");
    stdout(&script.wait_with_output().expect("ended"))
}

#[test]
fn listadmin_lists_and_decides() {
    if !is_installed("listadmin") || !is_installed("script") {
        eprintln!("skipped: listadmin or script is not installed");
        return;
    }
    let site = moderated();
    let (mut server, address) = serve(&site);
    let said = moderate(&site, &address);
    server.kill().expect("ended");
    server.wait().expect("ended");
    for shown in ["joe@x.example", "a@x.example", "of b@x.example", "because"] {
        assert!(said.contains(shown), "{shown} is not in {said}");
    }
    let vette = site.log("vette");
    assert!(vette.contains("garden: held message approved, message-id: <a@x.example>"), "{vette}\n{said}");
    assert!(vette.contains("garden: Discarded posting:\n\tFrom: b@x.example"), "{vette}");
    assert!(vette.contains("garden: Refused posting:\n\tFrom: c@x.example"), "{vette}");
    assert!(vette.contains("Reason: not here"), "{vette}");
    let held = stdout(&site.run(MAILMAN2_RS, &["held"]));
    assert!(held.starts_with("garden: 1\n") && held.contains("d@x.example"), "{held}");
}
