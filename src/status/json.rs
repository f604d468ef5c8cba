//! The status for programs.

use super::{Level, Process, QueueState, Status};
use migration::json::Json;
use std::time::SystemTime;

/// All of it.
pub fn of(status: &Status) -> Json {
    let traffic = &status.traffic;
    let counts = |[hour, day]: [usize; 2]| Json::Object(vec![("hour", Json::count(hour)), ("day", Json::count(day))]);
    Json::Object(vec![
        ("time", seconds(status.now)),
        ("version", Json::text(&status.version)),
        ("master", Json::array(&status.master, process)),
        (
            "runners",
            Json::array(&status.runners, |runner| {
                Json::Object(vec![
                    ("name", Json::text(&runner.name)),
                    ("slice", Json::Int(runner.slice)),
                    ("slices", Json::Int(runner.slices)),
                    ("restarts", Json::count(runner.restarts)),
                    ("next_start", runner.next_start.map_or(Json::Int(-1), seconds)),
                    ("process", Json::array(&runner.process, process)),
                ])
            }),
        ),
        ("queues", queues(&status.queues)),
        (
            "traffic",
            Json::Object(vec![
                ("posts", counts(traffic.posts)),
                ("messages", counts(traffic.messages)),
                ("recipients", counts(traffic.recipients)),
                ("refusals", counts(traffic.refusals)),
                ("errors", counts(traffic.errors)),
            ]),
        ),
        ("lists", Json::count(status.waiting.lists)),
        (
            "waiting",
            Json::array(&status.waiting.waiting, |of_list| {
                Json::Object(vec![
                    ("list", Json::text(String::from_utf8_lossy(&of_list.list))),
                    ("posts", Json::count(of_list.posts)),
                    ("subscriptions", Json::count(of_list.subscriptions)),
                    ("unsubscriptions", Json::count(of_list.unsubscriptions)),
                ])
            }),
        ),
        (
            "locks",
            Json::array(&status.locks, |lock| {
                Json::Object(vec![
                    ("name", Json::text(&lock.name)),
                    ("claim", Json::text(&lock.claim)),
                    ("alive", Json::Bool(lock.is_alive)),
                    ("held", Json::Int(lock.held.map_or(-1, |held| held.as_secs() as i64))),
                ])
            }),
        ),
        (
            "rooms",
            Json::array(&status.rooms, |room| {
                Json::Object(vec![
                    ("what", Json::text(room.what)),
                    ("path", Json::text(room.path.display().to_string())),
                    ("free", Json::count(room.free)),
                ])
            }),
        ),
        (
            "problems",
            Json::array(status.problems(), |problem| {
                let level = if problem.level == Level::Critical { "critical" } else { "warning" };
                Json::Object(vec![("level", Json::text(level)), ("text", Json::text(problem.text))])
            }),
        ),
    ])
}

/// The queues alone; an age of -1 is that of an empty one.
pub fn queues(queues: &[QueueState]) -> Json {
    Json::array(queues, |queue| {
        Json::Object(vec![
            ("name", Json::text(&queue.name)),
            ("entries", Json::count(queue.entries)),
            ("in_work", Json::count(queue.in_work)),
            ("on_hold", Json::count(queue.on_hold)),
            ("oldest", Json::Int(queue.oldest.map_or(-1, |oldest| oldest.as_secs() as i64))),
            ("bytes", Json::count(queue.bytes)),
        ])
    })
}

/// None or one.
fn process(process: &Process) -> Json {
    Json::Object(vec![
        ("pid", Json::Int(process.pid.into())),
        ("since", seconds(process.since)),
        ("memory", Json::count(process.memory)),
        ("ours", Json::Bool(process.is_ours)),
    ])
}

fn seconds(when: SystemTime) -> Json {
    Json::count(when.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_the_text_holds() {
        let shown = of(&super::super::judge::tests::healthy()).to_string();
        assert!(
            shown.starts_with("{\"time\": 1772452800, \"version\": \"2.1.39\", \"master\": [{\"pid\": 7, "),
            "{shown}"
        );
        assert!(
            shown.contains("{\"name\": \"in\", \"entries\": 1, \"in_work\": 0, \"on_hold\": 0, \"oldest\": 60, "),
            "{shown}"
        );
        assert!(shown.ends_with("\"problems\": []}"), "{shown}");
    }
}
