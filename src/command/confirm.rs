//! `confirm`: a cookie from a mail that asked for it. Mailman/Commands/cmd_confirm.py.

use super::{Session, Step, Words};
use crate::confirmation::{self, Confirmed};
use crate::error::HandlerError;
use crate::membership::{MembershipContext, Refused};
use crate::text;
use compat::list::attributes;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;

pub const HELP: &str = "
    confirm <confirmation-string>
        Confirm an action.  The confirmation-string is required and should be
        supplied by a mailback confirmation notice.
";

const EXPIRED: &str = "\
Invalid confirmation string.  Note that confirmation strings expire
approximately %(days)s days after the initial request.  They also expire if
the request has already been handled in some way.  If your confirmation has
expired, please try to re-submit your original request or message.";

const EXPIRED_OLDER: &str = "\
Invalid confirmation string.  Note that confirmation strings expire
approximately %(days)s days after the initial subscription request.  If your
confirmation has expired, please try to re-submit your original request or
message.";

const NEEDS_APPROVAL: &str = "\
Your request has been forwarded to the list moderator for approval.";

const NOT_A_MEMBER: &str = "\
You are not currently a member.  Have you already unsubscribed or changed
your email address?";

const BANNED: &str = "\
You are currently banned from subscribing to this list.  If you think this
restriction is erroneous, please contact the list owners at
%(owneraddr)s.";

const HOSTILE: &str = "\
You were not invited to this mailing list.  The invitation has been discarded,
and both list administrators have been alerted.";

const BAD_PASSWORD: &str = "\
Bad approval password given.  Held message is still being held.";

/// One confirmation per message.
pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    let [cookie] = &arguments[..] else { return Ok(session.usage(HELP)) };
    match confirm(session, cookie) {
        Ok(Confirmed::AwaitsModerator { .. }) => {
            session.say(NEEDS_APPROVAL);
            Ok(Step::Stop)
        }
        Ok(done) => {
            succeed(session, cookie, &done);
            Ok(Step::Stop)
        }
        Err(refused) => refuse(session, refused),
    }
}

fn confirm(session: &mut Session<'_, '_>, cookie: &[u8]) -> Result<Confirmed, Refused> {
    let ctx = &mut *session.ctx;
    let language = ctx.language.clone();
    let mut membership =
        MembershipContext { site: ctx.site, list: &mut *ctx.list, outbox: &mut *ctx.outbox, dns: ctx.dns, language };
    let outcome = confirmation::process(&mut membership, cookie, Some(&mut *ctx.msg));
    ctx.language = membership.language;
    outcome
}

fn refuse(session: &mut Session<'_, '_>, refused: Refused) -> Result<Step, HandlerError> {
    match refused {
        Refused::BadCookie(_) => {
            let days = confirmation::lifetime_in_days(session.ctx.site);
            let newer = session.ctx.has(Switch::ConfirmExpiredNewText);
            session.fill(if newer { EXPIRED } else { EXPIRED_OLDER }, &[("days", Value::Int(days))]);
        }
        Refused::AlreadyMember => session.say("You are already subscribed."),
        Refused::NotAMember => session.say(NOT_A_MEMBER),
        Refused::Banned { .. } => {
            let owner = session.ctx.list.owner_address();
            session.fill(BANNED, &[("owneraddr", Value::Str(owner))]);
        }
        Refused::HostileSubscription => session.say(HOSTILE),
        Refused::BadPassword => session.say(BAD_PASSWORD),
        other => return Err(other.into()),
    }
    Ok(Step::Stop)
}

fn succeed(session: &mut Session<'_, '_>, cookie: &[u8], done: &Confirmed) {
    let greeted = match done {
        Confirmed::Subscribed(_) => session.ctx.list.truth(attributes::SEND_WELCOME_MSG),
        Confirmed::Unsubscribed { .. } => session.ctx.list.truth(attributes::SEND_GOODBYE_MSG),
        _ => false,
    };
    if greeted {
        session.respond = false;
        return;
    }
    let text = success(session, done);
    session.push(text);
    let drops_passwords = session.ctx.has(Switch::ConfirmDropsApprovedLines);
    let line = [b"confirm ", cookie].concat();
    session.commands.retain(|command| {
        let command = text::lstrip(command);
        command != line && !(drops_passwords && is_password_line(command))
    });
}

fn success(session: &Session<'_, '_>, done: &Confirmed) -> ByteStr {
    let words = session.ctx.words();
    let done_text = words.say("Confirmation succeeded");
    let what = match done {
        Confirmed::HeldMessage { approved: true } => "Approve",
        Confirmed::HeldMessage { approved: false } => "Discard",
        _ => return done_text,
    };
    match session.ctx.has(Switch::ConfirmSaysWhich) {
        true => ByteStr::new([&done_text[..], b" (", &words.say(what), b")"].concat()),
        false => done_text,
    }
}

fn is_password_line(line: &[u8]) -> bool {
    let line = text::lower(line);
    line.starts_with(b"approved:") || line.starts_with(b"approve:")
}
