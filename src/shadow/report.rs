//! What a day of watching came to: as text, JSON and a page, each a file named by the day.

use super::compare::Difference;
use super::trial::Verdict;
use compat::{clock, durable};
use migration::json::Json;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

/// More differences a day are counted only.
const CASES: usize = 200;
/// Maximum number of bytes of each side.
const SIDE: usize = 4_000;
const MODE: u32 = 0o600;

/// An entry that came out differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub entry: String,
    pub list: String,
    pub message_id: String,
    pub differences: Vec<Difference>,
}

/// A day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// `2026-11-30`
    pub date: String,
    pub seen: usize,
    pub equal: usize,
    pub different: usize,
    /// Entries that could not be compared, with the reasons.
    pub unclear: Vec<String>,
    /// Entries that were not tried, because too many came at once.
    pub skipped: usize,
    /// The first of those that differ.
    pub cases: Vec<Case>,
}

impl Day {
    /// One that begins now.
    pub fn today() -> Day {
        Day { date: date(), ..Day::default() }
    }

    /// Whether it still is that day.
    pub fn is_today(&self) -> bool {
        self.date == date()
    }

    /// Notes that `count` entries were gone before they could be read.
    pub fn miss(&mut self, count: usize) {
        self.seen += count;
        self.unclear.extend((0..count).map(|_| "an entry was gone before it could be read".to_string()));
    }

    /// Takes in a verdict.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Equal => self.equal += 1,
            Verdict::Unclear(why) => self.unclear.push(why),
            Verdict::Different { entry, list, message_id, differences } => {
                self.different += 1;
                if self.cases.len() < CASES {
                    self.cases.push(Case { entry, list, message_id, differences });
                }
            }
        }
    }

    /// Writes the three files, with a page made so.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn write(&self, folder: &Path, page: &dyn Fn(&Day) -> String) -> io::Result<()> {
        durable::mkdir_all(folder, 0o700)?;
        for (end, text) in [("txt", self.text()), ("json", self.json()), ("html", page(self))] {
            let path = folder.join(format!("{}.{end}", self.date));
            let temporary = folder.join(format!("{}.{end}.tmp", self.date));
            durable::replace(&path, &temporary, MODE, |file| file.write_all(text.as_bytes()))?;
        }
        Ok(())
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{}: {} entries seen, {} equal, {} different, {} could not be compared, {} not tried\n",
            self.date,
            self.seen,
            self.equal,
            self.different,
            self.unclear.len(),
            self.skipped
        );
        for case in &self.cases {
            let _ = writeln!(text, "\n{} (list {}, {})", case.entry, case.list, case.message_id);
            for one in &case.differences {
                let _ = writeln!(
                    text,
                    "  {}\n    Python: {}\n    ours:   {}",
                    one.what,
                    shown(&one.python),
                    shown(&one.ours)
                );
            }
        }
        for why in &self.unclear {
            let _ = writeln!(text, "not compared: {why}");
        }
        text
    }

    /// For programs: one object on one line.
    pub fn json(&self) -> String {
        let difference = |one: &Difference| {
            Json::Object(vec![
                ("what", Json::text(&one.what)),
                ("python", Json::text(cut(&one.python))),
                ("ours", Json::text(cut(&one.ours))),
            ])
        };
        let case = |case: &Case| {
            Json::Object(vec![
                ("entry", Json::text(&case.entry)),
                ("list", Json::text(&case.list)),
                ("message_id", Json::text(&case.message_id)),
                ("differences", Json::array(&case.differences, difference)),
            ])
        };
        let object = Json::Object(vec![
            ("date", Json::text(&self.date)),
            ("seen", Json::count(self.seen)),
            ("equal", Json::count(self.equal)),
            ("different", Json::count(self.different)),
            ("unclear", Json::array(&self.unclear, Json::text)),
            ("skipped", Json::count(self.skipped)),
            ("cases", Json::array(&self.cases, case)),
        ]);
        format!("{object}\n")
    }
}

fn date() -> String {
    clock::local().format("%Y-%m-%d").to_string()
}

/// The beginning of a side.
pub fn cut(text: &str) -> &str {
    let mut end = text.len().min(SIDE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn shown(text: &str) -> String {
    cut(text).replace('\n', "\n            ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_in_three_ways() {
        let folder = tempfile::tempdir().unwrap();
        let mut day = Day { seen: 3, ..Day::today() };
        day.add(Verdict::Equal);
        day.add(Verdict::Unclear("in/1: two runners".to_string()));
        let one = Difference { what: "queue out".to_string(), python: "a\nb".to_string(), ours: "nothing".to_string() };
        day.add(Verdict::Different {
            entry: "in/2".to_string(),
            list: "garden".to_string(),
            message_id: "<1@x>".to_string(),
            differences: vec![one],
        });
        day.write(folder.path(), &|day| format!("<p>{}", day.different)).unwrap();
        let read = |end: &str| std::fs::read_to_string(folder.path().join(format!("{}.{end}", day.date))).unwrap();
        assert!(read("txt").contains("3 entries seen, 1 equal, 1 different, 1 could not be compared, 0 not tried"));
        assert!(read("txt").contains("    Python: a\n            b\n    ours:   nothing\n"));
        assert!(read("json").contains("\"different\": 1") && read("html") == "<p>1");
    }
}
