//! Signatures of forms, against requests that another site makes a browser send (Mailman/CSRFcheck.py).
//!
//! These are the tokens that pages of Python make and take: the cookie's signature in another wrapping, `KEY:SIGNATURE`.
//! Which secret signs is decided by the page, not by who is logged in.

use super::credential::{address_of, credential, Credential};
use super::stamp::{is_signed, sign, Stamp};
use super::AuthContext;
use crate::clock;
use compat::list::MailList;
use compat::site::settings;

/// The page that a form belongs to, which decides whose tokens are good there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormOf<'a> {
    /// `admin`: tokens of administrators only.
    Admin,
    /// `edithtml`: the same. Mailman tells it from `admin` nowhere.
    Edithtml,
    /// `admindb`: of moderators too.
    Admindb,
    /// A member's options, the member as written in a URL: a member's token must be of this member.
    Options(&'a [u8]),
}

impl<'a> FormOf<'a> {
    /// Whether a token that was made for this role counts on the page.
    pub(super) fn takes(self, role: &[u8]) -> bool {
        match self {
            FormOf::Admin | FormOf::Edithtml => matches!(role, b"admin" | b"site"),
            FormOf::Admindb => matches!(role, b"moderator" | b"admin" | b"site"),
            FormOf::Options(_) => true,
        }
    }

    /// The page's name.
    pub(super) fn page(self) -> &'static str {
        match self {
            FormOf::Edithtml => "edithtml",
            other => other.name(),
        }
    }

    /// The member whose form it is; empty where it is nobody's.
    pub(super) fn member(self) -> &'a [u8] {
        match self {
            FormOf::Options(member) => member,
            _ => b"",
        }
    }

    /// As Mailman's log names the page.
    fn name(self) -> &'static str {
        match self {
            FormOf::Admin | FormOf::Edithtml => "admin",
            FormOf::Admindb => "admindb",
            FormOf::Options(_) => "options",
        }
    }

    /// Whose password signs, the first that there is: a moderator must not get a signature that was made with the
    /// administrator's, nor a member one that was made with another's.
    fn signers(self) -> &'static [AuthContext] {
        match self {
            FormOf::Admin | FormOf::Edithtml => &[AuthContext::ListAdmin, AuthContext::SiteAdmin],
            FormOf::Admindb => &[AuthContext::ListModerator, AuthContext::ListAdmin, AuthContext::SiteAdmin],
            FormOf::Options(_) => &[AuthContext::User],
        }
    }
}

/// A token that Python takes; `None` where nobody who could sign has a password.
pub(super) fn token(list: &MailList, form: FormOf<'_>) -> Option<String> {
    let user = Some(form.member()).filter(|member| !member.is_empty());
    let Credential { key, secret } = form.signers().iter().find_map(|&context| credential(list, context, user))?;
    let issued = clock::seconds();
    let text = [&key[..], b":", &sign(&secret, issued)].concat().into();
    Some(Stamp { issued, text }.encode())
}

/// Whether a form may change something: its token is one of this list, of the page's roles, and younger than
/// FORM_LIFETIME seconds. One of a wrong role or member leaves a line in the log `mischief`.
pub(super) fn is_valid(list: &MailList, token: &[u8], form: FormOf<'_>) -> bool {
    let Some(stamp) = Stamp::decode(token) else { return false };
    let Some(at) = stamp.text.iter().position(|&byte| byte == b':') else { return false };
    let (key, signature) = (&stamp.text[..at], &stamp.text[at + 1..]);
    let Some(role) = key.strip_prefix(&[list.name(), &b"+"[..]].concat()[..]) else { return false };
    let (role, user) = match role.iter().position(|&byte| byte == b'+') {
        Some(at) => (&role[..at], Some(&role[at + 1..])),
        None => (role, None),
    };
    is_for(list, role, user, form)
        && is_in_time(list, stamp.issued)
        && secret_of(list, role, user).is_some_and(|secret| is_signed(&secret, stamp.issued, signature))
}

/// Whether role and member of the token fit the page.
fn is_for(list: &MailList, role: &[u8], user: Option<&[u8]>, form: FormOf<'_>) -> bool {
    let mischief = |parts: &[&[u8]]| list.site().log("mischief", [parts.concat(), b".".to_vec()].concat());
    if !form.takes(role) {
        let whose = user.filter(|user| !user.is_empty()).map(|user| [b"+", user].concat()).unwrap_or_default();
        mischief(&[form.name().as_bytes(), b" form submitted with CSRF token issued for ", role, &whose]);
        return false;
    }
    let (FormOf::Options(page), Some(user)) = (form, user) else { return true };
    let (owner, page) = (address_of(user), address_of(page));
    let same = owner.eq_ignore_ascii_case(&page);
    if !same {
        mischief(&[b"Form for user ", &page, b" submitted with CSRF token issued for ", &owner]);
    }
    same
}

fn secret_of(list: &MailList, role: &[u8], user: Option<&[u8]>) -> Option<compat::ByteStr> {
    let context = match role {
        b"user" => AuthContext::User,
        b"poster" => AuthContext::ListPoster,
        b"moderator" => AuthContext::ListModerator,
        b"admin" => AuthContext::ListAdmin,
        b"site" => AuthContext::SiteAdmin,
        _ => return None,
    };
    credential(list, context, user).map(|credential| credential.secret)
}

fn is_in_time(list: &MailList, issued: i64) -> bool {
    let age = clock::now() - issued as f64;
    let lifetime = list.site().settings.float(settings::FORM_LIFETIME).unwrap_or(0.0);
    0.0 < age && age < lifetime
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::hex_digest;
    use crate::testing::pipeline::{Fixture, NEW};
    use compat::value::{Dict, Value};
    use compat::ByteStr;

    /// Written by Python's csrf_token at 1700000000, with sha.new('secret').hexdigest() and with 'rose'.
    const ADMIN: &str = "28020000006900f153657333000000636c75622b61646d696e3a31373939336362353739303138623065353366393638323634336361343234323835663133353332";
    const MEMBER: &str = "28020000006900f153657348000000636c75622b757365722b616e6e612d2d61742d2d6578616d706c652e6f72673a37653933656137333562353565323665646638363735663137313162623133346335353236306664";

    fn club() -> Fixture {
        let passwords = [("anna@example.org", "rose"), ("bob@example.org", "oak")];
        let passwords: Dict = passwords.map(|(who, word)| (ByteStr::from(who), Value::str(word))).into_iter().collect();
        let attributes = [("password", Value::Str(hex_digest(b"secret"))), ("passwords", Value::dict(passwords))];
        Fixture::new(NEW, &attributes, b"\n\n")
    }

    fn token_of(key: &str, secret: &[u8], age: i64) -> Vec<u8> {
        let issued = clock::now() as i64 - age;
        Stamp { issued, text: [key.as_bytes(), b":", &sign(secret, issued)].concat().into() }.encode().into_bytes()
    }

    #[test]
    fn tokens_have_pythons_form() {
        let fixture = club();
        for (theirs, form, secret) in [
            (ADMIN, FormOf::Admin, hex_digest(b"secret")),
            (ADMIN, FormOf::Edithtml, hex_digest(b"secret")),
            // There is no moderators' password: the administrators' signs.
            (ADMIN, FormOf::Admindb, hex_digest(b"secret")),
            (MEMBER, FormOf::Options(b"anna@example.org"), "rose".into()),
        ] {
            let ours = Stamp::decode(token(&fixture.list, form).unwrap().as_bytes()).unwrap();
            let theirs = Stamp::decode(theirs.as_bytes()).unwrap();
            let key = |stamp: &Stamp| stamp.text.split(|&byte| byte == b':').next().map(<[u8]>::to_vec);
            assert_eq!(key(&ours), key(&theirs));
            let resigned = [&key(&ours).unwrap()[..], b":", &sign(&secret, theirs.issued)].concat();
            assert_eq!(theirs.text, ByteStr::new(resigned));
        }
        assert_eq!(token(&fixture.list, FormOf::Options(b"nobody@example.org")), None);
    }

    #[test]
    fn roles_and_pages() {
        let fixture = club();
        let secret = hex_digest(b"secret");
        let valid = |token: &[u8], form| is_valid(&fixture.list, token, form);
        let admin = token_of("club+admin", &secret, 5);
        assert!(valid(&admin, FormOf::Admin) && valid(&admin, FormOf::Admindb));
        let anna = token_of("club+user+anna--at--example.org", b"rose", 5);
        assert!(valid(&anna, FormOf::Options(b"Anna@example.org")));
        assert!(!valid(&anna, FormOf::Options(b"bob@example.org")));
        assert!(!valid(&anna, FormOf::Admin) && !valid(&anna, FormOf::Admindb));
        assert_eq!(
            fixture.log("mischief"),
            "Form for user bob@example.org submitted with CSRF token issued for anna@example.org.\n\
             admin form submitted with CSRF token issued for user+anna--at--example.org.\n\
             admindb form submitted with CSRF token issued for user+anna--at--example.org."
        );
    }

    #[test]
    fn what_is_refused() {
        let fixture = club();
        let secret = hex_digest(b"secret");
        let good = token_of("club+admin", &secret, 3599);
        assert!(is_valid(&fixture.list, &good, FormOf::Admin));
        for token in [
            token_of("club+admin", &secret, 3601),
            token_of("club+admin", &secret, -60),
            token_of("club+admin", b"other", 5),
            token_of("other+admin", &secret, 5),
            token_of("site", &secret, 5),
            token_of("club+nobody", &secret, 5),
            b"".to_vec(),
            b"2802".to_vec(),
        ] {
            assert!(!is_valid(&fixture.list, &token, FormOf::Admin));
        }
        assert_eq!(fixture.log("mischief"), "admin form submitted with CSRF token issued for nobody.");
    }
}
