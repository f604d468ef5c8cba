//! What of Mailman's own program files stands in the places that a switch changes.

use super::finding::{Findings, Level};
use crate::program::Layout;
use compat::site::{settings, Site};
use std::fs;
use std::process::Command;

/// Looks at the programs.
pub fn look(site: &Site, found: &mut Findings) -> Layout {
    let layout = Layout::of(site);
    if !layout.is_switched && !layout.bin.join("qrunner").exists() {
        let text = format!("{} has no qrunner", layout.bin.display());
        found.add(Level::Note, "no-qrunner", text, "the Python runners were taken away: use our mailmanctl");
    }
    if layout.python.is_none() {
        let text = format!("{} (PYTHON) is not there", site.settings.path(settings::PYTHON).display());
        found.add(
            Level::Risk,
            "no-python",
            text,
            "the old mailmanctl can't start a runner: use ours (switch --master)",
        );
    }
    if layout.is_switched {
        let text = format!("a switch was made already; runners: {}", layout.runners);
        found.add(Level::Note, "switched", text, "`switch --status` tells which");
    }
    intake(site, &layout, found);
    patched(&layout, found);
    layout
}

/// Mailman's own wrapper starts a Python script for each mail. Without a Python each one is sent back by the mail server.
fn intake(site: &Site, layout: &Layout, found: &mut Findings) {
    let wrapper = site.settings.path(settings::WRAPPER_DIR).join("mailman");
    let Ok(program) = fs::read(&wrapper) else { return };
    // The name of a setting that only ours asks for; it stays in a program whose symbols were stripped.
    let is_ours = memchr::memmem::find(&program, settings::MAILMAN2_RS_MAIL_GROUP.to_string().as_bytes()).is_some();
    if layout.python.is_none() && !is_ours {
        let text = format!("mail cannot come in: {} needs a Python, which is not there", wrapper.display());
        found.add(Level::Stop, "no-intake", text, "put our mail/mailman in its place, or the Python back");
    }
}

/// Files of the package that were changed: patches that no setting shows.
fn patched(layout: &Layout, found: &mut Findings) {
    if !layout.is_debian {
        return;
    }
    let Ok(output) = Command::new("dpkg").args(["--verify", "mailman"]).output() else { return };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_code = |line: &&str| line.contains("/Mailman/") && line.ends_with(".py") && !line.ends_with("mm_cfg.py");
    let files: Vec<String> =
        said.lines().filter(is_code).filter_map(|line| line.split_whitespace().last()).map(String::from).collect();
    found.add_all(
        Level::Risk,
        "patched-source",
        "files of the package that were changed by hand",
        &files,
        "what these patches do, our runners do not",
    );
}
