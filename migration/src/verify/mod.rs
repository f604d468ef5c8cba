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
use compat::site::Site;

/// Where a site's queues are.
fn folders(site: &Site) -> Result<QueueFolders, String> {
    QueueFolders::from_settings(&site.settings).map_err(|e| e.to_string())
}
