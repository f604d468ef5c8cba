//! Becoming the list user, and no more than that.

use compat::durable;
use compat::names::Text;
use compat::site::settings::Setting;
use compat::site::{settings, SettingError, Settings};
use nix::unistd::{geteuid, getgrouplist, setgid, setgroups, setuid, Group, User};
use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

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
///
/// # Errors
/// A user or group that does not exist, or the wrong user.
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

/// As root: makes the folders of the pid file and the locks where they are gone, as after each start of a machine on which
/// they lie in memory. Whoever needs one that cannot be made reports it.
pub fn make_run_folders(settings: &Settings) {
    let owner = |setting: Setting<Text>| settings.optional_str(setting).unwrap_or_default().to_latin1();
    let user = User::from_name(&owner(settings::MAILMAN_USER)).ok().flatten().map(|user| user.uid);
    let group = Group::from_name(&owner(settings::MAILMAN_GROUP)).ok().flatten().map(|group| group.gid);
    if !geteuid().is_root() || user.is_none() || group.is_none() {
        return;
    }
    let folders =
        [settings.path(settings::PIDFILE).parent().map(Path::to_path_buf), Some(settings.path(settings::LOCK_DIR))];
    for folder in folders.into_iter().flatten().filter(|folder| !folder.exists()) {
        // The new folder is opened, and not named again, so that nobody can lay a link in between.
        let opened = durable::mkdir_all(&folder, RUN_FOLDER_MODE).and_then(|()| {
            OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW).open(&folder)
        });
        if let Ok(folder) = opened {
            let _ = nix::unistd::fchown(&folder, user, group);
        }
    }
}

/// Group-writable, and what is made in it belongs to the group.
const RUN_FOLDER_MODE: u32 = 0o2775;

fn known<T>(found: nix::Result<Option<T>>, kind: &str, name: &str) -> Result<T, PrivilegeError> {
    match found {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(PrivilegeError::Failed(format!("no {kind} {name} on this machine"))),
        Err(error) => Err(PrivilegeError::Failed(format!("{kind} {name}: {}", error.desc()))),
    }
}
