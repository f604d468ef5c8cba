//! Scripts of the site that work on lists (bin/withlist): this process becomes the site's Python.

use super::{python, BridgeError};
use crate::privileges;
use compat::site::{settings, Site};
use std::os::unix::process::CommandExt;
use std::process::Command;

const SCRIPT: &str = include_str!("withlist.py");

/// What is asked of withlist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithList {
    /// `module.callable`; a person at a prompt where there is none.
    pub run: Option<String>,
    pub lock: bool,
    pub interactive: bool,
    pub all: bool,
    pub quiet: bool,
    /// The list and the callable's arguments.
    pub words: Vec<String>,
}

impl WithList {
    /// Does not come back where there is a Python.
    pub fn become_python(&self, site: &Site) -> BridgeError {
        let Some(python) = python(site) else { return BridgeError::NoPython };
        let flags = [(self.lock, 'l'), (self.interactive, 'i'), (self.all, 'a'), (self.quiet, 'q')];
        let flags: String = flags.into_iter().filter_map(|(is_set, flag)| is_set.then_some(flag)).collect();
        // A script of the operator's own, which may need more than the list user may.
        privileges::be_caller();
        let error = Command::new(python)
            .args(["-c", SCRIPT])
            .arg(&site.home)
            .arg(site.settings.path(settings::BIN_DIR))
            .arg(self.run.as_deref().unwrap_or_default())
            .arg(flags)
            .args(&self.words)
            .exec();
        BridgeError::Io(error)
    }
}
