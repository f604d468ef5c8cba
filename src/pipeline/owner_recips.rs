//! OwnerRecips: mail to the -owner address goes to owners and moderators, without header and footer.

use super::{Context, Verdict};
use crate::error::HandlerError;
use compat::list::attributes;
use compat::value::Value;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let owners = [attributes::OWNER, attributes::MODERATOR]
        .map(|attr| ctx.list.get(attr))
        .into_iter()
        .flatten()
        .filter_map(Value::as_items);
    let recips: Vec<Value> = owners.flatten().cloned().collect();
    ctx.data.set("recips", Value::list(recips));
    ctx.data.set("nodecorate", Value::Int(1));
    ctx.data.set("personalize", Value::Int(0));
    Ok(Verdict::Continue)
}
