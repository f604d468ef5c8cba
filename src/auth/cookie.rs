//! Cookies that stand for a password (`MakeCookie`, `CheckCookie`, `ZapCookie`).
//!
//! The value is a [`super::stamp`] signed with the stored password, so a cookie dies when the password changes. Those of
//! Python carry neither HttpOnly nor SameSite; what they say otherwise is the same.

use super::credential::{address_of, cookie_name, credential, user_prefix, Credential};
use super::stamp::{is_signed, sign, Stamp};
use super::AuthContext;
use crate::clock;
use compat::list::{attributes, url_parts, MailList};
use compat::site::{settings, Switch};
use compat::ByteStr;

/// The cookies of a request.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    pairs: Vec<(ByteStr, ByteStr)>,
}

impl Jar {
    /// From the value of HTTP_COOKIE. Values are taken as they are; what has no `=` is left out.
    pub fn parse(header: &[u8]) -> Jar {
        let lines = header.split(|byte| matches!(byte, b'\n' | b'\r'));
        let parts = lines.flat_map(|line| {
            let mut parts = line.split(|&byte| byte == b';');
            let first = parts.next();
            first.into_iter().chain(parts.map(<[u8]>::trim_ascii_start))
        });
        let pair = |part: &[u8]| {
            let at = part.iter().position(|&byte| byte == b'=')?;
            Some((ByteStr::from(&part[..at]), ByteStr::from(&part[at + 1..])))
        };
        Jar { pairs: parts.filter_map(pair).collect() }
    }

    /// The value of a cookie: the last one of that name.
    pub fn get(&self, name: &[u8]) -> Option<&ByteStr> {
        self.pairs.iter().rev().find(|(key, _)| *key == *name).map(|(_, value)| value)
    }

    /// The users of a list for whom there are cookies, as the names of these write them.
    fn users<'a>(&'a self, list: &MailList) -> impl Iterator<Item = &'a [u8]> {
        let prefix = user_prefix(list);
        self.pairs.iter().filter_map(move |(key, _)| key.strip_prefix(&prefix[..]))
    }
}

/// A cookie for a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// Its name.
    pub name: ByteStr,
    /// Its value; empty for one that ends.
    pub value: String,
    /// Below which path of this host it counts: that of the list's web_page_url.
    pub path: ByteStr,
    /// Whether it travels over TLS only.
    pub secure: bool,
    /// Whether the browser is to forget it.
    pub ends: bool,
}

impl SetCookie {
    /// The value of the header `Set-Cookie`.
    pub fn header_value(&self) -> ByteStr {
        let mut out = [&self.name[..], b"=", self.value.as_bytes()].concat();
        if self.ends {
            out.extend_from_slice(b"; Max-Age=0");
        }
        out.extend_from_slice(&[b"; Path=", &self.path[..]].concat());
        if self.secure {
            out.extend_from_slice(b"; secure");
        }
        out.extend_from_slice(b"; Version=1; HttpOnly; SameSite=Lax");
        ByteStr::new(out)
    }

    fn new(list: &MailList, name: ByteStr, value: String) -> SetCookie {
        let url = list.str(attributes::WEB_PAGE_URL);
        let (scheme, _, path) = url_parts(&url);
        let secure = scheme == b"https" && list.site().profile.has(Switch::CookiesRefreshed);
        SetCookie { name, path: path.into(), secure, ends: value.is_empty(), value }
    }
}

/// The cookie that spares somebody the password from now on; `None` for a context without one.
pub fn make(list: &MailList, context: AuthContext, user: Option<&[u8]>) -> Option<SetCookie> {
    let Credential { key, secret } = credential(list, context, user)?;
    let issued = clock::seconds();
    let stamp = Stamp { issued, text: sign(&secret, issued) };
    Some(SetCookie::new(list, key, stamp.encode()))
}

/// The cookie that logs somebody out.
pub fn end(list: &MailList, context: AuthContext, user: Option<&[u8]>) -> Option<SetCookie> {
    cookie_name(list, context, user)
        .map(|name| SetCookie { secure: false, ..SetCookie::new(list, name, String::new()) })
}

/// Whose cookie is good in a context: `Some`, with the user for [`AuthContext::User`]. Where the user is not said, any
/// member of the list whose cookie is there will do.
pub fn check(list: &MailList, jar: &Jar, context: AuthContext, user: Option<&[u8]>) -> Option<Option<ByteStr>> {
    if context != AuthContext::User {
        return is_good(list, jar, context, None).then_some(None);
    }
    let said = user.filter(|user| !user.is_empty());
    let users: Vec<&[u8]> = said.map_or_else(|| jar.users(list).collect(), |user| vec![user]);
    let mut addresses = users.into_iter().map(address_of);
    addresses.find(|user| is_good(list, jar, context, Some(user))).map(Some)
}

fn is_good(list: &MailList, jar: &Jar, context: AuthContext, user: Option<&[u8]>) -> bool {
    let Some(Credential { key, secret }) = credential(list, context, user) else { return false };
    let Some(stamp) = jar.get(&key).and_then(|value| Stamp::decode(value)) else { return false };
    let lifetime = list.site().settings.float(settings::AUTHENTICATION_COOKIE_LIFETIME).unwrap_or(0.0);
    is_in_time(stamp.issued, clock::now(), lifetime) && is_signed(&secret, stamp.issued, &stamp.text)
}

/// Whether a cookie of that time counts: not one of the future, nor one older than the lifetime in seconds; 0 is
/// forever.
fn is_in_time(issued: i64, now: f64, lifetime: f64) -> bool {
    let age = now - issued as f64;
    age >= 0.0 && (lifetime == 0.0 || age <= lifetime)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::hex_digest;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::site::Version;
    use compat::value::{Dict, Value};
    use std::fs;

    /// Written by Python: issued = 1700000000, secret = sha.new('secret').hexdigest(); then with secret = 'rose'.
    const ADMIN: &str = "28020000006900f15365732800000031373939336362353739303138623065353366393638323634336361343234323835663133353332";
    const MEMBER: &str = "28020000006900f15365732800000037653933656137333562353565323665646638363735663137313162623133346335353236306664";

    fn club(version: Version) -> Fixture {
        let passwords: Dict = [(ByteStr::from("anna@example.org"), Value::str("rose"))].into_iter().collect();
        let attributes = [("password", Value::Str(hex_digest(b"secret"))), ("passwords", Value::dict(passwords))];
        Fixture::new(version, &attributes, b"\n\n")
    }

    /// The cookie's value at a time of our own choice, signed as the list's administrator.
    fn signed_at(issued: i64) -> String {
        Stamp { issued, text: sign(&hex_digest(b"secret"), issued) }.encode()
    }

    fn jar(name: &str, value: &str) -> Jar {
        Jar::parse(format!("x=y; {name}={value}").as_bytes())
    }

    fn is_admin(list: &MailList, jar: &Jar) -> bool {
        check(list, jar, AuthContext::ListAdmin, None).is_some()
    }

    #[test]
    fn headers_are_read_as_python_reads_them() {
        let jar = Jar::parse(b"a=1;  b=2=3;c; a=4\nd=\"5\", e=6");
        let get = |name: &[u8]| jar.get(name).map(|value| value.to_string());
        assert_eq!(get(b"a"), Some("4".into()));
        assert_eq!(get(b"b"), Some("2=3".into()));
        assert_eq!(get(b"d"), Some("\"5\", e=6".into()));
        assert_eq!(get(b"c"), None);
        assert_eq!(get(b"e"), None);
    }

    #[test]
    fn pythons_cookies_are_good() {
        let fixture = club(NEW);
        let (admin, member) = (jar("club+admin", ADMIN), jar("club+user+anna--at--example.org", MEMBER));
        assert!(is_admin(&fixture.list, &admin));
        assert!(check(&fixture.list, &member, AuthContext::User, None).is_some());
    }

    #[test]
    fn ours_are_good_until_the_password_changes() {
        let mut fixture = club(NEW);
        let made = make(&fixture.list, AuthContext::ListAdmin, None).unwrap();
        assert_eq!(made.name, "club+admin");
        let head = format!("club+admin={}; Path=/mailman/; Version=1", made.value);
        assert!(made.header_value().starts_with(head.as_bytes()));
        let jar = jar("club+admin", &made.value);
        assert!(is_admin(&fixture.list, &jar));
        assert!(check(&fixture.list, &jar, AuthContext::SiteAdmin, None).is_some());
        assert!(check(&fixture.list, &jar, AuthContext::ListModerator, None).is_none());
        fixture.list.set(attributes::PASSWORD, Value::Str(hex_digest(b"other")));
        assert!(!is_admin(&fixture.list, &jar));
    }

    #[test]
    fn members_are_found_by_the_name_of_the_cookie() {
        let fixture = club(NEW);
        let made = make(&fixture.list, AuthContext::User, Some(b"anna%40example.org")).unwrap();
        assert_eq!(made.name, "club+user+anna--at--example.org");
        let jar = jar(&made.name.to_string(), &made.value);
        let found = |user: Option<&[u8]>| check(&fixture.list, &jar, AuthContext::User, user);
        assert_eq!(found(None), Some(Some("anna@example.org".into())));
        assert_eq!(found(Some(b"")), Some(Some("anna@example.org".into())));
        assert_eq!(found(Some(b"anna--at--example.org")), Some(Some("anna@example.org".into())));
        // The same member, but a cookie of another name.
        assert_eq!(found(Some(b"Anna@example.org")), None);
        assert_eq!(found(Some(b"bob@example.org")), None);
    }

    #[test]
    fn an_empty_password_makes_no_cookie() {
        let mut fixture = club(NEW);
        fixture.list.set(attributes::MOD_PASSWORD, Value::str(""));
        let forged = Stamp { issued: 1, text: sign(b"", 1) }.encode();
        assert!(make(&fixture.list, AuthContext::ListModerator, None).is_none());
        assert!(check(&fixture.list, &jar("club+moderator", &forged), AuthContext::ListModerator, None).is_none());
    }

    #[test]
    fn the_time_counts() {
        let fixture = club(NEW);
        let now = clock::now() as i64;
        assert!(is_admin(&fixture.list, &jar("club+admin", &signed_at(now - 400 * 86_400))));
        assert!(!is_admin(&fixture.list, &jar("club+admin", &signed_at(now + 60))));
        assert!(is_in_time(100, 160.0, 60.0) && is_in_time(100, 100.0, 0.0));
        assert!(!is_in_time(100, 160.5, 60.0) && !is_in_time(100, 99.9, 0.0));
    }

    #[test]
    fn the_sites_cookie() {
        let mut fixture = club(NEW);
        let file = fixture.site.settings.path(settings::SITE_PW_FILE);
        fs::write(file, [&hex_digest(b"site")[..], b"\n"].concat()).unwrap();
        let name = |list: &MailList| end(list, AuthContext::SiteAdmin, None).unwrap().name;
        assert_eq!(name(&fixture.list), "club+admin");
        let gone = end(&fixture.list, AuthContext::ListModerator, None).unwrap().header_value();
        assert!(gone.starts_with(b"club+moderator=; Max-Age=0; Path=/mailman/; Version=1"));
        fixture.list.set(attributes::WEB_PAGE_URL, Value::str("https://lists.example.com/m/"));
        let secure = make(&fixture.list, AuthContext::SiteAdmin, None).unwrap().header_value();
        assert!(String::from_utf8_lossy(&secure).contains("; Path=/m/; secure; Version=1"));
    }

    #[test]
    fn older_versions_know_no_secure_cookies() {
        let mut fixture = club(OLD);
        fixture.list.set(attributes::WEB_PAGE_URL, Value::str("https://lists.example.com/m/"));
        assert!(!make(&fixture.list, AuthContext::ListAdmin, None).unwrap().secure);
    }
}
