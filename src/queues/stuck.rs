//! What is stuck, why, and what frees it.
//!
//! The reason is what the error log says just before it names the entry: both engines log the exception, then
//! `SHUNTING: NAME`. The log is read once, its last megabytes only.

use super::causes::Causes;
use super::{safe, table};
use crate::clock;
use crate::delivery::refused_mail;
use compat::queue::look::{self, About, FileKind, QueueFile};
use compat::queue::{QueueFolders, QueueName};
use compat::site::{settings, Site};
use migration::json::Json;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

/// An entry that waits longer in a queue which is worked on at once is stuck.
const LONG: Duration = Duration::from_secs(30 * 60);
/// So much of the end of a log is read.
const LOG_TAIL: u64 = 64 << 20;
/// Maximum number of entries that are listed for a queue.
const TOLD: usize = 50;

/// One stuck entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// `QUEUE/FILE`, as `queues show` takes it.
    pub entry: String,
    pub about: About,
    /// The last words of the log about it.
    pub reason: Option<String>,
    /// The command that frees it, or what to look at.
    pub advice: String,
}

/// What is stuck in all queues.
///
/// # Errors
/// A folder or the error log can't be read.
pub fn all(site: &Site, folders: &QueueFolders) -> io::Result<Vec<Stuck>> {
    let mut stuck = Vec::new();
    for queue in QueueName::ALL {
        for (file, advice) in of_queue(folders, queue)? {
            let path = file.path(folders);
            let about = look::read(&path).map(|entry| entry.about()).unwrap_or_default();
            let entry = format!("{}/{}", queue.folder(), file.file_name.to_string_lossy());
            stuck.push(Stuck {
                entry,
                about,
                reason: crate::shunt_reason::of(&path).map(|reason| safe(reason.as_bytes())),
                advice,
            });
        }
    }
    stuck.extend(refused(site));
    let reasons = reasons(&site.settings.path(settings::LOG_DIR).join("error"), &stuck)?;
    let mut causes = Causes::new(site, folders);
    for one in &mut stuck {
        let logged = || reasons.get(base(&one.entry)).cloned();
        one.reason = one.reason.take().or_else(logged).or_else(|| causes.of(one));
    }
    Ok(stuck)
}

/// Copies of what the mail server refused for good.
fn refused(site: &Site) -> Vec<Stuck> {
    let folder = refused_mail::folder(site);
    let advice = format!("mend the reason, then: mailman2-rs unshunt {}", folder.display());
    let mut names: Vec<_> =
        fs::read_dir(&folder).into_iter().flatten().flatten().map(|file| file.file_name()).collect();
    names.sort_unstable();
    let entries = names.into_iter().take(TOLD).filter_map(|name| {
        let entry = look::read(&folder.join(&name)).ok()?;
        let reason = entry.metadata.str(refused_mail::REASON).map(|reason| safe(&reason));
        let (entry, about) = (format!("refused/{}", name.to_string_lossy()), entry.about());
        Some(Stuck { entry, about, reason, advice: advice.clone() })
    });
    entries.collect()
}

/// `NAME` of `QUEUE/NAME.EXTENSION`.
fn base(entry: &str) -> &str {
    let name = entry.rsplit_once('/').map_or(entry, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(base, _)| base)
}

fn of_queue(folders: &QueueFolders, queue: QueueName) -> io::Result<Vec<(QueueFile, String)>> {
    let now = clock::system();
    let age = |file: &QueueFile| now.duration_since(file.modified).unwrap_or_default();
    let name = queue.folder();
    let mut files: Vec<(QueueFile, String)> = Vec::new();
    let advice: Option<String> = match queue {
        QueueName::Shunt => Some("mend the reason, then: mailman2-rs unshunt".to_string()),
        QueueName::Bad => {
            Some(format!("a person decides: mailman2-rs queues show {name}/NAME; rm it when it is of no use"))
        }
        // Those recipients are tried again for days.
        QueueName::Retry => None,
        _ => Some(format!("its runner is down, or what it feeds is: ps ax | grep qrunner; log qrunner; queue {name}")),
    };
    if let Some(advice) = advice {
        let is_aside = matches!(queue, QueueName::Shunt | QueueName::Bad);
        let waiting = look::look(folders, queue)?;
        let is_stuck = |file: &QueueFile| {
            (file.kind == FileKind::SetAside || file.kind == FileKind::Queued) && (is_aside || age(file) > LONG)
        };
        files.extend(waiting.into_iter().filter(is_stuck).take(TOLD).map(|file| (file, advice.clone())));
    }
    let in_work = table::of_kind(folders, queue, FileKind::InWork)?;
    let advice =
        "in work for long, or left by a runner that was killed: a start of its runner brings it back".to_string();
    files.extend(in_work.into_iter().filter(|file| age(file) > LONG).take(TOLD).map(|file| (file, advice.clone())));
    Ok(files)
}

/// For each name that the log tells of, the line that says why.
fn reasons(log: &Path, stuck: &[Stuck]) -> io::Result<HashMap<String, String>> {
    let mut file = match File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(LOG_TAIL)))?;
    let wanted: HashMap<&str, ()> = stuck.iter().map(|one| (base(&one.entry), ())).collect();
    read_reasons(BufReader::new(file), |name| wanted.contains_key(name))
}

/// Remembers the last exception until a line names an entry.
fn read_reasons(log: impl BufRead, is_wanted: impl Fn(&str) -> bool) -> io::Result<HashMap<String, String>> {
    let (mut found, mut last, mut line) = (HashMap::new(), String::new(), Vec::new());
    let mut log = log;
    while log.by_ref().take(LOG_TAIL).read_until(b'\n', &mut line)? > 0 {
        let text = safe(line.trim_ascii_end());
        line.clear();
        let name = text.split_whitespace().next_back().unwrap_or_default();
        let names_an_entry = text.contains("SHUNTING: ") || text.contains("preserving ");
        if names_an_entry && is_wanted(name) {
            let why = if last.is_empty() { text.clone() } else { std::mem::take(&mut last) };
            found.insert(name.to_string(), why);
        } else if is_exception(&text) {
            last = text;
        }
    }
    Ok(found)
}

/// `Uncaught runner exception: ...` and what our own runners write in its place.
fn is_exception(text: &str) -> bool {
    text.contains("exception: ")
        || text.contains("destined for missing list: ")
        || text.contains("error opening list: ")
}

/// For programs.
pub fn json(stuck: &[Stuck]) -> Json {
    let text = |bytes: &[u8]| Json::text(String::from_utf8_lossy(bytes));
    Json::array(stuck, |Stuck { entry, about, reason, advice }| {
        Json::Object(vec![
            ("entry", Json::text(entry)),
            ("list", text(&about.list)),
            ("from", text(&about.from)),
            ("subject", text(&about.subject)),
            ("message_id", text(&about.message_id)),
            ("reason", Json::text(reason.as_deref().unwrap_or_default())),
            ("advice", Json::text(advice)),
        ])
    })
}

/// For people.
pub fn text(stuck: &[Stuck]) -> String {
    let mut out = String::new();
    for Stuck { entry, about, reason, advice } in stuck {
        let line = |text: &[u8]| safe(text).replace('\n', " ");
        let (list, from, subject) = (line(&about.list), line(&about.from), line(&about.subject));
        out.push_str(&format!("{entry}\n  list {list}, from {from}, {subject}\n"));
        out.push_str(&format!("  why:  {}\n", reason.as_deref().unwrap_or("the error log does not say")));
        out.push_str(&format!("  then: {advice}\n"));
    }
    if stuck.is_empty() {
        out.push_str("Nothing is stuck.\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_exception_before_the_name() {
        let log = b"Nov 25 16:00:00 2026 (7) Uncaught runner exception: no such thing\n\
            Nov 25 16:00:00 2026 (7) Traceback (most recent call last):\n  File x\n\
            Nov 25 16:00:00 2026 (7) SHUNTING: 1.5+aa\n\
            Nov 25 16:00:01 2026 (7) Dequeuing message destined for missing list: gone\n\
            Nov 25 16:00:01 2026 (7) SHUNTING: 2.5+bb\n\
            Nov 25 16:00:02 2026 (7) Skipping and preserving unparseable message: 3.5+cc\n";
        let found = read_reasons(&log[..], |name| name != "x").unwrap();
        assert!(found["1.5+aa"].ends_with("no such thing"));
        assert!(found["2.5+bb"].ends_with("missing list: gone"));
        assert!(found["3.5+cc"].contains("unparseable"));
        assert_eq!(base("shunt/1.5+aa.pck"), "1.5+aa");
    }
}
