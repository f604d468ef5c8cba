//! `subscribe`: the form on a list's page that asks to join.
//!
//! Answers to Mailman/Cgi/subscribe.py. The list is locked and saved with every request, also where nothing comes of it.
//! On a list whose members not everybody may see, the answer is the same whatever came of the request.

use super::widgets::safe;
use super::{Answer, Blanks, Form, Problem, Response, Texts, Visit};
use crate::dns::Stub;
use crate::lists::options::references;
use crate::membership::{MembershipContext, Refused, UserDesc};
use crate::moderation::requests::{join, Outcome};
use crate::notice::{outbox, save_with_mail, NoticeText, UserNotification, Words};
use compat::list::{attributes, LockedList, MailList};
use compat::queue::Outbox;
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;
use maud::{html, Markup, PreEscaped};

const ALERT: &str = "\
An attempt was made to subscribe your address to the mailing list
%(listaddr)s.  You are already subscribed to this mailing list.

Note that the list membership is not public, so it is possible that a bad
person was trying to probe the list for its membership.  This would be a
privacy violation if we let them do this, but we didn't.

If you submitted the subscription request and forgot that you were already
subscribed to the list, then you can ignore this message.  If you suspect that
an attempt is being made to covertly discover whether you are a member of this
list, and you are worried about your privacy, then feel free to send a message
to the list administrator at %(listowner)s.
";

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let list = visit.list()?;
    let form = visit.form(Blanks::Dropped)?;
    let texts = visit.texts(&visit.language(&form, &list));
    visit.limit("subscribe", &form.stripped("email"))?;
    let mut list = visit.lock(list)?;
    let mut outbox = outbox(visit.site)?;
    let result = process(visit, &texts, &mut list, &mut outbox, &form)?;
    let page = results_page(visit, &texts, &list, result)?;
    save_with_mail(&mut list, &mut outbox)?;
    Ok(page)
}

/// What comes of the form, as a message.
fn process(
    visit: &Visit<'_>,
    texts: &Texts<'_>,
    list: &mut LockedList,
    outbox: &mut Outbox,
    form: &Form,
) -> Result<Markup, Problem> {
    let mut complaints = Vec::new();
    let strips = visit.has(Switch::SubscribeStripped);
    let email = if strips { form.stripped("email") } else { form.value("email") };
    if email.is_empty() {
        complaints.push(safe(&texts.say("You must supply a valid email address.")));
    }
    complaints.extend(recaptcha_complaint(visit, texts));
    complaints.extend(visit.guard_complaints(texts, list, form));
    if email == list.posting_address() {
        visit.log("mischief", &[b"Attempt to self subscribe ", &email, b": ", &visit.remote()]);
        complaints.push(safe(&texts.say("You may not subscribe a list to itself!")));
    }
    let password = chosen_password(texts, list, form, strips).unwrap_or_else(|complaint| {
        complaints.push(complaint);
        ByteStr::default()
    });
    if !complaints.is_empty() {
        return Ok(joined(&complaints));
    }
    let name = references::resolved(&Value::Str(form.value("fullname")), &texts.charset);
    let user = UserDesc {
        fullname: Some(Value::Unicode(name)),
        password: Some(Value::Str(password)),
        digest: Some(digest_mode(list, form)),
        language: Some(visit.language_value(form, list)),
        ..UserDesc::new(email.clone())
    };
    let remote = visit.remote();
    let dns = Stub::new(visit.site);
    let mut ctx = MembershipContext { site: visit.site, list, outbox, dns: &dns, language: texts.language.clone() };
    let outcome = join(&mut ctx, user, Some(&remote));
    told(&mut ctx, texts, &email, outcome)
}

fn joined(complaints: &[Markup]) -> Markup {
    html! { @for (at, complaint) in complaints.iter().enumerate() { @if at > 0 { "\n\n" (PreEscaped("<p>")) } (complaint) } }
}

/// Google is never asked; who has set a key for it is told so, and nobody is let in unasked.
fn recaptcha_complaint(visit: &Visit<'_>, texts: &Texts<'_>) -> Option<Markup> {
    visit.site.settings.optional_str(settings::RECAPTCHA_SECRET_KEY)?;
    visit.log("error", &[b"subscribe: RECAPTCHA_SECRET_KEY is set, but reCAPTCHA cannot be asked by this program"]);
    let reason = [("e_reason", "it cannot be asked by this program")];
    Some(safe(&texts.fill("reCAPTCHA could not be validated: %(e_reason)s", &reason)))
}

/// The password that was given twice, or a random one; or what is wrong with it.
fn chosen_password(texts: &Texts<'_>, list: &MailList, form: &Form, strips: bool) -> Result<ByteStr, Markup> {
    let field = |name: &str| if strips { form.stripped(name) } else { form.value(name) };
    let (password, again) = (field("pw"), field("pw-conf"));
    match (password.is_empty(), again.is_empty()) {
        (true, true) => Ok(list.random_password()),
        (false, false) if password == again => Ok(password),
        (false, false) => Err(safe(&texts.say("Your passwords did not match."))),
        _ => Err(safe(&texts.say("If you supply a password, you must confirm it."))),
    }
}

/// Whether digests are wanted; what the list does not have is not to be had.
fn digest_mode(list: &MailList, form: &Form) -> Value {
    if !list.truth(attributes::DIGESTABLE) {
        return Value::Int(0);
    }
    if !list.truth(attributes::NONDIGESTABLE) {
        return Value::Int(1);
    }
    match form.has("digest") {
        true => Value::Int(form.int("digest").unwrap_or(0)),
        false => list.get(attributes::DIGEST_IS_DEFAULT).cloned().unwrap_or(Value::Int(0)),
    }
}

/// What is said about the outcome.
fn told(
    ctx: &mut MembershipContext<'_>,
    texts: &Texts<'_>,
    email: &ByteStr,
    outcome: Result<Outcome, Refused>,
) -> Result<Markup, Problem> {
    let is_private = ctx.list.choice(attributes::PRIVATE_ROSTER) != 0;
    let owner = ("listowner", safe(&ctx.list.owner_address().to_string()));
    let message = match outcome {
        Err(Refused::Banned { .. }) => texts.sentence(
            0x663a_95e8_f203_5108,
            "This email address is banned from this mailing list. If you think that this is a mistake, write to the list \
             owners at %(listowner)s.",
            &[owner],
        ),
        Err(Refused::BadEmail) => texts.sentence(
            0x0931_1d16_6e1a_03e7,
            "This is not a valid email address. (It must contain an `@', for instance.)",
            &[],
        ),
        Err(Refused::HostileAddress) => texts.sentence(
            0x4a5a_8878_1c27_c393,
            "Your subscription is not allowed: there are characters in this email address that are not secure.",
            &[],
        ),
        Err(Refused::AlreadyPending) => safe(&texts.say("You already have a subscription pending confirmation")),
        Err(Refused::CantDigest) => safe(&texts.say("This list does not support digest delivery.")),
        Err(Refused::MustDigest) => safe(&texts.say("This list only supports digest delivery.")),
        Err(Refused::AlreadyMember) if is_private => {
            alert(ctx, texts, email)?;
            neutral(texts)
        }
        Ok(_) if is_private => neutral(texts),
        outcome => plainly(ctx.list, texts, email, outcome)?,
    };
    Ok(message)
}

/// What anybody may know of a list with a public roster.
fn plainly(
    list: &MailList,
    texts: &Texts<'_>,
    email: &ByteStr,
    outcome: Result<Outcome, Refused>,
) -> Result<Markup, Problem> {
    Ok(match outcome {
        Ok(Outcome::Done) => texts.sentence(
            0x564a_0899_90bd_419c,
            "You are now subscribed to the %(realname)s mailing list.",
            &[("realname", safe(&list.real_name().to_string()))],
        ),
        Ok(Outcome::ConfirmationSent) => texts.sentence(
            0xb6ba_730c_0298_d31e,
            "Confirmation is required, so that nobody can subscribe you without your permission: an email to %(email)s \
             says how. You are not subscribed until you have confirmed.",
            &[("email", safe(&texts.decode(email)))],
        ),
        Ok(Outcome::AwaitsModerator { reason }) => texts.sentence(
            0xf93a_d400_c862_8998,
            "Your request waits for the list moderator, because %(x)s. An email will tell you what was decided.",
            &[("x", safe(&texts.decode(&reason)))],
        ),
        Err(Refused::AlreadyMember) => safe(&texts.say("You are already subscribed.")),
        Err(other) => return Err(other.into()),
    })
}

fn neutral(texts: &Texts<'_>) -> Markup {
    texts.sentence(
        0x8c74_930e_aa6f_ef47,
        "Your subscription request has been received and will soon be acted upon. It may have to be confirmed by email, \
         or approved by the list moderator; if it has to be confirmed, you will soon get an email that says how.",
        &[],
    )
}

/// Tells a member that somebody tried to find out about the membership.
fn alert(ctx: &mut MembershipContext<'_>, texts: &Texts<'_>, email: &ByteStr) -> Result<(), Problem> {
    let wanted = ctx.site.settings.get(settings::WARN_MEMBER_OF_SUBSCRIBE).is_none_or(Value::is_true);
    if !wanted && ctx.site.profile.has(Switch::PrivacyAlertOptional) {
        return Ok(());
    }
    let language = ctx.list.language_of(email);
    let words = Words::new(ctx.site, &language);
    let values =
        [("listaddr", Value::Str(ctx.list.posting_address())), ("listowner", Value::Str(ctx.list.owner_address()))];
    let (subject, text) = (words.say("Mailman privacy alert"), words.fill(ALERT, &values));
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let to = ctx.list.case_preserved(email).unwrap_or_else(|| texts.decode(email).into());
    let notice = UserNotification::new(ctx.site, &[to], &ctx.list.bounces_address(), notice_text)?;
    Ok(notice.send(ctx.list, ctx.outbox)?)
}

fn results_page(visit: &Visit<'_>, texts: &Texts<'_>, list: &MailList, result: Markup) -> Result<Response, Problem> {
    let mut tags = visit.standard_tags(texts, list);
    tags.set("mm-results", result.clone());
    if let Some(page) = visit.tag_page(texts, list, "subscribe.html", &tags)? {
        return Ok(page);
    }
    let title = format!("{} Subscription results", list.real_name());
    let body = html! {
        h1 { (title) }
        p.done role="status" { (result) }
        (visit.footer(texts, list))
    };
    Ok(visit.page(texts, &title, body))
}
