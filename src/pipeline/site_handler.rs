//! Handlers that are the site's own Python: run by the bridge, under our lock of the list.

use super::{Context, Verdict};
use crate::bridge::{cause, raised, Outcome, Request, Verb};
use crate::error::HandlerError;
use compat::names::by_name;
use compat::queue::EntryMessage;
use compat::value::Value;
use compat::ByteStr;

/// Runs a handler of the site's own on what the pipeline has in hand.
///
/// # Errors
/// It raised, or it could not be run. Message and metadata are then as the handler left them, the list is unchanged.
pub fn handler(ctx: &mut Context<'_>, name: &ByteStr) -> Result<Verdict, HandlerError> {
    // The handler may hold the message: the file of requests is Python's meanwhile.
    ctx.list.save_requests_now()?;
    let request = Request {
        verb: Verb::Handler,
        name: name.clone(),
        list: ctx.list.name().clone(),
        language: ctx.language.clone(),
        attributes: ctx.list.to_value(),
        message: EntryMessage::Object(ctx.msg.to_value()),
        metadata: ctx.data.clone(),
    };
    let answer = request.send(ctx.site).map_err(cause)?;
    *ctx.msg = answer.message().map_err(cause)?;
    *ctx.data = answer.metadata;
    let verdict = match answer.outcome {
        Outcome::Continue => Verdict::Continue,
        Outcome::Discard => Verdict::Discard,
        Outcome::Hold => Verdict::Hold,
        Outcome::Reject(notice) => Verdict::Reject(notice),
        Outcome::Raised(traceback) => return Err(cause(raised(&traceback))),
    };
    for (name, value) in answer.changed.iter() {
        if let Some(name) = name.as_text() {
            ctx.list.set(by_name(&name.to_latin1()), value.clone());
        }
    }
    answer.gone.iter().filter_map(Value::as_text).for_each(|name| ctx.list.remove(by_name(&name.to_latin1())));
    Ok(verdict)
}
