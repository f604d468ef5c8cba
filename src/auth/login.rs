//! Letting somebody in: by a cookie, else by a password (`SecurityManager.WebAuthenticate`).

use super::cookie::{self, Jar, SetCookie};
use super::password::authenticate;
use super::AuthContext;
use compat::list::MailList;
use compat::site::Switch;
use compat::ByteStr;

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The role in which access is given.
    pub context: AuthContext,
    /// The member, for [`AuthContext::User`].
    pub user: Option<ByteStr>,
    /// What the browser is to keep: a new cookie, or newer versions' refreshed one.
    pub cookie: Option<SetCookie>,
    /// The list's password is, in memory, in a new form; see [`super::Authenticated::renewed`].
    pub renewed: bool,
}

/// Tries the cookies in all contexts, in order, and then the password in all contexts. The user is needed for
/// [`AuthContext::User`] by password; by cookie, any member of the list will do where it is `None`.
///
/// Newer pages void the cookies of a request that brings a password: they pass an empty [`Jar`] then.
pub fn log_in(
    list: &mut MailList,
    jar: &Jar,
    contexts: &[AuthContext],
    password: &[u8],
    user: Option<&[u8]>,
) -> Option<Login> {
    let by_cookie = |&context: &AuthContext| cookie::check(list, jar, context, user).map(|user| (context, user));
    if let Some((context, user)) = contexts.iter().find_map(by_cookie) {
        let refreshed = list.site().profile.has(Switch::CookiesRefreshed);
        let cookie = if refreshed { cookie::make(list, context, user.as_deref()) } else { None };
        return Some(Login { context, user, cookie, renewed: false });
    }
    let found = authenticate(list, contexts, password, user)?;
    let user = user.filter(|_| found.context == AuthContext::User).map(ByteStr::from);
    let cookie = cookie::make(list, found.context, user.as_deref());
    Some(Login { context: found.context, user, cookie, renewed: found.renewed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::hex_digest;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::value::Value;
    use AuthContext::{ListAdmin, ListModerator, SiteAdmin};

    const ORDER: [AuthContext; 3] = [ListAdmin, ListModerator, SiteAdmin];

    fn club(version: compat::site::Version) -> Fixture {
        let secret = |password: &[u8]| Value::Str(hex_digest(password));
        let attributes = [("password", secret(b"own")), ("mod_password", secret(b"mod"))];
        Fixture::new(version, &attributes, b"\n\n")
    }

    #[test]
    fn a_password_brings_a_cookie_and_the_cookie_lets_in() {
        for (version, refreshed) in [(NEW, true), (OLD, false)] {
            let mut fixture = club(version);
            let first = log_in(&mut fixture.list, &Jar::default(), &ORDER, b"mod", None).unwrap();
            let cookie = first.cookie.unwrap();
            assert_eq!((first.context, &cookie.name), (ListModerator, &"club+moderator".into()));
            let jar = Jar::parse(&[&cookie.name[..], b"=", cookie.value.as_bytes()].concat());
            let again = log_in(&mut fixture.list, &jar, &ORDER, b"", None).unwrap();
            assert_eq!((again.context, again.cookie.is_some()), (ListModerator, refreshed));
            // Cookies come before passwords.
            let both = log_in(&mut fixture.list, &jar, &ORDER, b"own", None).unwrap();
            assert_eq!(both.context, ListModerator);
        }
    }

    #[test]
    fn neither_cookie_nor_password() {
        let mut fixture = club(NEW);
        for password in [&b""[..], b"wrong"] {
            assert_eq!(log_in(&mut fixture.list, &Jar::parse(b"club+admin=00"), &ORDER, password, None), None);
        }
    }
}
