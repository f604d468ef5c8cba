//! Passwords in commands (SecurityManager.Authenticate for a member, a moderator, an administrator).
//!
//! Members' passwords are kept as they are, those of the list as SHA-1 in hex. An empty password is never right.

use super::Session;
use compat::pickle::Value;
use sha1::{Digest, Sha1};

impl Session<'_, '_> {
    /// Whether it is this member's own password.
    pub(super) fn is_members(&self, password: &[u8], address: &[u8]) -> bool {
        !password.is_empty() && self.ctx.list.password_of(address).is_some_and(|own| own == *password)
    }

    /// Whether it is the administrators' password.
    pub(super) fn is_admins(&self, password: &[u8]) -> bool {
        self.is_secret("password", password)
    }

    /// Whether it is the moderators' or the administrators' password.
    pub(super) fn is_moderators(&self, password: &[u8]) -> bool {
        self.is_secret("mod_password", password) || self.is_admins(password)
    }

    fn is_secret(&self, attribute: &str, password: &[u8]) -> bool {
        let secret = self.ctx.list.get(attribute).and_then(Value::as_text).filter(|secret| !secret.is_empty());
        !password.is_empty() && secret.is_some_and(|secret| *secret == *hex_digest(password).as_bytes())
    }
}

fn hex_digest(password: &[u8]) -> String {
    Sha1::digest(password).iter().map(|byte| format!("{byte:02x}")).collect()
}
