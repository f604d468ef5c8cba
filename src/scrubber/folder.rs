//! Where the attachments of a message go: `attachments/YYYYMMDD/HASH` below the list's archive.
//!
//! The day is that of the Date header as it is written there, the hash that of the message id, so that all attachments of
//! one message come to lie together. Only digits and hex digits get into the path, whatever the message says.

use crate::clock;
use crate::error::{Culprit, HandlerError};
use chrono::{DateTime, Datelike};
use compat::email::date::parsedate;
use compat::email::date::MONTHS;
use compat::email::message::Message;
use compat::email::msgid;
use compat::hex::hexlify;
use compat::list::MailList;
use compat::queue::Metadata;
use compat::ByteStr;
use sha1::{Digest, Sha1};

/// The folder below the list's archive folder. A message without an id gets one here.
///
/// # Errors
/// Neither a date nor an envelope line says when the message was written: Python raises there.
pub fn of_message(list: &MailList, msg: &mut Message, data: Option<&Metadata>) -> Result<ByteStr, HandlerError> {
    let day = match msg.get_str("date").filter(|date| !date.is_empty()) {
        Some(date) => parsedate(&date).and_then(|d| day_of(d.year, d.month, d.day, &[d.hour, d.minute, d.second])),
        None => received_day(data),
    };
    let day = match day {
        Some(day) => day,
        None => envelope_day(msg)?,
    };
    Ok(format!("attachments/{day}/{}", id_hash(list, msg)).into())
}

/// `time.strftime('%Y%m%d', ...)`, which refuses values out of range and reads two-digit years.
fn day_of(year: i64, month: i64, day: i64, time: &[i64]) -> Option<String> {
    let year = match year {
        69..=99 => year + 1900,
        0..=68 => year + 2000,
        1900..=99999 => year,
        _ => return None,
    };
    let limits = [(0, 24), (0, 60), (0, 62)];
    let in_time = time.iter().zip(limits).all(|(value, (low, end))| (low..end).contains(value));
    // Month and day 0 count as 1, as in C Python.
    ((0..=12).contains(&month) && (0..=31).contains(&day) && in_time)
        .then(|| format!("{year}{:02}{:02}", month.max(1), day.max(1)))
}

fn received_day(data: Option<&Metadata>) -> Option<String> {
    let received = data.and_then(|data| data.float("received_time"));
    let when = match received {
        Some(seconds) => DateTime::from_timestamp(seconds as i64, 0)?,
        None => clock::utc(),
    };
    day_of(i64::from(when.year()), i64::from(when.month()), i64::from(when.day()), &[])
}

/// From the envelope line: `From address weekday month day time year`.
fn envelope_day(msg: &Message) -> Result<String, HandlerError> {
    let line = msg
        .unixfrom
        .as_ref()
        .ok_or_else(|| {
            Culprit::Message("neither a date nor an envelope line").says("'NoneType' object has no attribute 'split'")
        })?
        .to_latin1();
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u32>().ok());
    let (Some(month), Some(day), Some(year)) = (words.get(3), number(4), number(6)) else {
        return Ok("00000000".into());
    };
    let month = MONTHS.iter().position(|name| name == month).map_or(0, |at| at + 1);
    Ok(format!("{year:04}{month:02}{day:02}"))
}

fn id_hash(list: &MailList, msg: &mut Message) -> String {
    let id = match msg.get_str("message-id") {
        Some(id) => id,
        None => {
            let id = msgid::unique_message_id(list.name(), &list.host_name());
            msg.append("Message-ID", id.clone());
            id
        }
    };
    let digest = Sha1::digest(&id[..]);
    hexlify(&digest[..2]) + &hexlify(&digest[18..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_strftime_gives_them() {
        assert_eq!(day_of(2024, 2, 31, &[23, 59, 61]).as_deref(), Some("20240231"));
        assert_eq!(day_of(70, 0, 0, &[0, 0, 0]).as_deref(), Some("19700101"));
        assert_eq!(day_of(2024, 13, 1, &[0, 0, 0]), None);
        assert_eq!(day_of(2024, 1, 1, &[24, 0, 0]), None);
        assert_eq!(day_of(1899, 1, 1, &[0, 0, 0]), None);
    }

    #[test]
    fn the_envelope_line_is_the_last_resort() {
        let mut msg = Message::new();
        assert!(envelope_day(&msg).is_err());
        msg.unixfrom = Some("From a@b.c Mon May  6 10:00:00 2024".into());
        assert_eq!(envelope_day(&msg).unwrap(), "20240506");
        msg.unixfrom = Some("From nobody".into());
        assert_eq!(envelope_day(&msg).unwrap(), "00000000");
    }
}
