//! Moderate: who may post. Members with the moderation bit, and everybody who is no member, meet the list's rules.

use super::hold_reason::Reason;
use super::{holding, Context, Verdict};
use crate::error::{Culprit, HandlerError};
use crate::membership::address_pattern::equivalents;
use crate::membership::address_pattern::matching;
use crate::notice::{NoticeText, UserNotification};
use compat::email::build;
use compat::list::attributes::Attribute;
use compat::list::{attributes, options};
use compat::names::Number;
use compat::site::{wrap, Switch};
use compat::value::Value;
use compat::ByteStr;

const DEFAULT_REJECTION: &str = "\
Your message has been rejected, probably because you are not subscribed to the
mailing list and the list's policy is to prohibit non-members from posting to
it.  If you think that your messages are being rejected in error, contact the
mailing list owner at %(listowner)s.";
const OLD_DEFAULT_REJECTION: &str = "\
You are not allowed to post to this mailing list, and your message has been
automatically rejected.  If you think that your messages are being rejected in
error, contact the mailing list owner at %(listowner)s.";

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let usenet_passes = ctx.data.truth("fromusenet") && !ctx.has(Switch::ModerateUsenetPosts);
    if ctx.data.truth("approved") || usenet_passes {
        return Ok(Verdict::Continue);
    }
    match posting_member(ctx) {
        Some(member) => judge_member(ctx, &member),
        None => judge_stranger(ctx),
    }
}

/// The first of the message's senders who is a member, at his own or an equivalent domain.
fn posting_member(ctx: &Context<'_>) -> Option<ByteStr> {
    let domains =
        if ctx.has(Switch::EquivalentDomains) { ctx.list.str(attributes::EQUIVALENT_DOMAINS) } else { "".into() };
    ctx.senders().into_iter().find_map(|sender| {
        let others = equivalents(&sender, &domains);
        std::iter::once(sender).chain(others).find(|address| ctx.list.is_member(address))
    })
}

fn judge_member(ctx: &mut Context<'_>, member: &ByteStr) -> Result<Verdict, HandlerError> {
    if !ctx.list.option(member, options::MODERATE) {
        return Ok(Verdict::Continue);
    }
    match action(ctx, attributes::MEMBER_MODERATION_ACTION)? {
        0 => {
            ctx.data.set_str("sender", member.clone());
            holding::hold(ctx, &Reason::ModeratedPost)
        }
        1 => {
            let notice = ctx.list.str(attributes::MEMBER_MODERATION_NOTICE);
            let wrapped = wrap(&notice, 70);
            Ok(Verdict::reject((!notice.is_empty()).then_some(&wrapped)))
        }
        2 => Ok(Verdict::Discard),
        other => {
            Err(Culprit::Option("member_moderation_action").says(format!("bad member_moderation_action: {other}")))
        }
    }
}

/// The four lists of addresses in their order, then the list's general rule.
fn judge_stranger(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let sender = ctx.sender();
    let lists = [
        attributes::ACCEPT_THESE_NONMEMBERS,
        attributes::HOLD_THESE_NONMEMBERS,
        attributes::REJECT_THESE_NONMEMBERS,
        attributes::DISCARD_THESE_NONMEMBERS,
    ];
    for (action, attribute) in lists.into_iter().enumerate() {
        if matching(ctx.list, &sender, &ctx.list.strings(attribute), Some(attribute.as_str()))?.is_some() {
            return act(ctx, action as i64);
        }
    }
    let general = action(ctx, attributes::GENERIC_NONMEMBER_ACTION)?;
    if !(0..=4).contains(&general) {
        return Err(
            Culprit::Option("generic_nonmember_action").says(format!("bad generic_nonmember_action: {general}"))
        );
    }
    act(ctx, if ctx.data.truth("fromusenet") { 0 } else { general })
}

/// What a list does, as a number. Nobody is let through because it is none.
fn action(ctx: &Context<'_>, attribute: Attribute<Number>) -> Result<i64, HandlerError> {
    match ctx.list.get(attribute) {
        Some(value) if value.as_float().is_none() => {
            let shown = compat::format::repr(value);
            Err(Culprit::Option(attribute.as_str()).says(format!("bad {}: {shown}", attribute.as_str())))
        }
        _ => Ok(ctx.list.int(attribute)),
    }
}

fn act(ctx: &mut Context<'_>, action: i64) -> Result<Verdict, HandlerError> {
    match action {
        1 => holding::hold(ctx, &Reason::NonMemberPost),
        2 => Ok(reject(ctx)),
        3 => discard(ctx),
        _ => Ok(Verdict::Continue),
    }
}

fn reject(ctx: &Context<'_>) -> Verdict {
    let own = ctx.list.str(attributes::NONMEMBER_REJECTION_NOTICE);
    let owner = ctx.list.owner_address();
    let default = if ctx.has(Switch::ModerateRejectNewDefault) { DEFAULT_REJECTION } else { OLD_DEFAULT_REJECTION };
    let notice = if own.is_empty() { default.as_bytes() } else { &own };
    Verdict::reject(Some(&wrap(&ctx.words().fill(notice, &[("listowner", Value::Str(owner))]), 70)))
}

/// Discards, after the owners had a copy where they want one.
fn discard(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if ctx.list.truth(attributes::FORWARD_AUTO_DISCARDS) {
        let language = ctx.list.preferred_language();
        let words = ctx.words();
        let subject = words.say("Auto-discard notification");
        let text = wrap(&words.say("The attached message has been automatically discarded."), 70);
        let notice_text = NoticeText { subject: Some(&subject), text: None, language: Some(&language) };
        let owner = ctx.list.owner_address();
        let mut notice = UserNotification::new(ctx.site, &[owner], &ctx.list.bounces_address(), notice_text)?;
        let text = build::mime_text(text, "plain", &ctx.list_charset())?;
        notice.attach("multipart/mixed", vec![text, build::mime_message(ctx.msg.clone())])?;
        notice.send(ctx.list, ctx.outbox)?;
    }
    Ok(Verdict::Discard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{members, Fixture, NEW, OLD};

    fn verdict(version: compat::site::Version, from: &str, more: &[(&str, Value)]) -> Verdict {
        let mut attributes = members(&[("anna@example.org", 0), ("mo@example.org", 128)]).to_vec();
        attributes.extend(more.iter().cloned());
        let message = format!("From: {from}\nTo: club@lists.example.com\n\nx\n");
        Fixture::new(version, &attributes, message.as_bytes()).handle(process)
    }

    /// Python fails on them too; 0 would hold members' posts and let strangers' through.
    #[test]
    fn an_action_that_is_no_number_lets_nobody_through() {
        for (from, attribute) in
            [("mo@example.org", "member_moderation_action"), ("x@y.example", "generic_nonmember_action")]
        {
            let members = members(&[("mo@example.org", 128)]).to_vec();
            let attributes = [members, vec![(attribute, Value::str("2"))]].concat();
            let message = format!("From: {from}\nTo: club@lists.example.com\n\nx\n");
            let mut fixture = Fixture::new(NEW, &attributes, message.as_bytes());
            assert_eq!(fixture.error(process), format!("bad {attribute}: '2'"));
        }
    }

    #[test]
    fn members_by_their_bit() {
        assert_eq!(verdict(NEW, "Anna@Example.org", &[]), Verdict::Continue);
        assert_eq!(verdict(NEW, "mo@example.org", &[("member_moderation_action", Value::Int(2))]), Verdict::Discard);
        let notice = ("member_moderation_notice", Value::str("Not now."));
        let rejected = verdict(NEW, "mo@example.org", &[("member_moderation_action", Value::Int(1)), notice]);
        assert_eq!(rejected, Verdict::Reject("Not now.\n\n".into()));
    }

    #[test]
    fn strangers_by_the_lists_of_addresses() {
        let list = |entries: &[&str]| Value::list(entries.iter().map(|entry| Value::str(*entry)).collect());
        let more = [
            ("accept_these_nonmembers", list(&["^.*@friends\\.test$"])),
            ("discard_these_nonmembers", list(&["^[", "SPAM@bad.test"])),
            ("generic_nonmember_action", Value::Int(2)),
        ];
        assert_eq!(verdict(NEW, "x@friends.test", &more), Verdict::Continue);
        assert_eq!(verdict(NEW, "spam@bad.test", &more), Verdict::Discard);
        let Verdict::Reject(notice) = verdict(OLD, "q@else.test", &more) else { panic!("must be rejected") };
        assert!(notice.starts_with(b"You are not allowed to post"));
        assert!(notice.ends_with(b"club-owner@lists.example.com.\n\n"));
    }

    #[test]
    fn equivalent_domains_make_members() {
        let more = [("equivalent_domains", Value::str("example.org, other.test"))];
        assert_eq!(verdict(NEW, "anna@other.test", &more), Verdict::Continue);
    }
}
