//! Holding a post: for which reason, in which words, and who is told (Hold.hold_for_approval).
//!
//! The message goes to `moderation`, a cookie to pending.pck.

use super::hold_reason::Reason;
use super::{Context, Verdict};
use crate::error::HandlerError;
use crate::moderation::hold::{self as held_posts, HeldPost};
use crate::pipeline::autorespond;
use crate::text;
use crate::text::header::one_line_in;
use compat::list::attributes;
use compat::list::pending::{Kind, Pended};
use compat::site::{wrap, Switch};
use compat::value::Value;
use compat::ByteStr;

/// Holds the message for this reason and tells those concerned.
pub fn hold(ctx: &mut Context<'_>, reason: &Reason) -> Result<Verdict, HandlerError> {
    let sender = ctx.data.str("sender").unwrap_or_else(|| ctx.sender());
    let subject = shown_subject(ctx);
    let sentence = ByteStr::new(wrap(&reason.notice(ctx), 70));
    let rejection = rejection(ctx, reason);
    ctx.data.set_str("rejection_notice", rejection);
    let id = store(ctx, &sentence)?;
    let cookie = ctx.list.pend_new(&Pended { kind: Kind::HeldMessage, content: vec![Value::Int(id)] }, None)?;
    let held = HeldPost { id, sender, subject, reason: sentence, cookie };
    tell_sender(ctx, &held)?;
    if ctx.list.truth(attributes::ADMIN_IMMED_NOTIFY) {
        let (mut membership, msg, _) = ctx.membership();
        held_posts::tell_moderators(&mut membership, msg, &held)?;
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
    let own = ctx.list.str(attributes::NONMEMBER_REJECTION_NOTICE);
    if *reason == Reason::NonMemberPost && !own.is_empty() && ctx.has(Switch::HoldNonmemberNotice) {
        return wrap(&text::replace(&own, b"%(listowner)s", &ctx.list.owner_address()), 70);
    }
    wrap(&reason.rejection(ctx), 70)
}

fn log(ctx: &Context<'_>, held: &HeldPost) {
    let list = ctx.list.real_name();
    let id = ctx.message_id();
    ctx.log("vette", &[&list, b" post from ", &held.sender, b" held, message-id=", &id, b": ", &held.reason]);
}

/// Puts the message by and notes the request; returns its number.
pub fn store(ctx: &mut Context<'_>, reason: &ByteStr) -> Result<i64, HandlerError> {
    let sender = ctx.sender();
    let (mut membership, msg, data) = ctx.membership();
    held_posts::store(&mut membership, msg, data, sender, reason)
}

/// Mail of robots asks for no answer, unless it says `X-Ack: yes`.
fn wants_answer(ctx: &Context<'_>) -> bool {
    let bulk = matches!(&ctx.header_lower("precedence")[..], b"bulk" | b"junk" | b"list");
    !bulk || ctx.header_lower("x-ack") == "yes"
}

fn tell_sender(ctx: &mut Context<'_>, held: &HeldPost) -> Result<(), HandlerError> {
    // The reason is put into the language of before; the limit's test changes the language.
    let reason = ctx.words().fill(&held.reason, &[]);
    if ctx.data.truth("fromusenet") || !wants_answer(ctx) || !ctx.list.truth(attributes::RESPOND_TO_POST_REQUESTS) {
        return Ok(());
    }
    let language = ctx.list.language_of(&held.sender);
    if !autorespond::may_answer(ctx, &held.sender, &language)? {
        return Ok(());
    }
    let language = ctx.data.str("lang").unwrap_or(language);
    held_posts::tell_sender(&mut ctx.membership().0, held, reason, &language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW};
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
        assert_eq!(fixture.list.int(attributes::NEXT_REQUEST_ID), 2);
        assert_eq!(fixture.list.pended().unwrap().len(), 1);
    }
}
