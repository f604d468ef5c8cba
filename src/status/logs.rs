//! What the logs say of the last hours: deliveries, refusals, errors, runners that were started again.

use crate::master::PAUSES;
use chrono::{Local, NaiveDateTime, TimeZone};
use compat::site::{settings, Site};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Number of hours that counts as recently.
pub const HOURS: u64 = 24;
const HOUR: Duration = Duration::from_secs(3600);
/// Length of the end of a log that is read, in bytes.
const TAIL: u64 = 32 << 20;
const LINE_LIMIT: u64 = 64 << 10;

/// Counts of the last hour and of the last [`HOURS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Posts that lists sent on.
    pub posts: [usize; 2],
    /// Messages that were handed to the mail server.
    pub messages: [usize; 2],
    /// Their recipients.
    pub recipients: [usize; 2],
    /// Recipients and sessions that it refused.
    pub refusals: [usize; 2],
    /// Entries of the error log.
    pub errors: [usize; 2],
}

/// Counts what the logs hold.
pub fn traffic(site: &Site, now: SystemTime) -> Traffic {
    let mut traffic = Traffic::default();
    let since = now - HOUR * HOURS as u32;
    let recent = |when: SystemTime| when >= now - HOUR;
    let add = |counts: &mut [usize; 2], when: SystemTime, count: usize| {
        counts[0] += if recent(when) { count } else { 0 };
        counts[1] += count;
    };
    each_entry(&log(site, "post"), since, |when, _| add(&mut traffic.posts, when, 1));
    each_entry(&log(site, "smtp"), since, |when, text| {
        if let Some(count) = recipients(text) {
            add(&mut traffic.messages, when, 1);
            add(&mut traffic.recipients, when, count);
        }
    });
    each_entry(&log(site, "smtp-failure"), since, |when, _| add(&mut traffic.refusals, when, 1));
    each_entry(&log(site, "error"), since, |when, _| add(&mut traffic.errors, when, 1));
    traffic
}

/// `<id> smtp to LIST for N recips, completed in ...`
fn recipients(text: &str) -> Option<usize> {
    let (before, _) = text.split_once(" recips, completed in")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// What the master did about a runner that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    /// How often it was started again.
    pub number: usize,
    /// When it is or was to be started, where it had to wait.
    pub next: Option<SystemTime>,
}

/// The restarts of each runner and slice since a moment.
pub fn restarts(site: &Site, since: SystemTime) -> HashMap<(String, i64), Restarts> {
    let mut restarts: HashMap<_, Restarts> = HashMap::new();
    // A second is lost to the log's clock.
    each_entry(&log(site, "qrunner"), since - Duration::from_secs(1), |when, text| {
        for line in text.lines() {
            if let Some(slice) = slice_of(line).filter(|_| line.contains("[restarting]")) {
                restarts.entry(slice).or_default().number += 1;
            } else if let Some((slice, pause)) = pause_of(line) {
                restarts.entry(slice).or_default().next = Some(when + pause);
            }
        }
    });
    restarts
}

/// `--runner=ArchRunner:0:1 ends again and again; started in 8 s`
fn pause_of(line: &str) -> Option<((String, i64), Duration)> {
    let (runner, rest) = line.split_once(PAUSES)?;
    let mut parts = runner.strip_prefix("--runner=")?.split(':');
    let slice = (parts.next()?.to_string(), parts.next()?.parse().ok()?);
    let seconds = rest.trim_end().strip_suffix(" s")?.parse().ok()?;
    Some((slice, Duration::from_secs(seconds)))
}

/// `(pid: 5, sig: None, sts: 2, class: ArchRunner, slice: 1/1) [restarting]`
fn slice_of(line: &str) -> Option<(String, i64)> {
    let class = line.split_once("class: ")?.1.split(',').next()?.to_string();
    let slice: i64 = line.split_once("slice: ")?.1.split('/').next()?.parse().ok()?;
    Some((class, slice - 1))
}

fn log(site: &Site, name: &str) -> std::path::PathBuf {
    site.settings.path(settings::LOG_DIR).join(name)
}

/// The entries of a log since a moment. One that cannot be read has none: what is wrong with it is reported elsewhere.
fn each_entry(path: &Path, since: SystemTime, mut tell: impl FnMut(SystemTime, &str)) {
    let Ok(mut file) = File::open(path) else { return };
    let size = file.metadata().map_or(0, |about| about.len());
    if file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).is_err() {
        return;
    }
    let mut reader = BufReader::new(file);
    let (mut line, mut last) = (Vec::new(), None);
    while reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let text = String::from_utf8_lossy(&line);
        match stamp(&text) {
            Some((when, text)) => {
                last = Some(when);
                if when >= since {
                    tell(when, text);
                }
            }
            // The second line of an entry belongs to it where somebody asks for lines.
            None if path.ends_with("qrunner") => {
                last.filter(|when| *when >= since).into_iter().for_each(|when| tell(when, &text))
            }
            None => {}
        }
        line.clear();
    }
}

/// `Mar 02 12:00:00 2026 (123) TEXT`
fn stamp(line: &str) -> Option<(SystemTime, &str)> {
    let (time, rest) = line.split_at_checked(20)?;
    let time = NaiveDateTime::parse_from_str(time, "%b %d %H:%M:%S %Y").ok()?;
    let seconds = u64::try_from(Local.from_local_datetime(&time).earliest()?.timestamp()).ok()?;
    let text = rest.trim_start().strip_prefix('(')?.split_once(") ")?.1.trim_end();
    Some((SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lines_of_the_logs() {
        assert_eq!(recipients("<a@b> smtp to club for 12 recips, completed in 0.1 seconds"), Some(12));
        assert_eq!(recipients("something else"), None);
        let line = "(pid: 5, sig: None, sts: 2, class: ArchRunner, slice: 2/4) [restarting]";
        assert_eq!(slice_of(line), Some(("ArchRunner".to_string(), 1)));
        let (slice, pause) = pause_of("--runner=ArchRunner:1:2 ends again and again; started in 8 s\n").unwrap();
        assert_eq!((slice, pause.as_secs()), (("ArchRunner".to_string(), 1), 8));
        assert_eq!(pause_of("something else"), None);
        let (_, text) = stamp("Mar 02 12:00:00 2026 (123) words of it\n").unwrap();
        assert_eq!(text, "words of it");
        assert!(stamp("    a second line\n").is_none());
    }

    #[test]
    fn only_the_last_hours_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("post");
        let at = |hours: i64| (Local::now() - chrono::Duration::hours(hours)).format("%b %d %H:%M:%S %Y").to_string();
        fs::write(&path, format!("{} (1) old\n{} (1) new\n", at(30), at(2))).unwrap();
        let mut told = Vec::new();
        each_entry(&path, SystemTime::now() - HOUR * 24, |_, text| told.push(text.to_string()));
        assert_eq!(told, ["new"]);
    }
}
