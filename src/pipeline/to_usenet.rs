//! ToUsenet: a copy for the newsgroup that the list is coupled with.

use super::{Context, Verdict};
use crate::error::HandlerError;
use compat::list::attributes;
use compat::queue::QueueName;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.list.truth(attributes::GATEWAY_TO_NEWS) || ctx.data.truth("isdigest") || ctx.data.truth("fromusenet") {
        return Ok(Verdict::Continue);
    }
    let needed = [(attributes::LINKED_NEWSGROUP, "no newsgroup"), (attributes::NNTP_HOST, "no NNTP host")];
    let missing: Vec<&str> = needed.iter().filter(|(attr, _)| !ctx.list.truth(*attr)).map(|(_, text)| *text).collect();
    if missing.is_empty() {
        ctx.enqueue(QueueName::News, true)?;
    } else {
        ctx.log("error", &[b"NNTP gateway improperly configured: ", missing.join(", ").as_bytes()]);
    }
    Ok(Verdict::Continue)
}
