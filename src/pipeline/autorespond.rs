//! The daily limit on answers that robots could answer (MailList.autorespondToSender).
//!
//! It guards hold notices and replies to commands. The list remembers, by sender, the day and how many answers went out.

use crate::clock;
use crate::error::HandlerError;
use crate::notice::NoticeText;
use crate::notice::Template;
use crate::notice::UserNotification;
use crate::pipeline::Context;
use compat::list::{attributes, Attribute};
use compat::names::Table;
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;

const TABLE: Attribute<Table> = attributes::HOLD_AND_CMD_AUTORESPONSES;

/// Whether the sender may be answered. Counts the answer; at the limit it sends the last one for the day itself. The
/// language of what follows becomes the given one: Mailman sets its context here and leaves it so.
///
/// # Errors
/// The last answer for the day cannot be written.
pub fn may_answer(ctx: &mut Context<'_>, sender: &ByteStr, language: &ByteStr) -> Result<bool, HandlerError> {
    ctx.language = language.clone();
    let limit = ctx.site.settings.int(settings::MAX_AUTORESPONSES_PER_DAY)?;
    if limit == 0 {
        return Ok(true);
    }
    match answers_today(ctx, sender) {
        None => note(ctx, sender, 1),
        Some(count) if count < 0 => {
            ctx.log("vette", &[b"-request/hold autoresponse discarded for: ", sender]);
            return Ok(false);
        }
        Some(count) if count >= limit => {
            ctx.log("vette", &[b"-request/hold autoresponse limit hit for: ", sender]);
            note(ctx, sender, -1);
            say_no_more(ctx, sender, language, count)?;
            return Ok(false);
        }
        Some(count) => note(ctx, sender, count + 1),
    }
    Ok(true)
}

fn today() -> Value {
    let (year, month, day) = clock::today();
    Value::tuple(vec![Value::Int(year), Value::Int(month), Value::Int(day)])
}

/// The count for today; `None` on the first of a day.
fn answers_today(ctx: &Context<'_>, sender: &[u8]) -> Option<i64> {
    match ctx.list.get(TABLE)?.as_dict()?.get(sender)?.as_items()? {
        [date, count] if *date == today() => count.as_int(),
        _ => None,
    }
}

/// Nobody is ever taken out of this table, which on an old list has tens of thousands.
fn note(ctx: &mut Context<'_>, sender: &ByteStr, count: i64) {
    ctx.list.set_item(TABLE, sender, Value::tuple(vec![today(), Value::Int(count)]));
}

/// Up to 2.1.39 this text is looked up for no list in particular.
fn say_no_more(ctx: &mut Context<'_>, sender: &ByteStr, language: &ByteStr, count: i64) -> Result<(), HandlerError> {
    let list = ByteStr::new([&ctx.list.real_name()[..], b"@", &ctx.list.host_name()].concat());
    let owner = ctx.list.owner_address();
    let fields = [
        ("sender", Value::Str(sender.clone())),
        ("listname", Value::Str(list)),
        ("num", Value::Int(count)),
        ("owneremail", Value::Str(owner.clone())),
    ];
    let template = Template { name: "nomoretoday.txt", values: &fields, language: Some(language), raw: false };
    let text = template.for_site(ctx.site)?;
    let subject = ctx.words().say("Last autoresponse notification for today");
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(language) };
    UserNotification::new(ctx.site, std::slice::from_ref(sender), &owner, notice_text)?.send(ctx.list, ctx.outbox)
}
