//! What waits in `retry`: for whom, since when, until when, and what the mail server said last.

use super::hand::DELIVER_AFTER;
use super::safe;
use crate::clock;
use compat::queue::look::{self, FileKind};
use compat::queue::{QueueFolders, QueueName};
use compat::site::{settings, Site};
use compat::ByteStr;
use migration::json::Json;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Length of the end of the log that is read, in bytes.
const LOG_TAIL: u64 = 16 << 20;
const LINE_LIMIT: u64 = 64 << 10;

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// `retry/FILE`, as other commands take it.
    pub entry: String,
    pub list: ByteStr,
    pub message_id: ByteStr,
    pub recipients: Vec<ByteStr>,
    /// When it is tried next; `None` for the next pass of the retry runner.
    pub next: Option<SystemTime>,
    /// When it is given up.
    pub until: Option<SystemTime>,
    /// The last words of the log `smtp-failure` about it.
    pub reason: Option<String>,
    pub on_hold: bool,
}

impl Retry {
    /// Whether a recipient is at this host.
    pub fn is_for(&self, host: &str) -> bool {
        let at = |address: &ByteStr| address.rsplit(|&byte| byte == b'@').next().map(<[u8]>::to_vec);
        self.recipients.iter().filter_map(at).any(|own| own.eq_ignore_ascii_case(host.as_bytes()))
    }

    /// For programs. A time that is not known is -1.
    pub fn json(&self) -> Json {
        let seconds = |time: Option<SystemTime>| {
            let since = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
            Json::Int(since.map_or(-1, |since| since.as_secs() as i64))
        };
        let text = |bytes: &ByteStr| Json::text(String::from_utf8_lossy(bytes));
        Json::Object(vec![
            ("entry", Json::text(&self.entry)),
            ("list", text(&self.list)),
            ("message_id", text(&self.message_id)),
            ("recipients", Json::array(&self.recipients, text)),
            ("next", seconds(self.next)),
            ("until", seconds(self.until)),
            ("on_hold", Json::Bool(self.on_hold)),
            ("reason", Json::text(self.reason.as_deref().unwrap_or_default())),
        ])
    }
}

/// All entries, those that can be read.
///
/// # Errors
/// The folder cannot be read.
pub fn all(site: &Site, folders: &QueueFolders) -> io::Result<Vec<Retry>> {
    let mut found = Vec::new();
    for file in look::look(folders, QueueName::Retry)? {
        if !matches!(file.kind, FileKind::Queued | FileKind::OnHold) {
            continue;
        }
        let Ok(entry) = look::read(&file.path(folders)) else { continue };
        let time = |key: &str| {
            let seconds = entry.metadata.float(key).filter(|seconds| *seconds > 0.0)?;
            Some(SystemTime::UNIX_EPOCH + Duration::try_from_secs_f64(seconds).ok()?)
        };
        let about = entry.about();
        found.push(Retry {
            entry: format!("retry/{}", file.file_name.to_string_lossy()),
            list: about.list,
            message_id: about.message_id,
            recipients: entry.metadata.strings("recips").unwrap_or_default(),
            next: time(DELIVER_AFTER).filter(|next| *next > clock::system()),
            until: time("deliver_until"),
            reason: None,
            on_hold: file.kind == FileKind::OnHold,
        });
    }
    if let Ok(log) = Failures::read(&site.settings.path(settings::LOG_DIR).join("smtp-failure")) {
        found.iter_mut().for_each(|retry| retry.reason = log.about(retry));
    }
    Ok(found)
}

/// The last line of the log about each message and each address.
#[derive(Default)]
struct Failures {
    messages: HashMap<String, String>,
    addresses: HashMap<String, String>,
}

impl Failures {
    fn read(path: &Path) -> io::Result<Failures> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(LOG_TAIL)))?;
        let (mut failures, mut reader, mut line) = (Failures::default(), BufReader::new(file), Vec::new());
        while reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line)? > 0 {
            failures.add(&safe(line.trim_ascii_end()));
            line.clear();
        }
        Ok(failures)
    }

    /// `... msgid: <ID>` and `delivery to ADDRESS failed with code CODE: WORDS`
    fn add(&mut self, line: &str) {
        let text = line.split_once(") ").map_or(line, |(_, text)| text);
        if let Some((reason, id)) = text.rsplit_once(", msgid: ") {
            self.messages.insert(id.to_string(), reason.to_string());
        } else if let Some((address, _)) = text.strip_prefix("delivery to ").and_then(|rest| rest.split_once(" failed"))
        {
            self.addresses.insert(address.to_ascii_lowercase(), text.to_string());
        }
    }

    fn about(&self, retry: &Retry) -> Option<String> {
        let by_address = retry
            .recipients
            .iter()
            .find_map(|address| self.addresses.get(&String::from_utf8_lossy(address).to_ascii_lowercase()));
        by_address.or_else(|| self.messages.get(&*String::from_utf8_lossy(&retry.message_id))).cloned()
    }
}

/// For people.
pub fn text(retries: &[Retry], now: SystemTime) -> String {
    let mut out = String::new();
    let span = |when: SystemTime| match when.duration_since(now) {
        Ok(ahead) => format!("in {}", minutes(ahead)),
        Err(past) => format!("{} ago", minutes(past.duration())),
    };
    for retry in retries {
        let hosts: std::collections::BTreeSet<String> = retry.recipients.iter().map(super::table::host).collect();
        let hosts: Vec<String> = hosts.into_iter().take(5).collect();
        out.push_str(&format!(
            "{}\n  list {}, {} recipients at {}\n",
            retry.entry,
            safe(&retry.list),
            retry.recipients.len(),
            hosts.join(", ")
        ));
        let next = match retry.next {
            _ if retry.on_hold => "on hold".to_string(),
            Some(next) => span(next),
            None => "with the next pass of the retry runner".to_string(),
        };
        let until = retry.until.map(|until| format!("; given up {}", span(until))).unwrap_or_default();
        out.push_str(&format!("  next: {next}{until}\n"));
        out.push_str(&format!("  why:  {}\n", retry.reason.as_deref().unwrap_or("the log smtp-failure does not say")));
    }
    if retries.is_empty() {
        out.push_str("Nothing waits for another try.\n");
    }
    out
}

fn minutes(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} min"),
        minutes @ 120..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(recipients: &[&str]) -> Retry {
        Retry {
            entry: "retry/1.5+aa.pck".into(),
            list: "club".into(),
            message_id: "<m1@example.org>".into(),
            recipients: recipients.iter().map(|&address| address.into()).collect(),
            next: None,
            until: None,
            reason: None,
            on_hold: false,
        }
    }

    #[test]
    fn the_last_words_about_an_address_or_a_message() {
        let mut log = Failures::default();
        log.add("Mar 02 12:00:00 2026 (7) Low level smtp error: gone, msgid: <m1@example.org>");
        log.add("Mar 02 12:00:01 2026 (7) delivery to Ann@example.org failed with code 451: later");
        assert_eq!(log.about(&retry(&["b@example.org"])).as_deref(), Some("Low level smtp error: gone"));
        let told = log.about(&retry(&["ann@example.org"]));
        assert_eq!(told.as_deref(), Some("delivery to Ann@example.org failed with code 451: later"));
    }

    #[test]
    fn hosts_are_compared_in_any_case() {
        assert!(retry(&["a@x", "b@Example.ORG"]).is_for("example.org"));
        assert!(!retry(&["a@x"]).is_for("example.org"));
        assert!(text(&[retry(&["a@x"])], SystemTime::now()).contains("1 recipients at x\n  next: with the next pass"));
    }
}
