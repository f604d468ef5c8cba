//! What a cookie of a confirmation stands for is done (MailList.ProcessConfirmation).
//!
//! A cookie comes back by mail or by page: from somebody who joins, leaves, changes an address or wants mail again, and
//! from a moderator or sender about a held post.

#[cfg(test)]
pub(crate) mod tests;

use crate::auth::{authenticate, AuthContext};
use crate::error::{Culprit, HandlerError};
use crate::membership::admission::is_auto_approved;
use crate::membership::watched::Watched;
use crate::membership::{address, leave, subscribe, MembershipContext, Notices, Refused, UserDesc};
use crate::moderation::{self, requests, Action, Decision};
use crate::notice::{UserNotification, Words};
use crate::text;
use compat::email::message::Message;
use compat::list::pending::{Kind, Pended};
use compat::list::{attributes, DeliveryStatus, ListError, MailList};
use compat::site::{settings, wrap, Site};
use compat::value::Value;
use compat::ByteStr;

const ATTACKED: &str = "\
%(address)s was invited to a different mailing
list, but in a deliberate malicious attempt they tried to confirm the
invitation to your list.  We just thought you'd like to know.  No further
action by you is required.";
const MISUSED: &str = "\
You invited %(address)s to your list, but in a
deliberate malicious attempt, they tried to confirm the invitation to a
different list.  We just thought you'd like to know.  No further action by you
is required.";

const SECONDS_A_DAY: i64 = 86400;

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Confirmed {
    /// `S`
    Subscribed(UserDesc),
    /// `U`
    Unsubscribed { address: ByteStr },
    /// `C`
    AddressChanged { old: ByteStr, new: ByteStr },
    /// `H`: approved, or discarded.
    HeldMessage { approved: bool },
    /// `E`
    ReEnabled { member: ByteStr },
    /// `S`, but the list wants a moderator to decide. The reason is in the language of the context.
    AwaitsModerator { reason: ByteStr },
}

impl Confirmed {
    /// The kind of record that it was.
    pub fn kind(&self) -> Kind {
        match self {
            Confirmed::Subscribed(_) | Confirmed::AwaitsModerator { .. } => Kind::Subscription,
            Confirmed::Unsubscribed { .. } => Kind::Unsubscription,
            Confirmed::AddressChanged { .. } => Kind::ChangeOfAddress,
            Confirmed::HeldMessage { .. } => Kind::HeldMessage,
            Confirmed::ReEnabled { .. } => Kind::ReEnable,
        }
    }
}

/// `ProcessConfirmation`. `context` is the mail that brought the cookie. The record is used up even where what it
/// stands for is refused, except for a wrong password of a moderator. That happens with the next save of the list: in
/// Python it comes first, and what is cut off behind it is lost.
///
/// # Errors
/// [`Refused::BadCookie`] where nothing waits under the cookie; else why it was not done.
pub fn process(
    ctx: &mut MembershipContext<'_>,
    cookie: &[u8],
    context: Option<&mut Message>,
) -> Result<Confirmed, Refused> {
    process_with(ctx, cookie, context, None)
}

/// The same for somebody who joins by the page: what `changes` says of name, digests and language counts instead of what
/// was asked for.
///
/// # Errors
/// As [`process`].
pub fn process_from_page(
    ctx: &mut MembershipContext<'_>,
    cookie: &[u8],
    changes: &UserDesc,
) -> Result<Confirmed, Refused> {
    process_with(ctx, cookie, None, Some(changes))
}

/// For how many days a cookie is good; whole numbers are divided as Python 2 does it.
pub fn lifetime_in_days(site: &Site) -> i64 {
    match site.settings.get(settings::PENDING_REQUEST_LIFE) {
        Some(Value::Float(seconds)) => (seconds / SECONDS_A_DAY as f64 + 0.5) as i64,
        other => other.and_then(Value::as_int).unwrap_or(3 * SECONDS_A_DAY).div_euclid(SECONDS_A_DAY),
    }
}

fn process_with(
    ctx: &mut MembershipContext<'_>,
    cookie: &[u8],
    context: Option<&mut Message>,
    changes: Option<&UserDesc>,
) -> Result<Confirmed, Refused> {
    let Some(record) = ctx.list.pend_use(cookie)? else {
        return Err(Refused::BadCookie(ByteStr::from(cookie)));
    };
    let pended = Pended::from_value(&record).ok_or_else(|| odd("Bad op"))?;
    match (pended.kind, &pended.content[..]) {
        (Kind::Subscription, [user, ..]) => join(ctx, user, changes),
        (Kind::Unsubscription, [Value::Str(address), ..]) => {
            let whence = if context.is_some() { "email confirmation" } else { "web confirmation" };
            leave::approved_delete(ctx, address, Some(whence), Notices::default())?;
            Ok(Confirmed::Unsubscribed { address: address.clone() })
        }
        (Kind::ChangeOfAddress, [Value::Str(old), Value::Str(new), globally]) => {
            address::approved_change(ctx, old, new, globally.is_true())?;
            Ok(Confirmed::AddressChanged { old: old.clone(), new: new.clone() })
        }
        (Kind::HeldMessage, [id, ..]) => decide_on_post(ctx, cookie, &pended, id, context),
        (Kind::ReEnable, [_, Value::Str(member), ..]) => {
            let watched = Watched::begin(ctx.list, member);
            ctx.list.set_delivery_status(member, DeliveryStatus::Enabled)?;
            watched.end(ctx.list);
            Ok(Confirmed::ReEnabled { member: member.clone() })
        }
        (kind, _) => {
            let culprit = Culprit::Message("its cookie stands for nothing that can be confirmed");
            Err(Refused::Failed(culprit.says(format!("Bad op: {}", kind.letter()))))
        }
    }
}

/// Mailman fails an assertion there.
fn odd(what: &str) -> Refused {
    Refused::Failed(Culprit::Record("pending.pck".to_owned()).says(what))
}

fn join(ctx: &mut MembershipContext<'_>, user: &Value, changes: Option<&UserDesc>) -> Result<Confirmed, Refused> {
    let mut user = complete_user(user)?;
    if let Some(changes) = changes {
        user.fullname = changes.fullname.clone().or(user.fullname);
        user.digest = changes.digest.clone().or(user.digest);
        user.language = changes.language.clone().or(user.language);
    }
    // Both policies count that ask a moderator: the list's may have changed meanwhile. Who was invited needs nobody.
    match &user.invitation {
        Some(invitation) if invitation != ctx.list.name() => {
            report_hostile(ctx, invitation, &user.address)?;
            return Err(Refused::HostileSubscription);
        }
        None if matches!(ctx.list.choice(attributes::SUBSCRIBE_POLICY), 2 | 3)
            && !is_auto_approved(ctx.list, &user.address)? =>
        {
            requests::hold_subscription(ctx, &user)?;
            let values = [("name", Value::Str(ctx.list.real_name()))];
            let reason = ctx.words().fill("subscriptions to %(name)s require administrator approval", &values);
            return Ok(Confirmed::AwaitsModerator { reason });
        }
        _ => {}
    }
    let whence: &[u8] = if changes.is_some() { b"via web confirmation" } else { b"via email confirmation" };
    subscribe::approved_add(ctx, &user, Notices::default(), b"", whence)?;
    Ok(Confirmed::Subscribed(user))
}

/// The user of a record. Python unpacks all of it before it does anything.
fn complete_user(user: &Value) -> Result<UserDesc, Refused> {
    let bad = || odd("bad subscription data");
    let object = user.as_object().ok_or_else(bad)?;
    let all = ["address", "fullname", "password", "digest", "language"];
    if let Some(name) = all.into_iter().find(|name| object.attribute(name).is_none()) {
        return Err(odd(&format!("UserDesc instance has no attribute '{name}'")));
    }
    // Mailman 2.1.6 and older marked an invitation by a number, which no list is called.
    if object.attribute("invitation").is_some_and(|list| list.is_true() && list.as_text().is_none()) {
        return Err(odd("an invitation to no list"));
    }
    UserDesc::from_value(user).ok_or_else(bad)
}

/// `SendHostileSubscriptionNotice`: the owners of both lists are told.
fn report_hostile(
    ctx: &mut MembershipContext<'_>,
    invited_to: &ByteStr,
    address: &ByteStr,
) -> Result<(), HandlerError> {
    ctx.log("mischief", &[address, b" was invited to ", invited_to, b" but confirmed to ", ctx.list.name()]);
    hostile_notice(ctx, None, ATTACKED, address)?;
    match MailList::load(ctx.site, invited_to.clone()) {
        Ok(other) => hostile_notice(ctx, Some(&other), MISUSED, address),
        Err(ListError::Unknown(_) | ListError::Corrupt { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// To the owners of this list in the language of now, or to those of the other list in its own.
fn hostile_notice(
    ctx: &mut MembershipContext<'_>,
    other: Option<&MailList>,
    english: &str,
    address: &ByteStr,
) -> Result<(), HandlerError> {
    let language = other.map_or_else(|| ctx.language.clone(), MailList::preferred_language);
    let words = Words::new(ctx.site, &language);
    let text = wrap(&words.fill(english, &[("address", Value::Str(address.clone()))]), 70);
    let subject = words.say("Hostile subscription attempt detected");
    let list = other.unwrap_or(ctx.list);
    UserNotification::to_owners(list, Some(&subject), Some(&text), true)?.send(list, ctx.outbox)
}

/// A moderator's answer: with the password it approves, without one it discards.
fn decide_on_post(
    ctx: &mut MembershipContext<'_>,
    cookie: &[u8],
    pended: &Pended,
    id: &Value,
    context: Option<&mut Message>,
) -> Result<Confirmed, Refused> {
    let id = id.as_int().ok_or_else(|| odd("bad held message data"))?;
    let password = context.and_then(|answer| password_in(answer));
    // The site's password does not count here, and the posters' neither.
    if password.as_ref().is_some_and(|password| {
        authenticate(ctx.list, &[AuthContext::ListAdmin, AuthContext::ListModerator], password, None).is_none()
    }) {
        ctx.list.pend_again(cookie, pended, None)?;
        return Err(Refused::BadPassword);
    }
    let approved = password.is_some();
    let action = if approved { Action::Approve } else { Action::Discard };
    match moderation::decide_on_post(ctx, id, &Decision::plain(action)) {
        // Most likely it was dealt with on the web page.
        Err(Refused::RequestGone(_)) => {
            ctx.log("error", &[b"Could not process HELD_MESSAGE: ", id.to_string().as_bytes()]);
        }
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    Ok(Confirmed::HeldMessage { approved })
}

/// The password in a header, or in the first line of text of the first text/plain part. An empty header that no line
/// makes good is a wrong password, not none.
fn password_in(answer: &Message) -> Option<ByteStr> {
    let header = answer.get_str("Approved").or_else(|| answer.get_str("Approve"));
    match header {
        Some(password) if !password.is_empty() => Some(password),
        header => password_line(answer).or(header),
    }
}

/// Before 2.1.15 the line was not found in an encoded answer or behind blanks, and the post was lost; nobody gets that
/// back.
fn password_line(answer: &Message) -> Option<ByteStr> {
    // A part without headers of its own is false to Python and is not looked at.
    let part = answer.typed_parts("text", Some("plain")).next().filter(|part| part.headers().len() > 0)?;
    let body = part.decoded_payload()?;
    let line = body.split(|&b| b == b'\n').find(|line| !text::strip(line).is_empty())?;
    let colon = line.iter().position(|&b| b == b':')?;
    let name = text::lower(text::strip(&line[..colon]));
    let is_ours = colon > 0 && (name == "approve" || name == "approved");
    is_ours.then(|| ByteStr::from(text::strip(&line[colon + 1..])))
}
