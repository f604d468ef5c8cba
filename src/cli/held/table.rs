//! What waits, as lines for people and as JSON for programs.

use crate::moderation::described::{rows, Row};
use crate::queues::safe;
use compat::list::{self, MailList};
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
    let list = MailList::look(site, name.to_ascii_lowercase()).map_err(|error| error.to_string())?;
    let requests = list.read_requests().map_err(|error| error.to_string())?;
    Ok(Waiting { name: safe(list.name()), rows: rows(&list, &requests) })
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

/// One line per request below its list: number, kind, age, sender, subject, reason.
pub(super) fn text(lists: &[Waiting]) -> String {
    if lists.iter().all(|waiting| waiting.rows.is_empty()) {
        return "Nothing waits.\n".to_string();
    }
    lists.iter().map(|waiting| format!("{}: {}\n{}", waiting.name, waiting.rows.len(), lines(&waiting.rows))).collect()
}

fn lines(rows: &[Row]) -> String {
    let sender = |row: &Row| safe(row.sender.as_bytes());
    let widest = rows.iter().map(|row| sender(row).chars().count()).max().unwrap_or(0);
    let line = |row: &Row| {
        let age = row.age().map(shown_age).unwrap_or_default();
        let mut line = format!("{:>6}  {:<5}  {age:>6}  {:<widest$}", row.id, row.kind, sender(row));
        for part in [&row.subject, &row.reason].into_iter().flatten() {
            line.push_str(&format!("  {}", safe(part.as_bytes())));
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
}
