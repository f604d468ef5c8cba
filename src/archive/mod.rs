//! Archives: the mbox of a list. Its Pipermail pages are not written yet; `bin/arch` makes them from the mbox.
//!
//! This answers to `ArchiveMail` of Mailman/Archiver/Archiver.py. What is archived is what stands in the mbox: a post
//! that should have become a page only (ARCHIVE_TO_MBOX = 0) is not taken from the queue, see [`Plan`].

mod external;
pub mod mbox;

use crate::runner::RunnerError;
use compat::email::{generator, Message};
use compat::list::MailList;
use compat::site::{SettingError, Site};
use compat::ByteStr;
use mbox::MboxError;
use std::path::PathBuf;

/// Written under umask 002, as Mailman does for this file alone.
const MBOX_MODE: u32 = 0o664;

/// What the site wants done with a post of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Append it to the mbox.
    pub mbox: bool,
    /// And then.
    pub pages: Pages,
}

/// How the archive for readers is made.
#[derive(Debug, PartialEq, Eq)]
pub enum Pages {
    /// Not at all.
    None,
    /// By a program of the site.
    External(ByteStr),
    /// By Pipermail.
    Pipermail,
}

impl Plan {
    /// Reads the settings, and whether the list's archive is private.
    pub fn of(site: &Site, list: &MailList) -> Result<Plan, SettingError> {
        let to_mbox = site.settings.int("ARCHIVE_TO_MBOX")?;
        let program =
            if list.truth("archive_private") { "PRIVATE_EXTERNAL_ARCHIVER" } else { "PUBLIC_EXTERNAL_ARCHIVER" };
        let external = site.settings.optional_str(program).filter(|command| !command.is_empty());
        let pages = match to_mbox {
            -1 | 1 => Pages::None,
            _ => external.map_or(Pages::Pipermail, Pages::External),
        };
        Ok(Plan { mbox: matches!(to_mbox, 1 | 2), pages })
    }

    /// Whether the post would be in no archive at all if we took it now.
    pub fn is_not_served(&self) -> bool {
        !self.mbox && self.pages == Pages::Pipermail
    }
}

/// Where a list's mbox is.
pub fn mbox_file(site: &Site, name: &str) -> PathBuf {
    let mbox = format!("{name}.mbox");
    site.settings.path("PRIVATE_ARCHIVE_FILE_DIR").join(&mbox).join(&mbox)
}

/// Archives one post. The list is locked.
pub fn archive(site: &Site, list: &MailList, msg: &mut Message, plan: &Plan) -> Result<(), RunnerError> {
    if plan.mbox {
        let file = mbox_file(site, &list.name().to_latin1());
        mbox::append(&file, MBOX_MODE, msg).map_err(|error| {
            if let MboxError::File { .. } = &error {
                site.log("error", format!("Archive file access failure:\n\t{error}"));
            }
            RunnerError::Cause(Box::new(error))
        })?;
    }
    if let Pages::External(command) = &plan.pages {
        let text = generator::as_bytes(msg, true, true).map_err(|error| RunnerError::Cause(Box::new(error)))?;
        external::run(site, list, command, &text)?;
    }
    Ok(())
}
