//! The queue tools on a site of ours: what scripts parse of their output, their exit codes, and that no entry is lost. Beside
//! the original in `tools_comparison.rs`.
#![allow(clippy::expect_used)]

mod support;

use compat::queue::QueueName;
use std::fs;
use support::*;

const POST: &str =
    "From: Ann <ann@example.org>\nTo: garden@lists.example.com\nSubject: moss\nMessage-ID: <m1@example.org>\n\n\
                    It's \"green\".\nFrom here on.\n";

fn tool(site: &TestSite, name: &str, args: &[&str]) -> (String, String, Option<i32>) {
    let output = site.run(MAILMAN2_RS, &[&[name], args].concat());
    (stdout(&output), stderr(&output), output.status.code())
}

fn only(site: &TestSite, queue: &str) -> String {
    let names = site.queue(queue);
    assert_eq!(names.len(), 1, "{names:?}");
    site.path("qfiles").join(queue).join(&names[0]).to_string_lossy().into_owned()
}

#[test]
fn inject_puts_a_post_where_it_is_told() {
    let site = TestSite::new();
    let file = site.path("post.txt");
    fs::write(&file, POST).expect("written");
    let file = file.to_string_lossy().into_owned();
    fs::create_dir_all(site.path("qfiles/in")).expect("made");
    assert_eq!(tool(&site, "inject", &["-l", "Garden", &file]), (String::new(), String::new(), Some(0)));
    let (text, _, status) = tool(&site, "show_qfiles", &["-q", &only(&site, "in")]);
    assert_eq!((text.as_str(), status), (POST, Some(0)));
    let (dump, ..) = tool(&site, "dumpdb", &[&only(&site, "in")]);
    assert!(dump.contains("'listname': 'garden',") && dump.contains("'tolist': 1,"), "{dump}");
    for (args, complaint) in [
        (&["-l", "nobody", &file][..], "No such list: nobody"),
        (&[&file], "A list name is required"),
        (&["-l", "garden", "-q", "nowhere", &file], "Bad queue directory: "),
    ] {
        let (_, said, status) = tool(&site, "inject", args);
        assert!(said.contains(complaint) && status == Some(1), "{said}");
    }
    assert_eq!(site.queue("in").len(), 1);
}

#[test]
fn unshunt_brings_entries_back_and_leaves_what_it_cannot() {
    let site = TestSite::new();
    site.enqueue(QueueName::Shunt, "garden", POST);
    let damaged = site.path("qfiles/shunt/1700000000.5+0123456789abcdef0123456789abcdef01234567.pck");
    fs::write(&damaged, "garbage").expect("written");
    let (out, said, status) = tool(&site, "unshunt", &[]);
    assert_eq!((out.as_str(), status), ("", Some(0)));
    assert!(
        said.starts_with("Cannot unshunt message 1700000000.5+0123456789abcdef0123456789abcdef01234567, skipping:\n"),
        "{said}"
    );
    assert!(damaged.exists());
    assert_eq!(site.queue("shunt").len(), 1);
    let (text, ..) = tool(&site, "show_qfiles", &[&only(&site, "in")]);
    assert!(text.starts_with("====================> ") && text.ends_with(">From here on.\n"), "{text}");
}

#[test]
fn queues_count_and_tell_what_is_stuck() {
    let site = TestSite::new();
    assert_eq!(tool(&site, "queues", &["stuck"]), ("Nothing is stuck.\n".to_string(), String::new(), Some(0)));
    site.enqueue(QueueName::Shunt, "garden", POST);
    let (plain, ..) = tool(&site, "queues", &["--plain"]);
    assert!(plain.contains("in\t0\t0\t0\n") && plain.contains("shunt\t1\t0\t"), "{plain}");
    let (by_list, ..) = tool(&site, "queues", &["of", "shunt"]);
    assert!(by_list.lines().nth(1).is_some_and(|row| row.starts_with("garden")), "{by_list}");
    let base = only(&site, "shunt").rsplit('/').next().expect("a name").trim_end_matches(".pck").to_string();
    fs::write(
        site.path("logs/error"),
        format!(
            "Nov 25 16:00:00 2026 (7) Uncaught runner exception: no moss\nNov 25 16:00:00 2026 (7) SHUNTING: {base}\n"
        ),
    )
    .expect("written");
    let (stuck, _, status) = tool(&site, "queues", &["stuck"]);
    assert!(stuck.contains("exception: no moss") && stuck.contains("unshunt") && status == Some(1), "{stuck}");
    let (shown, ..) = tool(&site, "queues", &["show", &format!("shunt/{base}")]);
    assert!(shown.contains("'listname': 'garden'") && shown.contains("Subject: moss"), "{shown}");
    assert_eq!(tool(&site, "queues", &["of", "nowhere"]).2, Some(2));
}

#[test]
fn discard_takes_held_posts_and_says_so() {
    let site = TestSite::new();
    // A held post: from somebody who is no member.
    site.enqueue(QueueName::In, "garden", &POST.replace("ann@", "stranger@"));
    site.run(QRUNNER, &["-r", "Incoming", "-o"]);
    let held: Vec<String> = names(&site.path("data")).into_iter().filter(|name| name.starts_with("heldmsg-")).collect();
    assert_eq!(held, ["heldmsg-garden-1.pck"]);
    let (out, said, status) = tool(&site, "discard", &["data/heldmsg-garden-1.pck", "other.txt"]);
    assert_eq!(out, "Discarded held msg #1 for list garden\n");
    assert_eq!((said.as_str(), status), ("Ignoring non-held message: other.txt\n", Some(0)));
    assert!(!site.path("data/heldmsg-garden-1.pck").exists());
    assert_eq!(tool(&site, "discard", &[]).0, "Nothing to do.\n");
    assert_eq!(tool(&site, "discard", &["heldmsg-garden-1.pck"]).2, Some(1), "it is gone");
}

/// A script of contrib/monitoring on the site: what it says, and its exit code.
fn monitor(site: &TestSite, script: &str, args: &[&str]) -> (String, Option<i32>) {
    let path = format!("{}/contrib/monitoring/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut command = site.command("sh", &[&[path.as_str()], args].concat());
    let output = command.env("MAILMAN2_RS", MAILMAN2_RS).env("program", MAILMAN2_RS).output().expect("sh");
    (stdout(&output) + &stderr(&output), output.status.code())
}

#[test]
fn monitoring_sees_what_is_shunted() {
    let site = TestSite::new();
    let (said, status) = monitor(&site, "check_mailman_queues", &[]);
    assert!(said.starts_with("OK: queues flow | in=0 ") && status == Some(0), "{said}");
    site.enqueue(QueueName::In, "garden", POST);
    site.enqueue(QueueName::Shunt, "garden", POST);
    let (said, status) = monitor(&site, "check_mailman_queues", &["-w", "20"]);
    assert!(said.starts_with("WARNING: 1 in shunt | in=1 ") && status == Some(1), "{said}");
    let (said, status) = monitor(&site, "check_mailman_queues", &["-w", "0", "-c", "0"]);
    assert!(said.starts_with("CRITICAL:") && said.contains("in waits 0 min") && status == Some(2), "{said}");
    assert_eq!(monitor(&site, "check_mailman_queues", &["-p", "/nowhere"]).1, Some(2));
    assert!(monitor(&site, "munin_mailman_queues", &[]).0.contains("shunt.value 1\n"));
    assert!(monitor(&site, "munin_mailman_queues", &["config"]).0.contains("retry.label retry\n"));
}
