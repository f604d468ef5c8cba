//! A post goes back to its sender with the reason (Bouncer.BounceMessage).

use crate::error::HandlerError;
use crate::notice::NoticeText;
use crate::notice::UserNotification;
use crate::pipeline::Context;
use crate::text::header::one_line_in;
use compat::email::build;
use compat::value::Value;
use compat::ByteStr;

/// Sends the post back. The subject is in the list's charset; the notice is in the language of now but labelled with
/// the list's charset, as Mailman does it.
pub fn bounce(ctx: &mut Context<'_>, notice: Option<&[u8]>) -> Result<(), HandlerError> {
    let charset = ctx.list_charset();
    let sender = ctx.sender();
    let subject = ctx.header("subject").unwrap_or_else(|| ctx.words().say("(no subject)"));
    let subject = one_line_in(&subject, &charset);
    let text = match notice {
        Some(notice) => {
            let values = [("sender", Value::Str(sender.clone())), ("subject", Value::Str(subject.clone()))];
            ctx.words().fill(notice, &values)
        }
        None => ctx.words().say("[No bounce details are available]"),
    };
    post_back(ctx, sender, &subject, text, &charset)
}

fn post_back(
    ctx: &mut Context<'_>,
    sender: ByteStr,
    subject: &[u8],
    text: ByteStr,
    charset: &[u8],
) -> Result<(), HandlerError> {
    let language = ctx.list.preferred_language();
    let notice_text = NoticeText { subject: Some(subject), text: None, language: Some(&language) };
    let mut bounce = UserNotification::new(ctx.site, &[sender], &ctx.list.owner_address(), notice_text)?;
    let parts = vec![build::mime_text(text, "plain", charset)?, build::mime_message(ctx.msg.clone())];
    bounce.attach("multipart/mixed", parts)?;
    bounce.send(ctx.list, ctx.outbox)
}
