//! `who`: the members, to those who may know. Mailman/Commands/cmd_who.py.

use super::{address_argument, Session, Step, Words};
use crate::error::HandlerError;
use compat::codecs::{self, Errors};
use compat::list::{attributes, options, MailList};
use compat::value::Value;
use compat::ByteStr;

const PUBLIC_HELP: &str = "
    who
        See the non-hidden members of this mailing list.
    who password
        See everyone who is on this mailing list. The password is the
        list's admin or moderator password.
";

const MEMBERS_ONLY_HELP: &str = "
    who password [address=<address>]
        See the non-hidden members of this mailing list.  The roster is
        limited to list members only, and you must supply your membership
        password to retrieve it.  If you're posting from an address other
        than your membership address, specify your membership address with
        `address=<address>' (no brackets around the email address, and no
        quotes!). If you provide the list's admin or moderator password,
        hidden members will be included.
";

const ADMIN_ONLY_HELP: &str = "
    who password
        See everyone who is on this mailing list.  The roster is limited to
        list administrators and moderators only; you must supply the list
        admin or moderator password to retrieve the roster.
";

/// How much of the roster somebody may see.
#[derive(Clone, Copy, PartialEq)]
enum Sight {
    Nothing,
    /// All but those who hide.
    Open,
    Everybody,
}

/// The help depends on who may see the roster.
pub fn help(list: &MailList) -> Option<&'static str> {
    match list.choice(attributes::PRIVATE_ROSTER) {
        0 => Some(PUBLIC_HELP),
        1 => Some(MEMBERS_ONLY_HELP),
        2 => Some(ADMIN_ONLY_HELP),
        _ => None,
    }
}

pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    match sight(session, &arguments) {
        None => Ok(session.usage(help(session.ctx.list).unwrap_or(ADMIN_ONLY_HELP))),
        Some(Sight::Nothing) => {
            session.say("You are not allowed to retrieve the list membership.");
            Ok(Step::Stop)
        }
        Some(sight) => {
            show(session, sight == Sight::Everybody);
            Ok(Step::Continue)
        }
    }
}

/// `None`: the command is not used like this.
fn sight(session: &mut Session<'_, '_>, arguments: &[ByteStr]) -> Option<Sight> {
    match (session.ctx.list.choice(attributes::PRIVATE_ROSTER), arguments) {
        (0, []) => Some(Sight::Open),
        (0, [password]) => session.is_moderators(password).then_some(Sight::Everybody),
        (0, _) => None,
        (1, [password]) => {
            let address = session.address_of_from();
            Some(sight_of_member(session, password, &address))
        }
        (1, [password, address]) => Some(sight_of_member(session, password, &address_argument(address)?)),
        (1, _) => None,
        (_, [password]) => Some(if session.is_moderators(password) { Sight::Everybody } else { Sight::Nothing }),
        _ => None,
    }
}

fn sight_of_member(session: &mut Session<'_, '_>, password: &[u8], address: &[u8]) -> Sight {
    if session.is_moderators(password) {
        Sight::Everybody
    } else if session.ctx.list.is_member(address) && session.is_members(password, address) {
        Sight::Open
    } else {
        Sight::Nothing
    }
}

fn show(session: &mut Session<'_, '_>, everybody: bool) {
    let (digest, regular) = (session.ctx.list.digest_members(), session.ctx.list.regular_members());
    if digest.is_empty() && regular.is_empty() {
        session.say("This list has no members.");
        return;
    }
    for (title, members) in [("Non-digest (regular) members:", regular), ("Digest members:", digest)] {
        if !members.is_empty() {
            session.say(title);
            show_members(session, &members, everybody);
        }
    }
}

fn show_members(session: &mut Session<'_, '_>, members: &[ByteStr], everybody: bool) {
    let charset = session.ctx.site.charset_or_ascii(&session.language);
    for member in members {
        let list = &session.ctx.list;
        if !everybody && list.option(member, options::CONCEAL_SUBSCRIPTION) {
            continue;
        }
        let name = list.name_of(member).map(|name| in_charset(&name, &charset)).unwrap_or_default();
        let mut line = [b"    ", &member[..]].concat();
        if !name.is_empty() {
            line.extend([&b" ("[..], &name, b")"].concat());
        }
        session.push(line);
    }
}

fn in_charset(name: &Value, charset: &[u8]) -> ByteStr {
    match name {
        Value::Unicode(text) => codecs::encode(text, charset, Errors::Replace).map_or(text.0.clone(), ByteStr::new),
        other => other.as_text().cloned().unwrap_or_default(),
    }
}
