//! The queues of a copy worked off by runners in processes of their own, entry by entry until nothing moves.

use super::count;
use compat::queue::QueueFolders;
use compat::site::{settings, Site};
use migration::progress::Progress;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The runners; not those that post news or wait for a time.
const RUNNERS: [&str; 6] = ["Incoming", "Command", "Bounce", "Virgin", "Arch", "Outgoing"];
/// Number of entries of each queue for one process.
const TURNS: usize = 50;
/// How often it is looked whether a process has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Works off what can be worked off; whether it came to its end in time.
///
/// # Errors
/// No process can be started.
pub fn off(copy: &Site, limit: Duration, progress: &mut dyn Progress) -> io::Result<bool> {
    let end = Instant::now() + limit;
    let folders = QueueFolders::from_settings(&copy.settings).map_err(io::Error::other)?;
    let mut before = Vec::new();
    for round in 1.. {
        let now = count(&folders);
        progress.at("rounds of the runners", round, 0);
        if now == before || now.iter().all(|(_, entries)| *entries == 0) {
            return Ok(true);
        }
        before = now;
        let mut child = start(copy)?;
        while child.try_wait()?.is_none() {
            if Instant::now() > end {
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            std::thread::sleep(LOOK);
        }
    }
    Ok(true)
}

fn start(copy: &Site) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("qrunner");
    for _ in 0..TURNS {
        command.args(RUNNERS.iter().flat_map(|runner| ["-r", runner]));
    }
    let lists = std::fs::metadata(copy.settings.path(settings::LIST_DATA_DIR))?;
    if nix::unistd::geteuid().is_root() && lists.uid() != 0 {
        command.gid(lists.gid()).uid(lists.uid());
    }
    command
        .arg("-o")
        .env("MAILMAN_PREFIX", &copy.home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn()
}
