//! Pages that ask for a password: of owners and moderators, of a member, of a reader of the archive.
//!
//! Answers to Mailman/Cgi/Auth.py and the login pages of options and private. Only the forms are here; who is let in is
//! decided in `auth`.

use super::response::Response;
use super::texts::Texts;
use super::widgets::{form, form_end, form_start, hidden, password_box, safe, submit, text_box};
use super::{Problem, Visit};
use crate::dns::Stub;
use crate::error::HandlerError;
use crate::membership::{password, MembershipContext};
use crate::notice::outbox;
use compat::list::MailList;
use compat::ByteStr;
use maud::{html, Markup};

impl<'v> Visit<'v> {
    /// Asks for the list's password. `front_page`: what was asked for does not come again after the login. With a
    /// message, which is an earlier attempt's, it has the status of a refusal.
    ///
    /// # Errors
    /// The site's template cannot be read.
    pub fn admin_login_page(
        &self,
        list: &MailList,
        front_page: bool,
        message: Option<&str>,
    ) -> Result<Response, Problem> {
        let texts = self.texts(&list.preferred_language());
        // edithtml asks as the administrator's pages do, and goes on where it was.
        let own = self.list_url(list, self.program);
        let path = if front_page { own } else { self.request_path_or(own) }.to_string();
        let who = texts.say(if self.program == "admindb" { "Moderator" } else { "Administrator" });
        let said = message.map(warning).unwrap_or_default();
        let real_name = list.real_name().to_string();
        let values =
            [("listname", safe(&real_name)), ("path", safe(&path)), ("message", said.clone()), ("who", safe(&who))];
        let status = if message.is_some() { self.denied_status() } else { 200 };
        if let Some(page) = self.template(&texts, list, "admlogin.html", Some(&values))? {
            let page = html! { (page) (self.footer(&texts, list)) };
            return Ok(self.html(&texts, &page).with_status(status));
        }
        let title = format!("{real_name} {who} {}", texts.say("Authentication"));
        let body = html! {
            h1 { (title) }
            (said)
            (form_start(&path, false))
            p.field { label for="adminpw" { (texts.fill("List %(who)s Password:", &[("who", &who)])) }
                (super::widgets::input("adminpw", "PASSWORD", "", &[("size", "30"), ("id", "adminpw")])) }
            p { (submit("admlogin", &texts.say("Let me in..."))) }
            (form_end())
            p.note { "Your browser must accept cookies, so that it need not ask for the password with every step." }
            (self.footer(&texts, list))
        };
        Ok(self.page(&texts, &title, body).with_status(status))
    }

    fn request_path_or(&self, otherwise: ByteStr) -> ByteStr {
        let path = self.request.full_path();
        if path.is_empty() {
            otherwise
        } else {
            path
        }
    }

    /// Asks a member for the password, and for the address where it is not known. `message` stands above the forms.
    pub fn options_login_page(
        &self,
        texts: &Texts<'_>,
        list: &MailList,
        user: Option<&[u8]>,
        message: Markup,
    ) -> Response {
        let action = self.list_url(list, "options").to_string();
        let real_name = list.real_name().to_string();
        let user = user.map(|user| texts.decode(user));
        let title = match &user {
            None => texts.fill("%(realname)s list: member options login page", &[("realname", &real_name)]),
            Some(user) => texts.fill(
                "%(realname)s list: member options for user %(safeuser)s",
                &[("realname", &real_name), ("safeuser", user)],
            ),
        };
        let known = html! { @if let Some(user) = &user { (hidden("email", user)) } };
        let languages = html! { (submit("displang-button", &texts.say("View this page in")))
        (self.language_choice(texts, list)) (known) };
        let body = html! {
            (message)
            h1 { (title) }
            @if list.offered_languages().len() > 1 { (form(&action, languages)) }
            (form(&action, self.options_login_fields(texts, user.as_deref())))
            (self.footer(texts, list))
        };
        self.page(texts, &title, body)
    }

    fn options_login_fields(&self, texts: &Texts<'_>, user: Option<&str>) -> Markup {
        let extra = if user.is_none() { texts.say("email address and ") } else { String::new() };
        html! {
            (hidden("language", &texts.language.to_string()))
            p { (texts.sentence(
                0xc703_fe3c_2104_ccb9,
                "Log in with your %(extra)smembership password to change your options. If you have forgotten the \
                 password, let it be mailed to you. To leave the list, you need no password: you will get an email that \
                 asks you to confirm. <p>Your browser must accept cookies.",
                &[("extra", safe(&extra))],
            )) }
            @match user {
                None => label.field { span { (texts.say("Email address:")) } (text_box("email", "", 20)) },
                Some(user) => (hidden("email", user)),
            }
            label.field { span { (texts.say("Password:")) } (password_box("password", 20)) }
            p { (submit("login", &texts.say("Log in"))) }
            h2 { (texts.say("Unsubscribe")) }
            p { (submit("login-unsub", &texts.say("Unsubscribe"))) }
            h2 { (texts.say("Password reminder")) }
            p { (submit("login-remind", &texts.say("Remind"))) }
        }
    }

    /// Asks a reader of a private archive for address and password; `action` is the full address of what is wanted.
    ///
    /// # Errors
    /// The site's template cannot be read.
    pub fn private_login_page(
        &self,
        list: &MailList,
        action: &str,
        message: Option<&str>,
    ) -> Result<Response, Problem> {
        let texts = self.texts(&list.preferred_language());
        let real_name = list.real_name().to_string();
        let said = message.map(|message| html! { strong { font size="+1" { (message) } } }).unwrap_or_default();
        let values = [("action", safe(action)), ("realname", safe(&real_name)), ("message", said.clone())];
        if let Some(page) = self.template(&texts, list, "private.html", Some(&values))? {
            return Ok(self.html(&texts, &page));
        }
        let title = format!("{real_name} {}", texts.say("Private Archives Authentication"));
        let body = html! {
            h1 { (title) }
            p role="status" { (said) }
            (form_start(action, false))
            label.field { span { (texts.say("Email address:")) } (text_box("username", "", 30)) }
            label.field { span { (texts.say("Password:")) } (password_box("password", 30)) }
            p { (submit("submit", &texts.say("Let me in..."))) }
            h2 { (texts.say("Password reminder")) }
            p { (submit("login-remind", &texts.say("Remind"))) }
            (form_end())
            (self.footer(&texts, list))
        };
        Ok(self.page(&texts, &title, body))
    }
}

impl Visit<'_> {
    /// Mails a member the password, for login pages whose visitor has forgotten it.
    ///
    /// # Errors
    /// The mail cannot be made or queued.
    pub fn mail_password(&self, list: &mut MailList, member: &ByteStr, language: &ByteStr) -> Result<(), Problem> {
        let mut outbox = outbox(self.site)?;
        let dns = Stub::new(self.site);
        let (site, language) = (self.site, language.clone());
        let mut ctx = MembershipContext { site, list, outbox: &mut outbox, dns: &dns, language };
        password::mail_to(&mut ctx, member)?;
        outbox.commit().map_err(HandlerError::from)?;
        Ok(())
    }
}

/// A message as Mailman marks one up that is important (`FontAttr(msg, color="#ff0000", size="+1")`).
pub fn warning(message: &str) -> Markup {
    html! { font color="#ff0000" size="+1" { (message) } }
}
