//! Passwords in commands (SecurityManager.Authenticate for a member, a moderator, an administrator).
//!
//! Members' passwords are kept as they are. An empty password is never right.

use super::Session;
use crate::auth::{authenticate, password::is_members_password, AuthContext};

impl Session<'_, '_> {
    /// Whether it is this member's own password.
    pub(super) fn is_members(&self, password: &[u8], address: &[u8]) -> bool {
        is_members_password(self.ctx.list, address, password)
    }

    /// Whether it is the administrators' password.
    pub(super) fn is_admins(&mut self, password: &[u8]) -> bool {
        authenticate(self.ctx.list, &[AuthContext::ListAdmin], password, None).is_some()
    }

    /// Whether it is the moderators' or the administrators' password.
    pub(super) fn is_moderators(&mut self, password: &[u8]) -> bool {
        let contexts = [AuthContext::ListModerator, AuthContext::ListAdmin];
        authenticate(self.ctx.list, &contexts, password, None).is_some()
    }
}
