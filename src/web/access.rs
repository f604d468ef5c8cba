//! Who may see a page that wants a password, and whether a form may change something there.
//!
//! Answers to the beginning of Mailman/Cgi/admin.py, admindb.py and edithtml.py, which differ in whose passwords they take
//! and in which fields need no signature.

use super::{Answer, Form, Problem, Visit};
use crate::auth::cookie::{Jar, SetCookie};
use crate::auth::csrf::{self, FormOf};
use crate::auth::{self, AuthContext};
use compat::list::MailList;
use compat::site::Switch;
use compat::ByteStr;

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
}

fn password(form: &Form) -> Option<&ByteStr> {
    form.get("adminpw").filter(|password| !password.is_empty())
}

impl Access {
    /// Whether a request may change something: its form has our signature, or brings the password, or has no field that
    /// could change anything. Older versions do not ask.
    pub fn is_genuine(&self, visit: &Visit<'_>, list: &MailList, form: &Form) -> bool {
        let is_harmless = || form.fields().all(|field| self.harmless.iter().any(|name| field.name == *name.as_bytes()));
        !visit.has(self.signed)
            || password(form).is_some()
            || is_harmless()
            || csrf::is_valid(list, &form.value("csrf_token"), self.form)
    }

    /// Lets somebody in by a cookie or by the field `adminpw`. Where versions that sign are given a password, nothing else
    /// counts.
    ///
    /// # Errors
    /// A password of an old form cannot be stored in the new one.
    pub fn log_in(&self, visit: &Visit<'_>, list: &mut MailList, form: &Form) -> Result<Option<Visitor>, Problem> {
        let given = password(form).cloned().unwrap_or_default();
        let jar = match visit.has(self.signed) && !given.is_empty() {
            true => Jar::default(),
            false => Jar::parse(&visit.request.cookies),
        };
        let Some(login) = auth::log_in(list, &jar, self.contexts, &given, None) else { return Ok(None) };
        if login.renewed {
            auth::password::keep_new_form(list, Some(visit.lock_timeout()))?;
        }
        Ok(Some(Visitor { cookie: login.cookie.as_ref().map(SetCookie::header_value) }))
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
        self.log_denied(None, list.name());
        let message = self.texts(&list.preferred_language()).say("Authorization failed.");
        self.admin_login_page(list, false, Some(&message))
    }
}
