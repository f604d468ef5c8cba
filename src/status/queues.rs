//! How full the queues are, and what has been there longest.

use super::StatusError;
use crate::delivery::refused_mail;
use crate::queues::folders;
use compat::queue::look::{self, FileKind};
use compat::queue::QueueName;
use compat::site::{settings, Site};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// One queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueState {
    /// The name of its folder.
    pub name: String,
    /// All entries, those in work and those set aside too.
    pub entries: usize,
    pub in_work: usize,
    /// Put off by an operator.
    pub on_hold: usize,
    /// Age of the oldest entry that is not put off.
    pub oldest: Option<Duration>,
    pub bytes: u64,
}

/// What the mail server refused for good, among the queues.
pub const REFUSED: &str = "refused";

/// All queues, the maildir where the site has one, and what the mail server refused for good.
pub fn all(site: &Site, now: SystemTime) -> Result<Vec<QueueState>, StatusError> {
    let folders = folders(site)?;
    let mut states = Vec::new();
    for queue in QueueName::ALL {
        let at = |source| StatusError::Io { path: folders.of(queue).to_path_buf(), source };
        let files = look::look(&folders, queue).map_err(at)?;
        let entries: Vec<_> = files.iter().filter(|file| file.is_entry()).collect();
        let waiting = entries.iter().filter(|file| file.kind != FileKind::OnHold);
        states.push(QueueState {
            name: queue.folder().to_string(),
            entries: entries.len(),
            in_work: entries.iter().filter(|file| file.kind == FileKind::InWork).count(),
            on_hold: entries.iter().filter(|file| file.kind == FileKind::OnHold).count(),
            oldest: waiting.map(|file| super::age(file.modified, now)).max(),
            bytes: entries.iter().map(|file| file.size).sum(),
        });
    }
    states.extend(folder("maildir", &site.settings.path(settings::MAILDIR_DIR).join("new"), now));
    states.extend(folder(REFUSED, &refused_mail::folder(site), now).filter(|state| state.entries > 0));
    Ok(states)
}

/// A folder of files that are no queue's.
fn folder(name: &str, folder: &Path, now: SystemTime) -> Option<QueueState> {
    let mut state = QueueState { name: name.to_string(), entries: 0, in_work: 0, on_hold: 0, oldest: None, bytes: 0 };
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(_) => return Some(state),
    };
    for about in files.filter_map(|file| file.ok()?.metadata().ok()).filter(|about| about.is_file()) {
        state.entries += 1;
        state.bytes += about.len();
        let age = about.modified().map(|modified| super::age(modified, now)).unwrap_or_default();
        state.oldest = state.oldest.max(Some(age));
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maildir_counts_what_is_new() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.x"), "abc").unwrap();
        let state = super::folder("maildir", folder.path(), SystemTime::now()).unwrap();
        assert_eq!((state.entries, state.bytes, state.oldest.is_some()), (1, 3, true));
        assert_eq!(super::folder("maildir", &folder.path().join("none"), SystemTime::now()), None);
    }
}
