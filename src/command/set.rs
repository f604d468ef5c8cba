//! `set`: a member's options, shown and changed. Mailman/Commands/cmd_set.py.
//!
//! A message that changes options says `set authenticate` first; that holds for the lines after it. Whatever a line of
//! these comes to, the next line is run: Python's wrapper forgets the answer.

use super::{address_argument, Session, Step, Words};
use crate::error::HandlerError;
use crate::membership::watched::Watched;
use crate::text;
use compat::email::date::formatdate;
use compat::list::{options, DeliveryStatus, ListError};
use compat::value::Value;
use compat::ByteStr;

pub const OVERVIEW: &str = "
    set ...
        Set or view your membership options.

        Use `set help' (without the quotes) to get a more detailed list of the
        options you can change.

        Use `set show' (without the quotes) to view your current option
        settings.
";

const DETAILS: &str = "
    set help
        Show this detailed help.

    set show [address=<address>]
        View your current option settings.  If you're posting from an address
        other than your membership address, specify your membership address
        with `address=<address>' (no brackets around the email address, and no
        quotes!).

    set authenticate <password> [address=<address>]
        To set any of your options, you must include this command first, along
        with your membership password.  If you're posting from an address
        other than your membership address, specify your membership address
        with `address=<address>' (no brackets around the email address, and no
        quotes!).

    set ack on
    set ack off
        When the `ack' option is turned on, you will receive an
        acknowledgement message whenever you post a message to the list.

    set digest plain
    set digest mime
    set digest off
        When the `digest' option is turned off, you will receive postings
        immediately when they are posted.  Use `set digest plain' if instead
        you want to receive postings bundled into a plain text digest
        (i.e. RFC 1153 digest).  Use `set digest mime' if instead you want to
        receive postings bundled together into a MIME digest.

    set delivery on
    set delivery off
        Turn delivery on or off.  This does not unsubscribe you, but instead
        tells Mailman not to deliver messages to you for now.  This is useful
        if you're going on vacation.  Be sure to use `set delivery on' when
        you return from vacation!

    set myposts on
    set myposts off
        Use `set myposts off' to not receive copies of messages you post to
        the list.  This has no effect if you're receiving digests.

    set hide on
    set hide off
        Use `set hide on' to conceal your email address when people request
        the membership list.

    set duplicates on
    set duplicates off
        Use `set duplicates off' if you want Mailman to not send you messages
        if your address is explicitly mentioned in the To: or Cc: fields of
        the message.  This can reduce the number of duplicate postings you
        will receive.

    set reminders on
    set reminders off
        Use `set reminders off' if you want to disable the monthly password
        reminder for this mailing list.
";

/// Who said his password, for the rest of the message.
#[derive(Default)]
pub struct State {
    member: Option<ByteStr>,
}

/// An option that is on or off.
struct Switched {
    name: &'static str,
    bit: i64,
    /// Whether the bit means off.
    reversed: bool,
    shown: &'static str,
    done: &'static str,
}

/// In the order in which they are shown; the first one comes before digest and delivery.
const SWITCHED: [Switched; 5] = [
    Switched {
        name: "ack",
        bit: options::ACKNOWLEDGE_POSTS,
        reversed: false,
        shown: "    ack %(onoff)s",
        done: "ack option set",
    },
    Switched {
        name: "myposts",
        bit: options::DONT_RECEIVE_OWN_POSTS,
        reversed: true,
        shown: "    myposts %(onoff)s",
        done: "myposts option set",
    },
    Switched {
        name: "hide",
        bit: options::CONCEAL_SUBSCRIPTION,
        reversed: false,
        shown: "    hide %(onoff)s",
        done: "hide option set",
    },
    Switched {
        name: "duplicates",
        bit: options::DONT_RECEIVE_DUPLICATES,
        reversed: true,
        shown: "    duplicates %(onoff)s",
        done: "duplicates option set",
    },
    Switched {
        name: "reminders",
        bit: options::SUPPRESS_PASSWORD_REMINDER,
        reversed: true,
        shown: "    reminders %(onoff)s",
        done: "reminder option set",
    },
];

pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    let Some((name, arguments)) = arguments.split_first() else {
        session.say(DETAILS);
        return Ok(Step::Continue);
    };
    match &name[..] {
        b"help" => session.say(DETAILS),
        b"show" => show(session, arguments),
        b"authenticate" => authenticate(session, arguments),
        b"digest" => set_digest(session, arguments)?,
        b"delivery" => set_delivery(session, arguments)?,
        other => match SWITCHED.iter().find(|option| option.name.as_bytes() == other) {
            Some(option) => set_switched(session, option, arguments)?,
            None => {
                session.fill("Bad set command: %(subcmd)s", &[("subcmd", Value::Str(name.clone()))]);
                session.say(DETAILS);
            }
        },
    }
    Ok(Step::Continue)
}

fn usage(session: &mut Session<'_, '_>) {
    session.usage(DETAILS);
}

fn show(session: &mut Session<'_, '_>, arguments: &[ByteStr]) {
    let (name, address) = match arguments {
        [] => named(session.from()),
        [argument] => match address_argument(argument) {
            Some(address) => {
                // The reply goes to the member, not to whoever asks.
                session.return_address = Some(address.clone());
                (None, address)
            }
            None => return usage(session),
        },
        _ => return usage(session),
    };
    if !session.ctx.list.is_member(&address) {
        session.say_not_a_member(name.as_ref());
        return;
    }
    session.say("Your current option settings:");
    let [first, others @ ..] = &SWITCHED;
    show_switched(session, first, &address);
    show_digest(session, &address);
    show_delivery(session, &address);
    for option in others {
        show_switched(session, option, &address);
    }
}

fn show_switched(session: &mut Session<'_, '_>, option: &Switched, address: &[u8]) {
    let on = session.ctx.list.option(address, option.bit) != option.reversed;
    let onoff = session.ctx.words().say(if on { "on" } else { "off" });
    session.fill(option.shown, &[("onoff", Value::Str(onoff))]);
}

fn show_digest(session: &mut Session<'_, '_>, address: &[u8]) {
    let list = &session.ctx.list;
    let line = match (list.option(address, options::DIGESTS), list.option(address, options::DISABLE_MIME)) {
        (false, _) => "    digest off",
        (true, true) => "    digest plain",
        (true, false) => "    digest mime",
    };
    session.say(line);
}

/// Delivery, and where it is off who wanted that and when.
fn show_delivery(session: &mut Session<'_, '_>, address: &[u8]) {
    let how = match session.ctx.list.delivery_status(address) {
        DeliveryStatus::Enabled => None,
        DeliveryStatus::ByUser => Some("by you"),
        DeliveryStatus::ByAdmin => Some("by the admin"),
        DeliveryStatus::ByBounce => Some("due to bounces"),
        DeliveryStatus::Unknown => Some("for unknown reasons"),
    };
    let words = session.ctx.words();
    let status = words.say(if how.is_none() { "delivery on" } else { "delivery off" });
    let since = session.ctx.list.delivery_status_time(address);
    match how {
        Some(how) if since > 0.0 => {
            let date = Value::str(formatdate(since as i64, false));
            let values = [("status", Value::Str(status)), ("how", Value::Str(words.say(how))), ("date", date)];
            session.fill("    %(status)s (%(how)s on %(date)s)", &values);
        }
        _ => session.push([b"    ", &status[..]].concat()),
    }
}

fn named((name, address): (ByteStr, ByteStr)) -> (Option<ByteStr>, ByteStr) {
    (Some(name), address)
}

fn authenticate(session: &mut Session<'_, '_>, arguments: &[ByteStr]) {
    let (password, (name, address)) = match arguments {
        [password] => (password, named(session.from())),
        [password, argument] => match address_argument(argument) {
            Some(address) => (password, (None, address)),
            None => return usage(session),
        },
        _ => return usage(session),
    };
    if !session.ctx.list.is_member(&address) {
        session.say_not_a_member(name.as_ref());
    } else if session.is_members(password, &address) || session.is_admins(password) {
        session.set.member = Some(address);
    } else {
        session.say("You did not give the correct password");
    }
}

/// The member, if he said his password.
fn member(session: &mut Session<'_, '_>) -> Option<ByteStr> {
    if session.set.member.is_none() {
        session.say("Not authenticated");
        usage(session);
    }
    session.set.member.clone()
}

/// Some old catalogues show all arguments by mistake, which `set digest` has at hand.
fn bad_argument(session: &mut Session<'_, '_>, argument: &ByteStr, all: &[ByteStr]) {
    let mut values = vec![("arg", Value::Str(argument.clone()))];
    if !all.is_empty() {
        values.push(("args", Value::list(all.iter().cloned().map(Value::Str).collect())));
    }
    session.fill("Bad argument: %(arg)s", &values);
    usage(session);
}

/// The member, and whether he says on or off.
fn member_and_choice(session: &mut Session<'_, '_>, arguments: &[ByteStr]) -> Option<(ByteStr, bool)> {
    let [argument] = arguments else {
        usage(session);
        return None;
    };
    let on = match &text::lower(argument)[..] {
        b"on" => true,
        b"off" => false,
        _ => {
            bad_argument(session, argument, &[]);
            return None;
        }
    };
    Some((member(session)?, on))
}

fn set_switched(session: &mut Session<'_, '_>, option: &Switched, arguments: &[ByteStr]) -> Result<(), HandlerError> {
    if let Some((member, on)) = member_and_choice(session, arguments) {
        let watched = Watched::begin(session.ctx.list, &member);
        session.ctx.list.set_option(&member, option.bit, on != option.reversed)?;
        watched.end(session.ctx.list);
        session.say(option.done);
    }
    Ok(())
}

fn set_delivery(session: &mut Session<'_, '_>, arguments: &[ByteStr]) -> Result<(), HandlerError> {
    let Some((member, on)) = member_and_choice(session, arguments) else { return Ok(()) };
    let (status, done) = match on {
        true => (DeliveryStatus::Enabled, "delivery enabled"),
        false => (DeliveryStatus::ByUser, "delivery disabled by user"),
    };
    let watched = Watched::begin(session.ctx.list, &member);
    session.ctx.list.set_delivery_status(&member, status)?;
    watched.end(session.ctx.list);
    session.say(done);
    Ok(())
}

fn set_digest(session: &mut Session<'_, '_>, arguments: &[ByteStr]) -> Result<(), HandlerError> {
    let [argument] = arguments else {
        usage(session);
        return Ok(());
    };
    let Some(member) = member(session) else { return Ok(()) };
    let plain = match &text::lower(argument)[..] {
        b"off" => None,
        b"plain" => Some(true),
        b"mime" => Some(false),
        _ => {
            bad_argument(session, argument, arguments);
            return Ok(());
        }
    };
    let watched = Watched::begin(session.ctx.list, &member);
    set_digest_mode(session, &member, plain.is_some())?;
    if let Some(plain) = plain {
        session.ctx.list.set_option(&member, options::DISABLE_MIME, plain)?;
    }
    watched.end(session.ctx.list);
    session.say("digest option set");
    Ok(())
}

/// That it is so already is fine.
fn set_digest_mode(session: &mut Session<'_, '_>, member: &[u8], on: bool) -> Result<(), HandlerError> {
    match session.ctx.list.set_option(member, options::DIGESTS, on) {
        Ok(()) | Err(ListError::AlreadyAMember(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
