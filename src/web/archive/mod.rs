//! What a list's archive has, beyond its own pages: a search and a feed of the newest posts.
//!
//! Mailman has neither. Both read the article pages that are there, so they need no index and no daemon, work on an
//! archive of any age, and show nothing that its readers cannot see. The work of a request is bounded.

mod article;
mod feed;
mod search;

pub use feed::feed;
pub use search::search;

use super::{Answer, Visit};
use compat::list::{archive_folder, attributes, MailList};
use compat::site::Site;
use compat::ByteStr;

/// The part of a list's page that searches its archive: `listinfo/LIST/search?q=...`.
const SEARCH: &[u8] = b"search";
/// The part that is its feed.
const FEED: &[u8] = b"atom.xml";

/// Answers what is asked of a public archive below the list's page; `None` where it is something else.
pub fn public(visit: &Visit<'_>, list: &MailList, parts: &[ByteStr]) -> Option<Answer> {
    let [_, part] = parts else { return None };
    match &part[..] {
        SEARCH if is_public(list) => Some(search(visit, list, &visit.list_url(list, "listinfo"))),
        FEED if is_public(list) => Some(Ok(feed(visit, list))),
        _ => None,
    }
}

/// Where the archive of a list is searched; `None` where it has none.
pub fn search_url(visit: &Visit<'_>, list: &MailList) -> Option<String> {
    let has_one = list.truth(attributes::ARCHIVE) && has_pages(list.site(), list.name());
    let program = if is_public(list) { "listinfo" } else { "private" };
    has_one.then(|| format!("{}/search", visit.list_url(list, program)))
}

/// Whether the path of a private archive asks for the search: `private/LIST/search`.
pub fn is_search(parts: &[ByteStr]) -> bool {
    matches!(parts, [_, part] if &part[..] == SEARCH)
}

/// Whether everybody may read the archive, if there is one.
pub fn is_public(list: &MailList) -> bool {
    list.truth(attributes::ARCHIVE)
        && list.choice(attributes::ARCHIVE_PRIVATE) == 0
        && has_pages(list.site(), list.name())
}

fn has_pages(site: &Site, list: &[u8]) -> bool {
    archive_folder(site, list).is_dir()
}
