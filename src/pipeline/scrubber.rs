//! Attachments of posts are taken out before regular members get them. Mailman/Handlers/Scrubber.py, whose work is
//! [`crate::scrubber`]: digests and archives need it too.

use super::{Context, Verdict};
use crate::error::HandlerError;
use crate::notice::words::Words;
use crate::scrubber::{scrub, Outcome};
use compat::list::attributes;

/// The handler: only lists that scrub regular delivery.
///
/// # Errors
/// What a handler failed on; the message is shunted with it, or tried again where the machine is to blame.
pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.list.truth(attributes::SCRUB_NONDIGEST) {
        return Ok(Verdict::Continue);
    }
    let words = Words::new(ctx.site, &ctx.language);
    match scrub(ctx.site, ctx.list, words, ctx.msg, Some(ctx.data))? {
        Outcome::Scrubbed => Ok(Verdict::Continue),
        Outcome::Discard => Ok(Verdict::Discard),
    }
}
