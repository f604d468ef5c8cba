//! Archives: the mbox of a list, and its pages. This answers to `ArchiveMail` of Mailman/Archiver/Archiver.py.

mod external;
pub mod mbox;
pub mod pipermail;
pub mod rebuild;

use crate::error::RunnerError;
use compat::durable::Commit;
use compat::email::{generator, Message};
use compat::list::{archive_mbox, attributes, MailList};
use compat::site::{settings, SettingError, Site};
use compat::ByteStr;
use mbox::{Added, MboxError};
pub use pipermail::VolumeCache;
use std::rc::Rc;

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
    ///
    /// # Errors
    /// A setting that is missing or of another kind.
    pub fn of(site: &Site, list: &MailList) -> Result<Plan, SettingError> {
        let to_mbox = site.settings.int(settings::ARCHIVE_TO_MBOX)?;
        let program = if list.truth(attributes::ARCHIVE_PRIVATE) {
            settings::PRIVATE_EXTERNAL_ARCHIVER
        } else {
            settings::PUBLIC_EXTERNAL_ARCHIVER
        };
        let external = site.settings.optional_str(program).filter(|command| !command.is_empty());
        let pages = match to_mbox {
            -1 | 1 => Pages::None,
            _ => external.map_or(Pages::Pipermail, Pages::External),
        };
        Ok(Plan { mbox: matches!(to_mbox, 1 | 2), pages })
    }
}

/// What a runner has at hand when it archives.
pub struct ArchiveJob<'a> {
    /// Volumes of earlier posts.
    cache: &'a mut VolumeCache,
    /// What has to be on the disk before the post may go.
    commit: &'a mut Commit,
    /// An earlier attempt at the post was cut off, and may have come to its end.
    is_repeated: bool,
    /// Where the list's mbox ended before this post.
    mbox_end: u64,
    /// Something of the post may be in the archive from now on.
    has_begun: bool,
}

impl<'a> ArchiveJob<'a> {
    /// For one post.
    pub fn new(cache: &'a mut VolumeCache, commit: &'a mut Commit, is_repeated: bool) -> Self {
        ArchiveJob { cache, commit, is_repeated, mbox_end: u64::MAX, has_begun: false }
    }

    /// Whether something of the post may be in the archive, also where it failed. What cannot be written to the mbox is
    /// not: that has its old length again.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }
}

/// Archives one post. The list is locked. The post is in the archive for good when the job's commit is made.
///
/// `language` is that of the moment: the poster's, for the archives of old versions.
///
/// # Errors
/// What keeps the post out of the archive: a text that cannot be read, or the machine.
pub fn archive(
    site: &Rc<Site>,
    list: &MailList,
    language: &[u8],
    msg: &mut Message,
    plan: &Plan,
    work: &mut ArchiveJob<'_>,
) -> Result<(), RunnerError> {
    let added = if plan.mbox { Some(add_to_mbox(site, list, msg, work.is_repeated)?) } else { None };
    work.has_begun = true;
    work.mbox_end = added.as_ref().map_or(u64::MAX, |added| added.start);
    let outcome = publish(site, list, language, msg, plan, work);
    match (added.and_then(|added| added.file), &outcome) {
        (Some(mbox), Ok(())) => work.commit.append(mbox).map_err(|error| RunnerError::Cause(Box::new(error)))?,
        // As with Mailman, a post that cannot have pages is in the mbox nevertheless.
        (Some(mbox), Err(error)) if !error.is_of_machine() => {
            mbox.commit().map_err(|source| RunnerError::Io { what: "mbox".to_string(), source })?
        }
        _ => {}
    }
    outcome
}

fn add_to_mbox(site: &Site, list: &MailList, msg: &mut Message, is_repeated: bool) -> Result<Added, RunnerError> {
    let file = archive_mbox(site, list.name());
    mbox::add(&file, MBOX_MODE, msg, is_repeated).map_err(|error| {
        if let MboxError::File { .. } = &error {
            site.log("error", format!("Archive file access failure:\n\t{error}"));
        }
        RunnerError::Cause(Box::new(error))
    })
}

/// The post for readers.
fn publish(
    site: &Rc<Site>,
    list: &MailList,
    language: &[u8],
    msg: &mut Message,
    plan: &Plan,
    work: &mut ArchiveJob<'_>,
) -> Result<(), RunnerError> {
    if plan.pages == Pages::None {
        return Ok(());
    }
    let text = generator::as_bytes(msg, true, true).map_err(|error| RunnerError::Cause(Box::new(error)))?;
    match &plan.pages {
        Pages::External(command) => external::run(site, list, command, &text),
        _ => pipermail::archive_text(site, list, language, ByteStr::new(text), work)
            .map_err(|error| RunnerError::Cause(Box::new(error))),
    }
}
