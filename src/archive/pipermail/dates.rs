//! When an article was written.
//!
//! Answers to `_set_date`. Since 2.1.22 a date must be sane (not negative, not far in the future) and more headers are
//! asked before the archiver gives up.

use crate::clock;
use compat::email::date::{formatdate, mktime_tz, parsedate_tz};
use compat::email::message::Message;
use compat::site::profile::Switch;
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;

/// The date of an article.
pub struct ArticleDate {
    /// Seconds of the epoch.
    pub seconds: i64,
    /// As Python stores it: an int, or a float where the local clock had its say.
    pub value: Value,
}

/// Finds the date; a message that names none that counts is a second younger than this process's last word.
pub fn of_message(site: &Site, msg: &Message) -> ArticleDate {
    let guessing = site.profile.has(Switch::ArchiveDateGuess);
    let sane = |date: &ArticleDate| !guessing || is_sane(site, date.seconds);
    let mut candidates = vec![msg.get_str("date"), msg.get_str("x-list-received-date")];
    if guessing {
        candidates.push(msg.get_str("received").map(|text| behind_last_semicolon(&text)));
        candidates.push(msg.unixfrom.as_ref().map(behind_sender));
    }
    let found = candidates.into_iter().flatten().find_map(|text| parse(&text).filter(&sane));
    found.unwrap_or_else(|| {
        let now = clock::utc().timestamp_micros() as f64 / 1e6 + 1.0;
        ArticleDate { seconds: now as i64, value: Value::Float(now) }
    })
}

impl ArticleDate {
    /// What the page says: the header as it is, where there is one.
    pub fn shown(&self, msg: &Message) -> ByteStr {
        let header = |name: &str| msg.get_str(name).filter(|text| !text.is_empty());
        header("date")
            .or_else(|| header("x-list-received-date"))
            .unwrap_or_else(|| formatdate(self.seconds, false).into())
    }
}

fn parse(text: &ByteStr) -> Option<ArticleDate> {
    let date = parsedate_tz(text)?;
    let seconds = mktime_tz(&date)?;
    // Without a zone Python asks mktime(), which answers with a float.
    let value = if date.offset.is_some() { Value::Int(seconds) } else { Value::Float(seconds as f64) };
    Some(ArticleDate { seconds, value })
}

fn is_sane(site: &Site, seconds: i64) -> bool {
    let skew = site.settings.float(settings::ARCHIVER_ALLOWABLE_SANE_DATE_SKEW).unwrap_or(1_296_000.0);
    seconds >= 0 && (seconds - clock::seconds()) as f64 <= skew
}

/// `re.sub(r'^.*;\s*', '', text)` across lines.
fn behind_last_semicolon(text: &ByteStr) -> ByteStr {
    let at = text.iter().rposition(|&b| b == b';').map_or(0, |at| at + 1);
    let rest = text.slice_from(at);
    let blanks = if at > 0 { rest.len() - rest.trim_ascii_start().len() } else { 0 };
    rest.slice_from(blanks)
}

/// The envelope line without `From ADDRESS `.
fn behind_sender(line: &ByteStr) -> ByteStr {
    let Some(rest) = line.strip_prefix(b"From ") else {
        return line.clone();
    };
    let rest = rest.trim_ascii_start();
    let word = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    rest[word..].trim_ascii_start().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_hide_in_other_headers() {
        assert_eq!(behind_last_semicolon(&"from x; id;\n\tMon, 2 Mar 2026".into()), "Mon, 2 Mar 2026");
        assert_eq!(behind_last_semicolon(&" no date".into()), " no date");
        assert_eq!(behind_sender(&"From a@b.c  Mon Mar  2 12:00:00 2026".into()), "Mon Mar  2 12:00:00 2026");
    }

    #[test]
    fn a_date_without_a_zone_is_a_float() {
        assert!(matches!(
            parse(&"Mon, 2 Mar 2026 12:00:00 +0000".into()),
            Some(ArticleDate { value: Value::Int(1772452800), .. })
        ));
        assert!(matches!(parse(&"2 Mar 2026 12:00:00".into()), Some(ArticleDate { value: Value::Float(_), .. })));
    }
}
