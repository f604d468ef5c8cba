//! CookHeaders: the subject prefix, who a post is from and where answers go, and the List-* headers.

pub mod list_headers;
pub mod prefix;
mod reply_to;
mod sender;
mod subject;

use super::headers::{change_header, Change};
use super::{Context, HandlerError, Verdict};
use compat::pickle::Value;
use compat::site::Switch;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if ctx.data.truth("noack") {
        change_header(ctx, "X-Ack", "no", Change::Replace);
    }
    note_original_sender(ctx);
    // Notices that Mailman itself wrote are on the fast track: nothing of a post's treatment applies to them.
    let fasttrack = ctx.data.truth("_fasttrack");
    if !fasttrack && !ctx.data.truth("isdigest") {
        subject::prefix(ctx)?;
    }
    mark(ctx)?;
    let munged = if fasttrack { None } else { sender::munge(ctx)? };
    if !fasttrack {
        reply_to::munge(ctx, munged)?;
    }
    list_headers::add(ctx)?;
    Ok(Verdict::Continue)
}

/// 2.1.21 and later keep a sender that Cleanse noted before it made the post anonymous.
fn note_original_sender(ctx: &mut Context<'_>) {
    if !(ctx.has(Switch::CleanseOriginalSender) && ctx.data.contains("original_sender")) {
        let sender = ctx.sender();
        ctx.data.set("original_sender", Value::Str(sender));
    }
}

/// The marks of a post that was here: X-BeenThere stops loops, the others inform.
fn mark(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    let address = ctx.list.posting_address();
    change_header(ctx, "X-BeenThere", address, Change::Append);
    let version = ctx.site.settings.str("VERSION")?;
    change_header(ctx, "X-Mailman-Version", version, Change::IfAbsent);
    change_header(ctx, "Precedence", "list", Change::IfAbsent);
    Ok(())
}
