//! Runners that are Python: a class of the site's own in Mailman/Queue.
//!
//! Mailman's own qrunner then takes the place of this process: number, arguments, signals and exit codes stay.

use crate::bridge;
use crate::runner::is_ours;
use crate::runner::occupied::Share;
use compat::site::{settings, Site};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names under which the original is kept beside ours, as contrib/qrunner-shim knows them, and its own.
const ORIGINALS: [&str; 3] = ["qrunner.distrib", "qrunner.python", "qrunner"];
/// So much of a script is looked at.
const HEAD: u64 = 64 << 10;

/// Becomes Python's qrunner where every runner that is asked for is Python's. `None`: that is not so, or there is none;
/// otherwise why it did not work.
pub fn become_it(site: &Site, shares: &[Share], args: &[String]) -> Option<io::Error> {
    let is_pythons = |share: &Share| !is_ours(&share.runner) && has_class(site, &share.runner);
    if shares.is_empty() || !shares.iter().all(is_pythons) {
        return None;
    }
    let python = bridge::python(site)?;
    let original = original(&site.settings.path(settings::BIN_DIR))?;
    Some(Command::new(python).arg(original).args(args).env("MAILMAN_PREFIX", &site.home).exec())
}

fn has_class(site: &Site, class: &str) -> bool {
    let is_name = class.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name && site.home.join("Mailman/Queue").join(format!("{class}.py")).exists()
}

/// Mailman's qrunner: a script of Python that is not our stand-in for it.
fn original(bin: &Path) -> Option<PathBuf> {
    ORIGINALS.iter().map(|name| bin.join(name)).find(|path| is_mailmans(path).unwrap_or(false))
}

fn is_mailmans(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    let has = |words: &[u8]| memchr::memmem::find(&head, words).is_some();
    Ok(head.starts_with(b"#!") && has(b"import paths") && !has(b"mailman2-rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_told_from_the_stand_in() {
        let bin = tempfile::tempdir().unwrap();
        assert_eq!(original(bin.path()), None);
        std::fs::write(bin.path().join("qrunner"), "#! /usr/bin/python\n\"\"\"becomes mailman2-rs\"\"\"\n").unwrap();
        assert_eq!(original(bin.path()), None);
        std::fs::write(bin.path().join("qrunner.distrib"), "#! /usr/bin/python -S\nimport paths\n").unwrap();
        assert_eq!(original(bin.path()), Some(bin.path().join("qrunner.distrib")));
    }
}
