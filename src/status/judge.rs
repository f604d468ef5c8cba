//! What is not as it should be, for the exit code and for whoever is called at night.

use super::queues::REFUSED as REFUSED_MAIL;
use super::{Process, Status};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// Age at which an entry of a queue that is worked on at once waits too long.
const SLOW: Duration = Duration::from_secs(20 * 60);
const STUCK: Duration = Duration::from_secs(160 * 60);
/// Age of an entry in `retry` at which its mail server has been away for long.
const REFUSED: Duration = Duration::from_secs(24 * 60 * 60);
const LOCKED: Duration = Duration::from_secs(60 * 60);
/// Free bytes below which a disk is filling up, and below which it is as good as full.
const TIGHT: u64 = 512 << 20;
const FULL: u64 = 64 << 20;

/// How bad it is. The numbers are exit codes that monitors know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Warning = 1,
    Critical = 2,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub level: Level,
    pub text: String,
}

/// All of them, the worst first.
pub fn problems(status: &Status) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |level, text: String| found.push(Problem { level, text });
    processes(status, &mut say);
    queues(status, &mut say);
    for (list, reason) in &status.waiting.unreadable {
        say(Level::Warning, format!("list {list} cannot be read: {reason}"));
    }
    for lock in status.locks.iter().filter(|lock| lock.held.is_some_and(|held| held > LOCKED)) {
        let holder = match lock.pid {
            Some(pid) if !lock.is_alive => format!("process {pid}, which does not run"),
            _ => lock.claim.clone(),
        };
        say(Level::Warning, format!("{} has been held for long, by {holder}", lock.name));
    }
    for room in &status.rooms {
        match room.free {
            free if free < FULL => say(Level::Critical, format!("the disk of the {} is full", room.what)),
            free if free < TIGHT => say(Level::Warning, format!("the disk of the {} is nearly full", room.what)),
            _ => {}
        }
    }
    found.sort_by_key(|problem| std::cmp::Reverse(problem.level));
    found
}

fn processes(status: &Status, say: &mut dyn FnMut(Level, String)) {
    if status.master.is_none() {
        return say(Level::Critical, "no master runs: mailmanctl start".to_string());
    }
    for runner in status.runners.iter().filter(|runner| runner.process.is_none()) {
        let slice = if runner.slices > 1 { format!(" {}/{}", runner.slice + 1, runner.slices) } else { String::new() };
        let what = match runner.next_start {
            Some(when) => {
                let seconds = when.duration_since(status.now).unwrap_or_default().as_secs();
                format!("ends again and again; the master starts it in {seconds} s. The log error says why")
            }
            None => "does not run; the log qrunner says why".to_string(),
        };
        say(Level::Critical, format!("{}{slice} {what}", runner.name));
    }
    let stopped = |process: &&Process| process.is_stopped;
    for runner in &status.runners {
        if let Some(process) = runner.process.as_ref().filter(stopped) {
            let pid = process.pid;
            say(Level::Warning, format!("{} was stopped by a signal and does nothing: kill -CONT {pid}", runner.name));
        }
    }
}

fn queues(status: &Status, say: &mut dyn FnMut(Level, String)) {
    for queue in &status.queues {
        let oldest = queue.oldest.unwrap_or_default();
        let minutes = oldest.as_secs() / MINUTE.as_secs();
        match queue.name.as_str() {
            "shunt" | "bad" if queue.entries > 0 => {
                say(Level::Warning, format!("{} in {}: mailman2-rs queues stuck", queue.entries, queue.name));
            }
            REFUSED_MAIL => {
                let what = "messages that the mail server refused for good: mailman2-rs queues stuck";
                say(Level::Warning, format!("{} {what}", queue.entries));
            }
            "retry" if oldest >= REFUSED => {
                let hours = oldest.as_secs() / 3600;
                say(Level::Warning, format!("retry: the mail server has refused something for {hours} hours"));
            }
            "shunt" | "bad" | "retry" => {}
            name if oldest >= STUCK => say(Level::Critical, format!("{name}: something waits for {minutes} minutes")),
            name if oldest >= SLOW => say(Level::Warning, format!("{name}: something waits for {minutes} minutes")),
            _ => {}
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{HeldLock, Process, QueueState, Room, RunnerState, Traffic, Waiting};
    use super::*;
    use std::time::SystemTime;

    fn queue(name: &str, entries: usize, minutes: u64) -> QueueState {
        let oldest = (entries > 0).then(|| MINUTE * minutes as u32);
        QueueState { name: name.into(), entries, in_work: 0, on_hold: 0, oldest, bytes: 10 }
    }

    /// A site where all is well.
    pub fn healthy() -> Status {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_452_800);
        let process = Process { pid: 7, since: now - MINUTE * 90, memory: 3 << 20, is_ours: true, is_stopped: false };
        let runner = |name: &str| RunnerState {
            name: name.into(),
            slice: 0,
            slices: 1,
            process: Some(process.clone()),
            restarts: 1,
            next_start: None,
        };
        Status {
            now,
            version: "2.1.39".into(),
            master: Some(process.clone()),
            runners: vec![runner("ArchRunner"), runner("IncomingRunner")],
            queues: vec![queue("in", 1, 1), queue("retry", 3, 600), queue("shunt", 0, 0)],
            traffic: Traffic { messages: [1, 2], recipients: [10, 20], ..Traffic::default() },
            waiting: Waiting { lists: 3, ..Waiting::default() },
            locks: vec![HeldLock {
                name: "club.lock".into(),
                claim: "club.lock.host.7.0".into(),
                pid: Some(7),
                is_alive: true,
                held: Some(MINUTE),
            }],
            rooms: vec![Room { what: "queues", path: "/q".into(), free: 1 << 40 }],
        }
    }

    #[test]
    fn nothing_is_wrong_with_a_healthy_site() {
        assert_eq!(problems(&healthy()), []);
    }

    #[test]
    fn the_worst_comes_first() {
        let mut status = healthy();
        status.queues = vec![
            queue("out", 2, 30),
            queue("in", 1, 200),
            queue("retry", 1, 3000),
            queue("shunt", 1, 1),
            queue("refused", 2, 9999),
        ];
        status.rooms[0].free = 1 << 20;
        status.runners[0].process = None;
        let found = problems(&status);
        let levels: Vec<Level> = found.iter().map(|problem| problem.level).collect();
        assert_eq!(levels, [&[Level::Critical; 3][..], &[Level::Warning; 4]].concat());
        assert!(found.iter().any(|problem| problem.text.contains("refused something for 50 hours")), "{found:?}");
        status.runners[0].next_start = Some(status.now + MINUTE);
        assert!(problems(&status).iter().any(|problem| problem.text.contains("starts it in 60 s")));
        status.master = None;
        assert!(problems(&status)[0].text.contains("mailmanctl start"));
    }

    #[test]
    fn who_is_stopped_or_gone_is_named() {
        let mut status = healthy();
        if let Some(process) = &mut status.runners[1].process {
            process.is_stopped = true;
        }
        status.locks[0].held = Some(LOCKED * 2);
        status.locks[0].is_alive = false;
        let texts: Vec<String> = problems(&status).into_iter().map(|problem| problem.text).collect();
        assert_eq!(
            texts,
            [
                "IncomingRunner was stopped by a signal and does nothing: kill -CONT 7",
                "club.lock has been held for long, by process 7, which does not run"
            ]
        );
    }
}
