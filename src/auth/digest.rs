//! How passwords are kept, and how they are compared: in constant time.

use super::unix_crypt;
use compat::hex::hexlify;
use compat::ByteStr;
use md5::Md5;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// The form in which Mailman keeps passwords of lists and of the site: the SHA-1 in hexadecimal.
pub fn hex_digest(password: &[u8]) -> ByteStr {
    hexlify(&Sha1::digest(password)).into()
}

/// Whether two texts are the same. How long it takes tells nothing of either: their digests are compared.
pub fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    Sha1::digest(one).ct_eq(&Sha1::digest(other)).into()
}

/// Whether the stored secret is the SHA-1 of the password. An empty secret or password is never right.
pub(super) fn is_digest(secret: &[u8], password: &[u8]) -> bool {
    !password.is_empty() && same_bytes(secret, &hex_digest(password))
}

/// Whether the stored secret is the password in a form of Mailman 2.0: the MD5 as raw bytes, or crypt(3).
pub(super) fn is_old_form(secret: &[u8], password: &[u8]) -> bool {
    !password.is_empty() && (same_bytes(secret, &Md5::digest(password)) || unix_crypt::matches(password, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sha1_in_hex() {
        // Written by Python: sha.new('secret').hexdigest().
        assert_eq!(hex_digest(b"secret"), "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4");
    }

    #[test]
    fn nothing_is_never_a_password() {
        assert!(!is_digest(&hex_digest(b""), b""));
        assert!(!is_old_form(&Md5::digest(b""), b""));
        assert!(is_digest(&hex_digest(b"secret"), b"secret"));
        assert!(is_old_form(&Md5::digest(b"secret"), b"secret"));
    }
}
