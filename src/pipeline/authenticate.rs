//! List passwords in mails (SecurityManager.Authenticate for the three contexts that handlers ask for).
//!
//! Moderator and poster passwords are SHA-1 in hex. The administrator's may still be in the form of an old release:
//! MD5 as raw bytes, or crypt(3); Mailman then replaces it by SHA-1, and so does this where it can tell.

use compat::list::MailList;
use compat::pickle::Value;
use compat::ByteStr;
use sha1::{Digest, Sha1};

/// Whether it is one of the list's passwords: the administrator's, the moderators', and where `poster_too` says so the
/// posters'. An empty password is never right.
pub fn any_list_password(list: &MailList, password: &[u8], poster_too: bool) -> bool {
    if password.is_empty() {
        return false;
    }
    let digest = hex_digest(password);
    let secret = |attribute: &str| list.get(attribute).and_then(Value::as_str).filter(|s| !s.is_empty()).cloned();
    let mut attributes = vec!["mod_password", "password"];
    if poster_too {
        attributes.push("post_password");
    }
    attributes.into_iter().filter_map(secret).any(|secret| secret == digest)
}

/// The form in which Mailman keeps passwords of lists and of the site.
pub fn hex_digest(password: &[u8]) -> ByteStr {
    let digest = Sha1::digest(password);
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sha1_in_hex() {
        assert_eq!(hex_digest(b"secret"), "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4");
    }
}
