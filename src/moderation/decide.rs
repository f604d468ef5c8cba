//! A moderator's decisions (`ListAdmin.HandleRequest`).

use super::{post, requests};
use crate::error::{Culprit, HandlerError};
use crate::membership::{MembershipContext, Refused};
use compat::list::requests::RequestKind;
use compat::value::Value;

/// What is to become of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// It goes on waiting.
    #[default]
    Defer,
    /// The post goes on its way; the member joins, or leaves.
    Approve,
    /// The sender learns why it was refused.
    Reject,
    /// It vanishes.
    Discard,
}

/// A decision with what goes with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decision<'a> {
    /// What is to become of it.
    pub action: Action,
    /// The reason that is given with a rejection.
    pub comment: Option<&'a [u8]>,
    /// Whether a post is kept in SPAM_DIR for the site's administrator, also when it is only deferred.
    pub preserve: bool,
    /// The addresses, separated by commas, that get a copy of a post, also when it is only deferred.
    pub forward_to: Option<&'a [u8]>,
}

impl Decision<'_> {
    /// A decision and nothing with it.
    pub fn plain(action: Action) -> Self {
        Decision { action, ..Decision::default() }
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// As decided.
    Done,
    /// It waits on.
    Kept,
    /// The file of the held post was not there any more; its record is gone.
    Lost,
}

/// Decides about the request of this number. The list is to be saved with what was queued, in one commit
/// ([`crate::notice::save_with_mail`]): the file of a held post goes with it.
///
/// # Errors
/// [`Refused::RequestGone`] where somebody else decided meanwhile. The request stays where joining is refused, and
/// where something fails.
pub fn decide(ctx: &mut MembershipContext<'_>, id: i64, decision: &Decision<'_>) -> Result<Decided, Refused> {
    let Some((kind, record)) = ctx.list.requests()?.get(id) else { return Err(Refused::RequestGone(id)) };
    let record = record.clone();
    let decided = match kind {
        RequestKind::HeldMessage => about_post(ctx, id, &record, decision)?,
        RequestKind::Subscription => requests::decide_joining(ctx, id, &record, decision)?,
        RequestKind::Unsubscription => requests::decide_leaving(ctx, id, &record, decision)?,
    };
    if decided != Decided::Kept {
        ctx.list.requests()?.remove(id);
    }
    note(ctx, &History { id, kind, record: &record }, decision, decided);
    Ok(decided)
}

/// What the history of changes says of a decision.
struct History<'a> {
    id: i64,
    kind: RequestKind,
    record: &'a Value,
}

fn note(ctx: &MembershipContext<'_>, about: &History<'_>, decision: &Decision<'_>, decided: Decided) {
    let what = match (decided, decision.action) {
        (Decided::Lost, _) => "lost",
        (_, Action::Approve) => "approved",
        (_, Action::Reject) => "rejected",
        (_, Action::Discard) => "discarded",
        (_, Action::Defer) if decision.preserve || decision.forward_to.is_some() => "deferred",
        (_, Action::Defer) => return,
    };
    let kind = match about.kind {
        RequestKind::HeldMessage => "held post",
        RequestKind::Subscription => "request to join",
        RequestKind::Unsubscription => "request to leave",
    };
    let person = about.record.as_items().and_then(|items| items.get(1)).unwrap_or(about.record).as_text().cloned();
    let mut text = format!("{what} {kind} {} of ", about.id).into_bytes();
    text.extend_from_slice(&person.unwrap_or_default());
    if decision.preserve {
        text.extend_from_slice(b", kept for the site");
    }
    if let Some(to) = decision.forward_to {
        text.extend_from_slice(&[b", forwarded to ", to].concat());
    }
    ctx.list.record(&[&text]);
}

/// The same for a held post only: a number that now belongs to something else is gone.
///
/// # Errors
/// As [`decide`].
pub fn decide_on_post(ctx: &mut MembershipContext<'_>, id: i64, decision: &Decision<'_>) -> Result<Decided, Refused> {
    match ctx.list.requests()?.get(id) {
        Some((RequestKind::HeldMessage, _)) => decide(ctx, id, decision),
        _ => Err(Refused::RequestGone(id)),
    }
}

fn about_post(
    ctx: &mut MembershipContext<'_>,
    id: i64,
    record: &Value,
    decision: &Decision<'_>,
) -> Result<Decided, HandlerError> {
    let post = post::Post::from_record(record).ok_or_else(|| odd(id))?;
    if ctx.list.was_decided(&post.file)? {
        return Ok(Decided::Lost);
    }
    let (path, aside) = (ctx.list.held_file(&post.file), ctx.list.decided_file(&post.file));
    let before = ctx.outbox.mark();
    let decided = post::decide(ctx, post, &path, decision);
    match decided {
        Ok(Decided::Done) => ctx.outbox.pending().consume(path, aside),
        Ok(_) => {}
        // The request stays: what was queued would come twice.
        Err(_) => ctx.outbox.back_to(before),
    }
    decided
}

pub(super) fn odd(id: i64) -> HandlerError {
    Culprit::Record("request.pck".to_owned()).says(format!("the record of request {id} is not as Mailman writes it"))
}
