//! Who this process is, and what it does where root calls it.
//!
//! A site's folders belong to the list user and its group, who may put a link wherever a tool is about to write. Python's
//! tools follow it as root. So a command that root calls becomes the list user before it touches the site, for good, or
//! (where its call names files that only root may read) in all but these. The few that need root for the site itself act
//! on open files that they reached by no link of anybody else's (`compat::durable::open_trusted`).

use compat::durable;
use compat::names::Text;
use compat::site::settings::Setting;
use compat::site::{settings, SettingError, Settings};
use nix::fcntl::{AtFlags, AT_FDCWD};
use nix::unistd::{
    faccessat, getegid, geteuid, getgrouplist, getgroups, setegid, seteuid, setgid, setgroups, setresgid, setresuid,
    setuid, AccessFlags, Gid, Group, Uid, User,
};
use std::ffi::CString;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

/// The exit status of a process that cannot be who it should be (EX_TEMPFAIL): a mail server tries again.
pub const TRY_AGAIN: i32 = 75;
/// Group-writable, and what is made in it belongs to the group.
const RUN_FOLDER_MODE: u32 = 0o2775;

/// Why this process does not run as the list user.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// Neither root nor that user.
    #[error("Run this program as root or as the {0} user, or use -u.")]
    Stranger(String),
    /// The setting that names the user or group.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The site names a user or group that is not there.
    #[error("no {kind} {name} on this machine")]
    Unknown { kind: &'static str, name: String },
    /// Users or groups cannot be looked up.
    #[error("{kind} {name}: {}", .source.desc())]
    NotLookedUp { kind: &'static str, name: String, source: nix::Error },
    /// A user that this process may not become.
    #[error("cannot become user {name}: {}", .source.desc())]
    NotBecome { name: String, source: nix::Error },
    /// Root was given up for good before.
    #[error("root was given up before")]
    GivenUp,
}

/// A user with the groups that count for files.
#[derive(Debug)]
struct Identity {
    user: Uid,
    group: Gid,
    groups: Vec<Gid>,
}

impl Identity {
    fn of_this_process() -> nix::Result<Identity> {
        Ok(Identity { user: geteuid(), group: getegid(), groups: getgroups()? })
    }

    fn of(name: &str, user: &User, group: Gid) -> Result<Identity, PrivilegeError> {
        let c_name = CString::new(name).map_err(|_| unknown("user", name))?;
        let groups = getgrouplist(&c_name, group).map_err(|error| cannot_become(name, error))?;
        Ok(Identity { user: user.uid, group, groups })
    }

    /// As root: becomes this user, and nothing leads back.
    fn become_for_good(&self) -> nix::Result<()> {
        setgroups(&self.groups)?;
        setgid(self.group)?;
        setuid(self.user)
    }

    /// As root: counts as this user until [`Identity::resume`].
    fn put_on(&self) -> nix::Result<()> {
        setgroups(&self.groups)?;
        setegid(self.group)?;
        seteuid(self.user)
    }

    /// As root that counts as somebody else: is root again.
    fn resume(&self) -> nix::Result<()> {
        seteuid(self.user)?;
        setegid(self.group)?;
        setgroups(&self.groups)
    }
}

/// Root, who called, and the list user, as whom this process counts now.
static GIVEN_UP: OnceLock<(Identity, Identity)> = OnceLock::new();

/// As root: takes on the groups, group and user of MAILMAN_USER and MAILMAN_GROUP for good. As that user: nothing.
/// Anybody else gets the message that Mailman has for this.
///
/// # Errors
/// See [`PrivilegeError`].
pub fn become_list_user(settings: &Settings) -> Result<(), PrivilegeError> {
    let name = settings.str(settings::MAILMAN_USER)?.to_latin1();
    let group = settings.str(settings::MAILMAN_GROUP)?.to_latin1();
    let group = known(Group::from_name(&group), "group", &group)?;
    let user = known(User::from_name(&name), "user", &name)?;
    if geteuid().is_root() {
        // Root that stays root (a demonstration) needs no change, and in a container may not be allowed one.
        if user.uid.is_root() {
            return Ok(());
        }
        let identity = Identity::of(&name, &user, group.gid)?;
        return identity.become_for_good().map_err(|error| cannot_become(&name, error));
    }
    match geteuid() == user.uid {
        true => Ok(()),
        false => Err(PrivilegeError::Stranger(name)),
    }
}

/// As root: becomes the list user, for good, or so that [`as_caller`] leads back for a moment.
///
/// Root stays root where there is nobody to be careful of: the list user is root or unknown here, or may write to none
/// of the site's folders, and so could not work in them either.
///
/// # Errors
/// That user cannot be become, though there is one.
pub fn give_up_root(settings: &Settings, for_good: bool) -> Result<(), PrivilegeError> {
    let Some((name, list_user)) = list_user(settings)? else { return Ok(()) };
    let cannot = |error| cannot_become(&name, error);
    let caller = Identity::of_this_process().map_err(cannot)?;
    list_user.put_on().map_err(cannot)?;
    let has_hold = has_hold(settings);
    if for_good || !has_hold {
        caller.resume().map_err(cannot)?;
    }
    match (has_hold, for_good) {
        (false, _) => Ok(()),
        (true, true) => list_user.become_for_good().map_err(cannot),
        (true, false) => GIVEN_UP.set((caller, list_user)).map_err(|_| PrivilegeError::GivenUp),
    }
}

/// Whom root is to become; `None` where this process is not root, or that is root or nobody.
fn list_user(settings: &Settings) -> Result<Option<(String, Identity)>, PrivilegeError> {
    let named = |setting: Setting<Text>| settings.optional_str(setting).unwrap_or_default().to_latin1();
    let (name, group) = (named(settings::MAILMAN_USER), named(settings::MAILMAN_GROUP));
    let (user, group) = (User::from_name(&name).ok().flatten(), Group::from_name(&group).ok().flatten());
    match (user, group) {
        (Some(user), Some(group)) if geteuid().is_root() && !user.uid.is_root() => {
            let identity = Identity::of(&name, &user, group.gid)?;
            Ok(Some((name, identity)))
        }
        _ => Ok(None),
    }
}

/// Whether who this process counts as now may write to the site.
fn has_hold(settings: &Settings) -> bool {
    let folders = [
        settings::VAR_PREFIX,
        settings::DATA_DIR,
        settings::LIST_DATA_DIR,
        settings::QUEUE_DIR,
        settings::LOG_DIR,
        settings::LOCK_DIR,
        settings::PRIVATE_ARCHIVE_FILE_DIR,
    ];
    let may_write = |folder: &Path| faccessat(AT_FDCWD, folder, AccessFlags::W_OK, AtFlags::AT_EACCESS).is_ok();
    folders.iter().any(|setting| may_write(&settings.path(*setting)))
}

/// Does something as who called this command: opens a file that the call names, which is none of the site's.
pub fn as_caller<T>(work: impl FnOnce() -> T) -> T {
    /// Goes back also when the work panics.
    struct Back<'a>(&'a Identity);
    impl Drop for Back<'_> {
        fn drop(&mut self) {
            if self.0.put_on().is_err() {
                std::process::exit(TRY_AGAIN);
            }
        }
    }
    let Some((caller, list_user)) = GIVEN_UP.get() else { return work() };
    let _back = Back(list_user);
    // Where it does not work the file is opened as the list user, or cannot be.
    let _ = caller.resume();
    work()
}

/// Is who called for the rest of this process, which is to become a program that the call names.
pub fn be_caller() {
    if let Some((caller, _)) = GIVEN_UP.get() {
        // What fails here the program meets as a missing permission.
        let _ = caller.resume();
    }
}

/// In a new process, before it becomes a program of the site: what it counts as, it is, and no way leads back to root.
///
/// # Errors
/// What the system reports.
pub fn settle() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    if GIVEN_UP.get().is_none() || user.is_root() {
        return Ok(());
    }
    setresgid(group, group, group)?;
    Ok(setresuid(user, user, user)?)
}

/// Makes the folders of the pid file and the locks where they are gone, as after each start of a machine on which they lie
/// in memory; root makes them for the list user. Whoever needs one that cannot be made reports it.
pub fn make_run_folders(settings: &Settings) {
    let owner = list_user(settings).ok().flatten().map(|(_, list_user)| list_user);
    let pid_folder = settings.path(settings::PIDFILE).parent().map(Path::to_path_buf);
    for folder in [pid_folder, Some(settings.path(settings::LOCK_DIR))].into_iter().flatten() {
        if let (false, Some(above)) = (folder.exists(), folder.parent()) {
            let _ = make_run_folder(above, &folder, owner.as_ref());
        }
    }
}

/// What is made is opened, and not named again, so that nobody can lay a link in between.
fn make_run_folder(above: &Path, folder: &Path, owner: Option<&Identity>) -> io::Result<()> {
    durable::open_trusted(above)?;
    durable::mkdir(folder, RUN_FOLDER_MODE)?;
    let made = durable::open_trusted(folder)?;
    let Some(owner) = owner else { return Ok(()) };
    let flags = AtFlags::AT_EMPTY_PATH;
    Ok(nix::unistd::fchownat(&made, "", Some(owner.user), Some(owner.group), flags)?)
}

fn cannot_become(name: &str, error: nix::Error) -> PrivilegeError {
    PrivilegeError::NotBecome { name: name.to_owned(), source: error }
}

fn unknown(kind: &'static str, name: &str) -> PrivilegeError {
    PrivilegeError::Unknown { kind, name: name.to_owned() }
}

fn known<T>(found: nix::Result<Option<T>>, kind: &'static str, name: &str) -> Result<T, PrivilegeError> {
    match found {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(unknown(kind, name)),
        Err(source) => Err(PrivilegeError::NotLookedUp { kind, name: name.to_owned(), source }),
    }
}
