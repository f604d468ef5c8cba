//! Volumes: how an article's date names one, what an index calls it, and in which order they are listed.
//!
//! The names are in the C locale (Mailman never sets LC_TIME), the titles in the list's language. Answers to
//! `dateToVolName`, `volNameToDesc`, `volNameToDate` and `sortarchives` of HyperArch.

use crate::notice::words::Words;
use chrono::{DateTime, Datelike, Local, TimeZone};
use compat::value::Value;
use compat::ByteStr;

/// What index pages and the state of an archive say of a volume.
pub struct VolumeFacts {
    pub volume: ByteStr,
    pub first: i64,
    pub last: i64,
    pub now: i64,
    pub size: usize,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const QUARTERS: [&str; 4] = ["First", "Second", "Third", "Fourth"];
const WEEK_PREFIX: &str = "Week-of-Mon-";

/// How long a volume is: `archive_volume_frequency`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Year,
    Quarter,
    Month,
    Week,
    Day,
}

/// What a volume's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Volume {
    Year(i64),
    Quarter(i64, usize),
    Month(i64, usize),
    Week(i64, usize, i64),
    Day(i64, usize, i64),
}

impl Period {
    /// From the list's setting; an unknown number is a month.
    pub fn of(frequency: i64) -> Self {
        match frequency {
            0 => Period::Year,
            2 => Period::Quarter,
            3 => Period::Week,
            4 => Period::Day,
            _ => Period::Month,
        }
    }

    /// The volume that an article of this time (seconds of the epoch) belongs to, by local time.
    pub fn volume_of(self, seconds: i64) -> String {
        let day = self.first_day(seconds);
        match self {
            Period::Year => format!("{:04}", day.year()),
            Period::Quarter => format!("{}q{}", day.year(), day.month0() / 3 + 1),
            Period::Month => format!("{}-{}", day.year(), MONTHS[day.month0() as usize % 12]),
            Period::Day => digits_of(day),
            Period::Week => format!("{WEEK_PREFIX}{}", digits_of(day)),
        }
    }

    /// The year that the volume's name would begin with, where Python's `strftime` refuses it.
    pub fn year_before_1900(self, seconds: i64) -> Option<i32> {
        Some(self.first_day(seconds).year()).filter(|year| *year < 1900)
    }

    /// The day that names the volume. A week goes back days of 86,400 seconds, so that around a change of the clock it is not
    /// always Monday.
    fn first_day(self, seconds: i64) -> DateTime<Local> {
        let day = local(seconds);
        match self {
            Period::Week => local(seconds - i64::from(day.weekday().num_days_from_monday()) * 86_400),
            _ => day,
        }
    }

    /// Newest first.
    pub fn sort(self, volumes: &mut [ByteStr]) {
        match self {
            Period::Year | Period::Quarter | Period::Month => {
                volumes.sort_by_key(|name| parse(name).map_or((0, 0), Volume::first_month));
            }
            Period::Week | Period::Day => volumes.sort(),
        }
        volumes.reverse();
    }
}

impl Volume {
    fn first_month(self) -> (i64, usize) {
        match self {
            Volume::Year(year) => (year, 1),
            Volume::Quarter(year, quarter) => (year, quarter * 3 - 2),
            Volume::Month(year, month) | Volume::Week(year, month, _) | Volume::Day(year, month, _) => (year, month),
        }
    }

    fn title(self, words: &Words<'_>) -> ByteStr {
        let month_name = |month: usize| Value::Str(words.say(MONTHS[(month + 11) % 12]));
        match self {
            Volume::Year(year) => format!("{year:04}").into(),
            Volume::Quarter(year, quarter) => {
                let ordinal = Value::Str(words.say(QUARTERS[(quarter + 3) % 4]));
                words.fill("%(ord)s quarter %(year)i", &[("ord", ordinal), ("year", Value::Int(year))])
            }
            Volume::Month(year, month) => {
                words.fill("%(month)s %(year)i", &[("month", month_name(month)), ("year", Value::Int(year))])
            }
            Volume::Week(year, month, day) => words.fill(
                "The Week Of Monday %(day)i %(month)s %(year)i",
                &[("day", Value::Int(day)), ("month", month_name(month)), ("year", Value::Int(year))],
            ),
            Volume::Day(year, month, day) => words.fill(
                "%(day)i %(month)s %(year)i",
                &[("day", Value::Int(day)), ("month", month_name(month)), ("year", Value::Int(year))],
            ),
        }
    }
}

/// What a volume is called on a page. `None`: the name is none that the archiver gives, on which Python raises.
pub fn title(name: &ByteStr, words: &Words<'_>) -> Option<ByteStr> {
    parse(name).map(|volume| volume.title(words))
}

/// Whether this is the name of a volume.
pub fn is_name(name: &[u8]) -> bool {
    parse(name).is_some()
}

fn parse(name: &[u8]) -> Option<Volume> {
    let name = std::str::from_utf8(name).ok()?.trim();
    if let Some(date) = name.strip_prefix(WEEK_PREFIX) {
        // Anything may follow the date of a week.
        let (year, month, day) = date_of(date.get(..8)?)?;
        return Some(Volume::Week(year, month, day));
    }
    let (year, rest) = (digits(name.get(..4)?)?, name.get(4..)?);
    if rest.is_empty() {
        return Some(Volume::Year(year));
    }
    if let Some(quarter) = rest.strip_prefix('q').and_then(digits).filter(|q| rest.len() == 2 && (1..=4).contains(q)) {
        return Some(Volume::Quarter(year, quarter as usize));
    }
    if let Some(month) = rest.strip_prefix('-') {
        let at = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))?;
        return Some(Volume::Month(year, at + 1));
    }
    let (year, month, day) = date_of(name).filter(|_| name.len() == 8)?;
    Some(Volume::Day(year, month, day))
}

fn date_of(text: &str) -> Option<(i64, usize, i64)> {
    let (year, month, day) = (digits(text.get(..4)?)?, digits(text.get(4..6)?)?, digits(text.get(6..8)?)?);
    (month <= 12 && day < 40).then_some((year, month as usize, day))
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `%Y%m%d`, without chrono's sign before years of five digits.
fn digits_of(day: DateTime<Local>) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

fn local(seconds: i64) -> DateTime<Local> {
    Local.timestamp_opt(seconds, 0).single().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood() {
        assert_eq!(parse(b"2026"), Some(Volume::Year(2026)));
        assert_eq!(parse(b"2026q3"), Some(Volume::Quarter(2026, 3)));
        assert_eq!(parse(b"2026-march"), Some(Volume::Month(2026, 3)));
        assert_eq!(parse(b"Week-of-Mon-20260302"), Some(Volume::Week(2026, 3, 2)));
        assert_eq!(parse(b"20260302"), Some(Volume::Day(2026, 3, 2)));
        for wrong in [&b"2026q5"[..], b"2026-Mai", b"202603021", b"x", b"20269902"] {
            assert_eq!(parse(wrong), None, "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn months_are_listed_newest_first() {
        let mut names: Vec<ByteStr> = ["2025-December", "2026-April", "2026-March"].map(ByteStr::from).to_vec();
        Period::Month.sort(&mut names);
        assert_eq!(names, ["2026-April", "2026-March", "2025-December"].map(ByteStr::from));
    }

    #[test]
    fn dates_name_volumes() {
        let noon = Local.with_ymd_and_hms(2026, 3, 5, 12, 0, 0).unwrap().timestamp();
        let names =
            [Period::Year, Period::Quarter, Period::Month, Period::Week, Period::Day].map(|p| p.volume_of(noon));
        assert_eq!(names, ["2026", "2026q1", "2026-March", "Week-of-Mon-20260302", "20260305"]);
        let far = Local.with_ymd_and_hms(12026, 3, 5, 12, 0, 0).unwrap().timestamp();
        assert_eq!([Period::Year, Period::Day].map(|p| p.volume_of(far)), ["12026", "120260305"]);
    }

    #[test]
    fn strftime_wants_years_from_1900_on() {
        let monday = Local.with_ymd_and_hms(1900, 1, 1, 12, 0, 0).unwrap().timestamp();
        assert_eq!(Period::Day.year_before_1900(monday), None);
        assert_eq!(Period::Day.year_before_1900(monday - 86_400), Some(1899));
        // A Sunday of 1900 is in the week of a Monday of 1900.
        assert_eq!(Period::Week.year_before_1900(monday + 6 * 86_400), None);
    }
}
