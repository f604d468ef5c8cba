//! Replybot: the list's automatic answers to posts, to its owners' address and to its -request address.

use super::{Context, Verdict};
use crate::clock;
use crate::error::HandlerError;
use crate::notice::{NoticeText, UserNotification};
use compat::format::{self, Safe};
use compat::list::{attributes, Attribute, MailList};
use compat::names::{Number, Table, Text};
use compat::site::wrap;
use compat::value::Value;
use compat::ByteStr;

const SUBJECT: &str = "Auto-response for your message to the \"%(realname)s\" mailing list";
const DAY: f64 = 24.0 * 60.0 * 60.0;

/// One of the three kinds of answer: its switch, its text, and the table of who is not to be answered until when.
struct Kind {
    switch: Attribute<Number>,
    text: Attribute<Text>,
    table: Attribute<Table>,
}

const TO_OWNERS: Kind = Kind {
    switch: attributes::AUTORESPOND_ADMIN,
    text: attributes::AUTORESPONSE_ADMIN_TEXT,
    table: attributes::ADMIN_RESPONSES,
};
const TO_REQUEST: Kind = Kind {
    switch: attributes::AUTORESPOND_REQUESTS,
    text: attributes::AUTORESPONSE_REQUEST_TEXT,
    table: attributes::REQUEST_RESPONSES,
};
const TO_LIST: Kind = Kind {
    switch: attributes::AUTORESPOND_POSTINGS,
    text: attributes::AUTORESPONSE_POSTINGS_TEXT,
    table: attributes::POSTINGS_RESPONSES,
};

/// The handler.
///
/// # Errors
/// As [`answer`].
pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    answer(ctx).map(|()| Verdict::Continue)
}

/// Answers the message where the list wants that. Commands are answered before their list is locked.
///
/// # Errors
/// The answer cannot be made or queued.
pub fn answer<L>(ctx: &mut Context<'_, L>) -> Result<(), HandlerError>
where
    L: AsRef<MailList> + AsMut<MailList>,
{
    let ack = ctx.header_lower("x-ack");
    let bulk = matches!(&ctx.header_lower("precedence")[..], b"bulk" | b"junk" | b"list");
    if ack == "no" || ctx.data.truth("noack") || (bulk && ack != "yes") {
        return Ok(());
    }
    let Some(kind) = kind(ctx) else { return Ok(()) };
    let sender = ctx.sender();
    let grace = ctx.list.as_ref().float(attributes::AUTORESPONSE_GRACEPERIOD);
    let now = clock::now();
    if grace > 0.0 && ack != "yes" && quiet_until(ctx, &kind, &sender) > now {
        return Ok(());
    }
    send(ctx, &kind, &sender)?;
    if grace > 0.0 {
        note(ctx, &kind, &sender, grace, now);
    }
    Ok(())
}

/// Which answer is due, if its switch is on. Owners' mail goes first.
fn kind<L: AsRef<MailList>>(ctx: &Context<'_, L>) -> Option<Kind> {
    let list = ctx.list.as_ref();
    let to_owners = ctx.data.truth("toowner");
    let to_request = ["torequest", "toconfirm", "tojoin", "toleave"].iter().any(|key| ctx.data.truth(key));
    // Both switches are asked where a message is marked for both.
    if to_request && !list.truth(TO_REQUEST.switch) {
        return None;
    }
    let kind = match (to_owners, to_request) {
        (true, _) => TO_OWNERS,
        (false, true) => TO_REQUEST,
        (false, false) => TO_LIST,
    };
    list.truth(kind.switch).then_some(kind)
}

fn quiet_until<L: AsRef<MailList>>(ctx: &Context<'_, L>, kind: &Kind, sender: &[u8]) -> f64 {
    let list = ctx.list.as_ref();
    let table = list.get(kind.table).and_then(Value::as_dict);
    table.and_then(|table| table.get(sender)).and_then(Value::as_float).unwrap_or(0.0)
}

/// `now + days * 24 * 60 * 60`; whole days stay a whole number until they meet the time.
fn note<L: AsMut<MailList>>(ctx: &mut Context<'_, L>, kind: &Kind, sender: &ByteStr, days: f64, now: f64) {
    ctx.list.as_mut().set_item(kind.table, sender, Value::Float(now + days * DAY));
}

fn send<L: AsRef<MailList>>(ctx: &mut Context<'_, L>, kind: &Kind, sender: &ByteStr) -> Result<(), HandlerError> {
    let list = ctx.list.as_ref();
    let real_name = list.real_name();
    let subject = ctx.words().fill(SUBJECT, &[("realname", Value::Str(real_name))]);
    let text = wrap(&filled(ctx, kind), 70);
    let language = list.preferred_language();
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let from = list.bounces_address();
    let mut answer = UserNotification::new(ctx.site, std::slice::from_ref(sender), &from, notice_text)?;
    answer.message.append("X-Mailer", ctx.words().say("The Mailman Replybot"));
    answer.message.append("X-Ack", "No");
    answer.send(ctx.list.as_ref(), ctx.outbox)
}

/// The list's text with its values; a text that cannot be filled in goes out as it is.
fn filled<L: AsRef<MailList>>(ctx: &Context<'_, L>, kind: &Kind) -> ByteStr {
    let list = ctx.list.as_ref();
    let mut template = list.str(kind.text);
    if list.truth(attributes::USE_DOLLAR_STRINGS) {
        template = ByteStr::new(format::to_percent(&template));
    }
    let values = [
        ("listname", Value::Str(list.real_name())),
        ("listurl", Value::Str(list.script_url("listinfo", false))),
        ("requestemail", Value::Str(list.request_address())),
        ("adminemail", Value::Str(list.bounces_address())),
        ("owneremail", Value::Str(list.owner_address())),
    ];
    format::percent_bytes(&template, &Safe(&values)).unwrap_or_else(|_| {
        ctx.log("error", &[b"Bad autoreply text for list: ", list.name(), b"\n", &template]);
        template
    })
}
