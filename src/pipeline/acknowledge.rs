//! Acknowledge: members who asked for it get a word that their post went out.

use super::{Context, Verdict};
use crate::error::HandlerError;
use crate::notice::{NoticeText, Template, UserNotification};
use crate::text::header::{header_of, one_line_in};
use compat::list::options;
use compat::value::Value;
use compat::ByteStr;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let sender = match ctx.data.get("original_sender").and_then(Value::as_text) {
        Some(noted) => noted.clone(),
        None => ctx.sender(),
    };
    if !ctx.list.is_member(&sender) || !ctx.list.option(&sender, options::ACKNOWLEDGE_POSTS) {
        return Ok(Verdict::Continue);
    }
    let own = ctx.list.language_of(&sender);
    let language = ctx.data.str("lang").unwrap_or(own);
    let text = text(ctx, &sender, &language)?;
    let real_name = ctx.list.real_name();
    let subject = ctx.words().fill("%(realname)s post acknowledgement", &[("realname", Value::Str(real_name))]);
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    UserNotification::new(ctx.site, &[sender], &ctx.list.bounces_address(), notice_text)?.send(ctx.list, ctx.outbox)?;
    Ok(Verdict::Continue)
}

fn text(ctx: &Context<'_>, sender: &ByteStr, language: &ByteStr) -> Result<ByteStr, HandlerError> {
    let subject = original_subject(ctx);
    let fields = [
        ("subject", one_line_in(&subject, &ctx.site.charset_or_ascii(language))),
        ("listname", ctx.list.real_name()),
        ("listinfo_url", ctx.list.script_url("listinfo", true)),
        ("optionsurl", ctx.list.options_url(sender, false, true)),
    ]
    .map(|(name, value)| (name, Value::Str(value)));
    Template { name: "postack.txt", values: &fields, language: Some(language), raw: true }.for_list(ctx.list)
}

fn original_subject(ctx: &Context<'_>) -> ByteStr {
    if let Some(noted) = ctx.data.get("origsubj") {
        return header_of(noted).text();
    }
    ctx.header("subject").unwrap_or_else(|| ctx.words().say("(no subject)"))
}
