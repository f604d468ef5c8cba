//! Who may see the pages of a list's owner, and change something there.

use crate::auth::cookie;
use crate::auth::csrf::FormOf;
use crate::auth::AuthContext;
use crate::web::access::Access;
use crate::web::{Answer, Visit};
use compat::list::MailList;
use compat::site::Switch;
use compat::ByteStr;

/// Who may, and which fields only ask for a page.
pub(super) const ACCESS: Access = Access {
    contexts: &super::CONTEXTS,
    harmless: &["VARHELP", "adminpw", "admlogin", "letter", "chunk", "findmember", "legend"],
    form: FormOf::Admin,
    signed: Switch::CsrfTokenOnAdmin,
};

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
