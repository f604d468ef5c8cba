//! CleanseDKIM: signatures that Mailman's own changes break may be taken off (REMOVE_DKIM_HEADERS).

use super::{Context, Verdict};
use crate::error::HandlerError;
use compat::email::message::HeaderValue;
use compat::list::attributes;
use compat::site::{settings, Switch};

/// The headers, and the names under which copies are kept.
const SIGNATURES: [(&str, &str); 3] = [
    ("domainkey-signature", "X-Mailman-Original-DomainKey-Signature"),
    ("dkim-signature", "X-Mailman-Original-DKIM-Signature"),
    ("authentication-results", "X-Mailman-Original-Authentication-Results"),
];

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let setting = ctx.site.settings.int(settings::REMOVE_DKIM_HEADERS)?;
    let wanted = if ctx.has(Switch::DkimRemovalLevels) { is_wanted(ctx, setting) } else { setting != 0 };
    if !wanted {
        return Ok(Verdict::Continue);
    }
    for (name, kept) in SIGNATURES {
        if setting == 3 && ctx.has(Switch::DkimRenamed) {
            let values: Vec<HeaderValue> = ctx.msg.get_all(name).into_iter().cloned().collect();
            for value in values {
                ctx.msg.append(kept, value);
            }
        }
    }
    SIGNATURES.iter().for_each(|(name, _)| ctx.msg.delete(name));
    Ok(Verdict::Continue)
}

/// An anonymous list always wants it; a setting of 1 only where From is munged.
fn is_wanted(ctx: &Context<'_>, setting: i64) -> bool {
    match setting {
        0 => ctx.has(Switch::DkimRemovedOnAnonymous) && ctx.list.truth(attributes::ANONYMOUS_LIST),
        1 => {
            let message = ctx.data.int("from_is_list");
            message == Some(1) || (ctx.list.int(attributes::FROM_IS_LIST) == 1 && message != Some(2))
        }
        _ => true,
    }
}
