//! A whole Mailman site in one folder, without Mailman: settings, folders, lists. For the demonstration and for tests.

use super::new_list::{self, NewList};
use crate::lists::CreateError;
use compat::durable;
use compat::site::{Site, SiteError};
use nix::unistd::{getegid, geteuid, Group, User};
use std::io;
use std::path::Path;
use std::rc::Rc;

const FOLDERS: [&str; 12] = [
    "Mailman",
    "archives/private",
    "archives/public",
    "bin",
    "data",
    "lists",
    "locks",
    "logs",
    "messages",
    "qfiles",
    "spam",
    "templates",
];

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum NewSiteError {
    /// A file or folder.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    /// What was made is no site after all.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A list.
    #[error(transparent)]
    List(#[from] CreateError),
}

/// Makes a site of the newest version in an empty folder, run by whoever calls this. `settings` are lines for mm_cfg.py.
/// It gets a site list, without which `mailmanctl` does not start.
///
/// # Errors
/// A file that cannot be written.
pub fn create(folder: &Path, settings: &[String]) -> Result<Rc<Site>, NewSiteError> {
    for name in FOLDERS {
        let path = folder.join(name);
        durable::mkdir_all(&path, 0o2775).map_err(|source| failed(&path, source))?;
    }
    write(&folder.join("Mailman/Version.py"), "VERSION = '2.1.39'\n")?;
    write(&folder.join("Mailman/mm_cfg.py"), &mm_cfg(settings))?;
    let site = Site::open(folder)?;
    new_list::create(&site, &NewList { name: "mailman", owners: &["postmaster@example.com"], members: &[] })?;
    Ok(site)
}

fn mm_cfg(settings: &[String]) -> String {
    let user = User::from_uid(geteuid()).ok().flatten().map_or_else(|| geteuid().to_string(), |user| user.name);
    let group = Group::from_gid(getegid()).ok().flatten().map_or_else(|| getegid().to_string(), |group| group.name);
    let mut lines = vec![
        "from Defaults import *".to_string(),
        format!("MAILMAN_USER = '{user}'"),
        format!("MAILMAN_GROUP = '{group}'"),
        "DEFAULT_EMAIL_HOST = 'lists.example.com'".to_string(),
        "DEFAULT_URL_HOST = 'lists.example.com'".to_string(),
        "add_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)".to_string(),
        "SMTPHOST = '127.0.0.1'".to_string(),
    ];
    lines.extend_from_slice(settings);
    lines.join("\n") + "\n"
}

fn write(path: &Path, text: &str) -> Result<(), NewSiteError> {
    std::fs::write(path, text).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> NewSiteError {
    NewSiteError::Io { what: path.display().to_string(), source }
}
