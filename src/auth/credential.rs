//! The name and the secret of a context on a list (`SecurityManager.AuthContextInfo`).

use super::password::{site_secret, SitePassword};
use super::AuthContext;
use compat::format::url;
use compat::list::{attributes, Attribute, MailList};
use compat::names::Text;
use compat::site::settings;
use compat::value::Value;
use compat::ByteStr;

/// What the cookie of a context is called, and what it is signed with.
pub struct Credential {
    /// The cookie's name: `LIST+admin`, `LIST+user+anna--at--example.org`, `site`.
    pub key: ByteStr,
    /// The stored password; never empty.
    pub secret: ByteStr,
}

/// The credential of a context; `None` where the list or the site has no password for it, or the user is no member.
/// The user counts for [`AuthContext::User`] only, and may be written as in a URL.
pub fn credential(list: &MailList, context: AuthContext, user: Option<&[u8]>) -> Option<Credential> {
    let secret = match context {
        AuthContext::User => list.password_of(&address_of(user?)),
        AuthContext::Creator => None,
        AuthContext::ListAdmin => stored(list, attributes::PASSWORD),
        AuthContext::ListModerator => stored(list, attributes::MOD_PASSWORD),
        AuthContext::ListPoster => stored(list, attributes::POST_PASSWORD),
        AuthContext::SiteAdmin => site_cookie_secret(list).or_else(|| stored(list, attributes::PASSWORD)),
    };
    let secret = secret.filter(|secret| !secret.is_empty())?;
    Some(Credential { key: cookie_name(list, context, user)?, secret })
}

/// The name of the context's cookie, whether or not there is a password for it.
pub(super) fn cookie_name(list: &MailList, context: AuthContext, user: Option<&[u8]>) -> Option<ByteStr> {
    let role = match context {
        AuthContext::User => return Some([&user_prefix(list)[..], &cookie_user(user?)].concat().into()),
        AuthContext::Creator => return None,
        AuthContext::SiteAdmin if site_cookie_secret(list).is_some() => return Some("site".into()),
        AuthContext::SiteAdmin | AuthContext::ListAdmin => "admin",
        AuthContext::ListModerator => "moderator",
        AuthContext::ListPoster => "poster",
    };
    Some([list.name(), &b"+"[..], role.as_bytes()].concat().into())
}

/// What the names of the cookies of all members of a list begin with.
pub(super) fn user_prefix(list: &MailList) -> ByteStr {
    [list.name(), &b"+user+"[..]].concat().into()
}

/// The address that a URL, a form or the name of a cookie means.
pub(super) fn address_of(user: &[u8]) -> ByteStr {
    url::unobscure(&url::unquote(user))
}

/// A list's password as it is stored; `None` where there is none. A digest may be `unicode`: Python compares ASCII alike.
pub(super) fn stored(list: &MailList, attribute: Attribute<Text>) -> Option<ByteStr> {
    let is_comparable =
        |value: &&Value| matches!(value, Value::Str(_)) || value.as_text().is_some_and(|text| text.is_ascii());
    list.get(attribute).filter(is_comparable).and_then(Value::as_text).filter(|secret| !secret.is_empty()).cloned()
}

fn cookie_user(user: &[u8]) -> ByteStr {
    url::quote_with(&url::obscure(&address_of(user)), b"")
}

/// The site's password, where its administrator gets a cookie for the whole site.
fn site_cookie_secret(list: &MailList) -> Option<ByteStr> {
    let site = list.site();
    let allowed = site.settings.truth(settings::ALLOW_SITE_ADMIN_COOKIES);
    let secret = if allowed { site_secret(site, SitePassword::Administrator) } else { None };
    secret.filter(|secret| !secret.is_empty())
}
