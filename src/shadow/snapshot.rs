//! What a list was at a moment: its files, and the posts that are held for it. Read without a lock, as Mailman's own readers do:
//! each file is replaced by one rename.

use compat::durable;
use compat::site::{settings, Site};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Files of a list that a runner reads or writes.
const FILES: [&str; 4] = ["config.pck", "pending.pck", "request.pck", "digest.mbox"];
/// Larger files are not read: such a list is left out.
const LIMIT: u64 = 64 << 20;
/// More held posts of a list are not copied.
const HELD: usize = 200;

/// The state of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub list: String,
    /// By name, for the list's folder.
    pub files: Vec<(String, Vec<u8>)>,
    /// By name, for DATA_DIR.
    pub held: Vec<(String, Vec<u8>)>,
    /// The inode of config.pck and its time: a save makes another.
    stamp: (u64, i64, i64),
}

impl Snapshot {
    /// Of a list; `None` where there is none, or it is too large.
    pub fn take(site: &Site, list: &str) -> Option<Snapshot> {
        if list.is_empty() || list.contains('/') || list.starts_with('.') {
            return None;
        }
        let stamp = stamp(site, list)?;
        let folder = folder(site, list);
        let mut files = Vec::new();
        for name in FILES {
            match durable::read_file(&folder.join(name), LIMIT) {
                Ok(bytes) => files.push((name.to_string(), bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => return None,
            }
        }
        Some(Snapshot { list: list.to_string(), files, held: held(site, list), stamp })
    }

    /// Whether the list was not saved since.
    pub fn is_current(&self, site: &Site) -> bool {
        stamp(site, &self.list) == Some(self.stamp)
    }

    /// A file of the list's folder.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|(known, _)| known == name).map(|(_, bytes)| &bytes[..])
    }
}

fn folder(site: &Site, list: &str) -> PathBuf {
    site.settings.path(settings::LIST_DATA_DIR).join(list)
}

fn stamp(site: &Site, list: &str) -> Option<(u64, i64, i64)> {
    let about = fs::metadata(folder(site, list).join("config.pck")).ok()?;
    Some((about.ino(), about.mtime(), about.mtime_nsec()))
}

fn held(site: &Site, list: &str) -> Vec<(String, Vec<u8>)> {
    let data = site.settings.path(settings::DATA_DIR);
    let start = format!("heldmsg-{list}-");
    let listing = fs::read_dir(&data).into_iter().flatten().flatten();
    let names = listing.filter_map(|item| item.file_name().into_string().ok()).filter(|name| name.starts_with(&start));
    let read = |name: String| Some((name.clone(), durable::read_file(&data.join(&name), LIMIT).ok()?));
    let mut held: Vec<(String, Vec<u8>)> = names.take(HELD).filter_map(read).collect();
    held.sort();
    held
}
