//! What surrounds the files: processes, locks, free disk, owners and permissions.

use super::finding::{Findings, Level};
use crate::json::Json;
use crate::program::{JOURNAL_NAME, MANIFEST_NAME, RESTORE_JOURNAL_NAME};
use crate::{Engine, Process};
use compat::clock;
use compat::lock::Holder;
use compat::site::{settings, Site};
use nix::unistd::{Group, User};
use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Less free space than this stops a switch ...
const NO_SPACE: u64 = 16 << 20;
/// ... and less than this is worth a warning.
const LITTLE_SPACE: u64 = 512 << 20;
/// Archives hold one file per post; only their first levels are looked at.
const ARCHIVE_DEPTH: usize = 2;
const USUAL_DEPTH: usize = 6;

impl Process {
    /// As an object.
    pub fn json(&self) -> Json {
        Json::Object(vec![
            ("pid", Json::Int(i64::from(self.pid))),
            ("uid", Json::Int(i64::from(self.uid))),
            ("program", Json::text(self.program)),
            ("python", Json::Bool(self.is_python)),
            ("serves", Json::array(&self.serves, Json::text)),
        ])
    }
}

/// The runners and masters that run.
pub fn processes(site: &Site, engine: &dyn Engine, found: &mut Findings) -> Vec<Process> {
    let running = engine.processes(site);
    let mut served: HashMap<&str, Vec<&Process>> = HashMap::new();
    for process in &running {
        process.serves.iter().for_each(|share| served.entry(share).or_default().push(process));
    }
    let mut twice: Vec<String> = served
        .iter()
        .filter(|(_, by)| by.len() > 1)
        .map(|(share, by)| {
            format!("{share} by {}", by.iter().map(|p| p.pid.to_string()).collect::<Vec<_>>().join(" and "))
        })
        .collect();
    twice.sort();
    found.add_all(
        Level::Stop,
        "served-twice",
        "slices that two processes serve",
        &twice,
        "each takes over what the other has in work: stop one of them",
    );
    let as_root: Vec<String> =
        running.iter().filter(|p| p.uid == 0 && p.program == "qrunner").map(|p| p.pid.to_string()).collect();
    found.add_all(
        Level::Risk,
        "runner-as-root",
        "runners that run as root",
        &as_root,
        "their files belong to root and web pages can't change them: start through mailmanctl",
    );
    running
}

/// Locks that nobody keeps alive, and who has the others.
pub fn locks(site: &Site, found: &mut Findings) {
    let folder = site.settings.path(settings::LOCK_DIR);
    let listing = match fs::read_dir(&folder) {
        Ok(listing) => listing.flatten().map(|item| item.path()).collect::<Vec<_>>(),
        Err(error) => {
            let text = format!("{}: {error}", folder.display());
            return found.add(Level::Stop, "no-locks", text, "the folder of locks must exist and be ours to write");
        }
    };
    let now = seconds_now();
    let is_lock = |path: &Path| path.extension().is_some_and(|extension| extension == "lock");
    let holders = listing.iter().filter(|path| is_lock(path)).filter_map(|path| Some((path, Holder::of(path).ok()??)));
    let stale = holders.filter(|(_, holder)| holder.expires < now);
    let names: Vec<String> = stale.map(|(path, _)| base_name(path)).collect();
    found.add_all(
        Level::Note,
        "stale-lock",
        "locks that have expired",
        &names,
        "either engine breaks them when it next needs the list",
    );
}

fn seconds_now() -> i64 {
    clock::seconds()
}

fn base_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Free space where the site writes; (folder, bytes).
pub fn disk(site: &Site, found: &mut Findings) -> Vec<(PathBuf, u64)> {
    let names = [
        settings::QUEUE_DIR,
        settings::LIST_DATA_DIR,
        settings::DATA_DIR,
        settings::LOG_DIR,
        settings::PRIVATE_ARCHIVE_FILE_DIR,
    ];
    let folders = names.map(|name| site.settings.path(name));
    let free: Vec<(PathBuf, u64)> = folders
        .into_iter()
        .filter_map(|folder| Some((folder.clone(), compat::durable::free_space(&folder).ok()?)))
        .collect();
    for (level, below, code) in [(Level::Stop, NO_SPACE, "disk-full"), (Level::Risk, LITTLE_SPACE, "disk-low")] {
        let at_least = if level == Level::Stop { 0 } else { NO_SPACE };
        let short = free.iter().filter(|(_, bytes)| (at_least..below).contains(bytes));
        let short: Vec<String> =
            short.map(|(folder, bytes)| format!("{} ({} MB)", folder.display(), bytes >> 20)).collect();
        found.add_all(level, code, "little free space", &short, "a full disk stops all mail: make room first");
    }
    free
}

/// The folders of the pid file and the locks, which a system may make anew, empty, at each start.
pub fn run_folders(site: &Site, found: &mut Findings) {
    let folders = [
        site.settings.path(settings::PIDFILE).parent().map(Path::to_path_buf),
        Some(site.settings.path(settings::LOCK_DIR)),
    ];
    let is_fleeting = |path: &&PathBuf| ["/var/run/", "/run/", "/var/lock/"].iter().any(|root| path.starts_with(root));
    let folders: Vec<PathBuf> = folders.into_iter().flatten().collect();
    let missing: Vec<String> =
        folders.iter().filter(|path| !path.is_dir()).map(|path| path.display().to_string()).collect();
    let advice = "`mailmanctl start` as root makes them; so does our unit";
    found.add_all(Level::Risk, "no-run-folder", "folders that are not there", &missing, advice);
    let fleeting: Vec<String> = folders
        .iter()
        .filter(is_fleeting)
        .filter(|path| path.is_dir())
        .map(|path| path.display().to_string())
        .collect();
    let advice = "whoever starts the master must make them: `mailmanctl start` as root does";
    found.add_all(
        Level::Note,
        "run-folder",
        "folders that are gone after each start of the machine",
        &fleeting,
        advice,
    );
}

/// Files that the runners could not read or replace.
#[derive(Default)]
struct Trouble {
    unreadable: Vec<String>,
    foreign_group: Vec<String>,
    not_for_group: Vec<String>,
}

/// Owners and permissions of everything that runners write.
pub fn permissions(site: &Site, found: &mut Findings) {
    let Some(ids) = ids(site, found) else { return };
    let mut trouble = Trouble::default();
    for name in
        [settings::LIST_DATA_DIR, settings::QUEUE_DIR, settings::DATA_DIR, settings::LOG_DIR, settings::LOCK_DIR]
    {
        walk(&site.settings.path(name), USUAL_DEPTH, ids, &mut trouble);
    }
    walk(&site.settings.path(settings::PRIVATE_ARCHIVE_FILE_DIR), ARCHIVE_DEPTH, ids, &mut trouble);
    report(&trouble, found);
}

fn report(trouble: &Trouble, found: &mut Findings) {
    found.add_all(
        Level::Risk,
        "unreadable-file",
        "files that can't be looked at",
        &trouble.unreadable,
        "run this as root or the list user; if it was, mend the file system",
    );
    found.add_all(
        Level::Risk,
        "foreign-owner",
        "files of neither the list user nor the list group",
        &trouble.foreign_group,
        "bin/check_perms -f sets them right",
    );
    found.add_all(
        Level::Risk,
        "not-for-group",
        "files of another user that the list group can't write",
        &trouble.not_for_group,
        "bin/check_perms -f sets them right",
    );
}

/// The numbers of MAILMAN_USER and MAILMAN_GROUP.
fn ids(site: &Site, found: &mut Findings) -> Option<(u32, u32)> {
    let name = |setting| site.settings.optional_str(setting).unwrap_or_default().to_latin1();
    let (user, group) = (name(settings::MAILMAN_USER), name(settings::MAILMAN_GROUP));
    let uid = User::from_name(&user).ok().flatten().map(|user| user.uid.as_raw());
    let gid = Group::from_name(&group).ok().flatten().map(|group| group.gid.as_raw());
    if uid.is_none() || gid.is_none() {
        let text = format!("user {user} or group {group} (MAILMAN_USER, MAILMAN_GROUP) does not exist");
        found.add(Level::Stop, "no-user", text, "make them, or mend the settings");
    }
    Some((uid?, gid?))
}

fn walk(folder: &Path, depth: usize, ids: (u32, u32), trouble: &mut Trouble) {
    for item in WalkDir::new(folder).max_depth(depth) {
        match item {
            Ok(item) if item.path_is_symlink() => {}
            Ok(item) => judge(item.path(), ids, trouble),
            Err(error) if error.io_error().is_some_and(|e| e.kind() == ErrorKind::NotFound) => {}
            Err(error) => trouble.unreadable.push(error.to_string()),
        }
    }
}

/// What runners only read, or not even that: passwords of the site, what root's commands noted. Mailman's check_perms finds
/// them right as they are.
fn is_read_only(path: &Path) -> bool {
    const NAMES: [&str; 7] = [
        "adm.pw",
        "creator.pw",
        "sitelist.cfg",
        "last_mailman_version",
        JOURNAL_NAME,
        RESTORE_JOURNAL_NAME,
        MANIFEST_NAME,
    ];
    path.file_name().is_some_and(|name| NAMES.iter().any(|known| name == *known))
}

fn judge(path: &Path, (uid, gid): (u32, u32), trouble: &mut Trouble) {
    let Ok(about) = fs::symlink_metadata(path) else { return };
    let shown = || path.display().to_string();
    if about.uid() == uid {
        return;
    }
    if about.gid() != gid {
        trouble.foreign_group.push(shown());
    } else if about.mode() & 0o020 == 0 && !is_read_only(path) {
        trouble.not_for_group.push(shown());
    }
}
