//! Joining (MailList.AddMember, ApprovedAddMember, Deliverer.SendSubscribeAck).

use super::admission::{is_auto_approved, validate, with_lower_domain};
use super::asking::Question;
use super::{shown, Desk, Notices, Refused, UserDesc};
use crate::error::HandlerError;
use crate::notice::{template_for_list, Letter, Template, UserNotification, Words};
use compat::email::address::formataddr;
use compat::list::options;
use compat::list::pending::{Kind, Pended};
use compat::list::NewMember;
use compat::pickle::Value;
use compat::site::template::to_bytes;
use compat::site::wrap::wrap_value;
use compat::site::{wrap, Switch};
use compat::ByteStr;

const UMBRELLA: &str = "\
Note: Since this is a list of mailing lists, administrative
notices like the password reminder will be sent to
your membership administrative address, %(addr)s.";

/// What came of a wish to join.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "who needs a moderator is not held yet"]
pub enum Joining {
    /// He is a member now.
    Joined,
    /// `MMSubscribeNeedsConfirmation`: the mail with the cookie is on its way.
    ConfirmationSent,
    /// A moderator must decide; `moderation::requests::join` holds the request.
    NeedsModerator(UserDesc),
}

/// `AddMember`, but for holding a request: joins as the list's policy has it. `remote` says where the request came from.
///
/// # Errors
/// The list refuses, or something fails.
pub fn add(desk: &mut Desk<'_>, user: UserDesc, remote: Option<&[u8]>) -> Result<Joining, Refused> {
    let user = completed(desk, user);
    check(desk, &user, remote)?;
    match desk.list.int("subscribe_policy") {
        0 => approved_add(desk, &user, Notices::default(), b"", remote.unwrap_or_default())?,
        1 | 3 => {
            ask_to_confirm(desk, &user, remote)?;
            return Ok(Joining::ConfirmationSent);
        }
        _ if is_auto_approved(desk.list, &user.address)? => {
            approved_add(desk, &user, Notices::default(), b"", b"")?;
        }
        _ => return Ok(Joining::NeedsModerator(user)),
    }
    Ok(Joining::Joined)
}

/// Puts defaults where nothing is said, and the domain in lower case.
fn completed(desk: &Desk<'_>, user: UserDesc) -> UserDesc {
    let list = &desk.list;
    UserDesc {
        address: with_lower_domain(&user.address),
        fullname: Some(user.name()),
        password: user.password.or_else(|| Some(list.random_password())),
        digest: user.digest.or_else(|| Some(Value::Int(i64::from(!list.truth("nondigestable"))))),
        language: user.language.or_else(|| Some(list.preferred_language())),
        invitation: user.invitation,
    }
}

fn check(desk: &mut Desk<'_>, user: &UserDesc, remote: Option<&[u8]>) -> Result<(), Refused> {
    validate(desk.list, &user.address)?;
    if desk.list.is_member(&user.address) {
        return Err(Refused::AlreadyMember);
    }
    desk.refuse_second(&user.address, Kind::Subscription)?;
    if user.address.eq_ignore_ascii_case(&desk.list.posting_address()) {
        return Err(Refused::BadEmail);
    }
    desk.refuse_banned(&user.address, remote.unwrap_or_default(), true)?;
    desk.refuse_listed_client(&user.address, remote.unwrap_or_default())?;
    desk.refuse_listed(&user.address)?;
    match user.is_digest() {
        true if !desk.list.truth("digestable") => Err(Refused::CantDigest),
        false if !desk.list.truth("nondigestable") => Err(Refused::MustDigest),
        _ => Ok(()),
    }
}

/// Stores the request under a cookie and mails the cookie.
fn ask_to_confirm(desk: &mut Desk<'_>, user: &UserDesc, remote: Option<&[u8]>) -> Result<(), HandlerError> {
    let record = Pended { kind: Kind::Subscription, content: vec![user.to_value()] };
    let cookie = desk.list.pend_new(&record, None)?;
    let who = remote.unwrap_or_default();
    let is_reply = who.to_ascii_lowercase().ends_with(&user.address.to_ascii_lowercase());
    let language = user.language.clone().unwrap_or_else(|| desk.list.preferred_language());
    Question {
        template: "verify.txt",
        address: &user.address,
        recipient: desk.list.member_admin_address(&user.address),
        cookie: &cookie,
        remote: desk.remote_phrase(remote),
        language: &language,
        is_leaving: false,
        auto_submitted: Some(if is_reply { "auto-replied" } else { "auto-generated" }),
    }
    .ask(desk)?;
    let by: &[u8] = if remote.is_some() { b" " } else { b"" };
    desk.log("subscribe", &[desk.list.name(), b": pending ", &logged(desk, user), b" ", by, who]);
    Ok(())
}

/// Name and address for a log.
fn logged(desk: &Desk<'_>, user: &UserDesc) -> ByteStr {
    let charset: &[u8] = if desk.site.is_utf8() { b"utf-8" } else { b"iso-8859-1" };
    formataddr(&shown(&user.name(), charset), &user.address)
}

/// `ApprovedAddMember`: joins now. `text` goes before the welcome, `whence` into the log.
pub fn approved_add(
    desk: &mut Desk<'_>,
    user: &UserDesc,
    notices: Notices,
    text: &[u8],
    whence: &[u8],
) -> Result<(), Refused> {
    let user = completed(desk, user.clone());
    validate(desk.list, &user.address)?;
    if desk.list.is_member(&user.address) {
        return Err(Refused::AlreadyMember);
    }
    desk.refuse_banned(&user.address, whence, desk.has(Switch::EveryBanLogged))?;
    enrol(desk, &user)?;
    let kind: &[u8] = if user.is_digest() { b" (digest)" } else { b"" };
    desk.log("subscribe", &[desk.list.name(), b": new", kind, b" ", &logged(desk, &user), b", ", whence]);
    if notices.member.unwrap_or_else(|| desk.list.truth("send_welcome_msg")) {
        welcome(desk, &user, text)?;
    }
    if notices.owners.unwrap_or_else(|| desk.list.truth("admin_notify_mchanges")) {
        tell_owners(desk, &user, whence)?;
    }
    Ok(())
}

fn enrol(desk: &mut Desk<'_>, user: &UserDesc) -> Result<(), Refused> {
    let member = NewMember {
        address: user.address.clone(),
        password: user.password.clone().unwrap_or_default(),
        language: user.language.clone(),
        name: user.fullname.clone(),
        digest: user.is_digest(),
    };
    desk.list.add_member(&member)?;
    let plain = !desk.list.truth("mime_is_default_digest");
    desk.list.set_option(&user.address, options::DISABLE_MIME, plain)?;
    let moderated = desk.list.truth("default_member_moderation");
    Ok(desk.list.set_option(&user.address, options::MODERATE, moderated)?)
}

/// `SendSubscribeAck`
fn welcome(desk: &mut Desk<'_>, user: &UserDesc, text: &[u8]) -> Result<(), HandlerError> {
    let language = desk.list.language_of(&user.address);
    let words = match desk.has(Switch::WelcomeInMemberLanguage) {
        true => Words::new(desk.site, &language),
        false => desk.words(),
    };
    let fields = welcome_fields(desk, user, &words, &language);
    let template = Template { name: "subscribeack.txt", values: &fields, language: Some(&language), raw: false };
    let text = [text, &template.for_list(desk.list)?].concat();
    let mode = if user.is_digest() { words.say(" (Digest mode)") } else { ByteStr::default() };
    let values = [("realname", Value::Str(desk.list.real_name())), ("digmode", Value::Str(mode))];
    let subject = words.fill("Welcome to the \"%(realname)s\" mailing list%(digmode)s", &values);
    let letter = Letter { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let to = desk.list.member_admin_address(&user.address);
    let mut notice = UserNotification::new(desk.site, &[to], &desk.list.request_address(), letter)?;
    notice.message.append("X-No-Archive", "yes");
    notice.send_with(desk.list, desk.outbox, desk.personal())
}

fn welcome_fields(desk: &Desk<'_>, user: &UserDesc, words: &Words<'_>, language: &[u8]) -> Vec<(&'static str, Value)> {
    let list = &desk.list;
    let own = list.get("welcome_msg").filter(|text| text.is_true());
    let charset = list.charset_of(language);
    let own = own.map(|text| [&to_bytes(&wrap_value(text), &charset)[..], b"\n"].concat()).unwrap_or_default();
    let address = list.member_admin_address(&user.address);
    let umbrella = match list.truth("umbrella_list") {
        true => wrap(&words.fill(UMBRELLA, &[("addr", Value::Str(address))]), 70),
        false => Vec::new(),
    };
    let fields = [
        ("real_name", list.real_name()),
        ("host_name", list.host_name()),
        ("welcome", ByteStr::new(own)),
        ("umbrella", ByteStr::new(umbrella)),
        ("emailaddr", list.posting_address()),
        ("listinfo_url", list.script_url("listinfo", true)),
        ("optionsurl", list.options_url(&user.address, false, true)),
        ("password", list.password_of(&user.address).unwrap_or_default()),
        ("user", list.case_preserved(&user.address).unwrap_or_default()),
    ];
    fields.into_iter().map(|(name, value)| (name, Value::Str(value))).collect()
}

fn tell_owners(desk: &mut Desk<'_>, user: &UserDesc, whence: &[u8]) -> Result<(), HandlerError> {
    let words = desk.list_words();
    let realname = desk.list.real_name();
    let values = [("realname", Value::Str(realname.clone()))];
    let subject = words.fill("%(realname)s subscription notification", &values);
    let member = formataddr(&shown(&user.name(), &desk.list.charset()), &user.address);
    let mut fields = vec![("listname", realname), ("member", member)];
    if desk.has(Switch::WhenceInAdminNotices) {
        fields.push(("whence", super::in_brackets(&words, Some(whence))));
    }
    let text = template_for_list(desk.list, "adminsubscribeack.txt", &fields)?;
    UserNotification::to_owners(desk.list, Some(&subject), Some(&text), true)?.send(desk.list, desk.outbox)
}
