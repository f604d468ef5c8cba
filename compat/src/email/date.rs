//! Dates of mail as Python 2.7's `email.utils`, `email._parseaddr` and `time` write and read them.

use super::text::{is_space, trim};
use chrono::{DateTime, Datelike, Local, LocalResult, NaiveDate, Offset, TimeZone, Timelike, Utc};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// The months as the C locale shortens them.
pub const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH_NAMES: [&str; 24] = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Zones that Python knows by name, as hours east times 100.
const ZONES: [(&str, i64); 14] = [
    ("UT", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("AST", -400),
    ("ADT", -300),
    ("EST", -500),
    ("EDT", -400),
    ("CST", -600),
    ("CDT", -500),
    ("MST", -700),
    ("MDT", -600),
    ("PST", -800),
    ("PDT", -700),
];

/// What `parsedate_tz` returns; Python's three constant fields (weekday 0, day of the year 1, DST unknown) are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedDate {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    /// Seconds east of UTC, where the date says.
    pub offset: Option<i64>,
}

/// `email.utils.formatdate(epoch, local)`
pub fn formatdate(epoch: i64, local: bool) -> String {
    let (date, zone) = match local {
        true => {
            let date = local_time(epoch);
            (date.naive_local(), zone_text(i64::from(date.offset().fix().local_minus_utc())))
        }
        false => (utc_time(epoch).naive_utc(), "-0000".to_owned()),
    };
    let day = DAYS.get(date.weekday().num_days_from_monday() as usize).unwrap_or(&"");
    let month = MONTHS.get(date.month0() as usize).unwrap_or(&"");
    let (y, d) = (date.year(), date.day());
    format!("{day}, {d:02} {month} {y:04} {:02}:{:02}:{:02} {zone}", date.hour(), date.minute(), date.second())
}

/// `+HHMM`; the sign is plus at zero.
fn zone_text(east: i64) -> String {
    let minutes = east.abs() / 60;
    format!("{}{:02}{:02}", if east < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
}

/// `time.ctime(epoch)`: local time, the day padded with a blank.
pub fn ctime(epoch: i64) -> String {
    let date = local_time(epoch);
    let day = DAYS.get(date.weekday().num_days_from_monday() as usize).unwrap_or(&"");
    let month = MONTHS.get(date.month0() as usize).unwrap_or(&"");
    let (h, m, s, y) = (date.hour(), date.minute(), date.second(), date.year());
    format!("{day} {month} {:2} {h:02}:{m:02}:{s:02} {y}", date.day())
}

fn utc_time(epoch: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(epoch, 0).unwrap_or_default()
}

fn local_time(epoch: i64) -> DateTime<Local> {
    utc_time(epoch).with_timezone(&Local)
}

/// `email.utils.parsedate`; None also where Python's raises an error because words are missing.
pub fn parsedate(text: &[u8]) -> Option<ParsedDate> {
    parsedate_tz(text)
}

/// `email.utils.parsedate_tz`: dates of RFC 822, 850 and 2822, C's `ctime`, and much that only looks like one.
pub fn parsedate_tz(text: &[u8]) -> Option<ParsedDate> {
    let fields = Fields::of(words(text)?)?.in_order()?;
    let (hour, minute, second) = clock(&fields.time)?;
    let year = number(&fields.year)?;
    let year = match year {
        ..=68 => year + 2000,
        69..=99 => year + 1900,
        _ => year,
    };
    let (day, month) = (number(&fields.day)?, fields.month);
    Some(ParsedDate { year, month, day, hour, minute, second, offset: offset(&fields.zone) })
}

/// The words of a date without the name of a weekday; RFC 850's `01-Jan-70` becomes three.
fn words(text: &[u8]) -> Option<Vec<String>> {
    let latin1: String = text.iter().map(|&byte| char::from(byte)).collect();
    let mut words: Vec<String> = latin1
        .split(|c: char| c.is_ascii() && is_space(c as u8))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let first = words.first()?.clone();
    if first.ends_with(',') || DAYS.iter().any(|day| first.eq_ignore_ascii_case(day)) {
        words.remove(0);
    } else if let Some((_, behind)) = first.rsplit_once(',') {
        words.splice(0..1, [behind.to_owned()]);
    }
    if let [date, ..] = words.as_slice() {
        let parts: Vec<String> = date.split('-').map(str::to_owned).collect();
        if words.len() == 3 && parts.len() == 3 {
            words.splice(0..1, parts);
        }
    }
    Some(words)
}

/// The five fields of a date, while their order is not certain.
struct Fields {
    day: String,
    month: String,
    year: String,
    time: String,
    zone: String,
}

/// The fields in their places, the month as its number.
struct Ordered {
    day: String,
    month: i64,
    year: String,
    time: String,
    zone: String,
}

impl Fields {
    fn of(mut words: Vec<String>) -> Option<Self> {
        if let [_, _, _, time] = words.as_slice() {
            let (time, zone) = match time.split_once('+') {
                Some((clock, zone)) if !clock.is_empty() => (clock.to_owned(), zone.to_owned()),
                _ => (time.clone(), String::new()),
            };
            words.splice(3.., [time, zone]);
        }
        let mut words = words.into_iter();
        let mut next = || words.next();
        Some(Fields { day: next()?, month: next()?, year: next()?, time: next()?, zone: next()? })
    }

    /// The month may come before the day, the time before the year, the zone before the year.
    fn in_order(self) -> Option<Ordered> {
        let Fields { day, month, year, time, zone } = self;
        let (day, month) = match (month_number(&month), month_number(&day)) {
            (Some(number), _) => (day, number),
            (None, Some(number)) => (month.to_ascii_lowercase(), number),
            _ => return None,
        };
        let (year, time) = if year.find(':').is_some_and(|at| at > 0) { (time, year) } else { (year, time) };
        let year = without_comma(year)?;
        let starts_with_digit = year.starts_with(|c: char| c.is_ascii_digit());
        let (year, zone) = if starts_with_digit { (year, zone) } else { (zone, year) };
        Some(Ordered { day: without_comma(day)?, month, year, time: without_comma(time)?, zone })
    }
}

/// Python fails with an IndexError at an empty field; so the date is none.
fn without_comma(field: String) -> Option<String> {
    if field.is_empty() {
        return None;
    }
    Some(field.strip_suffix(',').map_or(field.clone(), str::to_owned))
}

fn month_number(name: &str) -> Option<i64> {
    let name = name.to_ascii_lowercase();
    let at = MONTH_NAMES.iter().position(|known| *known == name)?;
    Some(at as i64 % 12 + 1)
}

/// `hh:mm` or `hh:mm:ss`
fn clock(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let second = parts.next().map_or(Some(0), number)?;
    parts.next().is_none().then_some((hour, minute, second))
}

/// A zone's name or `+hhmm` as seconds; None where it is neither.
fn offset(zone: &str) -> Option<i64> {
    let zone = zone.to_ascii_uppercase();
    let named = ZONES.iter().find(|(name, _)| *name == zone).map(|(_, offset)| *offset);
    let hundreds = named.or_else(|| number(&zone))?;
    let minutes = hundreds.unsigned_abs() / 100 * 60 + hundreds.unsigned_abs() % 100;
    i64::try_from(minutes).ok()?.checked_mul(60 * hundreds.signum())
}

/// `int(text)`: white space around it and a sign are allowed. Numbers beyond 64 bits are none.
fn number(text: &str) -> Option<i64> {
    let text = trim(text.as_bytes());
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `email.utils.mktime_tz`: seconds since 1970; a date without a zone is local time. None where it is beyond reckoning.
pub fn mktime_tz(date: &ParsedDate) -> Option<i64> {
    let days = days_since_1970(date.year, date.month)?.checked_add(date.day)?.checked_sub(1)?;
    let clock = date.hour.checked_mul(60)?.checked_add(date.minute)?.checked_mul(60)?.checked_add(date.second)?;
    let seconds = days.checked_mul(86_400)?.checked_add(clock)?;
    match date.offset {
        Some(offset) => seconds.checked_sub(offset),
        // Python's `mktime` takes no year before 1900.
        None if date.year < 1900 => None,
        None => local_epoch(seconds),
    }
}

/// The day number of the first of a month; months beyond December run on into the next year.
fn days_since_1970(year: i64, month: i64) -> Option<i64> {
    let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, 1)?;
    Some(first.signed_duration_since(NaiveDate::default()).num_days())
}

/// `time.mktime` of a local clock given as if it were UTC: of two possible times the one without summer time, and a
/// time that does not exist is moved on, as the C library does.
fn local_epoch(seconds: i64) -> Option<i64> {
    let clock = DateTime::from_timestamp(seconds, 0)?.naive_utc();
    match Local.from_local_datetime(&clock) {
        LocalResult::Single(date) => Some(date.timestamp()),
        LocalResult::Ambiguous(_, late) => Some(late.timestamp()),
        LocalResult::None => {
            let hour = chrono::TimeDelta::hours(1);
            Some(Local.from_local_datetime(&clock.checked_sub_signed(hour)?).earliest()?.timestamp() + 3600)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(text: &str) -> Option<i64> {
        mktime_tz(&parsedate_tz(text.as_bytes())?)
    }

    #[test]
    fn dates_of_many_kinds() {
        assert_eq!(epoch("Mon, 20 Nov 1995 19:12:08 -0500"), Some(816_912_728));
        assert_eq!(epoch("20 Nov 95 19:12 EST"), Some(816_912_720));
        assert_eq!(epoch("Sunday, 06-Nov-94 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(epoch("Nov 6 1994 8:49+0100"), Some(784_108_140));
        assert_eq!(epoch("1 Jan 2000 25:00:00 +0530"), Some(946_755_000));
        assert_eq!(epoch("Fri,01 Feb 2013 01:02:03 -0000"), Some(1_359_680_523));
        assert_eq!(epoch("nonsense at all x y"), None);
        assert_eq!(parsedate_tz(b"Sun Nov  6 08:49:37 1994").unwrap().offset, None);
        assert_eq!(parsedate_tz(b""), None);
        assert_eq!(epoch("1 Jan 99999999999999 00:00 GMT"), None);
    }

    #[test]
    fn dates_are_written_for_utc() {
        assert_eq!(formatdate(1_234_567_890, false), "Fri, 13 Feb 2009 23:31:30 -0000");
        assert_eq!(formatdate(0, false), "Thu, 01 Jan 1970 00:00:00 -0000");
    }

    #[test]
    fn a_local_date_means_the_same_instant() {
        let text = formatdate(1_234_567_890, true);
        assert_eq!(epoch(&text), Some(1_234_567_890));
        assert_eq!(epoch(&ctime(1_234_567_890)), Some(1_234_567_890));
    }

    proptest::proptest! {
        #[test]
        fn nothing_breaks_it(text in "([A-Z][a-z]{2}|[0-9]{1,4}|[ ,:+-])*") {
            let _ = epoch(&text);
        }
    }
}
