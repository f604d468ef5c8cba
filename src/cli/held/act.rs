//! Deciding about what waits, and looking at it.

use super::{Kind, GONE};
use crate::cli::print;
use crate::dns::Closed;
use crate::membership::{MembershipContext, Refused};
use crate::moderation::waiting::{Joining, Leaving, Post};
use crate::moderation::{self, read_held, Action, Decided, Decision};
use crate::notice::{outbox, save_with_mail};
use crate::queues::safe;
use crate::stderr::Stderr;
use compat::email::generator;
use compat::list::{LockedList, MailList, Requests};
use compat::site::Site;
use std::rc::Rc;

/// What is to be done.
pub(super) struct Order<'a> {
    /// What it is about.
    pub kind: Kind,
    /// What is to become of it.
    pub action: Action,
    /// The reason for a rejection.
    pub why: Option<&'a str>,
    /// Whether posts are kept in SPAM_DIR.
    pub preserve: bool,
    /// Who gets copies.
    pub to: Option<&'a str>,
}

impl Order<'_> {
    fn decision(&self) -> Decision<'_> {
        Decision {
            action: self.action,
            comment: self.why.map(str::as_bytes),
            preserve: self.preserve,
            forward_to: self.to.map(str::as_bytes),
        }
    }

    fn done(&self) -> &'static str {
        match (self.action, self.kind) {
            (Action::Defer, _) => "forwarded",
            (Action::Approve, Kind::Requests) => "accepted",
            (Action::Approve, _) => "approved",
            (Action::Reject, Kind::Requests) => "refused",
            (Action::Reject, _) => "rejected",
            (Action::Discard, _) => "discarded",
        }
    }
}

/// Decides about all that is named, each for itself; says what was done on standard output and what not on standard error.
///
/// # Errors
/// There is no such list, or the decisions cannot be written.
pub(super) fn decide(site: &Rc<Site>, name: &str, which: &[&str], order: &Order<'_>) -> Result<i32, String> {
    let fault = |error: &dyn std::fmt::Display| error.to_string();
    let mut list = LockedList::open(site, name.to_ascii_lowercase().as_str(), None).map_err(|error| fault(&error))?;
    let mut outbox = outbox(site).map_err(|error| fault(&error))?;
    let (ids, mut missing) = find(list.requests().map_err(|error| fault(&error))?, which, order.kind);
    let language = list.preferred_language();
    let mut ctx = MembershipContext { site, list: &mut list, outbox: &mut outbox, dns: &Closed, language };
    let mut said = String::new();
    for id in ids {
        match moderation::decide(&mut ctx, id, &order.decision()) {
            Ok(Decided::Done | Decided::Kept) => said.push_str(&format!("{id}: {}\n", order.done())),
            Ok(Decided::Lost) => missing.push(format!("{id}: its message was lost; the request is gone")),
            Err(Refused::Banned { pattern }) => missing.push(format!("{id}: banned by {}", safe(&pattern))),
            Err(error) => missing.push(format!("{id}: {error}")),
        }
    }
    save_with_mail(&mut list, &mut outbox).map_err(|error| fault(&error))?;
    list.unlock().map_err(|error| fault(&error))?;
    print(&said);
    Ok(complain(&missing))
}

fn complain(missing: &[String]) -> i32 {
    missing.iter().for_each(|what| Stderr::Real.write(&format!("{what}\n")));
    if missing.is_empty() {
        0
    } else {
        GONE
    }
}

/// The numbers that are meant, each once, and a complaint for each name that means none.
fn find(requests: &Requests, which: &[&str], kind: Kind) -> (Vec<i64>, Vec<String>) {
    let (mut ids, mut missing) = (Vec::new(), Vec::new());
    for name in which {
        let found = match name.parse::<i64>() {
            Ok(id) => is_of(requests, id, kind).then_some(id).into_iter().collect(),
            Err(_) => of_person(requests, name.as_bytes(), kind),
        };
        if found.is_empty() {
            missing.push(format!("{name}: {}", nothing(kind)));
        }
        ids.extend(found.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
    }
    (ids, missing)
}

fn nothing(kind: Kind) -> &'static str {
    match kind {
        Kind::Posts => "no such post waits",
        Kind::Requests => "no such request waits",
        Kind::Both => "nothing of that waits",
    }
}

fn is_of(requests: &Requests, id: i64, kind: Kind) -> bool {
    let is_post = Post::of(requests, id).is_some();
    let is_request = Joining::of(requests, id).is_some() || Leaving::of(requests, id).is_some();
    kind != Kind::Requests && is_post || kind != Kind::Posts && is_request
}

fn of_person(requests: &Requests, address: &[u8], kind: Kind) -> Vec<i64> {
    let mut ids = Vec::new();
    if kind != Kind::Requests {
        let posts = Post::all(requests).into_iter();
        ids.extend(posts.filter(|post| post.sender.eq_ignore_ascii_case(address)).map(|post| post.id));
    }
    if kind != Kind::Posts {
        let joining = Joining::all(requests).into_iter().map(|request| (request.id, request.address));
        let all = joining.chain(Leaving::all(requests).into_iter().map(|request| (request.id, request.address)));
        ids.extend(all.filter(|(_, who)| who.eq_ignore_ascii_case(address)).map(|(id, _)| id));
    }
    ids
}

/// Prints posts, made safe for a terminal.
///
/// # Errors
/// There is no such list, or its requests cannot be read.
pub(super) fn show(site: &Rc<Site>, name: &str, which: &[&str]) -> Result<i32, String> {
    let list = MailList::look(site, name.to_ascii_lowercase().as_str()).map_err(|error| error.to_string())?;
    let requests = list.read_requests().map_err(|error| error.to_string())?;
    let (ids, mut missing) = find(&requests, which, Kind::Posts);
    for post in ids.into_iter().filter_map(|id| Post::of(&requests, id)) {
        match text(&list, &post) {
            Ok(text) => print(&text),
            Err(error) => missing.push(format!("{}: {error}", post.id)),
        }
    }
    Ok(complain(&missing))
}

fn text(list: &MailList, post: &Post) -> Result<String, String> {
    let message = read_held(list, &post.file).map_err(|error| error.to_string())?;
    let mut message = message.ok_or("its message was lost")?;
    let text = generator::as_bytes(&mut message, false, false).map_err(|error| error.to_string())?;
    let head = format!("request  {}\nsender   {}\nreason   {}\n", post.id, safe(&post.sender), safe(&post.reason));
    Ok(format!("{head}\n{}\n", safe(&text).trim_end()))
}
