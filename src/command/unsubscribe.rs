//! `unsubscribe`, `leave` and `remove`. Mailman/Commands/cmd_unsubscribe.py.

use super::{address_argument, Session, Step, Words};
use crate::error::HandlerError;
use crate::membership::{leave, Notices, Refused};
use crate::moderation::requests::{self, Outcome};
use compat::list::attributes;
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;

pub const HELP: &str = "
    unsubscribe [password] [address=<address>]
        Unsubscribe from the mailing list.  If given, your password must match
        your current password.  If omitted, a confirmation email will be sent
        to the unsubscribing address. If you wish to unsubscribe an address
        other than the address you sent this request from, you may specify
        `address=<address>' (no brackets around the email address, and no
        quotes!)
";

const NEEDS_APPROVAL: &str = "\
Your unsubscription request has been forwarded to the list administrator for
approval.";

/// What the log gives as the reason.
const WHENCE: &str = "mailcmd";

pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    let (mut password, mut address) = (None, None);
    for (at, argument) in arguments.all().enumerate() {
        match address_argument(&argument) {
            Some(given) => address = Some(given),
            None if at == 0 => password = Some(argument),
            None => return Ok(session.usage(HELP)),
        }
    }
    let address = address.unwrap_or_else(|| session.address_of_from());
    if !session.ctx.list.is_member(&address) {
        let values = [("address", Value::Str(address)), ("listname", Value::Str(session.ctx.list.real_name()))];
        session.fill("%(address)s is not a member of the %(listname)s mailing list", &values);
        return Ok(Step::Stop);
    }
    if session.ctx.list.truth(attributes::UNSUBSCRIBE_POLICY) {
        return ask_moderator(session, &address);
    }
    match password {
        None => ask_member(session, &address),
        Some(password) => leave_now(session, &address, &password),
    }
}

fn ask_moderator(session: &mut Session<'_, '_>, address: &ByteStr) -> Result<Step, HandlerError> {
    let outcome =
        session.with_membership(|membership| requests::leave(membership, address, Some(WHENCE), Notices::default()))?;
    if matches!(outcome, Outcome::AwaitsModerator { .. }) {
        session.say(NEEDS_APPROVAL);
    }
    Ok(Step::Continue)
}

/// Without a password the member is asked, whoever wrote this, and nobody gets a reply.
fn ask_member(session: &mut Session<'_, '_>, address: &ByteStr) -> Result<Step, HandlerError> {
    let address = session.ctx.list.case_preserved(address).unwrap_or_else(|| address.clone());
    match session.with_membership(|membership| leave::confirm_unsubscription(membership, &address, None, None)) {
        Ok(()) => session.respond = false,
        Err(Refused::AlreadyPending) if session.ctx.has(Switch::RefuseSecondPending) => {
            session.say("You already have a subscription pending confirmation");
        }
        Err(other) => return Err(other.into()),
    }
    Ok(Step::Continue)
}

fn leave_now(session: &mut Session<'_, '_>, address: &ByteStr, password: &[u8]) -> Result<Step, HandlerError> {
    // Unlike elsewhere only the member's own password will do.
    if !session.is_members(password, address) {
        session.say("You gave the wrong password");
        return Ok(Step::Stop);
    }
    session
        .with_membership(|membership| leave::approved_delete(membership, address, Some(WHENCE), Notices::default()))?;
    session.say("Unsubscription request succeeded.");
    Ok(Step::Continue)
}
