//! Putting a message by for a moderator, and telling about it (Hold.hold_for_approval, ListAdmin.HoldMessage).
//!
//! The message goes to a file in data/, a record of it to request.pck (written when the list is saved), a cookie to
//! pending.pck. The sender is told in his language, the owners in the list's.

use super::hold_reason::Reason;
use super::{Context, Verdict};
use crate::clock;
use crate::error::HandlerError;
use crate::notice::{Letter, Template, UserNotification};
use crate::pipeline::autorespond;
use crate::text;
use crate::text::header::{one_line_in, value_of};
use compat::email::generator::{self, FlattenError, Options};
use compat::email::message::Message;
use compat::email::{build, date, msgid};
use compat::list::pending::{Kind, Pended};
use compat::list::requests::Held;
use compat::pickle::{self, Protocol, Value};
use compat::queue::Metadata;
use compat::site::{wrap, Switch};
use compat::ByteStr;
use std::io::{self, Write};

const ABOUT_REPLIES: &str = "\
If you reply to this message, keeping the Subject: header intact, Mailman will
discard the held message.  Do this if the message is spam.  If you reply to
this message and include an Approved: header with the list password in it, the
message will be approved for posting to the list.  The Approved: header can
also appear in the first line of the body of the reply.";

/// What notices about a held message are made of.
struct Notices {
    sender: ByteStr,
    subject: ByteStr,
    reason: ByteStr,
    cookie: ByteStr,
}

/// Holds the message for this reason and tells those concerned.
pub fn hold(ctx: &mut Context<'_>, reason: &Reason) -> Result<Verdict, HandlerError> {
    let sender = ctx.data.str("sender").unwrap_or_else(|| ctx.sender());
    let subject = shown_subject(ctx);
    let sentence = ByteStr::new(wrap(&reason.notice(ctx), 70));
    let rejection = rejection(ctx, reason);
    ctx.data.set_str("rejection_notice", rejection);
    let id = store(ctx, &sentence)?;
    let cookie = ctx.list.pend_new(&Pended { kind: Kind::HeldMessage, content: vec![Value::Int(id)] }, None)?;
    let held = Notices { sender, subject, reason: sentence, cookie };
    tell_sender(ctx, &held)?;
    if ctx.list.truth("admin_immed_notify") {
        tell_owners(ctx, &held)?;
    }
    log(ctx, &held);
    Ok(Verdict::Hold)
}

fn shown_subject(ctx: &Context<'_>) -> ByteStr {
    match ctx.header("subject").filter(|subject| !subject.is_empty()) {
        Some(subject) => one_line_in(&subject, &ctx.list_charset()),
        None => ctx.words().say("(no subject)"),
    }
}

fn rejection(ctx: &Context<'_>, reason: &Reason) -> Vec<u8> {
    let own = ctx.list.str("nonmember_rejection_notice");
    if *reason == Reason::NonMemberPost && !own.is_empty() && ctx.has(Switch::HoldNonmemberNotice) {
        return wrap(&text::replace(&own, b"%(listowner)s", &ctx.list.owner_address()), 70);
    }
    wrap(&reason.rejection(ctx), 70)
}

fn log(ctx: &Context<'_>, held: &Notices) {
    let list = ctx.list.real_name();
    let id = ctx.message_id();
    ctx.log("vette", &[&list, b" post from ", &held.sender, b" held, message-id=", &id, b": ", &held.reason]);
}

/// Writes the message to data/ and notes the request; returns its number.
pub fn store(ctx: &mut Context<'_>, reason: &ByteStr) -> Result<i64, HandlerError> {
    let mut sender = ctx.sender();
    if sender.is_empty() && ctx.has(Switch::HoldMissingSender) {
        sender = ctx.words().say("<missing>");
    }
    let subject = match ctx.msg.get("subject") {
        Some(subject) => value_of(subject),
        None => Value::Str(ctx.words().say("(no subject)")),
    };
    let held = Held { sender, subject, reason: Value::Str(reason.clone()), metadata: ctx.data.to_value() };
    let msg = &mut *ctx.msg;
    Ok(ctx.list.hold_message(held, |out, as_pickle| write(msg, as_pickle, out))?)
}

/// The message as a pickle, or as text in the form of email's own generator.
fn write(msg: &mut Message, as_pickle: bool, out: &mut dyn Write) -> io::Result<()> {
    if as_pickle {
        return pickle::dump(&msg.to_value(), Protocol::P1, out);
    }
    generator::flatten_to(msg, Options::plain_email(true), out).map_err(|error| match error {
        FlattenError::Io(error) => error,
        other => io::Error::other(other),
    })
}

/// The values for both templates.
fn fields(ctx: &Context<'_>, held: &Notices, reason: ByteStr) -> Vec<(&'static str, Value)> {
    let values = [
        ("listname", ctx.list.real_name()),
        ("hostname", ctx.list.host_name()),
        ("reason", reason),
        ("sender", held.sender.clone()),
        ("subject", held.subject.clone()),
        ("admindb_url", ctx.list.script_url("admindb", true)),
    ];
    values.into_iter().map(|(name, value)| (name, Value::Str(value))).collect()
}

/// Mail of robots asks for no answer, unless it says `X-Ack: yes`.
fn wants_answer(ctx: &Context<'_>) -> bool {
    let bulk = matches!(&ctx.header_lower("precedence")[..], b"bulk" | b"junk" | b"list");
    !bulk || ctx.header_lower("x-ack") == "yes"
}

fn tell_sender(ctx: &mut Context<'_>, held: &Notices) -> Result<(), HandlerError> {
    // The reason is put into the language of before; the limit's test changes the language.
    let reason = ctx.words().fill(&held.reason, &[]);
    if ctx.data.truth("fromusenet") || !wants_answer(ctx) || !ctx.list.truth("respond_to_post_requests") {
        return Ok(());
    }
    let language = ctx.list.language_of(&held.sender);
    if !autorespond::may_answer(ctx, &held.sender, &language)? {
        return Ok(());
    }
    let language = ctx.data.str("lang").unwrap_or(language);
    let url = ByteStr::new([&ctx.list.script_url("confirm", true)[..], b"/", &held.cookie].concat());
    let mut fields = fields(ctx, held, reason);
    fields.push(("confirmurl", Value::Str(url)));
    let template = Template { name: "postheld.txt", values: &fields, language: Some(&language), raw: false };
    let text = template.for_list(ctx.list)?;
    let list = ctx.list.real_name();
    let values = [("listname", Value::Str(list))];
    let subject = ctx.words().fill("Your message to %(listname)s awaits moderator approval", &values);
    let from = match ctx.has(Switch::HoldNoticeFromOwner) {
        true => ctx.list.owner_address(),
        false => ctx.list.bounces_address(),
    };
    let letter = Letter { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    UserNotification::new(ctx.site, std::slice::from_ref(&held.sender), &from, letter)?.send(ctx.list, ctx.outbox)
}

fn tell_owners(ctx: &mut Context<'_>, held: &Notices) -> Result<(), HandlerError> {
    let owner = ctx.list.owner_address();
    let language = ctx.list.preferred_language();
    let words = ctx.list_words();
    let list = ctx.list.real_name();
    let values = [("listname", Value::Str(list)), ("sender", Value::Str(held.sender.clone()))];
    let subject = words.fill("%(listname)s post from %(sender)s requires approval", &values);
    let letter = Letter { subject: Some(&subject), text: None, language: Some(&language) };
    let mut notice = UserNotification::new(ctx.site, std::slice::from_ref(&owner), &owner, letter)?;
    let fields = fields(ctx, held, words.fill(&held.reason, &[]));
    let text = Template { name: "postauth.txt", values: &fields, language: None, raw: true }.for_list(ctx.list)?;
    let charset = ctx.list_charset();
    let parts = vec![
        build::mime_text(text, "plain", &charset)?,
        build::mime_message(ctx.msg.clone()),
        build::mime_message(answer_form(ctx, &held.cookie, &charset)?),
    ];
    notice.attach("multipart/mixed", parts)?;
    notice.send_with(ctx.list, ctx.outbox, Metadata::new().with("tomoderators", Value::Int(1)))
}

/// The little message that a moderator answers to decide by mail.
fn answer_form(ctx: &Context<'_>, cookie: &[u8], charset: &[u8]) -> Result<Message, HandlerError> {
    let text = wrap(&ctx.list_words().say(ABOUT_REPLIES), 70);
    let mut form = build::mime_text(text, "plain", charset)?;
    let request = ctx.list.request_address();
    form.append("Subject", [b"confirm ", cookie].concat());
    form.append("Sender", request.clone());
    form.append("From", request);
    form.append("Date", date::formatdate(clock::now() as i64, true));
    form.append("Message-ID", msgid::unique_message_id(ctx.list.name(), &ctx.list.host_name()));
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::fixture::{Fixture, NEW};
    use compat::list::requests::RequestKind;

    const POST: &[u8] = b"From: x@nowhere.test\nSubject: Hi\nMessage-ID: <1@x>\nTo: club@lists.example.com\n\nx\n";

    #[test]
    fn a_held_post_is_stored_and_logged() {
        let mut fixture = Fixture::new(NEW, &[], POST);
        fixture.data.set_strings("pipeline", ["Hold".into()]);
        let verdict = fixture.run(|ctx| hold(ctx, &Reason::NonMemberPost).unwrap());
        assert_eq!(verdict, Verdict::Hold);
        let log = "Club post from x@nowhere.test held, message-id=<1@x>: Post by non-member to a members-only list";
        assert_eq!(fixture.log("vette"), log);
        let requests = fixture.list.requests().unwrap();
        let (kind, record) = requests.get(1).unwrap();
        let record = record.as_items().unwrap().to_vec();
        assert_eq!(kind, RequestKind::HeldMessage);
        assert_eq!(record[1], Value::str("x@nowhere.test"));
        assert_eq!(record[4], Value::str("heldmsg-club-1.pck"));
        let data = record[5].as_dict().unwrap();
        assert_eq!(data.get(b"pipeline"), Some(&Value::list(vec![Value::str("Hold")])));
        let rejection = Value::str("Non-members are not allowed to post messages to this list.");
        assert_eq!(data.get(b"rejection_notice"), Some(&rejection));
        assert_eq!(fixture.list.int("next_request_id"), 2);
        assert_eq!(fixture.list.pended().unwrap().len(), 1);
    }
}
