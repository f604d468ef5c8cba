//! Passwords (`SecurityManager.Authenticate`, `Utils.check_global_password`).
//!
//! The passwords of moderators and posters are SHA-1 in hex. The administrator's may still be in the form of an old
//! release: MD5 as raw bytes, or crypt(3). One that is right is replaced by its SHA-1, as Mailman does. Members' passwords
//! are kept in clear, for they are mailed. The site's password never counts in a mail.

use super::credential::stored;
use super::digest::{hex_digest, is_digest, is_old_form, same_bytes};
use super::AuthContext;
use compat::durable;
use compat::list::{attributes, Attribute, ListError, LockedList, MailList};
use compat::names::{Place, Text};
use compat::site::settings::Setting;
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// Longest password file that is read, in bytes.
const LONGEST_FILE: u64 = 4096;
const NEW_FILE_MODE: u32 = 0o640;

/// A password that was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// The first of the contexts asked for whose password it is.
    pub context: AuthContext,
    /// The list's password was in an old form and is now, in memory, in that of today. It is saved with the list by
    /// whoever holds the lock, and otherwise by [`keep_new_form`].
    pub renewed: bool,
}

/// Tries the password in each of the contexts, in order. An empty one is never right. The user is whose password
/// [`AuthContext::User`] compares with; where he is unknown, that context is left out.
pub fn authenticate(
    list: &mut MailList,
    contexts: &[AuthContext],
    password: &[u8],
    user: Option<&[u8]>,
) -> Option<Authenticated> {
    for &context in contexts {
        let right = match context {
            AuthContext::User => user.is_some_and(|user| is_members_password(list, user, password)),
            AuthContext::Creator => is_site_password(list.site(), SitePassword::Creator, password),
            AuthContext::SiteAdmin => is_site_password(list.site(), SitePassword::Administrator, password),
            AuthContext::ListModerator => is_stored(list, attributes::MOD_PASSWORD, password),
            AuthContext::ListPoster => is_stored(list, attributes::POST_PASSWORD, password),
            AuthContext::ListAdmin => match is_admin_password(list, password) {
                Some(renewed) => return Some(Authenticated { context, renewed }),
                None => false,
            },
        };
        if right {
            return Some(Authenticated { context, renewed: false });
        }
    }
    None
}

/// Whether it lets a post through that says it in its `Approved:` header.
pub fn approves_posts(list: &mut MailList, password: &[u8]) -> bool {
    const CONTEXTS: [AuthContext; 3] = [AuthContext::ListPoster, AuthContext::ListModerator, AuthContext::ListAdmin];
    let posters = list.site().profile.has(Switch::ApprovePosterPassword);
    let contexts = if posters { &CONTEXTS[..] } else { &CONTEXTS[1..] };
    authenticate(list, contexts, password, None).is_some()
}

/// Whether it is the member's own password. The address is compared in lower case.
pub fn is_members_password(list: &MailList, member: &[u8], password: &[u8]) -> bool {
    !password.is_empty() && list.password_of(member).is_some_and(|own| same_bytes(&own, password))
}

/// Saves the new form of a list's password, where nobody holds the lock who would save it.
///
/// # Errors
/// The list cannot be locked within the time, read or written.
pub fn keep_new_form(list: &MailList, timeout: Option<Duration>) -> Result<(), ListError> {
    let Some(secret) = stored(list, attributes::PASSWORD) else { return Ok(()) };
    let mut locked = LockedList::open(list.site(), list.name().clone(), timeout)?;
    locked.set(attributes::PASSWORD, Value::Str(secret));
    locked.save()?;
    locked.unlock()
}

/// Whether it is the administrators' password: `Some`, with whether its form was renewed.
fn is_admin_password(list: &mut MailList, password: &[u8]) -> Option<bool> {
    let secret = stored(list, attributes::PASSWORD)?;
    if is_digest(&secret, password) {
        return Some(false);
    }
    if !is_old_form(&secret, password) {
        return None;
    }
    list.set(attributes::PASSWORD, Value::Str(hex_digest(password)));
    Some(true)
}

fn is_stored(list: &MailList, attribute: Attribute<Text>, password: &[u8]) -> bool {
    stored(list, attribute).is_some_and(|secret| is_digest(&secret, password))
}

/// A password that is good beyond one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SitePassword {
    /// Good on every list; SITE_PW_FILE.
    Administrator,
    /// Good for making and removing lists; LISTCREATOR_PW_FILE.
    Creator,
}

impl SitePassword {
    /// The setting that names its file.
    pub fn setting(self) -> Setting<Place> {
        match self {
            SitePassword::Administrator => settings::SITE_PW_FILE,
            SitePassword::Creator => settings::LISTCREATOR_PW_FILE,
        }
    }
}

/// `Utils.check_global_password`
pub fn is_site_password(site: &Rc<Site>, which: SitePassword, password: &[u8]) -> bool {
    site_secret(site, which).is_some_and(|secret| is_digest(&secret, password))
}

/// What the file holds except for its last byte, whatever that is; `None` without a file. One that cannot be read is
/// reported in the error log.
pub(super) fn site_secret(site: &Rc<Site>, which: SitePassword) -> Option<ByteStr> {
    let path = site.settings.path(which.setting());
    match durable::read_file(&path, LONGEST_FILE) {
        Ok(mut bytes) => {
            bytes.pop();
            Some(ByteStr::new(bytes))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            site.log("error", format!("{}: {error}", path.display()));
            None
        }
    }
}

/// Sets a password of the site. A file that is there keeps its mode.
///
/// # Errors
/// The file cannot be replaced.
pub fn write_site_password(path: &Path, password: &[u8]) -> io::Result<()> {
    let mode = std::fs::metadata(path).map_or(NEW_FILE_MODE, |about| about.permissions().mode() & 0o777);
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(path, Path::new(&temporary), mode, |file| {
        file.write_all(&hex_digest(password))?;
        file.write_all(b"\n")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::value::Dict;
    use std::fs;
    use AuthContext::{Creator, ListAdmin, ListModerator, ListPoster, SiteAdmin, User};

    const SHA1_OF_SECRET: &str = "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4";
    // Written by Python: md5.new('secret').digest(), crypt.crypt('secret', 'ab').
    const MD5_OF_SECRET: &[u8] = b"\x5e\xbe\x22\x94\xec\xd0\xe0\xf0\x8e\xab\x76\x90\xd2\xa6\xee\x69";
    const CRYPT_OF_SECRET: &[u8] = b"abNANd1rDfiNc";

    fn list_with(attribute: &str, secret: &[u8]) -> Fixture {
        Fixture::new(NEW, &[(attribute, Value::str(secret))], b"\n\n")
    }

    fn is(list: &mut MailList, context: AuthContext, password: &[u8]) -> bool {
        authenticate(list, &[context], password, Some(b"Anna@example.org")).is_some()
    }

    #[test]
    fn an_old_administrators_password_is_right_once_and_new_from_then_on() {
        for old in [MD5_OF_SECRET, CRYPT_OF_SECRET] {
            let mut fixture = list_with("password", old);
            assert!(!is(&mut fixture.list, ListAdmin, b"wrong"));
            assert_eq!(fixture.list.str(attributes::PASSWORD), ByteStr::from(old));
            let first = authenticate(&mut fixture.list, &[ListModerator, ListAdmin], b"secret", None);
            assert_eq!(first, Some(Authenticated { context: ListAdmin, renewed: true }));
            assert_eq!(fixture.list.str(attributes::PASSWORD), SHA1_OF_SECRET);
            let again = authenticate(&mut fixture.list, &[ListAdmin], b"secret", None);
            assert_eq!(again, Some(Authenticated { context: ListAdmin, renewed: false }));
        }
    }

    /// As a tool leaves it that read it from a Unicode source; Python compares ASCII alike.
    #[test]
    fn a_unicode_digest_is_as_good() {
        for attribute in ["password", "mod_password"] {
            let digest = Value::Unicode(compat::value::UniStr(SHA1_OF_SECRET.into()));
            let mut fixture = Fixture::new(NEW, &[(attribute, digest)], b"\n\n");
            let context = if attribute == "password" { ListAdmin } else { ListModerator };
            assert!(
                is(&mut fixture.list, context, b"secret") && !is(&mut fixture.list, context, b"other"),
                "{attribute}"
            );
        }
    }

    #[test]
    fn the_new_form_can_be_kept_without_the_lock() {
        let fixture = list_with("password", CRYPT_OF_SECRET);
        let site = Rc::clone(&fixture.site);
        drop(fixture.list);
        fs::create_dir_all(site.settings.path(settings::PUBLIC_ARCHIVE_FILE_DIR)).unwrap();
        fs::create_dir_all(site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR)).unwrap();
        let mut list = MailList::load(&site, "club").unwrap();
        assert!(authenticate(&mut list, &[ListAdmin], b"secret", None).unwrap().renewed);
        keep_new_form(&list, None).unwrap();
        assert_eq!(MailList::load(&site, "club").unwrap().str(attributes::PASSWORD), SHA1_OF_SECRET);
    }

    #[test]
    fn moderators_and_posters_passwords_are_sha1_only() {
        for (context, attribute) in [(ListModerator, "mod_password"), (ListPoster, "post_password")] {
            for old in [MD5_OF_SECRET, CRYPT_OF_SECRET, b"secret"] {
                assert!(!is(&mut list_with(attribute, old).list, context, b"secret"));
            }
            let mut fixture = list_with(attribute, SHA1_OF_SECRET.as_bytes());
            assert!(is(&mut fixture.list, context, b"secret"));
            assert!(!is(&mut fixture.list, ListAdmin, b"secret"));
        }
    }

    #[test]
    fn posters_passwords_let_posts_through_in_newer_versions() {
        for (version, expected) in [(NEW, true), (OLD, false)] {
            let attributes = [("post_password", Value::str(SHA1_OF_SECRET))];
            assert_eq!(approves_posts(&mut Fixture::new(version, &attributes, b"\n\n").list, b"secret"), expected);
        }
    }

    #[test]
    fn nothing_and_plain_text_are_never_right() {
        for secret in [&b"secret"[..], b"", SHA1_OF_SECRET.as_bytes()] {
            assert!(!is(&mut list_with("password", secret).list, ListAdmin, b""));
        }
        assert!(!is(&mut list_with("password", b"secret").list, ListAdmin, b"secret"));
        assert!(!is(&mut list_with("password", b"").list, ListAdmin, b"secret"));
    }

    #[test]
    fn members_passwords_are_plain() {
        let passwords: Dict = [(ByteStr::from("anna@example.org"), Value::str("rose"))].into_iter().collect();
        let mut fixture = Fixture::new(NEW, &[("passwords", Value::dict(passwords))], b"\n\n");
        assert!(is(&mut fixture.list, User, b"rose"));
        assert!(!is(&mut fixture.list, User, b"Rose"));
        assert!(!is(&mut fixture.list, User, b""));
        assert!(authenticate(&mut fixture.list, &[User], b"rose", None).is_none());
        assert!(authenticate(&mut fixture.list, &[User], b"rose", Some(b"bob@example.org")).is_none());
    }

    #[test]
    fn the_sites_passwords_lose_their_last_byte() {
        let mut fixture = list_with("password", b"x");
        let path = |which: SitePassword| fixture.site.settings.path(which.setting());
        fs::write(path(SitePassword::Administrator), format!("{SHA1_OF_SECRET}\n")).unwrap();
        fs::write(path(SitePassword::Creator), SHA1_OF_SECRET).unwrap();
        assert!(is(&mut fixture.list, SiteAdmin, b"secret"));
        assert!(!is(&mut fixture.list, SiteAdmin, b"other"));
        assert!(!is(&mut fixture.list, Creator, b"secret"));
    }

    #[test]
    fn a_file_of_the_sites_password_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("adm.pw");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        write_site_password(&path, b"secret").unwrap();
        assert_eq!((mode(), fs::read_to_string(&path).unwrap()), (0o640, format!("{SHA1_OF_SECRET}\n")));
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        write_site_password(&path, b"other").unwrap();
        assert_eq!(mode(), 0o600);
    }
}
