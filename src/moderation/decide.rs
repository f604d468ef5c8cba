//! A moderator's decisions (`ListAdmin.HandleRequest`).

use super::{post, requests};
use crate::error::HandlerError;
use crate::membership::{MembershipContext, Refused};
use compat::durable;
use compat::list::requests::RequestKind;
use std::path::PathBuf;

/// What is to become of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// It goes on waiting.
    #[default]
    Defer,
    /// The post goes on its way; the member joins, or leaves.
    Approve,
    /// Whoever asked is told why not.
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

/// Decisions that are made together. What they put into queues is safe before any held post's file goes.
#[must_use = "the files of the posts stay until the decisions are finished"]
pub struct Decisions<'a, 'd> {
    ctx: &'a mut MembershipContext<'d>,
    decided: Vec<PathBuf>,
}

impl<'a, 'd> Decisions<'a, 'd> {
    /// None yet.
    pub fn new(ctx: &'a mut MembershipContext<'d>) -> Self {
        Decisions { ctx, decided: Vec::new() }
    }

    /// What the decisions work on.
    pub fn ctx(&mut self) -> &mut MembershipContext<'d> {
        self.ctx
    }

    /// Decides about the request of this number.
    ///
    /// # Errors
    /// [`Refused::RequestGone`] where somebody else decided meanwhile. The request stays where joining is refused, and
    /// where something fails.
    pub fn decide(&mut self, id: i64, decision: &Decision<'_>) -> Result<Decided, Refused> {
        let Some((kind, record)) = self.ctx.list.requests()?.get(id) else { return Err(Refused::RequestGone(id)) };
        let record = record.clone();
        let decided = match kind {
            RequestKind::HeldMessage => self.decide_post(id, &record, decision)?,
            RequestKind::Subscription => requests::decide_joining(self.ctx, id, &record, decision)?,
            RequestKind::Unsubscription => requests::decide_leaving(self.ctx, id, &record, decision)?,
        };
        if decided != Decided::Kept {
            self.ctx.list.requests()?.remove(id);
        }
        Ok(decided)
    }

    fn decide_post(
        &mut self,
        id: i64,
        record: &compat::pickle::Value,
        decision: &Decision<'_>,
    ) -> Result<Decided, HandlerError> {
        let post = post::Post::from_record(record).ok_or_else(|| odd(id))?;
        let path = self.ctx.list.held_file(&post.file);
        let decided = post::decide(self.ctx, post, &path, decision)?;
        if decided == Decided::Done {
            self.decided.push(path);
        }
        Ok(decided)
    }

    /// Makes what was queued safe, then removes the files of the posts that were decided on. The list is to be saved next.
    ///
    /// # Errors
    /// The queues or the files cannot be written: what was decided is still there.
    pub fn finish(self) -> Result<(), HandlerError> {
        if self.decided.is_empty() {
            return Ok(());
        }
        self.ctx.outbox.commit()?;
        for path in &self.decided {
            durable::unlink_if_there(path)?;
        }
        Ok(())
    }
}

/// One decision alone; see [`Decisions::decide`].
///
/// # Errors
/// As [`Decisions::decide`] and [`Decisions::finish`].
pub fn decide(ctx: &mut MembershipContext<'_>, id: i64, decision: &Decision<'_>) -> Result<Decided, Refused> {
    let mut decisions = Decisions::new(ctx);
    let decided = decisions.decide(id, decision)?;
    decisions.finish()?;
    Ok(decided)
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

pub(super) fn odd(id: i64) -> HandlerError {
    HandlerError::Other(format!("the record of request {id} is not as Mailman writes it"))
}
