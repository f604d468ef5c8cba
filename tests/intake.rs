//! Mail handed in as a mail server does: what lands in which queue, exit codes, and what is said where nothing can land.
#![allow(clippy::expect_used)]

mod support;

use compat::queue::{read_entry, Entry, EntryMessage};
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Output, Stdio};
use support::*;

const MAILMAN: &str = env!("CARGO_BIN_EXE_mailman");
const POST: &[u8] = b"From: ann@example.org\nSubject: it's \xe4 \"post\"\n\nNo end of line, a NUL \0 and\r\nCR";

fn hand_in(site: &TestSite, args: &[&[u8]], text: &[u8]) -> Output {
    let args: Vec<&OsStr> = args.iter().map(|arg| OsStr::from_bytes(arg)).collect();
    let mut command = site.command(MAILMAN, &[]);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // Whoever is refused has not read it all.
    let _ = child.stdin.take().expect("a pipe").write_all(text);
    child.wait_with_output().expect("the program runs")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn only_entry(site: &TestSite, queue: &str) -> Entry {
    let names = site.queue(queue);
    assert_eq!(names.len(), 1, "{names:?}");
    let path = site.path("qfiles").join(queue).join(&names[0]);
    assert_eq!(fs::metadata(&path).expect("there").mode() & 0o7777, 0o660);
    read_entry(&mut File::open(path).expect("opened")).expect("an entry")
}

#[test]
fn each_word_has_its_queue_and_mark() {
    for (word, queue, mark) in [
        ("post", "in", Some("tolist")),
        ("owner", "in", Some("toowner")),
        ("request", "commands", Some("torequest")),
        ("confirm", "commands", Some("toconfirm")),
        ("join", "commands", Some("tojoin")),
        ("subscribe", "commands", Some("tojoin")),
        ("leave", "commands", Some("toleave")),
        ("unsubscribe", "commands", Some("toleave")),
        ("bounces", "bounces", None),
        ("admin", "bounces", None),
    ] {
        let site = TestSite::new();
        let output = hand_in(&site, &[word.as_bytes(), b"garden", b"more"], POST);
        assert_eq!((code(&output), stderr(&output)), (Some(0), String::new()), "{word}");
        let entry = only_entry(&site, queue);
        assert_eq!(entry.message, EntryMessage::Raw(POST.into()), "{word}");
        assert_eq!(entry.metadata.str("listname").expect("a list"), "garden");
        assert_eq!(mark.and_then(|mark| entry.metadata.int(mark)), mark.map(|_| 1), "{word}");
        assert_eq!(entry.metadata.contains("pipeline"), word == "owner");
    }
}

#[test]
fn what_cannot_be_repaired_is_refused_for_good() {
    let site = TestSite::new();
    for (args, expected, said) in [
        (&[][..], 64, "Usage: "),
        (&[&b"Post"[..], b"garden"][..], 64, "Illegal command: Post"),
        (&[b"../bin/rmlist", b"garden"], 64, "Illegal command: "),
        (&[b"post"], 64, "post script got no listname."),
        (&[b"owner"], 64, "mailowner got no listname."),
        (&[b"admin", b"nobody"], 67, "bounces script, list not found: nobody"),
        (&[b"post", b""], 67, "post script, list not found: "),
        (&[b"post", b"../lists/garden"], 67, "list not found"),
        (&[b"post", b"a\nb"], 67, "list not found: a\\x0ab"),
        (&[b"post", &[b'x'; 3000]], 67, "list not found"),
    ] {
        let output = hand_in(&site, args, POST);
        assert_eq!(code(&output), Some(expected), "{args:?}");
        assert!(stderr(&output).starts_with(said) || stderr(&output).contains(said), "{}", stderr(&output));
    }
    let log = site.log("error");
    assert!(log.contains("mailowner(") && log.contains("): mailowner got no listname. \n"), "{log}");
    assert!(log.contains("): bounces script, list not found: nobody \n"), "{log}");
    assert!(site.queue("in").is_empty());
}

#[test]
fn bytes_of_a_name_are_logged_as_they_are() {
    let site = TestSite::new();
    assert_eq!(code(&hand_in(&site, &[b"post", b"b\xe4ume"], POST)), Some(67));
    let log = fs::read(site.path("logs/error")).expect("a log");
    assert!(log.ends_with(b"list not found: b\xe4ume \n"));
}

#[test]
fn what_an_operator_can_repair_is_tried_again() {
    type Break = fn(&TestSite);
    let broken: [(&str, Break); 5] = [
        ("settings", |site| fs::write(site.path("Mailman/mm_cfg.py"), "from Defaults import *\nx = = 1\n").expect("w")),
        ("no settings", |site| fs::remove_dir_all(site.path("Mailman")).expect("removed")),
        ("no lists", |site| fs::rename(site.path("lists"), site.path("gone")).expect("renamed")),
        ("no site list", |site| {
            fs::rename(site.path("lists"), site.path("gone")).expect("renamed");
            fs::create_dir(site.path("lists")).expect("made");
        }),
        ("no folder", |site| {
            let _ = fs::remove_dir_all(site.path("qfiles"));
            fs::write(site.path("qfiles"), "a file in the way").expect("written");
        }),
    ];
    for (what, make_it_so) in broken {
        let site = TestSite::new();
        make_it_so(&site);
        let output = hand_in(&site, &[b"post", b"garden"], POST);
        assert_eq!(code(&output), Some(75), "{what}: {}", stderr(&output));
        assert!(!stderr(&output).is_empty(), "{what}");
    }
}

#[test]
fn a_queue_that_cannot_be_written_is_said_in_the_log() {
    if nix::unistd::geteuid().is_root() {
        println!("skipped: root may write everywhere");
        return;
    }
    let site = TestSite::new();
    fs::create_dir_all(site.path("qfiles/in")).expect("made");
    fs::set_permissions(site.path("qfiles/in"), Permissions::from_mode(0o500)).expect("set");
    assert_eq!(code(&hand_in(&site, &[b"post", b"garden"], POST)), Some(75));
    assert!(site.log("error").contains("Permission denied"));
}

#[test]
fn names_are_case_sensitive_and_checked_as_the_version_does() {
    let site = TestSite::new();
    assert_eq!(code(&hand_in(&site, &[b"post", b"GARDEN"], POST)), Some(67));
    assert!(site.log("mischief").contains("Hostile listname: listname=GARDEN: remote=unidentified origin"));
}

#[test]
fn the_command_of_the_large_program_does_the_same() {
    let site = TestSite::new();
    let output = site.run(MAILMAN2_RS, &["mailman", "post", "garden"]);
    assert_eq!(code(&output), Some(0));
    assert_eq!(only_entry(&site, "in").message, EntryMessage::Raw("".into()));
    // But for the code that Mailman's scripts end with, which whatever calls them knows.
    for args in [&["mailman", "post", "nobody"][..], &["mailman", "post"]] {
        assert_eq!(code(&site.run(MAILMAN2_RS, args)), Some(1), "{args:?}");
    }
}
