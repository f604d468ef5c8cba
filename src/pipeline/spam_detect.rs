//! SpamDetect: DMARC mitigation, members who post too much, the site's known spammers, the list's filter rules.

use super::hold_reason::Reason;
use super::{dmarc, filter_rules, holding, verbosity, Context, Verdict};
use crate::error::{Culprit, HandlerError};
use crate::membership::address_pattern::matching;
use crate::text::either::Text;
use crate::text::header::header_values;
use compat::email::address;
use compat::list::{attributes, options};
use compat::pattern::{Flags, Pattern};
use compat::site::{settings, wrap, Switch};
use compat::value::Value;
use compat::ByteStr;

/// What is to blame for a rule that cannot be used.
const SPAMMERS: Culprit = Culprit::Setting("KNOWN_SPAMMERS");

const DMARC_REJECTION: &str = "\
You are not allowed to post to this mailing list From: a domain which
publishes a DMARC policy of reject or quarantine, and your message has been
automatically rejected.  If you think that your messages are being rejected in
error, contact the mailing list owner at %(listowner)s.";

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.data.truth("toowner") {
        let verdict = mitigate(ctx)?;
        if verdict != Verdict::Continue {
            return Ok(verdict);
        }
        moderate_verbose(ctx)?;
    }
    if ctx.data.truth("approved") {
        return Ok(Verdict::Continue);
    }
    match search_known_spammers(ctx)? {
        Search::Found => Ok(Verdict::Discard),
        Search::NotFound => judge(ctx, true),
        Search::Nothing => judge(ctx, false),
    }
}

/// What the list does with posts from domains whose policy its changes would break: munge (1), wrap (2), reject (3),
/// discard (4). From 2.1.19 on this comes first, so that it holds for approved posts too.
fn mitigate(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.has(Switch::FromIsListInMetadata) {
        return Ok(Verdict::Continue);
    }
    ctx.data.set("from_is_list", Value::Int(0));
    let (_, from) = address::parseaddr(&ctx.header("from").unwrap_or_default());
    let action = ctx.list.int(attributes::DMARC_MODERATION_ACTION);
    if from.is_empty() || action <= 0 {
        return Ok(Verdict::Continue);
    }
    let listed = ctx.list.strings(attributes::DMARC_MODERATION_ADDRESSES);
    if matching(ctx.list, &from, &listed, None)?.is_none() && !dmarc::prohibited(ctx, &from)? {
        return Ok(Verdict::Continue);
    }
    match action {
        1 | 2 => ctx.data.set("from_is_list", Value::Int(action)),
        3 => return Ok(reject(ctx)),
        4 => return Ok(Verdict::Discard),
        _ => {}
    }
    Ok(Verdict::Continue)
}

fn reject(ctx: &Context<'_>) -> Verdict {
    let own = ctx.list.str(attributes::DMARC_MODERATION_NOTICE);
    if own.is_empty() {
        let owner = ctx.list.owner_address();
        return Verdict::reject(Some(&wrap(
            &ctx.words().fill(DMARC_REJECTION, &[("listowner", Value::Str(owner))]),
            70,
        )));
    }
    Verdict::reject(Some(&wrap(&own, 70)))
}

/// A member over the list's threshold gets the moderation bit (2.1.21).
fn moderate_verbose(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    if !ctx.has(Switch::MemberVerbosity) {
        return Ok(());
    }
    let member = ctx.senders().into_iter().find(|sender| ctx.list.is_member(sender));
    let sender = member.unwrap_or_else(|| ctx.sender());
    if verbosity::is_verbose(ctx, &sender)? {
        ctx.list.set_option(&sender, options::MODERATE, true)?;
        let list = ctx.list.real_name();
        ctx.log("vette", &[&list, b": Automatically Moderated ", &sender, b" for verbose postings."]);
    }
    Ok(())
}

/// What came of looking for the site's known spammers.
enum Search {
    Found,
    NotFound,
    /// No header was there to look at.
    Nothing,
}

/// KNOWN_SPAMMERS: pairs of a header's name and a pattern.
fn search_known_spammers(ctx: &Context<'_>) -> Result<Search, HandlerError> {
    let mut search = Search::Nothing;
    let rules = ctx.site.settings.get(settings::KNOWN_SPAMMERS).and_then(Value::as_items).unwrap_or_default();
    for rule in rules {
        let (header, pattern) = known_spammer(rule)?;
        for value in header_values(ctx.msg, header) {
            if pattern.is_match(&value)? {
                return Ok(Search::Found);
            }
            search = Search::NotFound;
        }
    }
    Ok(search)
}

fn known_spammer(rule: &Value) -> Result<(&ByteStr, Pattern), HandlerError> {
    let (header, pattern) = match rule.as_items() {
        Some([header, pattern]) => header.as_text().zip(Text::from_value(pattern)),
        _ => None,
    }
    .ok_or_else(|| SPAMMERS.says(format!("KNOWN_SPAMMERS: not understood: {}", compat::format::repr(rule))))?;
    let pattern = pattern.pattern(Flags::IGNORE_CASE).map_err(HandlerError::at("KNOWN_SPAMMERS"))?;
    Ok((header, pattern))
}

/// Carries out the first filter rule that matches. Mail to the owners is never held or rejected.
fn judge(ctx: &mut Context<'_>, searched: bool) -> Result<Verdict, HandlerError> {
    let Some(hit) = filter_rules::first_match(ctx, searched)? else { return Ok(Verdict::Continue) };
    let to_owners = ctx.data.truth("toowner");
    match hit.action {
        filter_rules::Action::Discard => Ok(Verdict::Discard),
        filter_rules::Action::Reject if to_owners => Ok(Verdict::Discard),
        filter_rules::Action::Reject => {
            Ok(Verdict::reject(Some(&ctx.words().say("Message rejected by filter rule match"))))
        }
        filter_rules::Action::Hold if !to_owners => {
            let pattern = ctx.has(Switch::FilterReasonNamesPattern).then_some(hit.pattern);
            holding::hold(ctx, &Reason::HeaderMatch(pattern))
        }
        filter_rules::Action::Hold | filter_rules::Action::Accept => Ok(Verdict::Continue),
    }
}
