//! ToArchive: a copy for the archive, unless the list keeps none or the post asks to be left out.

use super::{Context, Verdict};
use crate::error::HandlerError;
use compat::list::attributes;
use compat::queue::QueueName;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let unwanted = ctx.data.truth("isdigest") || !ctx.list.truth(attributes::ARCHIVE);
    // The mere presence of X-No-Archive counts, whatever it says.
    let asked = ctx.msg.contains("x-no-archive") || ctx.header_lower("x-archive") == "no";
    if !unwanted && !asked {
        ctx.enqueue(QueueName::Archive, false)?;
    }
    Ok(Verdict::Continue)
}
