//! Emergency: a list in emergency moderation holds everything that no moderator has let through. Nobody is told.

use super::{holding, Context, HandlerError, Verdict};

const REASON: &str = "Emergency hold on all list traffic is in effect";

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.list.truth("emergency") || ctx.data.truth("adminapproved") {
        return Ok(Verdict::Continue);
    }
    let reason = ctx.words().say(REASON);
    holding::store(ctx, &reason)?;
    Ok(Verdict::Hold)
}
