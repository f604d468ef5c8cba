//! Emergency: a list in emergency moderation holds everything that no moderator has let through. Nobody is told.

use super::{holding, Context, Verdict};
use crate::error::HandlerError;
use compat::ByteStr;
use std::cell::OnceCell;

const REASON: &str = "Emergency hold on all list traffic is in effect";

thread_local! {
    /// The reason in the language of the first message that came to this handler: Python translates it when it loads
    /// the module, and asks for the translation of that from then on.
    static FIRST: OnceCell<ByteStr> = const { OnceCell::new() };
}

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let first = FIRST.with(|first| first.get_or_init(|| ctx.words().say(REASON)).clone());
    if !ctx.list.truth("emergency") || ctx.data.truth("adminapproved") {
        return Ok(Verdict::Continue);
    }
    let reason = ctx.words().fill(first, &[]);
    holding::store(ctx, &reason)?;
    Ok(Verdict::Hold)
}
