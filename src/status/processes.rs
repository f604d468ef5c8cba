//! The master and its runners, as `/proc` shows them.

use super::logs::Restarts;
use crate::master;
use crate::runner::configured;
use compat::site::{settings, Site};
use nix::unistd::{sysconf, SysconfVar};
use std::collections::HashMap;
use std::fs;
use std::time::{Duration, SystemTime};

/// A process that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub since: SystemTime,
    /// Resident memory, in bytes.
    pub memory: u64,
    /// Whether it is of this program, and not Python's.
    pub is_ours: bool,
    /// Whether a signal has stopped it, so that it does nothing until another one.
    pub is_stopped: bool,
}

/// One slice of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerState {
    /// The class, as QRUNNERS names it.
    pub name: String,
    pub slice: i64,
    pub slices: i64,
    /// What serves it; `None` where nothing does.
    pub process: Option<Process>,
    /// How often it was started again since the master started, by the log.
    pub restarts: usize,
    /// When it will be started, where the master lets it wait because it ended again and again.
    pub next_start: Option<SystemTime>,
}

/// The process of the pid file.
pub fn master(site: &Site) -> Option<Process> {
    let pid = fs::read_to_string(site.settings.path(settings::PIDFILE)).ok()?.trim().parse().ok()?;
    master::is_running(pid).then(|| process(pid)).flatten()
}

/// All slices: those of the settings, with what serves them, then any other child of the master.
pub fn runners(
    site: &Site,
    master: Option<&Process>,
    restarts: &HashMap<(String, i64), Restarts>,
    now: SystemTime,
) -> Vec<RunnerState> {
    let of = |name: &str, slice: i64| restarts.get(&(name.to_string(), slice)).copied().unwrap_or_default();
    let state = |name: String, slice: i64, slices: i64, process: Option<Process>| {
        let Restarts { number, next } = of(&name, slice);
        let next_start = next.filter(|when| *when > now && process.is_none() && master.is_some());
        RunnerState { name, slice, slices, process, restarts: number, next_start }
    };
    let mut running = master.map_or_else(HashMap::new, |master| children(master.pid));
    let mut states = Vec::new();
    for (name, slices) in configured(site) {
        for slice in 0..slices {
            let process = running.remove(&(name.clone(), slice, slices));
            states.push(state(name.clone(), slice, slices, process));
        }
    }
    states
        .extend(running.into_iter().map(|((name, slice, slices), process)| state(name, slice, slices, Some(process))));
    states
}

/// Class, slice and count of every runner that a master has started.
fn children(master: i32) -> HashMap<(String, i64, i64), Process> {
    let mut found = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let is_child =
            stat(pid).is_some_and(|fields| fields.get(1).is_some_and(|parent| *parent == master.to_string()));
        if !is_child {
            continue;
        }
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let slice = line.split(|&byte| byte == 0).find_map(|word| slice_of(&String::from_utf8_lossy(word)));
        if let (Some(slice), Some(process)) = (slice, process(pid)) {
            found.insert(slice, process);
        }
    }
    found
}

/// `--runner=Class:slice:count`
fn slice_of(argument: &str) -> Option<(String, i64, i64)> {
    let mut parts = argument.strip_prefix("--runner=")?.split(':');
    let name = parts.next()?.to_string();
    match (parts.next(), parts.next()) {
        (None, _) => Some((name, 0, 1)),
        (Some(slice), Some(count)) => Some((name, slice.parse().ok()?, count.parse().ok()?)),
        _ => None,
    }
}

fn process(pid: i32) -> Option<Process> {
    let fields = stat(pid)?;
    let ticks: u64 = fields.get(19)?.parse().ok()?;
    let is_stopped = fields.first().is_some_and(|state| state == "T");
    let a_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|ticks| u64::try_from(ticks).ok())?;
    let boot = fs::read_to_string("/proc/stat").ok()?;
    let boot: u64 = boot.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(boot + ticks / a_second.max(1));
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let is_ours = !program.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python"));
    Some(Process { pid, since, memory: resident(pid), is_ours, is_stopped })
}

/// The fields of `/proc/PID/stat` behind the program's name; the first is the state.
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(String::from).collect())
}

fn resident(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kilobytes = text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(0_u64) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_by_their_argument() {
        assert_eq!(slice_of("--runner=ArchRunner:1:2"), Some(("ArchRunner".to_string(), 1, 2)));
        assert_eq!(slice_of("--runner=All"), Some(("All".to_string(), 0, 1)));
        assert_eq!(slice_of("-s"), None);
    }

    #[test]
    fn this_process_is_one() {
        let own = process(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(own.is_ours && !own.is_stopped && own.memory > 100_000);
        let age = SystemTime::now().duration_since(own.since).unwrap_or_default();
        assert!(age < Duration::from_secs(3600), "{age:?}");
    }
}
