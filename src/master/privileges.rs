//! Becoming the list user, and no more than that.

use compat::site::Settings;
use nix::unistd::{geteuid, getgrouplist, setgid, setgroups, setuid, Group, User};
use std::ffi::CString;

/// As root: takes on the groups, group and user of MAILMAN_USER and MAILMAN_GROUP for good. As that user: nothing.
/// Anybody else gets the message that Mailman has for this.
pub fn become_list_user(settings: &Settings) -> Result<(), String> {
    let name = settings.str("MAILMAN_USER").map_err(|e| e.to_string())?.to_latin1();
    let group = settings.str("MAILMAN_GROUP").map_err(|e| e.to_string())?.to_latin1();
    let group = known(Group::from_name(&group), "group", &group)?;
    let user = known(User::from_name(&name), "user", &name)?;
    if geteuid().is_root() {
        let c_name = CString::new(name.clone()).map_err(|e| e.to_string())?;
        // Root that stays root (a demonstration) needs no change, and in a container may not be allowed one.
        if user.uid.is_root() {
            return Ok(());
        }
        let take = || -> nix::Result<()> {
            setgroups(&getgrouplist(&c_name, group.gid)?)?;
            setgid(group.gid)?;
            setuid(user.uid)
        };
        return take().map_err(|error| format!("cannot become user {name}: {}", error.desc()));
    }
    match geteuid() == user.uid {
        true => Ok(()),
        false => Err(format!("Run this program as root or as the {name} user, or use -u.")),
    }
}

fn known<T>(found: nix::Result<Option<T>>, kind: &str, name: &str) -> Result<T, String> {
    match found {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(format!("no {kind} {name} on this machine")),
        Err(error) => Err(format!("{kind} {name}: {}", error.desc())),
    }
}
