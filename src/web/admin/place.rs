//! Which page of a list's owner a request is about: the parts of the path behind the list's name.

use crate::web::Visit;
use compat::site::{settings, Switch};
use compat::ByteStr;

/// Category and part, as the path names them.
pub(super) struct Place {
    /// A category that the site has, or `logout`; `general` in place of what is neither.
    pub category: ByteStr,
    /// What follows it. It stays in the address that the page's form goes to, whatever it is.
    pub sub: Option<ByteStr>,
    /// The last part of the path: it says which part of a category is shown.
    last: ByteStr,
    is_history: bool,
}

/// A part of a category that has several: its name in addresses, and its title, a key of the catalogue with entities.
pub(super) type Part = (&'static str, &'static str);

const PRIVACY: &[Part] = &[
    ("subscribing", "Subscription&nbsp;rules"),
    ("sender", "Sender&nbsp;filters"),
    ("recipient", "Recipient&nbsp;filters"),
    ("spam", "Spam&nbsp;filters"),
];
const MEMBERS: &[Part] =
    &[("list", "Membership&nbsp;List"), ("add", "Mass&nbsp;Subscription"), ("remove", "Mass&nbsp;Removal")];
const CHANGE: Part = ("change", "Address&nbsp;Change");
const SYNC: Part = ("sync", "Sync&nbsp;Membership&nbsp;List");

impl Place {
    pub(super) fn of(visit: &Visit<'_>, parts: &[ByteStr]) -> Place {
        let category = parts.get(1).cloned().unwrap_or_else(|| "general".into());
        let is_history = category == "history";
        let is_known = category == "logout" || categories(visit).contains(&category);
        Place {
            category: if is_known { category } else { "general".into() },
            sub: parts.get(2).cloned(),
            last: parts.last().cloned().unwrap_or_default(),
            is_history,
        }
    }

    /// Whether the history of changes is shown in place of the general options.
    pub(super) fn is_history(&self) -> bool {
        self.is_history
    }

    pub(super) fn is_logout(&self) -> bool {
        self.category == "logout"
    }

    /// The part of the category that is shown; the first where the path names none that it has.
    pub(super) fn part(&self, visit: &Visit<'_>) -> Option<&'static str> {
        let parts = parts(visit, &self.category);
        let named = parts.iter().find(|(name, _)| self.last == *name.as_bytes());
        named.or(parts.first()).map(|(name, _)| *name)
    }
}

/// The categories, in the site's order.
pub(super) fn categories(visit: &Visit<'_>) -> Vec<ByteStr> {
    visit.site.settings.strings(settings::ADMIN_CATEGORIES).unwrap_or_default()
}

/// The parts of a category; none where it has only one.
pub(super) fn parts(visit: &Visit<'_>, category: &[u8]) -> Vec<Part> {
    match category {
        b"privacy" => PRIVACY.to_vec(),
        b"members" => {
            let change = visit.has(Switch::AddressChangePage).then_some(CHANGE);
            let sync = visit.has(Switch::SyncPage).then_some(SYNC);
            MEMBERS.iter().copied().chain(change).chain(sync).collect()
        }
        _ => Vec::new(),
    }
}

/// The title of a category, a key of the catalogue with entities.
pub(super) fn title(category: &[u8]) -> &'static str {
    match category {
        b"general" => "General Options",
        b"passwords" => "Passwords",
        b"language" => "Language&nbsp;options",
        b"members" => "Membership&nbsp;Management...",
        b"nondigest" => "Non-digest&nbsp;options",
        b"digest" => "Digest options",
        b"privacy" => "Privacy options...",
        b"bounce" => "Bounce processing",
        b"archive" => "Archiving Options",
        b"gateway" => "Mail&lt;-&gt;News&nbsp;gateways",
        b"autoreply" => "Auto-responder",
        b"contentfilter" => "Content&nbsp;filtering",
        b"topics" => "Topics",
        _ => "",
    }
}
