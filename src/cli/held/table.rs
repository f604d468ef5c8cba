//! What waits, as lines for people and as JSON for programs.

use crate::clock;
use crate::moderation::waiting::{Joining, Leaving, Post};
use crate::queues::safe;
use crate::text::header::{header_of, one_line_in};
use compat::list::{self, MailList, Requests};
use compat::site::Site;
use migration::json::Json;
use std::rc::Rc;

/// The units in which an age is shown, in seconds.
const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// What waits on a list.
pub(super) struct Waiting {
    name: String,
    rows: Vec<Row>,
}

/// One request.
struct Row {
    id: i64,
    kind: &'static str,
    /// In seconds; requests to leave do not say when they came.
    since: Option<f64>,
    sender: String,
    subject: Option<String>,
    reason: Option<String>,
    bytes: Option<u64>,
}

/// Reads what waits on one list, or on all that have something.
///
/// # Errors
/// There is no such list, or something cannot be read.
pub(super) fn read(site: &Rc<Site>, name: Option<&str>) -> Result<Vec<Waiting>, String> {
    if let Some(name) = name {
        return Ok(vec![of_list(site, name.as_bytes())?]);
    }
    let mut names = list::names(site).map_err(|error| error.to_string())?;
    names.sort();
    let all: Result<Vec<Waiting>, String> = names.iter().map(|name| of_list(site, name)).collect();
    Ok(all?.into_iter().filter(|waiting| !waiting.rows.is_empty()).collect())
}

fn of_list(site: &Rc<Site>, name: &[u8]) -> Result<Waiting, String> {
    let list = MailList::load(site, name.to_ascii_lowercase()).map_err(|error| error.to_string())?;
    let requests = list.read_requests().map_err(|error| error.to_string())?;
    Ok(Waiting { name: safe(list.name()), rows: rows(&list, &requests) })
}

fn rows(list: &MailList, requests: &Requests) -> Vec<Row> {
    let joining = Joining::all(requests)
        .into_iter()
        .map(|request| Row { since: Some(request.since), ..Row::plain(request.id, "join", safe(&request.address)) });
    let leaving =
        Leaving::all(requests).into_iter().map(|request| Row::plain(request.id, "leave", safe(&request.address)));
    let posts = Post::all(requests).into_iter().map(|post| Row {
        since: Some(post.since),
        subject: Some(safe(&one_line_in(&header_of(&post.subject).text(), b"utf-8"))),
        reason: Some(safe(&post.reason)),
        bytes: std::fs::metadata(list.held_file(&post.file)).ok().map(|about| about.len()),
        ..Row::plain(post.id, "post", safe(&post.sender))
    });
    let mut rows: Vec<Row> = joining.chain(leaving).chain(posts).collect();
    rows.sort_by_key(|row| row.id);
    rows
}

impl Row {
    fn plain(id: i64, kind: &'static str, sender: String) -> Row {
        Row { id, kind, since: None, sender, subject: None, reason: None, bytes: None }
    }

    fn age(&self) -> Option<i64> {
        self.since.map(|since| (clock::now() - since).max(0.0) as i64)
    }

    fn json(&self) -> Json {
        let text = |text: &Option<String>| text.clone().map(Json::Text);
        let fields = [
            ("id", Some(Json::Int(self.id))),
            ("kind", Some(Json::text(self.kind))),
            ("sender", Some(Json::text(self.sender.clone()))),
            ("subject", text(&self.subject)),
            ("reason", text(&self.reason)),
            ("since", self.since.map(|since| Json::Int(since as i64))),
            ("age", self.age().map(Json::Int)),
            ("bytes", self.bytes.map(Json::count)),
        ];
        Json::Object(fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }
}

/// One JSON array: an object a list, with its requests. Times are seconds since the epoch, ages seconds.
pub(super) fn json(lists: &[Waiting]) -> String {
    let list = |waiting: &Waiting| {
        Json::Object(vec![
            ("list", Json::text(waiting.name.clone())),
            ("requests", Json::array(&waiting.rows, Row::json)),
        ])
    };
    format!("{}\n", Json::array(lists, list))
}

/// A line a request below its list: number, kind, age, sender, subject, reason.
pub(super) fn text(lists: &[Waiting]) -> String {
    if lists.iter().all(|waiting| waiting.rows.is_empty()) {
        return "Nothing waits.\n".to_string();
    }
    lists.iter().map(|waiting| format!("{}: {}\n{}", waiting.name, waiting.rows.len(), lines(&waiting.rows))).collect()
}

fn lines(rows: &[Row]) -> String {
    let widest = rows.iter().map(|row| row.sender.chars().count()).max().unwrap_or(0);
    let line = |row: &Row| {
        let age = row.age().map(shown_age).unwrap_or_default();
        let mut line = format!("{:>6}  {:<5}  {age:>6}  {:<widest$}", row.id, row.kind, row.sender);
        for part in [&row.subject, &row.reason].into_iter().flatten() {
            line.push_str(&format!("  {part}"));
        }
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

/// In the largest unit of which there is one.
fn shown_age(seconds: i64) -> String {
    let (size, unit) = UNITS.iter().find(|(size, _)| seconds >= *size).unwrap_or(&UNITS[3]);
    format!("{}{unit}", seconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        let ages = [0, 59, 60, 7_199, 86_399, 200_000].map(shown_age);
        assert_eq!(ages, ["0s", "59s", "1min", "1h", "23h", "2d"]);
    }

    #[test]
    fn rows_as_json_leave_out_what_is_unknown() {
        let row = Row::plain(3, "leave", "a@b.example".to_string());
        assert_eq!(row.json().to_string(), r#"{"id": 3, "kind": "leave", "sender": "a@b.example"}"#);
    }
}
