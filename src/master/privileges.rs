//! Becoming the list user, and no more than that.

use compat::site::{settings, SettingError, Settings};
use nix::unistd::{geteuid, getgrouplist, setgid, setgroups, setuid, Group, User};
use std::ffi::CString;

/// Why this process does not run as the list user.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// Neither root nor that user.
    #[error("{0}")]
    Stranger(String),
    /// The site names a user or group that is not there, or that we may not become.
    #[error("{0}")]
    Failed(String),
}

impl From<SettingError> for PrivilegeError {
    fn from(error: SettingError) -> Self {
        PrivilegeError::Failed(error.to_string())
    }
}

/// As root: takes on the groups, group and user of MAILMAN_USER and MAILMAN_GROUP for good. As that user: nothing.
/// Anybody else gets the message that Mailman has for this.
pub fn become_list_user(settings: &Settings) -> Result<(), PrivilegeError> {
    let name = settings.str(settings::MAILMAN_USER)?.to_latin1();
    let group = settings.str(settings::MAILMAN_GROUP)?.to_latin1();
    let group = known(Group::from_name(&group), "group", &group)?;
    let user = known(User::from_name(&name), "user", &name)?;
    if geteuid().is_root() {
        let c_name = CString::new(name.clone()).map_err(|e| PrivilegeError::Failed(e.to_string()))?;
        // Root that stays root (a demonstration) needs no change, and in a container may not be allowed one.
        if user.uid.is_root() {
            return Ok(());
        }
        let take = || -> nix::Result<()> {
            setgroups(&getgrouplist(&c_name, group.gid)?)?;
            setgid(group.gid)?;
            setuid(user.uid)
        };
        return take().map_err(|error| PrivilegeError::Failed(format!("cannot become user {name}: {}", error.desc())));
    }
    match geteuid() == user.uid {
        true => Ok(()),
        false => Err(PrivilegeError::Stranger(format!("Run this program as root or as the {name} user, or use -u."))),
    }
}

fn known<T>(found: nix::Result<Option<T>>, kind: &str, name: &str) -> Result<T, PrivilegeError> {
    match found {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(PrivilegeError::Failed(format!("no {kind} {name} on this machine"))),
        Err(error) => Err(PrivilegeError::Failed(format!("{kind} {name}: {}", error.desc()))),
    }
}
