//! Whether a post names the list among its recipients (MailList.HasExplicitDest).

use super::headers::addresses;
use super::Context;
use crate::error::HandlerError;
use crate::text;
use compat::list::attributes;
use compat::pattern::{self, Flags, Pattern};
use compat::ByteStr;

/// True for the list's name at any host, its address, or one of its acceptable_aliases.
pub fn is_explicit(ctx: &Context<'_>) -> Result<bool, HandlerError> {
    let list = ctx.list.posting_address();
    if recipients(ctx).any(|(address, local)| local == *ctx.list.name() || address == list) {
        return Ok(true);
    }
    is_alias(ctx)
}

/// The addresses in lower case, and their local parts. Each header is read on its own: what one leaves open, such as a
/// comment, does not reach the next.
fn recipients<'a>(ctx: &'a Context<'_>) -> impl Iterator<Item = (ByteStr, ByteStr)> + 'a {
    ["to", "cc", "resent-to", "resent-cc"].iter().flat_map(|name| addresses(ctx, &[name])).map(|(_, address)| {
        let address = text::lower(&address);
        let local = memchr::memchr(b'@', &address).unwrap_or(address.len());
        (address.clone(), address.slice(0..local))
    })
}

/// A pattern without an `@` is tried on the local part first. Patterns are anchored at the start only.
fn is_alias(ctx: &Context<'_>) -> Result<bool, HandlerError> {
    let aliases = ctx.list.str(attributes::ACCEPTABLE_ALIASES);
    for alias in text::lines(&aliases).into_iter().map(text::strip).filter(|alias| !alias.is_empty()) {
        let pattern = compile(alias)?;
        for (address, local) in recipients(ctx) {
            let by_local = !alias.contains(&b'@') && pattern.match_start(&local)?.is_some();
            if by_local || pattern.match_start(&address)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What is no regular expression is taken literally.
fn compile(alias: &[u8]) -> Result<Pattern, HandlerError> {
    Pattern::new(alias, Flags::IGNORE_CASE)
        .or_else(|_| Pattern::new(&pattern::escape(alias), Flags::IGNORE_CASE))
        .map_err(HandlerError::at("acceptable_aliases"))
}
