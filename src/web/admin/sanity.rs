//! What each page of the owner warns of, whatever it shows: members who cannot get any post.

use super::notes::Notes;
use crate::web::Texts;
use compat::list::{attributes, MailList};
use maud::html;

/// How many of the members are named.
const SHOWN: usize = 10;

pub(super) fn check(texts: &Texts<'_>, list: &MailList, notes: &mut Notes) {
    let (digests, posts) = (list.truth(attributes::DIGESTABLE), list.truth(attributes::NONDIGESTABLE));
    if !digests && !posts {
        notes.warning(
            texts,
            html! { "Members get neither digests nor single posts, so nobody gets anything. Turn one of them on." },
        );
    }
    if !digests {
        let members = list.digest_members();
        warn(texts, notes, members, "These members have chosen digests, which are turned off; they get nothing:");
    }
    if !posts {
        let members = list.regular_members();
        let what = "These members want single posts, which are turned off; they get them until you change that:";
        warn(texts, notes, members, what);
    }
}

fn warn(texts: &Texts<'_>, notes: &mut Notes, members: Vec<compat::ByteStr>, what: &str) {
    if members.is_empty() {
        return;
    }
    let more = members.len().saturating_sub(SHOWN);
    let named: Vec<String> = members.iter().take(SHOWN).map(ToString::to_string).collect();
    notes.warning(texts, html! { (what) " " (named.join(", ")) @if more > 0 { " and " (more) " more" } "." });
}
