//! Pipermail: the archive as web pages, continued where Python left off and left so that Python can go on.
//!
//! A post becomes an article with a number of its own, a page in its volume, an entry in the volume's four index pages and
//! text file, and a line in the databases below `database/`. Answers to `pipermail.py`, `HyperArch.py` and
//! `HyperDatabase.py`; each file here names its part.

mod archive;
mod article;
mod article_page;
mod author;
mod body;
mod body_lines;
mod database;
mod dates;
mod gzip;
mod index;
mod index_page;
mod key;
mod layout;
mod output;
mod page_writer;
mod pages;
mod recovery;
mod setting;
mod state;
mod subject;
mod summaries;
mod summary;
mod templates;
#[cfg(test)]
mod tests;
mod text;
mod thread_order;
mod threads;
mod volume;
mod volume_cache;
mod volume_data;

pub use archive::{Added, Archive};
pub(super) use layout::FOLDER_MODE;
pub use setting::Progress;
pub use volume_cache::VolumeCache;

use super::{mbox, ArchiveJob};
use crate::error::HandlerError;
use compat::list::{archive_mbox, MailList};
use compat::site::Site;
use compat::ByteStr;
use std::rc::Rc;

/// Archives the messages of a text in mbox form: one post, as its runner hands it over. `language` is that of the moment.
/// It is in the archive for good when the job's commit is made.
///
/// # Errors
/// A page or database cannot be read or written. What was written until then stays.
pub fn archive_text(
    site: &Rc<Site>,
    list: &MailList,
    language: &[u8],
    mailbox: ByteStr,
    work: &mut ArchiveJob<'_>,
) -> Result<(), HandlerError> {
    let mut archive = Archive::open(site, list, language, work.cache)?;
    // A state that is made again from the volumes may count an attempt at this very post that failed behind them.
    let is_lost = archive.state.lost.is_some();
    if is_lost {
        drop(archive);
        recovery::run(site, list, work.cache, &archive_mbox(site, list.name()), work.mbox_end)?;
        archive = Archive::open(site, list, language, work.cache)?;
    }
    archive.is_repeated = work.is_repeated || is_lost;
    archive.takes_posts = true;
    let messages = mbox::split(&mailbox);
    drop(mailbox);
    for raw in messages {
        archive.add(raw, language)?;
    }
    archive.close(work.commit)
}
