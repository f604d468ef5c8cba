//! Passwords in commands (SecurityManager.Authenticate for a member, a moderator, an administrator).
//!
//! Members' passwords are kept as they are. An empty password is never right.

use super::Session;
use crate::membership::authenticate;

impl Session<'_, '_> {
    /// Whether it is this member's own password.
    pub(super) fn is_members(&self, password: &[u8], address: &[u8]) -> bool {
        !password.is_empty() && self.ctx.list.password_of(address).is_some_and(|own| own == *password)
    }

    /// Whether it is the administrators' password.
    pub(super) fn is_admins(&mut self, password: &[u8]) -> bool {
        authenticate::is_admin_password(self.ctx.list, password)
    }

    /// Whether it is the moderators' or the administrators' password.
    pub(super) fn is_moderators(&mut self, password: &[u8]) -> bool {
        authenticate::is_moderator_password(self.ctx.list, password)
    }
}
