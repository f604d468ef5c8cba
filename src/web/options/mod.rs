//! `options`: a member's own page.
//!
//! Answers to Mailman/Cgi/options.py. Whoever knows the member's password, or that of the list or the site, sees the options
//! and changes them; without a password one can only ask for it by mail, or ask by mail to leave. Where the roster is
//! not public, no answer tells whether an address is on the list.

mod choices;
mod identity;
mod page;

use super::login::warning;
use super::widgets::safe;
use super::{Answer, Blanks, Form, Problem, Response, Texts, Visit};
use crate::auth::cookie::{self, Jar, SetCookie};
use crate::auth::csrf::FormOf;
use crate::auth::form_token::Proof;
use crate::auth::{log_in, AuthContext};
use crate::dns::Stub;
use crate::membership::admission::with_lower_domain;
use crate::membership::{leave, MembershipContext, Refused};
use crate::moderation::requests::hold_unsubscription;
use crate::notice::{outbox, save_with_mail};
use compat::format::url::{unobscure, unquote_plus};
use compat::list::{attributes, MailList};
use compat::site::{settings, Switch};
use compat::ByteStr;
use maud::{html, Markup};

/// The fields that change nothing: a request with no others needs no token.
const HARMLESS: [&str; 9] = [
    "displang-button",
    "language",
    "email",
    "password",
    "login",
    "login-unsub",
    "login-remind",
    "VARHELP",
    "UserOptions",
];

/// The buttons behind which the list changes, so that it is locked for the whole request.
const CHANGING: [&str; 4] = ["change-of-address", "changepw", "unsub", "options-submit"];

/// Answers the request.
///
/// # Errors
/// The page cannot be shown; see [`Problem`].
pub fn answer(visit: &Visit<'_>) -> Answer {
    let parts = visit.path();
    let list = visit.list_named(parts.first().ok_or(Problem::InvalidOptions)?)?;
    let form = visit.form(Blanks::Kept)?;
    let texts = visit.texts(&visit.language(&form, &list));
    let user = match parts.get(1..).unwrap_or_default() {
        [] => address_in(visit, &form),
        rest => with_lower_domain(&unobscure(&rest.join(&b"/"[..]))),
    };
    if user.is_empty() {
        let asked = ["login", "login-unsub", "login-remind"].iter().any(|button| !form.value(button).is_empty());
        let message = if asked { error(&texts.say("No address given")) } else { Markup::default() };
        return Ok(visit.options_login_page(&texts, &list, None, message));
    }
    if !list.is_valid_email(&user) {
        let message = error(&texts.say("Illegal Email Address"));
        return Ok(visit.options_login_page(&texts, &list, None, message));
    }
    if !list.is_member(&user) && list.choice(attributes::PRIVATE_ROSTER) == 0 {
        return Ok(visit.options_login_page(&texts, &list, None, no_such_member(&texts, &user)));
    }
    at_the_door(visit, list, &form, &texts, user)
}

fn address_in(visit: &Visit<'_>, form: &Form) -> ByteStr {
    if visit.has(Switch::LoginStripped) {
        form.stripped("email")
    } else {
        form.value("email")
    }
}

/// What needs no password, and the login.
fn at_the_door(visit: &Visit<'_>, mut list: MailList, form: &Form, texts: &Texts<'_>, user: ByteStr) -> Answer {
    let chosen = form.get("language").filter(|language| visit.site.is_language(language)).cloned();
    let language = chosen.unwrap_or_else(|| list.language_of(&user));
    let own = visit.texts(&language);
    if form.has("login-unsub") {
        visit.limit("login-unsub", &user)?;
        return ask_to_leave(visit, texts, &own, list, &user);
    }
    if form.has("login-remind") {
        visit.limit("login-remind", &user)?;
        let message = remind(visit, &own, &mut list, &user)?;
        return Ok(visit.options_login_page(texts, &list, Some(&user), message));
    }
    let proof = proof(visit, &list, form, &user)?;
    visit.slow_down(Some(&user), list.name(), &form.stripped("password"))?;
    let Some(login) = Login::of(visit, &mut list, form, &user) else {
        return Ok(refused(visit, &list, form, texts, &own, &user));
    };
    if !list.is_member(&user) {
        return Ok(visit.options_login_page(texts, &list, Some(&user), Markup::default()));
    }
    let mut cookies = login.cookies;
    let mut member = Member {
        visit,
        form,
        texts: own,
        shown_in: texts,
        user,
        may_act_elsewhere: login.is_member_or_site,
        actor: login.actor,
        notes: Vec::new(),
        cookies: Vec::new(),
    };
    let response = if proof.is_good_for(login.actor) { member.act(list)? } else { member.form_expired(&list)? };
    cookies.append(&mut member.cookies);
    Ok(response.with_cookies(cookies.iter().map(SetCookie::header_value)))
}

/// Whether what is asked for may be done: it changes nothing, or comes from a form that we made for this member, or
/// with the password.
fn proof(visit: &Visit<'_>, list: &MailList, form: &Form, user: &[u8]) -> Result<Proof, Problem> {
    let is_harmless = |name: &ByteStr| HARMLESS.iter().any(|harmless| harmless.as_bytes() == &name[..]);
    if visit.password_is_token(form, "password") || form.fields().all(|field| is_harmless(&field.name)) {
        return Ok(Proof::Page);
    }
    match visit.has(Switch::CsrfTokenOnAllForms) {
        true => visit.form_proof(list, form, FormOf::Options(user)),
        false => Ok(visit.unsigned_proof(list)),
    }
}

/// Who is let in.
struct Login {
    /// The member, or the site's administrator: they may change things on other lists too.
    is_member_or_site: bool,
    /// The role in which access is given.
    actor: AuthContext,
    cookies: Vec<SetCookie>,
}

impl Login {
    fn of(visit: &Visit<'_>, list: &mut MailList, form: &Form, user: &ByteStr) -> Option<Login> {
        let voids = visit.has(Switch::CsrfTokenOnAllForms) && !form.value("password").is_empty();
        let jar = if voids { Jar::default() } else { Jar::parse(&visit.request.cookies) };
        let password = form.stripped("password");
        let mut own = vec![AuthContext::User];
        if visit.site.settings.truth(settings::ALLOW_SITE_ADMIN_COOKIES) {
            own.push(AuthContext::SiteAdmin);
        }
        let staff = [AuthContext::ListAdmin, AuthContext::SiteAdmin];
        let mut enter = |contexts: &[AuthContext]| log_in(list, &jar, contexts, &password, Some(user));
        let (login, is_member_or_site) = match enter(&own) {
            Some(login) => (login, true),
            None => (enter(&staff)?, false),
        };
        visit.act_as(login.context.title());
        Some(Login { is_member_or_site, actor: login.context, cookies: login.cookie.into_iter().collect() })
    }
}

/// The login page again, after a wrong password with the status of a refusal.
fn refused(
    visit: &Visit<'_>,
    list: &MailList,
    form: &Form,
    texts: &Texts<'_>,
    own: &Texts<'_>,
    user: &ByteStr,
) -> Response {
    if !form.has("password") {
        return visit.options_login_page(texts, list, Some(user), Markup::default());
    }
    let message = error(&own.say("Authentication failed."));
    let is_private = list.choice(attributes::PRIVATE_ROSTER) != 0;
    let is_logged = logs_strangers(visit) || list.is_member(user);
    match is_logged {
        true => visit.log_denied(Some(user), list.name(), &form.stripped("password")),
        false => visit.count_wrong_password(list.name()),
    }
    if is_private && is_logged {
        let start: &[u8] = b"Login failure with private rosters: ";
        match visit.has(Switch::AuthFailuresLogged) {
            true => visit.log("mischief", &[start, user, b" from ", &visit.remote()]),
            false => visit.log("mischief", &[start, user]),
        }
    }
    let user = (!is_private).then_some(&user[..]);
    visit.options_login_page(texts, list, user, message).with_status(visit.denied_status())
}

/// Whether the logs tell of addresses that are not on the list. Newer versions answer these with nothing at all, which tells
/// a stranger who is on it, and log nothing; here they get a member's answer.
fn logs_strangers(visit: &Visit<'_>) -> bool {
    !visit.has(Switch::OptionsOfStrangers)
}

/// Asks by mail whether somebody wants to leave, or holds the request where the list wants that.
fn ask_to_leave(visit: &Visit<'_>, shown_in: &Texts<'_>, texts: &Texts<'_>, list: MailList, user: &ByteStr) -> Answer {
    let is_held = list.truth(attributes::UNSUBSCRIBE_POLICY);
    let answer = said_of_leaving(texts, is_held);
    if !list.is_member(user) {
        if logs_strangers(visit) {
            visit.log("mischief", &[b"Unsub attempt of non-member w/ private rosters: ", user]);
        }
        return Ok(visit.options_login_page(shown_in, &list, Some(user), answer));
    }
    let mut list = visit.lock(list)?;
    let mut outbox = outbox(visit.site)?;
    let dns = Stub::new(visit.site);
    let mut ctx = MembershipContext {
        site: visit.site,
        list: &mut list,
        outbox: &mut outbox,
        dns: &dns,
        language: texts.language.clone(),
    };
    let remote = visit.remote();
    let whence = visit.has(Switch::OptionsUnsubWhence).then_some(&remote[..]);
    let outcome = match is_held {
        true => hold_unsubscription(&mut ctx, user).map_err(Refused::from),
        false => leave::confirm_unsubscription(&mut ctx, user, Some(&texts.language), whence),
    };
    let answer = match outcome {
        Ok(()) => {
            save_with_mail(&mut list, &mut outbox)?;
            answer
        }
        // That would say that somebody is a member.
        Err(Refused::AlreadyPending) if list.choice(attributes::PRIVATE_ROSTER) != 0 => answer,
        Err(Refused::AlreadyPending) => error(&texts.say("You already have a subscription pending confirmation")),
        Err(other) => return Err(other.into()),
    };
    Ok(visit.options_login_page(shown_in, &list, Some(user), answer))
}

/// The same for members and for others.
fn said_of_leaving(texts: &Texts<'_>, is_held: bool) -> Markup {
    let text = match is_held {
        true => texts.sentence(
            0x3f03_e52d_3d1b_9c69,
            "If you are a member of this list, your request to leave waits for the list administrator.",
            &[],
        ),
        false => safe(&texts.say("If you are a list member, a confirmation email has been sent.")),
    };
    note_without_tag(text)
}

/// Mails the password.
fn remind(visit: &Visit<'_>, texts: &Texts<'_>, list: &mut MailList, user: &ByteStr) -> Result<Markup, Problem> {
    if list.is_member(user) {
        visit.mail_password(list, user, &texts.language)?;
    } else if logs_strangers(visit) {
        visit.log("mischief", &[b"Reminder attempt of non-member w/ private rosters: ", user]);
    }
    Ok(note_without_tag(texts.sentence(
        0x18a7_6e51_d071_8d05,
        "If you are a member of this list, your password is on its way to you by email.",
        &[],
    )))
}

/// Somebody who is let in, and the request.
struct Member<'r, 'v> {
    visit: &'r Visit<'v>,
    form: &'r Form,
    /// The texts of the member's language, or of the one that the form asks for.
    texts: Texts<'v>,
    /// The texts of the login page.
    shown_in: &'r Texts<'v>,
    /// The address as it was typed.
    user: ByteStr,
    may_act_elsewhere: bool,
    /// In which capacity the visitor acts.
    actor: AuthContext,
    /// What was refused beside what was done; stands above the page.
    notes: Vec<Markup>,
    cookies: Vec<SetCookie>,
}

impl Member<'_, '_> {
    /// Does what the first known button asks for.
    fn act(&mut self, mut list: MailList) -> Answer {
        if let Some(topic) = self.topic_asked() {
            let message = page::topic(&self.texts, &list, &topic);
            return self.page(&list, message);
        }
        if self.form.has("logout") {
            self.cookies.extend(cookie::end(&list, AuthContext::User, Some(&self.user)));
            return Ok(self.visit.options_login_page(self.shown_in, &list, Some(&self.user), Markup::default()));
        }
        if self.form.has("emailpw") {
            self.visit.mail_password(&mut list, &self.user, &self.texts.language)?;
            let message = self.texts.say("A reminder of your password has been emailed to you.");
            return self.page(&list, safe(&message));
        }
        if self.form.has("othersubs") {
            return identity::other_subscriptions(self, &list);
        }
        match CHANGING.iter().find(|button| self.form.has(button)) {
            Some(button) => self.change(list, button),
            None => self.page(&list, Markup::default()),
        }
    }

    fn change(&mut self, list: MailList, button: &str) -> Answer {
        let mut list = self.visit.lock(list)?;
        let message = match button {
            "change-of-address" => identity::change_address(self, &mut list)?,
            "changepw" => identity::change_password(self, &mut list)?,
            "unsub" => match identity::leave(self, &mut list)? {
                Ok(page) => return Ok(page),
                Err(message) => message,
            },
            _ => choices::change(self, &mut list)?,
        };
        self.page(&list, message)
    }

    /// The topic whose description is asked for, from the form or the address.
    fn topic_asked(&self) -> Option<ByteStr> {
        let from_form = self.form.get("VARHELP").cloned();
        let mut topic = from_form.or_else(|| self.visit.request.url_parameters().get("VARHELP").cloned())?;
        // An address may have been quoted more than once.
        while topic.contains(&b'%') {
            let plain = unquote_plus(&topic);
            if plain == topic {
                break;
            }
            topic = plain;
        }
        let end = topic.iter().position(|&byte| byte == b'<').unwrap_or(topic.len());
        let topic = ByteStr::from(&topic[..end]);
        (!topic.is_empty()).then_some(topic)
    }

    fn form_expired(&mut self, list: &MailList) -> Answer {
        let message = self.texts.say("The form lifetime has expired. (request forgery check)");
        self.notes.push(error(&message));
        self.page(list, Markup::default())
    }

    fn page(&self, list: &MailList, message: Markup) -> Answer {
        page::options_page(self, list, message)
    }

    fn note(&mut self, text: Markup) {
        self.notes.push(tagged(&self.texts.say("Note: "), text));
    }
}

/// An error above a page (`Document.addError`).
fn error(message: &str) -> Markup {
    tagged("Error: ", safe(message))
}

fn no_such_member(texts: &Texts<'_>, user: &[u8]) -> Markup {
    error(&texts.fill("No such member: %(safeuser)s.", &[("safeuser", &texts.decode(user))]))
}

fn tagged(tag: &str, text: Markup) -> Markup {
    html! { h3 role="alert" { strong { (warning(tag)) em { (text) } } } }
}

fn note_without_tag(text: Markup) -> Markup {
    html! { h3 role="status" { em { (text) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_domains_lose_their_capitals() {
        assert_eq!(with_lower_domain(&"Anna@Example.ORG".into()), "Anna@example.org");
        assert_eq!(with_lower_domain(&"Anna".into()), "Anna");
    }
}
