//! What waits for moderators.

use super::StatusError;
use compat::list::requests::RequestKind;
use compat::list::{self, MailList};
use compat::site::{settings, Site};
use compat::ByteStr;
use std::rc::Rc;

/// Requests of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfList {
    pub list: ByteStr,
    pub posts: usize,
    pub subscriptions: usize,
    pub unsubscriptions: usize,
}

impl OfList {
    /// All of them.
    pub fn total(&self) -> usize {
        self.posts + self.subscriptions + self.unsubscriptions
    }
}

/// Requests of all lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Number of lists of the site.
    pub lists: usize,
    /// Those with requests, the most first.
    pub waiting: Vec<OfList>,
    /// Lists that cannot be read, each with the reason.
    pub unreadable: Vec<(ByteStr, String)>,
}

/// Looks through all lists, without their locks.
pub fn all(site: &Rc<Site>) -> Result<Waiting, StatusError> {
    let path = || site.settings.path(settings::LIST_DATA_DIR);
    let names = list::names(site).map_err(|source| StatusError::Io { path: path(), source })?;
    let mut waiting = Waiting { lists: names.len(), ..Waiting::default() };
    for name in names {
        match MailList::requests_of(site, &name) {
            Ok(requests) => {
                let count = |kind| requests.ids(kind).len();
                let of_list = OfList {
                    list: name,
                    posts: count(RequestKind::HeldMessage),
                    subscriptions: count(RequestKind::Subscription),
                    unsubscriptions: count(RequestKind::Unsubscription),
                };
                waiting.waiting.extend(Some(of_list).filter(|of_list| of_list.total() > 0));
            }
            Err(error) => waiting.unreadable.push((name, error.to_string())),
        }
    }
    waiting.waiting.sort_by(|a, b| b.total().cmp(&a.total()).then_with(|| a.list.cmp(&b.list)));
    Ok(waiting)
}
