//! Who may see the pages of a list's owner, and change something there.

use super::CONTEXTS;
use crate::auth::cookie::{self, Jar, SetCookie};
use crate::auth::{self, csrf, AuthContext};
use crate::web::{Answer, Form, Problem, Visit};
use compat::list::MailList;
use compat::site::Switch;
use compat::ByteStr;

/// Fields that ask for a page only, and need no signature.
const HARMLESS: [&str; 7] = ["VARHELP", "adminpw", "admlogin", "letter", "chunk", "findmember", "legend"];

fn password(form: &Form) -> Option<&ByteStr> {
    form.get("adminpw").filter(|password| !password.is_empty())
}

/// Whether a request may change something: its form has our signature, or brings the password, or asks for nothing that
/// changes anything. Older versions do not ask.
pub(super) fn is_genuine(visit: &Visit<'_>, list: &MailList, form: &Form) -> bool {
    let is_harmless = || form.fields().all(|field| HARMLESS.iter().any(|name| field.name == *name.as_bytes()));
    !visit.has(Switch::CsrfTokenOnAdmin)
        || password(form).is_some()
        || is_harmless()
        || csrf::is_valid(list, &form.value("csrf_token"), csrf::FormOf::Admin)
}

/// Lets somebody in; the value of the cookie that is to be set, if one is. Where newer versions are given a password,
/// nothing else counts.
///
/// # Errors
/// A password of an old form cannot be stored in the new one.
pub(super) fn log_in(visit: &Visit<'_>, list: &mut MailList, form: &Form) -> Result<Option<Option<ByteStr>>, Problem> {
    let given = password(form).cloned().unwrap_or_default();
    let jar = match visit.has(Switch::CsrfTokenOnAdmin) && !given.is_empty() {
        true => Jar::default(),
        false => Jar::parse(&visit.request.cookies),
    };
    let Some(login) = auth::log_in(list, &jar, &CONTEXTS, &given, None) else { return Ok(None) };
    if login.renewed {
        auth::password::keep_new_form(list, Some(visit.lock_timeout()))?;
    }
    Ok(Some(login.cookie.as_ref().map(SetCookie::header_value)))
}

/// The login page, after a wrong password with a word about it.
///
/// # Errors
/// The site's template cannot be read.
pub(super) fn refusal(visit: &Visit<'_>, list: &MailList, form: &Form) -> Answer {
    if !form.has("adminpw") {
        return visit.admin_login_page(list, false, None);
    }
    visit.log_denied(None, list.name());
    let message = visit.texts(&list.preferred_language()).say("Authorization failed.");
    visit.admin_login_page(list, false, Some(&message))
}

/// Ends the cookies, also the site's where newer versions set it.
///
/// # Errors
/// The site's template cannot be read.
pub(super) fn log_out(visit: &Visit<'_>, list: &MailList, mut cookies: Vec<ByteStr>) -> Answer {
    let of_site = cookie::end(list, AuthContext::SiteAdmin, None);
    let of_site = of_site.filter(|cookie| cookie.name == "site" && visit.has(Switch::LogoutEndsSite));
    let of_list = cookie::end(list, AuthContext::ListAdmin, None);
    cookies.extend(of_site.into_iter().chain(of_list).map(|cookie| cookie.header_value()));
    Ok(visit.admin_login_page(list, true, None)?.with_cookies(cookies))
}
