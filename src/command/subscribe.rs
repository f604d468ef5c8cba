//! `subscribe` and `join`. Mailman/Commands/cmd_subscribe.py.

use super::{Session, Step, Words};
use crate::error::HandlerError;
use crate::membership::{Refused, UserDesc};
use crate::moderation::requests::{self, Outcome};
use crate::text;
use compat::codecs::{self, Errors};
use compat::email::header::{decode_header, make_header, Layout};
use compat::list::attributes;
use compat::value::Value;
use compat::ByteStr;

pub const HELP: &str = "
    subscribe [password] [digest|nodigest] [address=<address>]
        Subscribe to this mailing list.  Your password must be given to
        unsubscribe or change your options, but if you omit the password, one
        will be generated for you.  You may be periodically reminded of your
        password.

        The next argument may be either: `nodigest' or `digest' (no quotes!).
        If you wish to subscribe an address other than the address you sent
        this request from, you may specify `address=<address>' (no brackets
        around the email address, and no quotes!)
";

const BANNED: &str = "\
The email address you supplied is banned from this mailing list.
If you think this restriction is erroneous, please contact the list
owners at %(listowner)s.";

const BAD_EMAIL: &str = "\
Mailman won't accept the given email address as a valid address.
(E.g. it must have an @ in it.)";

const HOSTILE: &str = "\
Your subscription is not allowed because
the email address you gave is insecure.";

const NEEDS_APPROVAL: &str = "\
Your subscription request has been forwarded to the list administrator
at %(listowner)s for review.";

/// What the arguments say.
#[derive(Debug, Default, PartialEq)]
struct Wish {
    password: Option<ByteStr>,
    digest: Option<bool>,
    address: Option<ByteStr>,
}

/// Arguments that say nothing.
#[derive(Debug, PartialEq)]
enum Misused {
    Digest(ByteStr),
    TooMany,
}

pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    let wish = match wish(arguments.all()) {
        Ok(wish) => wish,
        Err(Misused::Digest(argument)) => {
            session.fill("Bad digest specifier: %(arg)s", &[("arg", Value::Str(argument))]);
            return Ok(Step::Stop);
        }
        Err(Misused::TooMany) => return Ok(session.usage(HELP)),
    };
    let Some(user) = user(session, wish)? else {
        session.say("No valid address found to subscribe");
        return Ok(Step::Stop);
    };
    let remote = session.ctx.sender();
    match session.with_membership(|membership| requests::join(membership, user, Some(&remote))) {
        Ok(Outcome::Done) => session.say("Subscription request succeeded."),
        // The mail that asks for the confirmation is answer enough.
        Ok(Outcome::ConfirmationSent) => session.respond = false,
        Ok(Outcome::AwaitsModerator { .. }) => {
            let owner = [("listowner", Value::Str(session.ctx.list.owner_address()))];
            session.fill(NEEDS_APPROVAL, &owner);
        }
        Err(refused) => return refuse(session, refused),
    }
    Ok(Step::Continue)
}

/// Password, digest mode, in this order; an address counts as one of them wherever it stands. A password that reads
/// like a mode is the mode.
fn wish(arguments: impl Iterator<Item = ByteStr>) -> Result<Wish, Misused> {
    let mut wish = Wish::default();
    for (at, argument) in arguments.enumerate() {
        if text::lower(&argument).starts_with(b"address=") {
            wish.address = Some(argument.slice_from(8));
        } else if at == 0 {
            wish.password = Some(argument);
        } else if at == 1 {
            wish.digest = Some(mode(&argument).ok_or(Misused::Digest(argument))?);
        } else {
            return Err(Misused::TooMany);
        }
    }
    let password_as_mode = wish.password.as_deref().and_then(mode);
    if let (None, Some(digest)) = (wish.digest, password_as_mode) {
        wish.digest = Some(digest);
        wish.password = None;
    }
    Ok(wish)
}

/// Whether this asks for digests, if it says anything of them.
fn mode(argument: &[u8]) -> Option<bool> {
    match &text::lower(argument)[..] {
        b"digest" => Some(true),
        b"nodigest" => Some(false),
        _ => None,
    }
}

/// Who is to join: the address that is named, else the sender under his name.
fn user(session: &Session<'_, '_>, wish: Wish) -> Result<Option<UserDesc>, HandlerError> {
    let list = &session.ctx.list;
    let digest = wish.digest.map(|digest| Value::Int(i64::from(digest)));
    let digest = digest.or_else(|| list.get(attributes::DIGEST_IS_DEFAULT).cloned());
    let password = Some(Value::Str(wish.password.unwrap_or_else(|| list.random_password())));
    let (fullname, address) = match wish.address {
        Some(address) => (None, address),
        None => {
            let (name, address) = session.from();
            let address = if address.is_empty() { session.ctx.sender() } else { address };
            if address.is_empty() {
                return Ok(None);
            }
            (Some(decoded_name(&name)?), address)
        }
    };
    Ok(Some(UserDesc { fullname, password, digest, ..UserDesc::new(address) }))
}

/// The name without encoded words: `str` where it is ASCII, else `unicode`; empty where its bytes mean nothing. Broken
/// base64 or an unknown charset fail the message, as in Mailman.
fn decoded_name(name: &[u8]) -> Result<Value, HandlerError> {
    let decode = || make_header(&decode_header(name)?, &Layout::default())?.to_unicode();
    let name = match decode() {
        Err(error) if error.is_unicode() => "".into(),
        other => other?,
    };
    Ok(match codecs::encode(&name, "us-ascii", Errors::Strict) {
        Ok(ascii) => Value::str(ascii),
        Err(_) => Value::Unicode(name),
    })
}

fn refuse(session: &mut Session<'_, '_>, refused: Refused) -> Result<Step, HandlerError> {
    let owner = [("listowner", Value::Str(session.ctx.list.owner_address()))];
    match refused {
        Refused::Banned { .. } => session.fill(BANNED, &owner),
        Refused::BadEmail => session.say(BAD_EMAIL),
        Refused::HostileAddress => session.say(HOSTILE),
        Refused::AlreadyMember => session.say("You are already subscribed!"),
        Refused::AlreadyPending => session.say("You already have a subscription pending confirmation"),
        Refused::CantDigest => session.say("No one can subscribe to the digest of this list!"),
        Refused::MustDigest => session.say("This list only supports digest subscriptions!"),
        other => return Err(other.into()),
    }
    Ok(Step::Stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Wish, Misused> {
        wish(Words::of(&text.into()).all())
    }

    #[test]
    fn arguments_count_by_their_place() {
        let digest =
            |digest, password: Option<&str>| Wish { digest, password: password.map(Into::into), address: None };
        assert_eq!(of(""), Ok(Wish::default()));
        assert_eq!(of("secret"), Ok(digest(None, Some("secret"))));
        assert_eq!(of("secret Digest"), Ok(digest(Some(true), Some("secret"))));
        assert_eq!(of("NoDigest"), Ok(digest(Some(false), None)));
        assert_eq!(of("digest nodigest"), Ok(digest(Some(false), Some("digest"))));
        assert_eq!(of("a digest c"), Err(Misused::TooMany));
        assert_eq!(of("a b"), Err(Misused::Digest("b".into())));
    }

    #[test]
    fn an_address_takes_a_place() {
        assert_eq!(of("ADDRESS=a@x pw"), Err(Misused::Digest("pw".into())));
        let wish = of("pw digest address=a@x").unwrap_or_default();
        assert_eq!((wish.address, wish.digest), (Some("a@x".into()), Some(true)));
    }

    #[test]
    fn names_are_decoded() {
        assert_eq!(decoded_name(b"Anna Field").unwrap(), Value::str("Anna Field"));
        assert_eq!(decoded_name(b"=?iso-8859-1?q?J=F6rg?=").unwrap(), Value::Unicode("J\u{f6}rg".into()));
        assert_eq!(decoded_name(b"J\xf6rg").unwrap(), Value::str(""));
        let unknown = decoded_name(b"=?x-none?q?J=F6rg?=").unwrap_err();
        assert_eq!(unknown.to_string(), "unknown encoding: x-none");
        assert!(decoded_name(b"=?utf-8?b?a?=").is_err());
    }
}
