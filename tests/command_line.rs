//! Command lines: options, exit codes and output of `qrunner`, `mailmanctl` and `mailman2-rs`.

#![allow(clippy::expect_used)]

mod support;

use std::os::unix::fs::PermissionsExt;
use support::*;

fn code(output: &std::process::Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn qrunner_lists_the_runners_of_the_site() {
    let site = TestSite::new();
    let output = site.run(QRUNNER, &["-l"]);
    assert_eq!(code(&output), Some(0));
    let text = stdout(&output);
    assert!(text.starts_with("Arch runs the ArchRunner qrunner\n"), "{text}");
    assert!(text.ends_with("\nAll runs all the above qrunners\n"), "{text}");
    assert_eq!(text.lines().count(), 9);
}

#[test]
fn qrunner_complains_as_mailman_does() {
    let site = TestSite::new();
    for (args, last) in [
        (&[][..], "No runner name given."),
        (&["-r"], "option -r requires argument"),
        (&["--foo"], "option --foo not recognized"),
        (&["-r", "Arch:1"], "Bad runner specification: %(runnerspec)s"),
        (&["-r", "Nonsense", "-o"], "No module named NonsenseRunner"),
        (&["-r", "Arch:0:0", "-o"], "ArchRunner: a queue cannot be cut into 0 slices"),
    ] {
        let output = site.run(QRUNNER, args);
        assert_eq!(code(&output), Some(1), "{args:?}");
        assert_eq!(stderr(&output).lines().last(), Some(last), "{args:?}");
        assert_eq!(stdout(&output), "");
    }
    let help = site.run(QRUNNER, &["--he"]);
    assert_eq!((code(&help), stderr(&help)), (Some(0), String::new()));
    assert!(stdout(&help).contains("--runner <"));
}

#[test]
fn an_unknown_runner_under_the_master_stays_ended() {
    let site = TestSite::new();
    let output = site.run(QRUNNER, &["--runner=NonsenseRunner:0:1", "-s"]);
    assert_eq!(code(&output), Some(15));
    assert_eq!(stderr(&output), "", "nobody reads it there");
    let log = site.log("error");
    assert!(log.contains("qrunner("), "{log}");
    assert!(log.contains("): Cannot import runner module Mailman.Queue.NonsenseRunner \n"), "{log}");
}

#[test]
fn mailmanctl_complains_as_mailman_does() {
    let site = TestSite::new();
    for (args, last) in [
        (&[][..], "No command given."),
        (&["start", "stop"], "Bad command: start, stop"),
        (&["-x"], "option -x not recognized"),
    ] {
        let output = site.run(MAILMANCTL, args);
        assert_eq!((code(&output), stderr(&output).lines().last()), (Some(1), Some(last)), "{args:?}");
    }
    assert_eq!(code(&site.run(MAILMANCTL, &["-u", "dance"])), Some(0), "a single unknown word has never mattered");
    assert_eq!(code(&site.run(MAILMANCTL, &["-h"])), Some(0));
}

#[test]
fn mailmanctl_without_a_master_is_no_failure() {
    let site = TestSite::new();
    let output = site.run(MAILMANCTL, &["-u", "-q", "stop"]);
    assert_eq!(code(&output), Some(0));
    let said = stderr(&output);
    assert!(said.starts_with("PID unreadable in: "), "{said}");
    assert!(said.ends_with("Is qrunner even running?\n"), "{said}");
    // A process number that nobody can have.
    let pid_file = site.path("data/master-qrunner.pid");
    std::fs::write(&pid_file, "4194305\n").expect("written");
    let output = site.run(MAILMANCTL, &["-u", "reopen"]);
    assert_eq!(code(&output), Some(0));
    assert!(stdout(&output).ends_with("Re-opening all log files\n"));
    assert!(stderr(&output).starts_with("No child with pid: 4194305\n"));
    assert!(stderr(&output).ends_with("Stale pid file removed.\n"));
    assert!(!pid_file.exists());
}

#[test]
fn mailmanctl_needs_the_site_list() {
    let site = TestSite::new();
    std::fs::remove_dir_all(site.path("lists/mailman")).expect("removed");
    let output = site.run(MAILMANCTL, &["-u", "start"]);
    assert_eq!(code(&output), Some(1));
    assert_eq!(stderr(&output), "Site list is missing: mailman\n");
    assert!(site.log("error").contains(") Site list is missing: mailman\n"));
}

#[test]
fn the_first_argument_names_the_command() {
    let site = TestSite::new();
    let direct = site.run(QRUNNER, &["-l"]);
    let named = site.run(MAILMAN2_RS, &["qrunner", "-l"]);
    assert_eq!(stdout(&direct), stdout(&named));
    let unknown = site.run(MAILMAN2_RS, &["dance"]);
    assert_eq!(code(&unknown), Some(2));
    assert!(stderr(&unknown).contains("dance"));
    assert!(stdout(&site.run(MAILMAN2_RS, &["--help"])).contains("mailmanctl"));
}

#[test]
fn a_link_of_another_name_is_that_command() {
    let site = TestSite::new();
    let link = site.path("bin/qrunner");
    std::os::unix::fs::symlink(MAILMAN2_RS, &link).expect("linked");
    let output = site.run(&link.to_string_lossy(), &["-l"]);
    assert_eq!(stdout(&output).lines().count(), 9);
}

#[test]
fn settings_are_shown_with_their_origin() {
    let site = TestSite::new();
    for args in [&["show-settings"][..], &["qrunner", "--show-settings"]] {
        let output = site.run(MAILMAN2_RS, args);
        let text = stdout(&output);
        assert!(text.lines().any(|line| line.starts_with("QRUNNERS = [('ArchRunner', 1)")), "{text}");
    }
}

#[test]
fn no_site_is_said_so() {
    let output = std::process::Command::new(QRUNNER)
        .args(["-l"])
        .env("MAILMAN_PREFIX", "/nonexistent")
        .output()
        .expect("the program runs");
    assert_eq!(code(&output), Some(1));
    assert!(stderr(&output).contains("/nonexistent"));
}

#[test]
fn newlist_follows_no_link_to_a_file_that_is_not_the_sites() {
    let commands = ["MTA = 'Postfix'", "POSTFIX_ALIAS_CMD = '/bin/true'", "POSTFIX_MAP_CMD = '/bin/true'"];
    let site = TestSite::with(&commands);
    let victim = site.path("victim");
    std::fs::write(&victim, "theirs").expect("written");
    compat::durable::set_mode(&victim, 0o600).expect("set");
    for name in ["aliases.db", "aliases"] {
        std::os::unix::fs::symlink(&victim, site.path("data").join(name)).expect("linked");
        let output = site.run(MAILMAN2_RS, &["newlist", "-q", &format!("by-{name}"), "rose@example.com", "pw"]);
        assert_ne!(code(&output), Some(0), "{name}");
        std::fs::remove_file(site.path("data").join(name)).expect("removed");
    }
    let about = std::fs::metadata(&victim).expect("there");
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read(&victim).expect("read"), b"theirs");
}
