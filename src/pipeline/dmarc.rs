//! Whether a domain's DMARC policy forbids what a list does to its mail (Utils.IsDMARCProhibited).
//!
//! The look-up needs DNS, which this program does not speak yet; it then does as Mailman without dnspython: it says so
//! in the error log and takes the policy to allow everything.

use super::{Context, HandlerError};

/// Whether the sender's domain asks receivers to refuse mail that a list sends in its name.
pub fn prohibited(ctx: &Context<'_>, _address: &[u8]) -> Result<bool, HandlerError> {
    let list = ctx.list.real_name();
    ctx.log("error", &[b"DNS lookup for dmarc_moderation_action for list ", &list, b" not available"]);
    Ok(false)
}
