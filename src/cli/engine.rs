//! What the commands of `migration` need to know about our runners.

use crate::pipeline::table::{find, Found};
use crate::runner::{self, occupied};
use compat::site::Site;
use compat::ByteStr;
use migration::{Engine, Process};

/// The runners of this program.
pub struct Ours;

impl Engine for Ours {
    fn has_handler(&self, site: &Site, name: &ByteStr) -> bool {
        // A name that nobody has fails in Python too, at the same point.
        !matches!(find(site, name), Found::SiteHandler)
    }

    fn has_runner(&self, class: &str) -> bool {
        runner::is_ours(class)
    }

    fn processes(&self, site: &Site) -> Vec<Process> {
        occupied::all(&site.home).into_iter().map(process).collect()
    }
}

fn process(running: occupied::Running) -> Process {
    let share = |share: &occupied::Share| format!("{}:{}:{}", share.runner, share.slice, share.count);
    Process {
        pid: running.pid,
        uid: running.uid,
        program: if running.is_master { "mailmanctl" } else { "qrunner" },
        is_python: running.is_python,
        serves: running.serves.iter().map(share).collect(),
        command: running.command,
    }
}
