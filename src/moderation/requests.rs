//! Requests to join and to leave: held for a moderator, and decided about (`HoldSubscription`, `HoldUnsubscription`,
//! `__handlesubscription`, `__handleunsubscription`).

use super::decide::odd;
use super::refusal::{reason, Refusal, NO_REASON};
use super::{Action, Decided, Decision};
use crate::clock;
use crate::error::HandlerError;
use crate::membership::subscribe::{self, Joining};
use crate::membership::{leave, MembershipContext, Notices, Refused, UserDesc};
use crate::notice::{template_for_list, NoticeText, UserNotification, Words};
use compat::email::address::parseaddr;
use compat::list::attributes;
use compat::list::requests::RequestKind;
use compat::queue::Metadata;
use compat::value::Value;
use compat::ByteStr;

/// What came of a wish to join or to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// A mail asks whether it is meant.
    ConfirmationSent,
    /// `MMNeedApproval`: a moderator will decide. The reason is in the language of the context.
    AwaitsModerator {
        /// Which policy of the list wants it.
        reason: ByteStr,
    },
}

/// `AddMember`: joins, asks for a confirmation, or holds the request, as the list's policy has it. `remote` says where
/// the request came from.
///
/// # Errors
/// The list refuses, or something fails.
pub fn join(ctx: &mut MembershipContext<'_>, user: UserDesc, remote: Option<&[u8]>) -> Result<Outcome, Refused> {
    match subscribe::add(ctx, user, remote)? {
        Joining::Joined => Ok(Outcome::Done),
        Joining::ConfirmationSent => Ok(Outcome::ConfirmationSent),
        Joining::NeedsModerator(user) => {
            hold_subscription(ctx, &user)?;
            let values = [("realname", Value::Str(ctx.list.real_name()))];
            let reason = ctx.words().fill("subscriptions to %(realname)s require moderator approval", &values);
            Ok(Outcome::AwaitsModerator { reason })
        }
    }
}

/// `DeleteMember`: leaves at once, or holds the request where the list wants that. `whence` is for the log.
///
/// # Errors
/// Who leaves is no member, or something fails.
pub fn leave(
    ctx: &mut MembershipContext<'_>,
    name: &ByteStr,
    whence: Option<&str>,
    notices: Notices,
) -> Result<Outcome, Refused> {
    if !ctx.list.truth(attributes::UNSUBSCRIBE_POLICY) {
        leave::approved_delete(ctx, name, whence, notices)?;
        return Ok(Outcome::Done);
    }
    let (_, address) = parseaddr(name);
    hold_unsubscription(ctx, &address)?;
    Ok(Outcome::AwaitsModerator { reason: ctx.words().say("unsubscriptions require moderator approval") })
}

/// `HoldSubscription`
///
/// # Errors
/// A request that cannot be stored, or a notice that cannot be written.
pub fn hold_subscription(ctx: &mut MembershipContext<'_>, user: &UserDesc) -> Result<(), HandlerError> {
    let language = user.language.clone().unwrap_or_else(|| ctx.list.preferred_language_value());
    let data = vec![
        Value::Float(clock::now()),
        Value::Str(user.address.clone()),
        user.name(),
        user.password.clone().unwrap_or_else(|| Value::str("")),
        user.digest.clone().unwrap_or(Value::Int(0)),
        language,
    ];
    ctx.list.add_request(RequestKind::Subscription, Value::tuple(data))?;
    ctx.log("vette", &[ctx.list.name(), b": held subscription request from ", &user.address]);
    if ctx.list.truth(attributes::ADMIN_IMMED_NOTIFY) {
        let spoken = ctx.if_newer(&ctx.list.preferred_language());
        let subject = "New subscription request to list %(realname)s from %(addr)s";
        tell_moderators(ctx, &spoken, subject, "subauth.txt", &user.address)?;
        // The language that newer versions go back to is the request's, not that of before.
        ctx.language = ctx.if_newer(&user.language_on(ctx.list));
    }
    Ok(())
}

/// `HoldUnsubscription`
///
/// # Errors
/// A request that cannot be stored, or a notice that cannot be written.
pub fn hold_unsubscription(ctx: &mut MembershipContext<'_>, address: &ByteStr) -> Result<(), HandlerError> {
    ctx.list.add_request(RequestKind::Unsubscription, Value::Str(address.clone()))?;
    ctx.log("vette", &[ctx.list.name(), b": held unsubscription request from ", address]);
    if ctx.list.truth(attributes::ADMIN_IMMED_NOTIFY) {
        let spoken = ctx.language.clone();
        let subject = "New unsubscription request from %(realname)s by %(addr)s";
        tell_moderators(ctx, &spoken, subject, "unsubauth.txt", address)?;
    }
    Ok(())
}

/// Tells the owner address; `tomoderators` makes moderators get it too.
fn tell_moderators(
    ctx: &mut MembershipContext<'_>,
    spoken: &[u8],
    subject: &str,
    template: &str,
    address: &ByteStr,
) -> Result<(), HandlerError> {
    let list = &ctx.list;
    let values = [("realname", Value::Str(list.real_name())), ("addr", Value::Str(address.clone()))];
    let subject = Words::new(ctx.site, spoken).fill(subject, &values);
    let fields = [
        ("username", address.clone()),
        ("listname", list.name().clone()),
        ("hostname", list.host_name()),
        ("admindb_url", list.script_url("admindb", true)),
    ];
    let text = template_for_list(list, template, &fields)?;
    let (owner, language) = (list.owner_address(), list.preferred_language());
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let notice = UserNotification::new(ctx.site, std::slice::from_ref(&owner), &owner, notice_text)?;
    notice.send_with(ctx.list, ctx.outbox, Metadata::new().with("tomoderators", Value::Int(1)))
}

/// Decides about somebody who wants to join. Whoever is a member by now is passed over.
pub(super) fn decide_joining(
    ctx: &mut MembershipContext<'_>,
    id: i64,
    record: &Value,
    decision: &Decision<'_>,
) -> Result<Decided, Refused> {
    let user = user_of(record).ok_or_else(|| odd(id))?;
    match decision.action {
        Action::Defer => return Ok(Decided::Kept),
        Action::Approve => match subscribe::approved_add(ctx, &user, Notices::default(), b"", b"via admin approval") {
            Err(Refused::AlreadyMember) => {}
            other => other?,
        },
        Action::Reject => {
            let (request, reason) = (ctx.words().say("Subscription request"), reason(ctx, decision.comment));
            let language = user.language_on(ctx.list);
            Refusal { recipient: &user.address, request, reason, language: &language }.send(ctx)?;
            log_rejection(ctx, b": rejected subscription request from ", &user.address, decision.comment);
        }
        Action::Discard => {
            ctx.log("vette", &[ctx.list.name(), b": discarded subscription request from ", &user.address]);
        }
    }
    Ok(Decided::Done)
}

/// From (time, address, name, password, digest, language).
fn user_of(record: &Value) -> Option<UserDesc> {
    let [_, address, name, password, digest, language] = record.as_items()? else { return None };
    Some(UserDesc {
        address: address.as_text()?.clone(),
        fullname: Some(name.clone()),
        password: Some(password.clone()).filter(|password| password.as_text().is_some()),
        digest: Some(digest.clone()).filter(|digest| *digest != Value::None),
        language: Some(language.clone()).filter(|language| language.as_text().is_some()),
        invitation: None,
    })
}

/// Decides about a member who wants to leave. Whoever left meanwhile is passed over.
pub(super) fn decide_leaving(
    ctx: &mut MembershipContext<'_>,
    id: i64,
    record: &Value,
    decision: &Decision<'_>,
) -> Result<Decided, Refused> {
    let address = record.as_text().cloned().ok_or_else(|| odd(id))?;
    match decision.action {
        Action::Defer => return Ok(Decided::Kept),
        Action::Approve => match leave::approved_delete(ctx, &address, None, Notices::default()) {
            Err(Refused::NotAMember) => {}
            other => other?,
        },
        Action::Reject => {
            let request = ctx.words().say("Unsubscription request");
            let language = ctx.list.language_of(&address);
            // An empty reason stays empty here.
            let reason = decision.comment.map_or_else(|| ctx.words().say(NO_REASON), ByteStr::from);
            Refusal { recipient: &address, request, reason, language: &language }.send(ctx)?;
            log_rejection(ctx, b": rejected unsubscription request from ", &address, decision.comment);
        }
        Action::Discard => {
            ctx.log("vette", &[ctx.list.name(), b": discarded unsubscription request from ", &address]);
        }
    }
    Ok(Decided::Done)
}

fn log_rejection(ctx: &MembershipContext<'_>, what: &[u8], address: &[u8], comment: Option<&[u8]>) {
    let comment = comment.filter(|comment| !comment.is_empty()).unwrap_or(NO_REASON.as_bytes());
    ctx.log("vette", &[ctx.list.name(), what, address, b"\n\tReason: ", comment]);
}
