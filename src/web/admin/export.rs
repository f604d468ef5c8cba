//! What an owner takes home: the members as CSV, the settings as a file that config_list reads, and the history of
//! changes. Ours alone; Mailman has it on the command line only.

use super::frame::Frame;
use crate::clock;
use crate::lists::options::show::{self, Language};
use crate::membership::described::delivery;
use crate::membership::rows::BOXES;
use crate::notice::Words;
use crate::web::texts::decode_value;
use crate::web::{Content, Problem, Response, Visit};
use compat::list::{options, MailList};
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};

/// How much of the end of the history is looked through, in bytes, and how many entries are shown.
const LOOKED_THROUGH: u64 = 1 << 20;
const SHOWN: usize = 500;

/// What a path names behind `export`, or nothing.
pub(super) fn file(visit: &Visit<'_>, list: &MailList, name: &[u8]) -> Option<Response> {
    match name {
        b"members.csv" => Some(download("text/csv; charset=utf-8", list, "members.csv", members(list).into_bytes())),
        b"config.txt" => {
            let kind = ByteStr::new([b"text/plain; charset=", &list.charset()[..]].concat());
            Some(download(kind, list, "config.txt", settings(visit, list)))
        }
        _ => None,
    }
}

fn download(kind: impl Into<ByteStr>, list: &MailList, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(kind, Content::Bytes(bytes));
    response.set("Content-Disposition", format!("attachment; filename=\"{}-{name}\"", list.name()));
    response
}

/// One line per member, in the order of the addresses.
fn members(list: &MailList) -> String {
    let mut members = list.members();
    members.sort_unstable();
    let flags: Vec<&str> = BOXES.iter().map(|(name, _)| *name).collect();
    let mut text = format!("address,name,delivery,digest,mod,{},language\r\n", flags.join(","));
    for member in &members {
        let yes = |on: bool| if on { "1" } else { "0" }.to_string();
        let shown = list.case_preserved(member).unwrap_or_else(|| member.clone()).to_string();
        let name = list.name_of(member).map(|name| decode_value(&name, &list.charset())).unwrap_or_default();
        let mut cells = vec![shown, name, delivery(list.delivery_status(member)).to_string()];
        cells.push(yes(list.is_digest_member(member) == Some(true)));
        cells.push(yes(list.option(member, options::MODERATE)));
        cells.extend(BOXES.iter().map(|(_, bit)| yes(list.option(member, *bit))));
        cells.push(list.language_of(member).to_string());
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&(cells.join(",") + "\r\n"));
    }
    text
}

/// A cell. What a spreadsheet would take for a formula gets an apostrophe before it.
fn quoted(cell: &str) -> String {
    let cell = match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_string(),
    };
    match cell.contains([',', '"', '\r', '\n', '\'']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

fn settings(visit: &Visit<'_>, list: &MailList) -> Vec<u8> {
    let words = Words::new(visit.site, &list.preferred_language());
    let shown = |english: &str, values: &[(&str, Value)]| words.fill(english, values);
    show::file(list, clock::seconds(), &Language { words: &words, shown: &shown })
}

/// The page of the list's history, the latest first.
pub(super) fn history(frame: &Frame<'_>) -> Result<Markup, Problem> {
    let entries = entries(frame.visit, frame.list)?;
    Ok(html! {
        h2 { "History of changes" }
        p { "What owners, moderators, members, tools and programs have changed on this list, the latest first." }
        @if entries.is_empty() { p { "Nothing yet." } }
        @else { table.lists { @for (when, what, who) in &entries { tr { td { (when) } td { (what) } td { (who) } } } } }
    })
}

/// When, what and who.
type Entry = (String, String, String);

fn entries(visit: &Visit<'_>, list: &MailList) -> Result<Vec<Entry>, Problem> {
    let Some(path) = visit.site.history_file() else { return Ok(Vec::new()) };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_THROUGH)))?;
    let mut bytes = Vec::new();
    file.take(LOOKED_THROUGH).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let of_list = format!("{}: ", list.name());
    Ok(text.lines().rev().filter_map(|line| entry(line, &of_list)).take(SHOWN).collect())
}

/// `WHEN (PID) LIST: WHAT -- WHO`
fn entry(line: &str, of_list: &str) -> Option<Entry> {
    let (when, rest) = line.split_once(" (")?;
    let (_, rest) = rest.split_once(") ")?;
    let (what, who) = rest.strip_prefix(of_list)?.rsplit_once(" -- ")?;
    Some((when.to_string(), what.to_string(), who.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(quoted("a@b.example"), "a@b.example");
        assert_eq!(quoted("Doe, \"Jo\""), "\"Doe, \"\"Jo\"\"\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
    }

    #[test]
    fn entries_of_one_list() {
        let line = "Mar 02 12:00:00 2026 (7) club: option info: 'a' -- 'b' -- page admin, from 192.0.2.7";
        let found = entry(line, "club: ").unwrap();
        assert_eq!(found.0, "Mar 02 12:00:00 2026");
        assert_eq!((found.1.as_str(), found.2.as_str()), ("option info: 'a' -- 'b'", "page admin, from 192.0.2.7"));
        assert_eq!(entry(line, "clu: "), None);
    }
}
