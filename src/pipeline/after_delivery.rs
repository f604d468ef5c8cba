//! AfterDelivery: the list counts the post and notes when it was.

use super::{Context, Verdict};
use crate::clock;
use crate::error::HandlerError;
use compat::list::attributes;
use compat::value::Value;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    ctx.list.set(attributes::LAST_POST_TIME, Value::Float(clock::now()));
    let next = ctx.list.require(attributes::POST_ID)?.plus_one();
    ctx.list.set(attributes::POST_ID, next);
    Ok(Verdict::Continue)
}
