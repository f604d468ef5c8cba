//! Posts that a news server did not take for now.
//!
//! Mailman logs such a post and forgets it. Here the log line and the queue are the same, but the entry is put aside, in a
//! folder of ours that no Python looks into, and goes back into the queue after a while.

use crate::clock;
use compat::durable;
use compat::queue::{EntryMessage, Metadata, Outbox, QueueError};
use compat::site::Site;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder, below the site's own.
const FOLDER: &str = "mailman2-rs/news";

/// Where the posts of a site wait.
pub fn folder(site: &Site) -> PathBuf {
    site.home.join(FOLDER)
}

/// Puts an entry aside; it is there when the outbox is committed.
///
/// # Errors
/// An entry that cannot be written.
pub fn put(site: &Site, outbox: &mut Outbox, message: &EntryMessage, data: &Metadata) -> Result<(), QueueError> {
    let folder = folder(site);
    durable::mkdir_all(&folder, durable::DIR_MODE)
        .map_err(|source| QueueError::Enqueue { path: folder.clone(), source })?;
    outbox.enqueue_in(&folder, message, data).map(drop)
}

/// Moves the entries that have waited long enough back into the queue; how many that were.
///
/// # Errors
/// What the system reports.
pub fn put_back(site: &Site, queue: &Path, wait: Duration) -> io::Result<usize> {
    let entries = match fs::read_dir(folder(site)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut moved = 0;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "pck") && is_due(&path, wait) {
            if let Some(name) = path.file_name() {
                durable::rename(&path, &queue.join(name))?;
                moved += 1;
            }
        }
    }
    if moved > 0 {
        durable::sync_dir(queue)?;
    }
    Ok(moved)
}

fn is_due(path: &Path, wait: Duration) -> bool {
    let age = fs::metadata(path).and_then(|file| file.modified()).map(|time| clock::system().duration_since(time));
    matches!(age, Ok(Ok(age)) if age >= wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::queue::{QueueFolders, QueueName};
    use compat::site::Version;
    use std::rc::Rc;

    #[test]
    fn a_post_waits_and_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let site = Site::bare(dir.path(), Version::parse("2.1.39").unwrap());
        let folders = Rc::new(QueueFolders::below(&dir.path().join("qfiles")));
        let queue = folders.of(QueueName::News).to_path_buf();
        durable::mkdir_all(&queue, durable::DIR_MODE).unwrap();
        let mut outbox = Outbox::new(folders);
        put(&site, &mut outbox, &EntryMessage::Raw("Subject: x\n\nhi\n".into()), &Metadata::new()).unwrap();
        outbox.commit().unwrap();
        assert_eq!(put_back(&site, &queue, Duration::from_secs(3600)).unwrap(), 0);
        assert_eq!(put_back(&site, &queue, Duration::ZERO).unwrap(), 1);
        assert_eq!(fs::read_dir(&queue).unwrap().count(), 1);
        assert_eq!(fs::read_dir(folder(&site)).unwrap().count(), 0);
    }
}
