//! What will be where: the old settings evaluated, the new ones made of them and evaluated too, before anything is written
//! but a staging folder.

use super::path_map::PathMap;
use super::place::Target;
use super::settings::{with_lines, wrong, Change};
use super::{failed, RestoreError, Wish, OLD_MACHINE};
use crate::archive::{name_of, sum, Contents};
use crate::collect::{named, CODE, FOLDER_SETTINGS};
use crate::switch;
use compat::durable;
use compat::names::{by_name, Named, OfSite};
use compat::site::{defaults, settings, Site, Version};
use compat::value::Value;
use compat::ByteStr;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use walkdir::WalkDir;

/// No settings are larger.
pub const LARGEST_SETTINGS: u64 = 16 << 20;
/// The folder beside `Mailman/` in which a restore puts its settings together.
const STAGING: &str = ".mailman2-rs-restore";
const MM_CFG: &str = "mm_cfg.py";
/// What bin/update noted last, on which the version hangs where there is no Version.py.
const LAST_VERSION: &[u8] = b"/data/last_mailman_version";

/// The settings that name other places of a site.
const OTHER_PLACES: [&str; 11] = [
    "LOCK_DIR",
    "PIDFILE",
    "SITE_PW_FILE",
    "LISTCREATOR_PW_FILE",
    "BIN_DIR",
    "WRAPPER_DIR",
    "SCRIPTS_DIR",
    "EXEC_PREFIX",
    "VAR_PREFIX",
    "PREFIX",
    "CONFIG_DIR",
];
/// Folders that a site can be without.
const NOT_NEEDED: [&str; 3] = ["TEMPLATE_DIR", "MESSAGES_DIR", "BAD_SHUNT_ARCHIVE_DIRECTORY"];

/// Every place of a site that a setting names, and its home.
pub fn places(site: &Site) -> Vec<PathBuf> {
    let named = FOLDER_SETTINGS.into_iter().chain(OTHER_PLACES).filter_map(|name| named(site, name));
    named.chain([site.home.clone()]).collect()
}

/// A plan.
pub struct Plan {
    pub home: PathBuf,
    pub staging: PathBuf,
    /// The site as it was there, and as it will be here. Nothing of either is open but its settings.
    pub old: Rc<Site>,
    pub new: Rc<Site>,
    pub change: Change,
    /// The folders of the site: name, old path, new path; the longest old path first.
    roots: Vec<(&'static str, PathBuf, PathBuf)>,
}

/// Whether a file is one of `Mailman/`, which come last.
pub fn is_of_settings(target: &Target) -> bool {
    target.root == CODE
}

impl Plan {
    /// Evaluates the settings of the archive, and makes new ones.
    ///
    /// # Errors
    /// They are not understood, or do not come out as they must.
    pub fn make(contents: &Contents, wish: &Wish) -> Result<Plan, RestoreError> {
        let old_home = contents.about.home.clone();
        let home = wish.home.clone().unwrap_or_else(|| moved(wish, &old_home));
        let staging = home.join(STAGING);
        durable::remove_tree(&staging).map_err(failed(&staging))?;
        stage(contents, &staging).map_err(failed(&staging))?;
        let old = Site::open_as(&staging.join("old"), &old_home)?;
        let change = change(contents, wish, &old, &home);
        let new = make_settings(&staging, &home, &old, &change)?;
        let roots = roots(&old, &change, &old_home, &home);
        Ok(Plan { home, staging, old, new, change, roots })
    }

    /// Where a file of the archive goes.
    pub fn target(&self, name: &[u8]) -> Target {
        let path = Path::new("/").join(OsStr::from_bytes(name));
        let find = |(root, old, new): &(&'static str, PathBuf, PathBuf)| {
            let below = path.strip_prefix(old).ok()?.to_path_buf();
            Some(Target { root, folder: new.clone(), below })
        };
        self.roots.iter().find_map(find).unwrap_or_else(|| Target {
            root: "",
            folder: self.folder(settings::VAR_PREFIX).join(OLD_MACHINE),
            below: path.strip_prefix("/").unwrap_or(&path).to_path_buf(),
        })
    }

    /// What the settings here say about a folder.
    pub fn folder(&self, setting: impl Named<OfSite, compat::names::Place>) -> PathBuf {
        self.new.settings.path(by_name(setting.name()))
    }

    /// The folders of the site here.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.roots.iter().map(|(_, _, new)| new.clone())
    }

    /// The folders that must be there for runners and pages.
    pub fn running_folders(&self) -> Vec<PathBuf> {
        let needed = FOLDER_SETTINGS.into_iter().filter(|name| !NOT_NEEDED.contains(name));
        let mut folders: Vec<PathBuf> = needed.filter_map(|name| named(&self.new, name)).collect();
        folders.push(self.folder(settings::LOCK_DIR));
        folders.extend(self.folder(settings::PIDFILE).parent().map(Path::to_path_buf));
        folders
    }

    /// Where a link of the archive leads here; `None` where that is out of the site.
    pub fn link_target(&self, name: &[u8], path: &Path, target: &[u8]) -> Option<PathBuf> {
        let target = Path::new(OsStr::from_bytes(target));
        let old = Path::new("/").join(OsStr::from_bytes(name));
        let new = self.in_site(&lexical(&old.parent()?.join(target)))?;
        let stays = target.is_relative() && lexical(&path.parent()?.join(target)) == new;
        Some(if stays { target.to_path_buf() } else { new })
    }

    /// A path of the old site as it is here.
    fn in_site(&self, path: &Path) -> Option<PathBuf> {
        let find = |(_, old, new): &(&'static str, PathBuf, PathBuf)| Some(new.join(path.strip_prefix(old).ok()?));
        self.roots.iter().find_map(find)
    }

    /// The files of `Mailman/` below the staging folder, `mm_cfg.py` last.
    pub fn staged_settings(&self) -> io::Result<Vec<PathBuf>> {
        let folder = self.staging.join("new").join(CODE);
        let mut names = Vec::new();
        for item in WalkDir::new(&folder).sort_by_file_name() {
            let item = item?;
            if item.file_type().is_file() {
                names.push(item.path().strip_prefix(&folder).unwrap_or(item.path()).to_path_buf());
            }
        }
        names.sort_by_key(|name| name == Path::new(MM_CFG));
        Ok(names)
    }

    /// By this a second call is known to wish the same.
    pub fn sum(&self, wish: &Wish) -> String {
        sum(format!("{wish:?}").as_bytes())
    }
}

fn moved(wish: &Wish, home: &Path) -> PathBuf {
    PathMap::new(wish.paths.iter().cloned()).of(home)
}

/// Puts `Mailman/` of the archive into `old` and `new`, and what tells the version.
fn stage(contents: &Contents, staging: &Path) -> io::Result<()> {
    let prefix = [&name_of(&contents.about.home.join(CODE))[..], b"/"].concat();
    let mut has_version = false;
    for (name, stored) in &contents.files {
        let below = match name.strip_prefix(&prefix[..]) {
            Some(below) => Path::new(CODE).join(OsStr::from_bytes(below)),
            None if name.ends_with(LAST_VERSION) => PathBuf::from("data/last_mailman_version"),
            None => continue,
        };
        has_version |= below == Path::new("Mailman/Version.py");
        if stored.member.size <= LARGEST_SETTINGS {
            put_both(staging, &below, &contents.bytes(stored)?)?;
        }
    }
    let known = Version::parse(&contents.about.version).filter(|_| !has_version);
    known.map_or(Ok(()), |version| {
        put_both(staging, Path::new("Mailman/Version.py"), format!("VERSION = '{version}'\n").as_bytes())
    })
}

fn put_both(staging: &Path, below: &Path, bytes: &[u8]) -> io::Result<()> {
    ["old", "new"].iter().try_for_each(|which| put(&staging.join(which).join(below), bytes))
}

/// The staging folder goes, or is made anew: nothing waits for the disk.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    durable::mkdir_all(durable::folder_of(path), 0o755)?;
    durable::put_page(path, 0o644, bytes)
}

/// What changes on the way.
fn change(contents: &Contents, wish: &Wish, old: &Site, home: &Path) -> Change {
    let said = PathMap::new(wish.paths.iter().cloned());
    let usual = wish.home.as_ref().map(|home| defaults::settings(old.profile.version(), home));
    let mut pairs = wish.paths.clone();
    for name in FOLDER_SETTINGS.into_iter().chain(OTHER_PLACES) {
        let (Some(there), Some(usual)) = (named(old, name), &usual) else { continue };
        let here = usual.path(by_name(name));
        if said.known(&there).is_none() && here.is_absolute() {
            pairs.push((there, here));
        }
    }
    let old_home = &contents.about.home;
    pairs.push((old_home.join(CODE), home.join(CODE)));
    pairs.push((old_home.clone(), home.to_path_buf()));
    let mut change = Change {
        paths: PathMap::new(pairs),
        email_hosts: wish.email_hosts.clone(),
        url_hosts: wish.url_hosts.clone(),
        fixed: Vec::new(),
    };
    change.fixed = fixed(contents, wish, old, &change);
    change
}

/// Settings that follow from no text of the old machine: who the site is run by, hosts that were made of its name.
fn fixed(contents: &Contents, wish: &Wish, old: &Site, change: &Change) -> Vec<(String, Value)> {
    let about = &contents.about;
    let text = |name: &str| old.settings.optional_str(by_name(name)).unwrap_or_default().to_latin1();
    let mut fixed = Vec::new();
    for (name, then, hosts) in [
        ("DEFAULT_EMAIL_HOST", &about.email_host, &change.email_hosts),
        ("DEFAULT_URL_HOST", &about.url_host, &change.url_hosts),
    ] {
        if !then.is_empty() && *then != text(name) {
            fixed.push((name.to_string(), Value::Str(ByteStr::new(hosts.text(then.as_bytes())))));
        }
    }
    for (name, wished) in [("MAILMAN_USER", &wish.user), ("MAILMAN_GROUP", &wish.group)] {
        fixed.extend(wished.as_ref().map(|wished| (name.to_string(), Value::str(wished.as_str()))));
    }
    fixed.extend(wish.settings.iter().cloned());
    fixed
}

/// Writes the new `mm_cfg.py` into the staging folder, and looks whether it says what it must.
fn make_settings(staging: &Path, home: &Path, old: &Site, change: &Change) -> Result<Rc<Site>, RestoreError> {
    let files = staging.join("new");
    let path = files.join(CODE).join(MM_CFG);
    let text = match durable::read_file(&path, LARGEST_SETTINGS) {
        Ok(text) => switch::without_lines(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => b"from Defaults import *\n".to_vec(),
        Err(error) => return Err(failed(&path)(error)),
    };
    let write = |text: &[u8]| {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        durable::replace(&path, Path::new(&temporary), 0o644, |file| file.write_all(text)).map_err(failed(&path))
    };
    write(&text)?;
    let now = Site::open_as(&files, home)?;
    let wanted = change.wanted(&old.settings);
    write(&with_lines(&text, &wanted, &now.settings))?;
    let new = Site::open_as(&files, home)?;
    let wrong = wrong(&wanted, &new.settings);
    match wrong.is_empty() {
        true => Ok(new),
        false => Err(RestoreError::Unmoved(wrong.join(", "))),
    }
}

fn roots(old: &Site, change: &Change, old_home: &Path, home: &Path) -> Vec<(&'static str, PathBuf, PathBuf)> {
    let folder = |name| Some((name, named(old, name)?));
    let of_settings = FOLDER_SETTINGS.into_iter().filter_map(folder);
    let mut roots: Vec<(&'static str, PathBuf, PathBuf)> =
        of_settings.map(|(name, there)| (name, there.clone(), change.paths.of(&there))).collect();
    roots.push((CODE, old_home.join(CODE), home.join(CODE)));
    roots.sort_by_key(|(_, there, _)| std::cmp::Reverse(there.components().count()));
    roots
}

/// A path without `.` and `..`, as its text says: nothing is looked up.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}
