//! What runners append to: their logs, and the mbox of a list's archive. Read from where it ended before.

use compat::queue::QueueName;
use compat::site::{settings, Site};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Where runners write what they decide and what they sent.
const NAMES: [&str; 5] = ["vette", "subscribe", "post", "smtp", FAILURES];
/// What the mail server refused.
pub const FAILURES: &str = "smtp-failure";
/// So many bytes may have been written before it was looked.
const LATE: u64 = 32 << 10;
/// A runner does not append more for one entry.
const LIMIT: u64 = 64 << 20;

/// A line, with the name of its log.
pub type Line = (&'static str, Vec<u8>);

/// The files of a site that only grow.
pub struct Logs {
    folder: PathBuf,
    archives: PathBuf,
}

impl Logs {
    /// Those of a site.
    pub fn of(site: &Site) -> Logs {
        Logs {
            folder: site.settings.path(settings::LOG_DIR),
            archives: site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR),
        }
    }

    /// How long each log is.
    pub fn lengths(&self) -> Vec<u64> {
        NAMES.iter().map(|name| length(&self.folder.join(name))).collect()
    }

    /// Lines that were written since, and some before them: whoever looks how long a log is may come late.
    pub fn about(&self, queue: QueueName, lengths: &[u64], list: &str) -> Vec<Line> {
        let earlier: Vec<u64> = lengths.iter().map(|length| length.saturating_sub(LATE)).collect();
        self.since(queue, &earlier, list)
    }

    /// Lines that were written since, as far as they are about a list and the runner of this queue writes them; with the name of
    /// their log. Without lengths, all.
    pub fn since(&self, queue: QueueName, lengths: &[u64], list: &str) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, name) in NAMES.into_iter().enumerate().filter(|(_, name)| is_of(queue, name)) {
            let bytes = tail(&self.folder.join(name), lengths.get(at).copied().unwrap_or(0));
            let whole = bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty());
            // Refused deliveries name no list.
            let is_meant = |line: &&[u8]| name == FAILURES || names_list(line, list);
            lines.extend(whole.filter(is_meant).map(|line| (name, line.to_vec())));
        }
        lines
    }

    /// Forgets what was logged.
    ///
    /// # Errors
    /// A file can't be removed.
    pub fn clear(&self) -> std::io::Result<()> {
        NAMES.iter().try_for_each(|name| compat::durable::unlink_if_there(&self.folder.join(name)).map(drop))
    }

    /// How long the mbox of a list is.
    pub fn mbox_length(&self, list: &str) -> u64 {
        length(&self.mbox(list))
    }

    /// What was appended to the mbox of a list, and what stands before it for so many bytes: a watcher may come late.
    pub fn mbox_since(&self, queue: QueueName, list: &str, from: u64, before: usize) -> Vec<u8> {
        let before = u64::try_from(before).unwrap_or(u64::MAX);
        match queue {
            QueueName::Archive => tail(&self.mbox(list), from.saturating_sub(before)),
            _ => Vec::new(),
        }
    }

    fn mbox(&self, list: &str) -> PathBuf {
        let mbox = format!("{list}.mbox");
        self.archives.join(&mbox).join(&mbox)
    }
}

fn is_of(queue: QueueName, log: &str) -> bool {
    (queue == QueueName::Out) == ["post", "smtp", FAILURES].contains(&log)
}

/// Whether a line has the name of a list, and not only one that it is part of, nor a Message-ID: those that Mailman makes begin
/// with `mailman`, which is a list's name too.
fn names_list(line: &[u8], list: &str) -> bool {
    let is_word = |at: Option<usize>| at.and_then(|at| line.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    memchr::memmem::find_iter(line, list.as_bytes())
        .any(|at| !is_word(at.checked_sub(1)) && !is_word(Some(at + list.len())) && !is_in_brackets(line, at))
}

fn is_in_brackets(line: &[u8], at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default();
    memchr::memrchr2(b'<', b'>', before).is_some_and(|bracket| before.get(bracket) == Some(&b'<'))
}

/// Whether a line tells that a mail server refused something of this message, which went to these addresses.
pub fn refuses((log, line): &Line, message_id: &[u8], is_recipient: impl Fn(&[u8]) -> bool) -> bool {
    if *log != FAILURES {
        // It names the list.
        return line.ends_with(b" failures");
    }
    let told = memchr::memmem::find(line, b") delivery to ").and_then(|at| line.get(at + 14..));
    match told.and_then(|told| told.split(|&b| b == b' ').next()) {
        Some(address) => is_recipient(address),
        None => !message_id.is_empty() && memchr::memmem::find(line, message_id).is_some(),
    }
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |about| about.len())
}

/// A file that was cut meanwhile has none.
fn tail(path: &Path, from: u64) -> Vec<u8> {
    let Ok(file) = File::open(path) else { return Vec::new() };
    let now = file.metadata().map_or(from, |about| about.len());
    let mut bytes = vec![0; usize::try_from(now.saturating_sub(from).min(LIMIT)).unwrap_or(0)];
    match file.read_exact_at(&mut bytes, from) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_part_of_another() {
        for (line, wanted) in [
            (&b"post to arch from a@x"[..], true),
            (b"post to archpriv from a@x", false),
            (b"discarded by: arch-request@x", true),
            (b"monarch: arch", true),
            (b"monarch", false),
            (b"<arch.1.1795475402.9.walks@x> smtp to walks for 2 recips", false),
            (b"<arch.1.1795475402.9.walks@x> smtp to arch for 2 recips", true),
        ] {
            assert_eq!(names_list(line, "arch"), wanted);
        }
    }

    #[test]
    fn a_refusal_is_one_message_s() {
        let line = |log, text: &str| (log, format!("Nov 30 16:30:12 2026 (99) {text}").into_bytes());
        for (line, wanted) in [
            (line(FAILURES, "delivery to ann@x failed with code 550: no"), true),
            (line(FAILURES, "delivery to joan@x failed with code 550: no"), false),
            (line(FAILURES, "All recipients refused: no, msgid: <m1@x>"), true),
            (line(FAILURES, "Low level smtp error: no, msgid: <m12@x>"), false),
            (line("post", "post to arch from ann@x, size=300, 1 failures"), true),
            (line("smtp", "<m1@x> smtp to arch for 2 recips, completed in 0.1 seconds"), false),
        ] {
            assert_eq!(refuses(&line, b"<m1@x>", |address| address == b"ann@x"), wanted, "{line:?}");
        }
    }
}
