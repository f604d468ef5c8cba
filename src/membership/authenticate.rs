//! Passwords in mails (SecurityManager.Authenticate for the contexts that handlers and commands ask for).
//!
//! The passwords of moderators and posters are SHA-1 in hex. The administrator's may still be in the form of an old
//! release: MD5 as raw bytes, or crypt(3). One that is right is replaced by its SHA-1, as Mailman does; it is saved with
//! the list, or by nobody where the list is not. The site's password never counts in a mail.

use crate::delivery::smtp::md5::md5;
use crate::membership::unix_crypt;
use compat::list::MailList;
use compat::pickle::Value;
use compat::ByteStr;
use sha1::{Digest, Sha1};

/// Whether it is one of the list's passwords: the posters' where `poster_too` says so, the moderators', the
/// administrators'. An empty password is never right.
pub fn any_list_password(list: &mut MailList, password: &[u8], poster_too: bool) -> bool {
    (poster_too && is_digest_of(list, "post_password", password))
        || is_digest_of(list, "mod_password", password)
        || is_admin_password(list, password)
}

/// Whether it is the moderators' password, or the administrators'.
pub fn is_moderator_password(list: &mut MailList, password: &[u8]) -> bool {
    any_list_password(list, password, false)
}

/// Whether it is the administrators' password, in whatever form the list has it.
pub fn is_admin_password(list: &mut MailList, password: &[u8]) -> bool {
    if password.is_empty() {
        return false;
    }
    if is_digest_of(list, "password", password) {
        return true;
    }
    let Some(secret) = secret(list, "password") else { return false };
    let right = secret == md5(password)[..] || unix_crypt::matches(password, &secret);
    if right {
        list.set("password", Value::Str(hex_digest(password)));
    }
    right
}

fn is_digest_of(list: &MailList, attribute: &str, password: &[u8]) -> bool {
    !password.is_empty() && secret(list, attribute).is_some_and(|secret| secret == hex_digest(password))
}

fn secret(list: &MailList, attribute: &str) -> Option<ByteStr> {
    list.get(attribute).and_then(Value::as_text).filter(|secret| !secret.is_empty()).cloned()
}

/// The form in which Mailman keeps passwords of lists and of the site.
pub fn hex_digest(password: &[u8]) -> ByteStr {
    let digest = Sha1::digest(password);
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::fixture::{Fixture, NEW};

    const SHA1_OF_SECRET: &str = "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4";
    // Written by Python: md5.new('secret').digest(), crypt.crypt('secret', 'ab').
    const MD5_OF_SECRET: &[u8] = b"\x5e\xbe\x22\x94\xec\xd0\xe0\xf0\x8e\xab\x76\x90\xd2\xa6\xee\x69";
    const CRYPT_OF_SECRET: &[u8] = b"abNANd1rDfiNc";

    fn list_with(attribute: &str, secret: &[u8]) -> Fixture {
        Fixture::new(NEW, &[(attribute, Value::str(secret))], b"\n\n")
    }

    #[test]
    fn the_digest_is_sha1_in_hex() {
        assert_eq!(hex_digest(b"secret"), SHA1_OF_SECRET);
    }

    #[test]
    fn an_old_administrators_password_is_right_once_and_new_from_then_on() {
        for old in [MD5_OF_SECRET, CRYPT_OF_SECRET] {
            let mut fixture = list_with("password", old);
            assert!(!any_list_password(&mut fixture.list, b"wrong", true));
            assert_eq!(fixture.list.str("password"), ByteStr::from(old));
            assert!(any_list_password(&mut fixture.list, b"secret", false));
            assert_eq!(fixture.list.str("password"), SHA1_OF_SECRET);
            assert!(is_admin_password(&mut fixture.list, b"secret"));
        }
    }

    #[test]
    fn moderators_and_posters_passwords_are_sha1_only() {
        for old in [MD5_OF_SECRET, CRYPT_OF_SECRET, b"secret"] {
            for attribute in ["mod_password", "post_password"] {
                assert!(!any_list_password(&mut list_with(attribute, old).list, b"secret", true));
            }
        }
        let sha1 = SHA1_OF_SECRET.as_bytes();
        assert!(is_moderator_password(&mut list_with("mod_password", sha1).list, b"secret"));
        assert!(!is_admin_password(&mut list_with("mod_password", sha1).list, b"secret"));
        assert!(any_list_password(&mut list_with("post_password", sha1).list, b"secret", true));
        assert!(!any_list_password(&mut list_with("post_password", sha1).list, b"secret", false));
    }

    #[test]
    fn nothing_and_plain_text_are_never_right() {
        assert!(!any_list_password(&mut list_with("password", b"secret").list, b"secret", true));
        assert!(!any_list_password(&mut list_with("password", b"").list, b"", true));
        assert!(!any_list_password(&mut list_with("password", SHA1_OF_SECRET.as_bytes()).list, b"", true));
    }
}
