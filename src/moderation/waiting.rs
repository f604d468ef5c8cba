//! What waits, as pages and tools show it: held posts by sender, requests to join and to leave.

use crate::error::HandlerError;
use crate::membership::{MembershipContext, Refused};
use crate::moderation::{decide, Action, Decision};
use compat::list::requests::RequestKind;
use compat::list::{MailList, Requests};
use compat::site::Switch;
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::collections::BTreeMap;

/// A post that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Its number.
    pub id: i64,
    /// When it was held, in seconds since the epoch.
    pub since: f64,
    /// Who wrote it; empty or `<missing>` where nobody is named.
    pub sender: ByteStr,
    /// The raw header value: `str` or an `email.Header`.
    pub subject: Value,
    /// Why it is held, in the language of when it was held.
    pub reason: ByteStr,
    /// The name of its file in DATA_DIR.
    pub file: ByteStr,
    /// What its sender is told if it is rejected, as the pipeline noted it.
    pub rejection_notice: Option<ByteStr>,
    /// When it came in, where that is known; in seconds since the epoch.
    pub received: Option<f64>,
}

impl Post {
    /// The post of this number, if that is what it is.
    pub fn of(requests: &Requests, id: i64) -> Option<Post> {
        let (RequestKind::HeldMessage, record) = requests.get(id)? else { return None };
        let [since, sender, subject, reason, file, metadata] = record.as_items()? else { return None };
        let known = |name: &[u8]| metadata.as_dict().and_then(|metadata: &Dict| metadata.get(name));
        Some(Post {
            id,
            since: since.as_float()?,
            sender: sender.as_text().cloned().unwrap_or_default(),
            subject: subject.clone(),
            reason: reason.as_text().cloned().unwrap_or_default(),
            file: file.as_text()?.clone(),
            rejection_notice: known(b"rejection_notice").and_then(Value::as_text).cloned(),
            received: known(b"received_time").and_then(Value::as_float).filter(|time| *time != 0.0),
        })
    }

    /// All posts, by their numbers.
    pub fn all(requests: &Requests) -> Vec<Post> {
        requests.ids(RequestKind::HeldMessage).into_iter().filter_map(|id| Post::of(requests, id)).collect()
    }
}

/// In which order senders are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By address (`SSENDER`).
    #[default]
    Sender,
    /// By each sender's first post (`SSENDERTIME`).
    SenderByTime,
    /// Posts of one moment together, by time (`STIME`).
    Time,
}

/// Posts of one sender that are shown together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Who wrote them.
    pub sender: ByteStr,
    /// The posts; the order of newer versions is by time, that of older ones by number.
    pub posts: Vec<Post>,
}

/// Groups posts by sender (`helds_by_skey`, `helds_by_sender`).
pub fn by_sender(posts: Vec<Post>, order: Order, by_time: bool) -> Vec<Group> {
    let mut groups: BTreeMap<(Time, ByteStr), Vec<Post>> = BTreeMap::new();
    for post in posts {
        let time = if order == Order::Time { post.since } else { 0.0 };
        groups.entry((Time(time), post.sender.clone())).or_default().push(post);
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|((_, sender), posts)| Group { sender, posts }).collect();
    if by_time {
        groups.iter_mut().for_each(|group| group.posts.sort_by_key(|post| (Time(post.since), post.id)));
    }
    if order == Order::SenderByTime {
        groups.sort_by_key(|group| (group.posts.first().map(|post| Time(post.since)), group.sender.clone()));
    }
    groups
}

/// A time that can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Time(f64);

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Time) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Time) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A request to join that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Joining {
    /// Its number.
    pub id: i64,
    /// When it was made, in seconds since the epoch.
    pub since: f64,
    /// Who wants to join.
    pub address: ByteStr,
    /// The name, `str` or `unicode`.
    pub name: Value,
}

impl Joining {
    /// The request of this number, if that is what it is.
    pub fn of(requests: &Requests, id: i64) -> Option<Joining> {
        let (RequestKind::Subscription, record) = requests.get(id)? else { return None };
        let [since, address, name, ..] = record.as_items()? else { return None };
        Some(Joining { id, since: since.as_float()?, address: address.as_text()?.clone(), name: name.clone() })
    }

    /// All such requests, by number.
    pub fn all(requests: &Requests) -> Vec<Joining> {
        requests.ids(RequestKind::Subscription).into_iter().filter_map(|id| Joining::of(requests, id)).collect()
    }
}

/// A request to leave that waits: its number and the address.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaving {
    /// Its number.
    pub id: i64,
    /// Who wants to leave.
    pub address: ByteStr,
}

impl Leaving {
    /// The request of this number, if that is what it is.
    pub fn of(requests: &Requests, id: i64) -> Option<Leaving> {
        let (RequestKind::Unsubscription, address) = requests.get(id)? else { return None };
        Some(Leaving { id, address: address.as_text()?.clone() })
    }

    /// All such requests, by number.
    pub fn all(requests: &Requests) -> Vec<Leaving> {
        requests.ids(RequestKind::Unsubscription).into_iter().filter_map(|id| Leaving::of(requests, id)).collect()
    }
}

/// Discards requests that there is nothing to decide about: further ones of the same address, and those of people who
/// want to leave and are no members.
///
/// # Errors
/// The requests cannot be read.
pub fn tidy_requests(ctx: &mut MembershipContext<'_>) -> Result<(), HandlerError> {
    let requests = ctx.list.requests()?.clone();
    let stale = stale_requests(ctx.list, &requests);
    discard(ctx, &stale)
}

/// The numbers of the requests that there is nothing to decide about; see [`tidy_requests`].
pub fn stale_requests(list: &MailList, requests: &Requests) -> Vec<i64> {
    let keeps_last = list.site().profile.has(Switch::LatestRequestCounts);
    let (joining, leaving) = (Joining::all(requests), Leaving::all(requests));
    let mut stale = duplicates(joining.into_iter().map(|request| (request.address, request.id)), keeps_last);
    stale.extend(duplicates(leaving.iter().map(|request| (request.address.clone(), request.id)), false));
    for request in leaving {
        if !list.is_member(&request.address) && !stale.contains(&request.id) {
            stale.push(request.id);
        }
    }
    stale
}

/// Discards posts whose files were found gone, if they still are.
///
/// # Errors
/// The requests cannot be read.
pub fn discard_lost(ctx: &mut MembershipContext<'_>, ids: &[i64]) -> Result<(), HandlerError> {
    let mut lost = Vec::new();
    for id in ids {
        let Some(post) = Post::of(ctx.list.requests()?, *id) else { continue };
        if ctx.list.was_decided(&post.file)? || !ctx.list.held_file(&post.file).exists() {
            lost.push(*id);
        }
    }
    discard(ctx, &lost)
}

fn discard(ctx: &mut MembershipContext<'_>, ids: &[i64]) -> Result<(), HandlerError> {
    for id in ids {
        match decide(ctx, *id, &Decision::plain(Action::Discard)) {
            Ok(_) | Err(Refused::RequestGone(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// The numbers of all but one request of each address, by address.
fn duplicates(requests: impl Iterator<Item = (ByteStr, i64)>, keeps_last: bool) -> Vec<i64> {
    let mut by_address: BTreeMap<ByteStr, Vec<i64>> = BTreeMap::new();
    requests.for_each(|(address, id)| by_address.entry(address).or_default().push(id));
    let others = |mut ids: Vec<i64>| {
        ids.remove(if keeps_last { ids.len() - 1 } else { 0 });
        ids
    };
    by_address.into_values().flat_map(others).collect()
}
