//! What is on a site, and what would stop a switch. Reads only: no lock is taken, no list opened, no log written.

mod finding;
mod lists;
mod machine;
mod programs;
mod queues;
mod report;
mod settings;

pub use finding::{Finding, Level, CODES};
pub use lists::ListFacts;
pub use queues::QueueFacts;
pub use report::{duration, size};

use crate::program::Layout;
use crate::progress::{Progress, Silent};
use crate::{Engine, Process};
use compat::site::Site;
use finding::Findings;
use std::path::PathBuf;

/// All that was found.
#[derive(Clone, Debug)]
pub struct Survey {
    pub layout: Layout,
    pub lists: Vec<ListFacts>,
    pub queues: Vec<QueueFacts>,
    pub processes: Vec<Process>,
    /// Folders that the site writes to, with their free bytes.
    pub disk: Vec<(PathBuf, u64)>,
    /// The gravest first.
    pub findings: Vec<Finding>,
}

impl Survey {
    /// Looks at a site.
    pub fn of(site: &Site, engine: &dyn Engine) -> Survey {
        Survey::watched(site, engine, &mut Silent)
    }

    /// Looks at a site, and says how far it is.
    pub fn watched(site: &Site, engine: &dyn Engine, progress: &mut dyn Progress) -> Survey {
        let mut found = Findings::default();
        let layout = programs::look(site, &mut found);
        settings::look(site, engine, &mut found);
        let lists = lists::look(site, engine, &mut found, progress);
        let names: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
        let queues = queues::look(site, &names, &mut found);
        let processes = machine::processes(site, engine, &mut found);
        machine::locks(site, &mut found);
        machine::run_folders(site, &mut found);
        let disk = machine::disk(site, &mut found);
        machine::permissions(site, &mut found);
        let mut findings = found.0;
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        Survey { layout, lists, queues, processes, disk, findings }
    }

    /// The gravest finding, except for those whose codes are accepted.
    pub fn gravest(&self, accepted: &[String]) -> Option<Level> {
        let counts = |finding: &&Finding| !accepted.iter().any(|code| code == finding.code);
        self.findings.iter().filter(counts).map(|finding| finding.level).max()
    }

    /// 0: ready. 1: there are risks. 2: something would stop a switch.
    pub fn exit_code(&self) -> i32 {
        match self.gravest(&[]) {
            Some(Level::Stop) => 2,
            Some(Level::Risk) => 1,
            _ => 0,
        }
    }
}
