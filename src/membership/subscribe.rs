//! Joining (MailList.AddMember, ApprovedAddMember, Deliverer.SendSubscribeAck).

use super::admission::{is_auto_approved, validate, with_lower_domain};
use super::asking::Question;
use super::{shown, MembershipContext, Notices, Refused, UserDesc};
use crate::error::HandlerError;
use crate::notice::{template_for_list, NoticeText, Template, UserNotification, Words};
use compat::email::address::formataddr;
use compat::list::pending::{Kind, Pended};
use compat::list::NewMember;
use compat::list::{attributes, options};
use compat::site::template::to_bytes;
use compat::site::wrap::wrap_value;
use compat::site::{wrap, Switch};
use compat::value::Value;
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

/// `AddMember`, except for holding a request: joins as the list's policy has it. `remote` says where the request came
/// from.
///
/// # Errors
/// The list refuses, or something fails.
pub fn add(ctx: &mut MembershipContext<'_>, user: UserDesc, remote: Option<&[u8]>) -> Result<Joining, Refused> {
    let user = completed(ctx, user);
    check(ctx, &user, remote)?;
    match ctx.list.choice(attributes::SUBSCRIBE_POLICY) {
        0 => approved_add(ctx, &user, Notices::default(), b"", remote.unwrap_or_default())?,
        1 | 3 => {
            ask_to_confirm(ctx, &user, remote)?;
            return Ok(Joining::ConfirmationSent);
        }
        _ if is_auto_approved(ctx.list, &user.address)? => {
            approved_add(ctx, &user, Notices::default(), b"", b"")?;
        }
        _ => return Ok(Joining::NeedsModerator(user)),
    }
    Ok(Joining::Joined)
}

/// Puts defaults where nothing is said, and the domain in lower case.
fn completed(ctx: &MembershipContext<'_>, user: UserDesc) -> UserDesc {
    let list = &ctx.list;
    UserDesc {
        address: with_lower_domain(&user.address),
        fullname: Some(user.name()),
        password: user.password.or_else(|| Some(Value::Str(list.random_password()))),
        digest: user.digest.or_else(|| Some(Value::Int(i64::from(!list.truth(attributes::NONDIGESTABLE))))),
        language: user.language.or_else(|| Some(list.preferred_language_value())),
        invitation: user.invitation,
    }
}

fn check(ctx: &mut MembershipContext<'_>, user: &UserDesc, remote: Option<&[u8]>) -> Result<(), Refused> {
    validate(ctx.list, &user.address)?;
    if ctx.list.is_member(&user.address) {
        return Err(Refused::AlreadyMember);
    }
    ctx.refuse_second(&user.address, Kind::Subscription)?;
    if user.address.eq_ignore_ascii_case(&ctx.list.posting_address()) {
        return Err(Refused::BadEmail);
    }
    ctx.refuse_banned(&user.address, remote.unwrap_or_default(), true)?;
    ctx.refuse_listed_client(&user.address, remote.unwrap_or_default())?;
    ctx.refuse_listed(&user.address)?;
    match user.is_digest() {
        true if !ctx.list.truth(attributes::DIGESTABLE) => Err(Refused::CantDigest),
        false if !ctx.list.truth(attributes::NONDIGESTABLE) => Err(Refused::MustDigest),
        _ => Ok(()),
    }
}

/// Stores the request under a cookie and mails the cookie.
fn ask_to_confirm(ctx: &mut MembershipContext<'_>, user: &UserDesc, remote: Option<&[u8]>) -> Result<(), HandlerError> {
    let record = Pended { kind: Kind::Subscription, content: vec![user.to_value()] };
    let cookie = ctx.list.pend_new(&record, None)?;
    let who = remote.unwrap_or_default();
    let is_reply = who.to_ascii_lowercase().ends_with(&user.address.to_ascii_lowercase());
    let language = user.language_on(ctx.list);
    Question {
        template: "verify.txt",
        address: &user.address,
        recipient: ctx.list.member_admin_address(&user.address),
        cookie: &cookie,
        remote: ctx.remote_phrase(remote),
        language: &language,
        is_leaving: false,
        auto_submitted: Some(if is_reply { "auto-replied" } else { "auto-generated" }),
    }
    .ask(ctx)?;
    let by: &[u8] = if remote.is_some() { b" " } else { b"" };
    ctx.log("subscribe", &[ctx.list.name(), b": pending ", &logged(ctx, user), b" ", by, who]);
    Ok(())
}

/// Name and address for a log.
fn logged(ctx: &MembershipContext<'_>, user: &UserDesc) -> ByteStr {
    formataddr(&shown(&user.name(), ctx.site.log_charset().as_bytes()), &user.address)
}

/// `ApprovedAddMember`: joins now. `text` goes before the welcome, `whence` into the log.
///
/// # Errors
/// Why it was refused, or what failed.
pub fn approved_add(
    ctx: &mut MembershipContext<'_>,
    user: &UserDesc,
    notices: Notices,
    text: &[u8],
    whence: &[u8],
) -> Result<(), Refused> {
    let user = completed(ctx, user.clone());
    validate(ctx.list, &user.address)?;
    if ctx.list.is_member(&user.address) {
        return Err(Refused::AlreadyMember);
    }
    ctx.refuse_banned(&user.address, whence, ctx.has(Switch::EveryBanLogged))?;
    enrol(ctx, &user)?;
    ctx.list.record(&[b"subscribed ", &user.address]);
    let kind: &[u8] = if user.is_digest() { b" (digest)" } else { b"" };
    ctx.log("subscribe", &[ctx.list.name(), b": new", kind, b" ", &logged(ctx, &user), b", ", whence]);
    if notices.member.unwrap_or_else(|| ctx.list.truth(attributes::SEND_WELCOME_MSG)) {
        welcome(ctx, &user, text)?;
    }
    if notices.owners.unwrap_or_else(|| ctx.list.truth(attributes::ADMIN_NOTIFY_MCHANGES)) {
        tell_owners(ctx, &user, whence)?;
    }
    Ok(())
}

fn enrol(ctx: &mut MembershipContext<'_>, user: &UserDesc) -> Result<(), Refused> {
    let member = NewMember {
        address: user.address.clone(),
        password: user.password.clone().unwrap_or_else(|| Value::str("")),
        language: user.language.clone(),
        name: user.fullname.clone(),
        digest: user.is_digest(),
    };
    ctx.list.add_member(&member)?;
    // `1 - mime_is_default_digest`, which an owner's form may have made more than 1.
    let plain = ctx.list.int(attributes::MIME_IS_DEFAULT_DIGEST) != 1;
    ctx.list.set_option(&user.address, options::DISABLE_MIME, plain)?;
    let moderated = ctx.list.truth(attributes::DEFAULT_MEMBER_MODERATION);
    Ok(ctx.list.set_option(&user.address, options::MODERATE, moderated)?)
}

/// `SendSubscribeAck`
fn welcome(ctx: &mut MembershipContext<'_>, user: &UserDesc, text: &[u8]) -> Result<(), HandlerError> {
    let language = ctx.list.language_of(&user.address);
    let words = match ctx.has(Switch::WelcomeInMemberLanguage) {
        true => Words::new(ctx.site, &language),
        false => ctx.words(),
    };
    let fields = welcome_fields(ctx, user, &words, &language);
    let template = Template { name: "subscribeack.txt", values: &fields, language: Some(&language), raw: false };
    let text = [text, &template.for_list(ctx.list)?].concat();
    let mode = if user.is_digest() { words.say(" (Digest mode)") } else { ByteStr::default() };
    let values = [("realname", Value::Str(ctx.list.real_name())), ("digmode", Value::Str(mode))];
    let subject = words.fill("Welcome to the \"%(realname)s\" mailing list%(digmode)s", &values);
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let to = ctx.list.member_admin_address(&user.address);
    let mut notice = UserNotification::new(ctx.site, &[to], &ctx.list.request_address(), notice_text)?;
    notice.message.append("X-No-Archive", "yes");
    notice.send_with(ctx.list, ctx.outbox, ctx.personal())
}

fn welcome_fields(
    ctx: &MembershipContext<'_>,
    user: &UserDesc,
    words: &Words<'_>,
    language: &[u8],
) -> Vec<(&'static str, Value)> {
    let list = &ctx.list;
    let own = list.get(attributes::WELCOME_MSG).filter(|text| text.is_true());
    let charset = list.charset_of(language);
    let own = own.map(|text| [&to_bytes(&wrap_value(text), &charset)[..], b"\n"].concat()).unwrap_or_default();
    let address = list.member_admin_address(&user.address);
    let umbrella = match list.truth(attributes::UMBRELLA_LIST) {
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

fn tell_owners(ctx: &mut MembershipContext<'_>, user: &UserDesc, whence: &[u8]) -> Result<(), HandlerError> {
    let words = ctx.list_words();
    let realname = ctx.list.real_name();
    let values = [("realname", Value::Str(realname.clone()))];
    let subject = words.fill("%(realname)s subscription notification", &values);
    let member = formataddr(&shown(&user.name(), &ctx.list.charset()), &user.address);
    let mut fields = vec![("listname", realname), ("member", member)];
    if ctx.has(Switch::WhenceInAdminNotices) {
        fields.push(("whence", super::in_brackets(&words, Some(whence))));
    }
    let text = template_for_list(ctx.list, "adminsubscribeack.txt", &fields)?;
    UserNotification::to_owners(ctx.list, Some(&subject), Some(&text), true)?.send(ctx.list, ctx.outbox)
}
