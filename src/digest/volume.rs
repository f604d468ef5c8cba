//! Volume and issue: when the volume is counted on.

use crate::clock;
use crate::error::HandlerError;
use chrono::{DateTime, Datelike, Local, TimeZone};
use compat::list::{attributes, MailList};
use compat::value::Value;

/// Begins a new volume where the list's frequency says so, and notes the time of this digest.
pub fn advance(list: &mut MailList) -> Result<(), HandlerError> {
    let now = clock::local();
    let last = list.float(attributes::DIGEST_LAST_SENT_AT);
    let last = (last != 0.0).then(|| Local.timestamp_opt(last as i64, 0).single()).flatten();
    if last.is_some_and(|last| is_new_volume(list.int(attributes::DIGEST_VOLUME_FREQUENCY), &last, &now)) {
        begin(list);
    }
    list.set(attributes::DIGEST_LAST_SENT_AT, Value::Float(now.timestamp_micros() as f64 / 1e6));
    Ok(())
}

/// `bump_digest_volume`: the next digest is the first of a new volume.
pub fn begin(list: &mut MailList) {
    let next = list.get(attributes::VOLUME).map_or(Value::Int(1), Value::plus_one);
    list.set(attributes::VOLUME, next);
    list.set(attributes::NEXT_DIGEST_NUMBER, Value::Int(1));
}

/// Mailman's arithmetic as it is: a quarter is recognised by `month % 4`, and the first week of a year begins no volume.
fn is_new_volume(frequency: i64, last: &DateTime<Local>, now: &DateTime<Local>) -> bool {
    match frequency {
        0 => last.year() < now.year(),
        1 => last.month() != now.month(),
        2 => last.month() % 4 != now.month() % 4,
        3 => monday_week(now) > monday_week(last) || last.year() > now.year(),
        4 => last.ordinal() != now.ordinal(),
        _ => false,
    }
}

/// `strftime('%W')`: the week of the year, which begins on Monday.
fn monday_week(day: &DateTime<Local>) -> u32 {
    (day.ordinal0() + 7 - day.weekday().num_days_from_monday()) / 7
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> DateTime<Local> {
        Local.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
    }

    #[test]
    fn volumes_begin_as_mailman_counts() {
        let cases = [
            (0, day(2025, 12, 31), day(2026, 1, 1), true),
            (1, day(2025, 3, 1), day(2026, 3, 1), false),
            (2, day(2026, 1, 31), day(2026, 2, 1), true),
            (2, day(2026, 1, 31), day(2026, 5, 1), false),
            (3, day(2026, 3, 1), day(2026, 3, 2), true),
            (3, day(2025, 12, 31), day(2026, 1, 1), false),
            (4, day(2026, 3, 1), day(2026, 3, 2), true),
            (9, day(2025, 1, 1), day(2026, 3, 2), false),
        ];
        for (frequency, last, now, expected) in cases {
            assert_eq!(is_new_volume(frequency, &last, &now), expected, "{frequency} {last} {now}");
        }
        assert_eq!(monday_week(&day(2026, 1, 4)), 0);
        assert_eq!(monday_week(&day(2026, 1, 5)), 1);
    }
}
