//! The README's demonstration: it ends by itself, and shows every member's copy.
#![allow(clippy::expect_used)]

use std::process::Command;

#[test]
fn the_demonstration_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let demo = Command::new(env!("CARGO_BIN_EXE_mailman2-rs"))
        .arg("demo")
        .env("TMPDIR", folder.path())
        .env_remove("MAILMAN_PREFIX")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&demo.stdout);
    assert!(demo.status.success(), "{said}\n{}", String::from_utf8_lossy(&demo.stderr));
    for text in ["To ann@example.org", "ben@example.net", "cleo@example.com", "The archive has it: ", "next digest"] {
        assert!(said.contains(text), "{text} is not in\n{said}");
    }
    assert!(said.ends_with("mailmanctl stop: all runners have ended.\n"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0, "nothing is left behind");
}
