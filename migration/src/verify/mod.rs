//! Proofs: that every pickle of a site is understood, and that every queued message is accounted for.

mod compare;
mod manifest;
mod pickles;
mod proof;
mod second;
mod words;

pub use compare::{compare, Account, Fate};
pub use manifest::{manifest_text, moved, write, ManifestError, Record};
pub use pickles::{check, Outcome};

use compat::queue::QueueFolders;
use compat::site::{SettingError, Site};
use std::io;
use std::path::{Path, PathBuf};

/// What of a site cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The site does not say where a queue is.
    #[error(transparent)]
    Queues(#[from] SettingError),
    /// A folder or file.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// A log or mail box in which a message may be proved.
    #[error("looking for proofs: {0}")]
    Proofs(#[source] io::Error),
}

impl SiteError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> SiteError + '_ {
        move |source| SiteError::Io { path: path.to_owned(), source }
    }
}

/// Where a site's queues are.
fn folders(site: &Site) -> Result<QueueFolders, SiteError> {
    Ok(QueueFolders::from_settings(&site.settings)?)
}
