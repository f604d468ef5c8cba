//! Whose layout a site has, and what of Mailman's own program files stands in the places that a switch changes.

use super::finding::{Findings, Level};
use super::qrunners;
use crate::json::Json;
use crate::switch::{full_name, Place};
use compat::site::{own, settings, Site};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's program files.
const DEBIAN_CODE: &str = "/usr/lib/mailman";

/// Where a site's programs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub home: PathBuf,
    pub version: String,
    /// The files belong to Debian's package.
    pub is_debian: bool,
    /// BIN_DIR, links followed.
    pub bin: PathBuf,
    /// The interpreter of the settings, if it is there.
    pub python: Option<PathBuf>,
    /// Whether our runners are in place.
    pub is_switched: bool,
    /// Whose the runners are, for people.
    pub runners: String,
}

impl Layout {
    /// Of a site.
    pub fn of(site: &Site) -> Layout {
        let bin = site.settings.path(settings::BIN_DIR);
        let bin = fs::canonicalize(&bin).unwrap_or(bin);
        let python = Some(site.settings.path(settings::PYTHON)).filter(|path| path.is_file());
        let is_switched = Place { path: bin.join("qrunner"), diverted: false }.is_ours();
        Layout {
            home: site.home.clone(),
            version: site.profile.version().to_string(),
            is_debian: bin.starts_with(DEBIAN_CODE),
            is_switched,
            runners: whose(site, is_switched),
            bin,
            python,
        }
    }

    /// As an object.
    pub fn json(&self) -> Json {
        let path = |path: &Path| Json::text(path.to_string_lossy());
        Json::Object(vec![
            ("home", path(&self.home)),
            ("version", Json::text(&self.version)),
            ("debian", Json::Bool(self.is_debian)),
            ("bin", path(&self.bin)),
            ("python", path(self.python.as_deref().unwrap_or(Path::new("")))),
            ("switched", Json::Bool(self.is_switched)),
        ])
    }
}

/// Whose the site's runners are: a switch may have moved a few of them only.
fn whose(site: &Site, is_switched: bool) -> String {
    let all: Vec<String> = qrunners(site).into_iter().map(|(class, _)| class).collect();
    match own::runners(&site.settings).filter(|_| is_switched) {
        None if is_switched => "ours".to_string(),
        None => "Python's".to_string(),
        Some(names) => {
            let names: Vec<String> = names.iter().map(|name| full_name(&name.to_latin1())).collect();
            let count = all.iter().filter(|class| names.contains(class)).count();
            format!("{count} of {} are ours ({}), the others Python's", all.len(), names.join(", "))
        }
    }
}

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
    let is_ours = memchr::memmem::find(&program, b"mailman2").is_some();
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
