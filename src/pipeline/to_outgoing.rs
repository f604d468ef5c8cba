//! ToOutgoing: the members' copy goes to the `out` queue, marked for VERP where it is due.

use super::{Context, Verdict};
use crate::error::HandlerError;
use compat::list::attributes;
use compat::queue::QueueName;
use compat::site::settings;
use compat::value::Value;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.data.contains("verp") {
        if let Some(verp) = verp(ctx)? {
            ctx.data.set("verp", verp);
        }
    }
    ctx.enqueue(QueueName::Out, true)?;
    Ok(Verdict::Continue)
}

/// What the site's settings say about this post; nothing is noted where they say no.
fn verp(ctx: &Context<'_>) -> Result<Option<Value>, HandlerError> {
    if ctx.list.truth(attributes::PERSONALIZE) {
        let always = ctx.site.settings.truth(settings::VERP_PERSONALIZED_DELIVERIES);
        return Ok(always.then_some(Value::Int(1)));
    }
    Ok(match ctx.site.settings.int(settings::VERP_DELIVERY_INTERVAL)? {
        0 => None,
        1 => Some(Value::Int(1)),
        interval => Some(Value::Bool((ctx.list.float(attributes::POST_ID) as i64).rem_euclid(interval) == 0)),
    })
}
