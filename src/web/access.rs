//! Who may see a page that wants a password, and whether a form may change something there.
//!
//! Answers to the beginning of Mailman/Cgi/admin.py, admindb.py and edithtml.py, which differ in whose passwords they take
//! and in which fields need no signature.

use super::widgets::hidden;
use super::{Answer, Form, Problem, Visit};
use crate::auth::cookie::{Jar, SetCookie};
use crate::auth::csrf::FormOf;
use crate::auth::form_token::{self, Proof};
use crate::auth::{self, AuthContext};
use compat::list::{attributes, url_parts, MailList};
use compat::site::{settings, Switch};
use compat::ByteStr;
use maud::{html, Markup};

/// The rules of a page.
pub struct Access {
    /// Whose passwords let in, in the order in which they are tried.
    pub contexts: &'static [AuthContext],
    /// Fields that only say what to show, and need no signature.
    pub harmless: &'static [&'static str],
    /// Whose signatures count.
    pub form: FormOf<'static>,
    /// Since when the page's forms are signed.
    pub signed: Switch,
}

/// Somebody who was let in, with the cookie that is to be set, if one is.
pub struct Visitor {
    /// The value of the header line.
    pub cookie: Option<ByteStr>,
    /// The role in which access is given.
    pub actor: AuthContext,
}

fn password(form: &Form) -> Option<&ByteStr> {
    form.get("adminpw").filter(|password| !password.is_empty())
}

impl Access {
    /// Whether a request may change something: its form has our signature, or brings the password, or has no field that
    /// could change anything. Forms of older versions have no signature: there the browser's word counts.
    ///
    /// # Errors
    /// The key that signs cannot be read.
    pub fn proof(&self, visit: &Visit<'_>, list: &MailList, form: &Form) -> Result<Proof, Problem> {
        let is_harmless = || form.fields().all(|field| self.harmless.iter().any(|name| field.name == *name.as_bytes()));
        if visit.password_is_token(form, "adminpw") || is_harmless() {
            return Ok(Proof::Page);
        }
        match visit.has(self.signed) {
            true => visit.form_proof(list, form, self.form),
            false => Ok(visit.unsigned_proof(list)),
        }
    }

    /// Lets somebody in by a cookie or by the field `adminpw`. Where versions that sign are given a password, nothing else
    /// counts.
    ///
    /// # Errors
    /// Too many passwords were wrong; one of an old form cannot be stored in the new one.
    pub fn log_in(&self, visit: &Visit<'_>, list: &mut MailList, form: &Form) -> Result<Option<Visitor>, Problem> {
        let given = password(form).cloned().unwrap_or_default();
        let jar = match visit.has(self.signed) && !given.is_empty() {
            true => Jar::default(),
            false => Jar::parse(&visit.request.cookies),
        };
        visit.slow_down(None, list.name(), &given)?;
        let Some(login) = auth::log_in(list, &jar, self.contexts, &given, None) else { return Ok(None) };
        visit.act_as(login.context.title());
        if login.renewed {
            auth::password::keep_new_form(list, Some(visit.lock_timeout()))?;
        }
        Ok(Some(Visitor { cookie: login.cookie.as_ref().map(SetCookie::header_value), actor: login.context }))
    }
}

impl Visit<'_> {
    /// The login page for owners and moderators, after a wrong password with a word about it.
    ///
    /// # Errors
    /// The site's template cannot be read.
    pub fn admin_refusal(&self, list: &MailList, form: &Form) -> Answer {
        if !form.has("adminpw") {
            return self.admin_login_page(list, false, None);
        }
        self.log_denied(None, list.name(), &form.value("adminpw"));
        let message = self.texts(&list.preferred_language()).say("Authorization failed.");
        self.admin_login_page(list, false, Some(&message))
    }
}

impl Visit<'_> {
    /// Whether the password in a field stands in for the token of a form, as programs rely on
    /// (`MAILMAN2_RS_WEB_PASSWORD_AS_TOKEN`).
    pub fn password_is_token(&self, form: &Form, field: &str) -> bool {
        let is_in_address = || self.request.url_parameters().has(field);
        let setting = self.site.settings.optional_str(settings::MAILMAN2_RS_WEB_PASSWORD_AS_TOKEN);
        if !form.value(field).is_empty() && is_in_address() {
            self.warn_of_password_in_address();
        }
        !form.value(field).is_empty()
            && match setting.as_deref() {
                Some(b"never") => false,
                Some(b"post") => self.request.is_post() && !is_in_address(),
                _ => true,
            }
    }

    /// What a request shows that has no token, in versions whose forms have none: whether another site made the browser
    /// send it. A browser says where it comes from with each form, and with each address that is followed from a page of
    /// ours; a program need not say anything.
    pub fn unsigned_proof(&self, list: &MailList) -> Proof {
        let request = self.request;
        let url = list.str(attributes::WEB_PAGE_URL);
        let own = [request.host.clone().unwrap_or_default(), url_parts(&url).1.into()];
        let is_ours = |url: &ByteStr| {
            let host = url_parts(url).1.to_ascii_lowercase();
            !host.is_empty() && own.iter().any(|own| own.eq_ignore_ascii_case(&host))
        };
        let is_ours = match (&request.fetch_site, &request.origin, &request.referer) {
            (Some(site), _, _) => matches!(&site[..], b"same-origin" | b"none"),
            (None, Some(origin), _) => is_ours(origin),
            (None, None, Some(referer)) => is_ours(referer),
            (None, None, None) => !request.is_of_browser(),
        };
        if is_ours {
            Proof::Page
        } else {
            Proof::None
        }
    }

    /// What the token of a form shows.
    ///
    /// # Errors
    /// The key that signs cannot be read or made.
    pub fn form_proof(&self, list: &MailList, form: &Form, page: FormOf<'_>) -> Result<Proof, Problem> {
        Ok(form_token::check(list, &form.value("csrf_token"), page)?)
    }

    /// The token of a form that somebody is shown who was let in as this; `None` where nobody could sign it.
    ///
    /// # Errors
    /// The key that signs cannot be read or made.
    pub fn form_token(&self, list: &MailList, page: FormOf<'_>, actor: AuthContext) -> Result<Option<String>, Problem> {
        Ok(form_token::token(list, page, actor)?)
    }

    /// The hidden field with it, in versions whose forms have one.
    ///
    /// # Errors
    /// The key that signs cannot be read or made.
    pub fn token_field(
        &self,
        list: &MailList,
        page: FormOf<'_>,
        signed: Switch,
        actor: AuthContext,
    ) -> Result<Markup, Problem> {
        let token = if self.has(signed) { self.form_token(list, page, actor)? } else { None };
        Ok(html! { @if let Some(token) = token { (hidden("csrf_token", &token)) } })
    }
}
