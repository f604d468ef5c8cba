//! The status as metrics, in the text format that Prometheus and node_exporter read.

use super::{Level, Status};
use std::fmt::Write;
use std::time::SystemTime;

/// A metric with its samples: labels as they are written, and the value.
struct Metric {
    name: &'static str,
    help: &'static str,
    samples: Vec<(String, f64)>,
}

/// All of it.
pub fn of(status: &Status) -> String {
    let mut out = String::new();
    for Metric { name, help, samples } in metrics(status) {
        let _ = writeln!(out, "# HELP mailman_{name} {help}\n# TYPE mailman_{name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(out, "mailman_{name}{labels} {value}");
        }
    }
    out
}

fn metrics(status: &Status) -> Vec<Metric> {
    let critical = status.problems().iter().filter(|problem| problem.level == Level::Critical).count();
    let single = |name, help, value: f64| Metric { name, help, samples: vec![(String::new(), value)] };
    let mut metrics = vec![
        single("up", "Whether the master runs.", f64::from(u8::from(status.master.is_some()))),
        single("problems", "Problems that mailman2-rs status tells of.", status.problems().len() as f64),
        single("critical_problems", "Those that are critical.", critical as f64),
        single("lists", "Mailing lists.", status.waiting.lists as f64),
        single("unreadable_lists", "Lists that cannot be read.", status.waiting.unreadable.len() as f64),
        single("locks_held", "Locks that are held.", status.locks.len() as f64),
    ];
    metrics.extend(runners(status));
    metrics.extend(queues(status));
    metrics.extend(traffic(status));
    let waiting = |name: &str, count: fn(&super::waiting::OfList) -> usize| {
        (label("kind", name), status.waiting.waiting.iter().map(count).sum::<usize>() as f64)
    };
    metrics.push(Metric {
        name: "waiting_for_moderators",
        help: "Requests that wait for a moderator.",
        samples: vec![
            waiting("post", |of_list| of_list.posts),
            waiting("subscription", |of_list| of_list.subscriptions),
            waiting("unsubscription", |of_list| of_list.unsubscriptions),
        ],
    });
    let free = status.rooms.iter().map(|room| (label("place", room.what), room.free as f64)).collect();
    metrics.push(Metric { name: "disk_free_bytes", help: "Free room on the disk of a place.", samples: free });
    metrics
}

fn runners(status: &Status) -> Vec<Metric> {
    let metric = |name, help, value: &dyn Fn(&super::RunnerState) -> Option<f64>| {
        let sample = |runner: &super::RunnerState| {
            let labels = format!("{{runner=\"{}\",slice=\"{}\"}}", escaped(&runner.name), runner.slice);
            Some((labels, value(runner)?))
        };
        Metric { name, help, samples: status.runners.iter().filter_map(sample).collect() }
    };
    let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() as f64;
    vec![
        metric("runner_up", "Whether a runner runs.", &|runner| Some(f64::from(u8::from(runner.process.is_some())))),
        metric("runner_restarts", "Restarts since the master started.", &|runner| Some(runner.restarts as f64)),
        metric("runner_memory_bytes", "Resident memory.", &|runner| Some(runner.process.as_ref()?.memory as f64)),
        metric("runner_start_seconds", "When it was started.", &|runner| Some(seconds(runner.process.as_ref()?.since))),
    ]
}

fn queues(status: &Status) -> Vec<Metric> {
    let metric = |name, help, value: &dyn Fn(&super::QueueState) -> f64| {
        let samples = status.queues.iter().map(|queue| (label("queue", &queue.name), value(queue))).collect();
        Metric { name, help, samples }
    };
    vec![
        metric("queue_entries", "Entries of a queue.", &|queue| queue.entries as f64),
        metric("queue_in_work", "Entries that a runner has in work.", &|queue| queue.in_work as f64),
        metric("queue_on_hold", "Entries that an operator has put off.", &|queue| queue.on_hold as f64),
        metric("queue_oldest_seconds", "Age of the oldest entry.", &|queue| {
            queue.oldest.map_or(0.0, |age| age.as_secs_f64())
        }),
        metric("queue_bytes", "Size of all entries.", &|queue| queue.bytes as f64),
    ]
}

fn traffic(status: &Status) -> Vec<Metric> {
    let traffic = &status.traffic;
    let metric = |name, help, [hour, day]: [usize; 2]| Metric {
        name,
        help,
        samples: vec![(label("period", "hour"), hour as f64), (label("period", "day"), day as f64)],
    };
    vec![
        metric("recent_posts", "Posts by the log.", traffic.posts),
        metric("recent_messages", "Messages handed to the mail server.", traffic.messages),
        metric("recent_recipients", "Their recipients.", traffic.recipients),
        metric("recent_refusals", "Refusals by the mail server.", traffic.refusals),
        metric("recent_errors", "Entries of the error log.", traffic.errors),
    ]
}

fn label(name: &str, value: &str) -> String {
    format!("{{{name}=\"{}\"}}", escaped(value))
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_has_its_help_type_and_samples() {
        let shown = of(&super::super::judge::tests::healthy());
        for line in [
            "mailman_up 1",
            "# TYPE mailman_queue_entries gauge",
            "mailman_queue_entries{queue=\"in\"} 1",
            "mailman_queue_oldest_seconds{queue=\"in\"} 60",
            "mailman_runner_up{runner=\"ArchRunner\",slice=\"0\"} 1",
            "mailman_recent_recipients{period=\"day\"} 20",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
        }
        assert_eq!(label("x", "a\"\\b"), "{x=\"a\\\"\\\\b\"}");
    }
}
