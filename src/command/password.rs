//! `password`: a member's password, told or changed. Mailman/Commands/cmd_password.py.
//!
//! It is sent in clear to whoever writes in the member's name; the answer goes to the member's address, though.

use super::{address_argument, Session, Step, Words};
use crate::error::HandlerError;
use compat::value::Value;
use compat::ByteStr;

pub const HELP: &str = "
    password [<oldpassword> <newpassword>] [address=<address>]
        Retrieve or change your password.  With no arguments, this returns
        your current password.  With arguments <oldpassword> and <newpassword>
        you can change your password.

        If you're posting from an address other than your membership address,
        specify your membership address with `address=<address>' (no brackets
        around the email address, and no quotes!).  Note that in this case the
        response is always sent to the subscribed address.
";

const WRONG: &str = "\
You did not give the correct old password, so your password has not been
changed.  Use the no argument version of the password command to retrieve your
current password, then try again.";

/// Other numbers of arguments are passed over without a word.
pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    match &arguments[..] {
        [] => {
            let (name, address) = session.from();
            Ok(tell(session, Some(&name), &address))
        }
        [address] => match answer_to(session, address) {
            Some(address) => Ok(tell(session, None, &address)),
            None => Ok(Step::Continue),
        },
        [old, new] => {
            let (name, address) = session.from();
            change(session, Some(&name), &address, [old, new])
        }
        [old, new, address] => match answer_to(session, address) {
            Some(address) => change(session, None, &address, [old, new]),
            None => Ok(Step::Continue),
        },
        _ => Ok(Step::Continue),
    }
}

/// The address that is named; the whole reply goes there.
fn answer_to(session: &mut Session<'_, '_>, argument: &ByteStr) -> Option<ByteStr> {
    let address = address_argument(argument)?;
    session.return_address = Some(address.clone());
    Some(address)
}

fn tell(session: &mut Session<'_, '_>, sender: Option<&ByteStr>, address: &[u8]) -> Step {
    if !session.ctx.list.is_member(address) {
        return session.say_not_a_member(sender);
    }
    let password = session.ctx.list.password_of(address).map_or(Value::None, Value::Str);
    session.fill("Your password is: %(password)s", &[("password", password)]);
    Step::Stop
}

fn change(
    session: &mut Session<'_, '_>,
    sender: Option<&ByteStr>,
    address: &[u8],
    [old, new]: [&ByteStr; 2],
) -> Result<Step, HandlerError> {
    if !session.ctx.list.is_member(address) {
        return Ok(session.say_not_a_member(sender));
    }
    if session.is_members(old, address) || session.is_admins(old) {
        session.ctx.list.set_password(address, new)?;
        session.ctx.list.record(&[b"new password of ", address]);
        session.say("Password successfully changed.");
        return Ok(Step::Continue);
    }
    session.say(WRONG);
    session.say("\nUsage:");
    session.say(HELP);
    Ok(Step::Stop)
}
