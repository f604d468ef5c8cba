//! What a list was at a moment: its files, and the posts that are held for it. Read without a lock, as Mailman's own readers do:
//! each file is replaced by one rename.

use compat::durable;
use compat::site::{settings, Site};
use std::fs;
use std::path::PathBuf;

/// Files of a list that a runner reads or writes.
const FILES: [&str; 4] = ["config.pck", "pending.pck", "request.pck", "digest.mbox"];
/// Larger files are not read: such a list is left out.
const LIMIT: u64 = 64 << 20;
/// More held posts of a list are not looked at.
const HELD: usize = 200;

/// The state of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub list: String,
    /// By name, for the list's folder.
    pub files: Vec<(String, Vec<u8>)>,
    /// Names of the posts that are held for it, in DATA_DIR.
    pub held: Vec<String>,
}

impl Snapshot {
    /// Of a list; `None` where there is none, or it is too large.
    pub fn take(site: &Site, list: &str) -> Option<Snapshot> {
        if list.is_empty() || list.contains('/') || list.starts_with('.') {
            return None;
        }
        let folder = folder(site, list);
        let mut files = Vec::new();
        for name in FILES {
            match durable::read_file(&folder.join(name), LIMIT) {
                Ok(bytes) => files.push((name.to_string(), bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => return None,
            }
        }
        Some(Snapshot { list: list.to_string(), files, held: held(site, list) })
    }

    /// A file of the list's folder.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|(known, _)| known == name).map(|(_, bytes)| &bytes[..])
    }
}

fn folder(site: &Site, list: &str) -> PathBuf {
    site.settings.path(settings::LIST_DATA_DIR).join(list)
}

fn held(site: &Site, list: &str) -> Vec<String> {
    let start = format!("heldmsg-{list}-");
    let listing = fs::read_dir(site.settings.path(settings::DATA_DIR)).into_iter().flatten().flatten();
    let names = listing.filter_map(|item| item.file_name().into_string().ok()).filter(|name| name.starts_with(&start));
    let mut held: Vec<String> = names.take(HELD).collect();
    held.sort();
    held
}

/// The posts that are held for a list, for a runner that may decide about them.
pub fn held_posts(site: &Site, list: &str) -> Vec<(String, Vec<u8>)> {
    let data = site.settings.path(settings::DATA_DIR);
    let read = |name: String| Some((name.clone(), durable::read_file(&data.join(&name), LIMIT).ok()?));
    held(site, list).into_iter().filter_map(read).collect()
}
