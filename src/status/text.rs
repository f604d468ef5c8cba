//! The status for a person at a terminal.

use super::{Level, Process, Status, HOURS};
use crate::queues::safe;
use chrono::{DateTime, Local};
use std::fmt::Write;
use std::time::{Duration, SystemTime};

/// Lists with requests that are named.
const LISTS: usize = 10;

/// All of it.
pub fn of(status: &Status) -> String {
    let mut out = format!("Mailman {} at {}\n\n", status.version, time(status.now));
    processes(status, &mut out);
    queues(status, &mut out);
    traffic(status, &mut out);
    waiting(status, &mut out);
    rest(status, &mut out);
    let problems = status.problems();
    if problems.is_empty() {
        out.push_str("\nAll is well.\n");
    }
    for problem in problems {
        let word = if problem.level == Level::Critical { "CRITICAL" } else { "WARNING " };
        let _ = writeln!(out, "\n{word} {}", problem.text);
    }
    out
}

fn processes(status: &Status, out: &mut String) {
    let since = |process: &Process| format!("since {}", time(process.since));
    let about = |process: &Option<Process>| match process {
        Some(process) => {
            let python = if process.is_ours { "" } else { " (Python)" };
            format!("{:>8} {:>9}  {}{python}", process.pid, size(process.memory), since(process))
        }
        None => "       - does not run".to_string(),
    };
    let pause = |when: SystemTime| span(when.duration_since(status.now).unwrap_or_default());
    let _ = writeln!(out, "{:24} {}", "master", about(&status.master));
    for runner in &status.runners {
        let slice = if runner.slices > 1 { format!(" {}/{}", runner.slice + 1, runner.slices) } else { String::new() };
        let restarts = if runner.restarts > 0 { format!(", {} restarts", runner.restarts) } else { String::new() };
        let waits = runner.next_start.map(|when| format!(", is started in {}", pause(when))).unwrap_or_default();
        let _ = writeln!(out, "{:24} {}{waits}{restarts}", format!("{}{slice}", runner.name), about(&runner.process));
    }
}

fn queues(status: &Status, out: &mut String) {
    let _ = writeln!(
        out,
        "\n{:12} {:>8} {:>8} {:>8} {:>10} {:>10}",
        "queue", "entries", "in work", "on hold", "oldest", "size"
    );
    for queue in &status.queues {
        let oldest = queue.oldest.map(span).unwrap_or_default();
        let (entries, in_work, on_hold, bytes) = (queue.entries, queue.in_work, queue.on_hold, size(queue.bytes));
        let _ = writeln!(out, "{:12} {entries:>8} {in_work:>8} {on_hold:>8} {oldest:>10} {bytes:>10}", queue.name);
    }
}

fn traffic(status: &Status, out: &mut String) {
    let traffic = &status.traffic;
    let _ = writeln!(out, "\n{:24} {:>10} {:>10}", "by the logs", "last hour", format!("{HOURS} hours"));
    for (name, [hour, day]) in [
        ("posts", traffic.posts),
        ("messages sent", traffic.messages),
        ("recipients", traffic.recipients),
        ("refusals", traffic.refusals),
        ("errors", traffic.errors),
    ] {
        let _ = writeln!(out, "{name:24} {hour:>10} {day:>10}");
    }
}

fn waiting(status: &Status, out: &mut String) {
    let waiting = &status.waiting;
    let total: usize = waiting.waiting.iter().map(super::waiting::OfList::total).sum();
    let _ =
        writeln!(out, "\n{} lists; {total} requests wait for moderators of {}", waiting.lists, waiting.waiting.len());
    for of_list in waiting.waiting.iter().take(LISTS) {
        let (posts, joins, leaves) = (of_list.posts, of_list.subscriptions, of_list.unsubscriptions);
        let _ = writeln!(out, "  {:22} {posts} posts, {joins} to join, {leaves} to leave", safe(&of_list.list));
    }
    if waiting.waiting.len() > LISTS {
        let _ = writeln!(out, "  and {} more", waiting.waiting.len() - LISTS);
    }
}

fn rest(status: &Status, out: &mut String) {
    out.push('\n');
    for lock in &status.locks {
        let held = lock.held.map(|held| format!(", {}", span(held))).unwrap_or_default();
        let dead = if lock.is_alive { "" } else { ", whose process is not here" };
        let _ = writeln!(out, "lock {} of {}{dead}{held}", safe(lock.name.as_bytes()), safe(lock.claim.as_bytes()));
    }
    for room in &status.rooms {
        let _ = writeln!(out, "{:>10} free for {} ({})", size(room.free), room.what, room.path.display());
    }
}

fn time(when: SystemTime) -> String {
    DateTime::<Local>::from(when).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `5 s`, `12 min`, `3 h`, `4 days`
pub fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes >> 10),
        1_048_576..10_737_418_240 => format!("{} MiB", bytes >> 20),
        _ => format!("{} GiB", bytes >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_healthy_site_says_so() {
        let shown = of(&super::super::judge::tests::healthy());
        assert!(shown.contains("ArchRunner                      7     3 MiB  since "), "{shown}");
        assert!(shown.contains("in                  1        0        0       60 s       10 B"), "{shown}");
        assert!(shown.ends_with("All is well.\n"), "{shown}");
    }

    #[test]
    fn spans_and_sizes_for_people() {
        let spans = [5, 300, 10_000, 400_000].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["5 s", "5 min", "2 h", "4 days"]);
        assert_eq!([size(10), size(5000), size(7 << 20), size(20 << 30)], ["10 B", "4 KiB", "7 MiB", "20 GiB"]);
    }
}
