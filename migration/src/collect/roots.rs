//! The folders that together are a site, by the settings that name them.

use compat::names::by_name;
use compat::site::Site;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The name of the root that no setting names: `Mailman/`, with the settings themselves.
pub const CODE: &str = "Mailman";

/// A folder of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The setting that names it, or [`CODE`].
    pub name: &'static str,
    /// As the setting spells it. Files are named below this in an archive.
    pub spelled: PathBuf,
    /// Where that leads. Links up to here are the site's own business.
    pub real: PathBuf,
}

impl Root {
    /// Whether links to plain files are taken as the files: Debian's `mm_cfg.py` is one, and only root can make them here.
    pub fn is_code(&self) -> bool {
        self.name == CODE
    }
}

/// Which part of the archives is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Archives {
    #[default]
    All,
    /// The mail boxes alone, from which `arch` makes the pages.
    Mboxes,
    None,
}

/// The settings that name folders of a site, each before those that usually lie in it; archives come last.
pub const FOLDER_SETTINGS: [&str; 21] = [
    "LIST_DATA_DIR",
    "DATA_DIR",
    "QUEUE_DIR",
    "INQUEUE_DIR",
    "OUTQUEUE_DIR",
    "VIRGINQUEUE_DIR",
    "BOUNCEQUEUE_DIR",
    "CMDQUEUE_DIR",
    "NEWSQUEUE_DIR",
    "ARCHQUEUE_DIR",
    "RETRYQUEUE_DIR",
    "SHUNTQUEUE_DIR",
    "BADQUEUE_DIR",
    "MAILDIR_DIR",
    "BAD_SHUNT_ARCHIVE_DIRECTORY",
    "SPAM_DIR",
    "LOG_DIR",
    "TEMPLATE_DIR",
    "MESSAGES_DIR",
    "PRIVATE_ARCHIVE_FILE_DIR",
    "PUBLIC_ARCHIVE_FILE_DIR",
];

/// The roots of a site that are there. None lies in another.
pub fn roots(site: &Site, archives: Archives) -> Vec<Root> {
    let mut wanted: Vec<(&'static str, PathBuf)> = vec![(CODE, site.home.join(CODE))];
    let is_wished = |name: &&str| archives != Archives::None || !name.ends_with("ARCHIVE_FILE_DIR");
    let names = FOLDER_SETTINGS.into_iter().filter(is_wished);
    wanted.extend(names.filter_map(|name| Some((name, named(site, name)?))));
    let mut roots: Vec<Root> = Vec::new();
    for (name, spelled) in wanted {
        let Ok(real) = fs::canonicalize(&spelled) else { continue };
        let is_new = |root: &Root| !spelled.starts_with(&root.spelled) && !real.starts_with(&root.real);
        if real.is_dir() && roots.iter().all(is_new) {
            roots.push(Root { name, spelled, real });
        }
    }
    roots
}

/// The folder that a setting names, if it names one.
pub fn named(site: &Site, name: &str) -> Option<PathBuf> {
    let text = site.settings.optional_str(by_name(name))?;
    let path = Path::new(OsStr::from_bytes(&text)).to_path_buf();
    path.is_absolute().then_some(path)
}
