//! Whether the files of a site have the group and the permissions that they need (bin/check_perms).
//!
//! Looks at everything, and with `fix` puts right what it can. This is run by root on folders that others may write to:
//! what is changed is opened first, without following a link, and changed only if it is where it should be.

mod places;
mod repair;

use compat::names::Place;
use compat::pydict::KeyTable;
use compat::site::settings::Setting;
use compat::site::{settings, Site};
use nix::unistd::{Gid, Group, Uid, User};
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Most folders: `rwxrwsr-x`.
const FOLDER: u32 = 0o2775;
/// Folders that others must not look into: `rwxrws---`.
const CLOSED_FOLDER: u32 = 0o2770;
const SOURCE: u32 = 0o644;
const DATABASE: u32 = 0o660;
const EXECUTE_OTHER: u32 = 0o001;

/// Why nothing can be looked at.
#[derive(Debug, thiserror::Error)]
pub enum PermissionsError {
    /// The user or the group of the site's settings.
    #[error("no such {what}: {name}")]
    Nobody { what: &'static str, name: String },
    /// A setting is missing.
    #[error(transparent)]
    Setting(#[from] compat::site::SettingError),
    /// A place that every site has.
    #[error("{}: {}", path.display(), compat::format::os_error(source))]
    Io { path: PathBuf, source: io::Error },
}

/// Values of a text of Mailman's.
pub type Values<'a> = &'a [(&'a str, &'a [u8])];

/// Receives what is found. Texts are Mailman's, with their values.
pub trait Report {
    /// What is looked at now.
    fn progress(&mut self, english: &str, values: Values<'_>);
    /// What is not as it should be, and whether it was put right.
    fn problem(&mut self, english: &str, values: Values<'_>, fixed: bool);
    /// Something else to know.
    fn remark(&mut self, english: &str, values: Values<'_>);
}

/// A check of a site's files.
pub struct Check<'a> {
    site: &'a Site,
    report: &'a mut dyn Report,
    fix: bool,
    user: (String, Uid),
    group: (String, Gid),
    seen: HashSet<PathBuf>,
    group_names: HashMap<u32, String>,
    problems: usize,
}

impl<'a> Check<'a> {
    /// Prepares it.
    ///
    /// # Errors
    /// The site's user or group is not known here.
    pub fn new(site: &'a Site, fix: bool, report: &'a mut dyn Report) -> Result<Check<'a>, PermissionsError> {
        let (user, group) = (
            site.settings.str(settings::MAILMAN_USER)?.to_string(),
            site.settings.str(settings::MAILMAN_GROUP)?.to_string(),
        );
        let nobody = |what, name: &str| PermissionsError::Nobody { what, name: name.to_string() };
        let uid = User::from_name(&user).ok().flatten().ok_or_else(|| nobody("user", &user))?.uid;
        let gid = Group::from_name(&group).ok().flatten().ok_or_else(|| nobody("group", &group))?.gid;
        let (user, group) = ((user, uid), (group, gid));
        let (seen, group_names) = (HashSet::new(), HashMap::new());
        Ok(Check { site, report, fix, user, group, seen, group_names, problems: 0 })
    }

    /// Looks at everything; how many problems there are.
    ///
    /// # Errors
    /// A place that every site has cannot be looked at.
    pub fn all(mut self) -> Result<usize, PermissionsError> {
        self.trees()?;
        self.private_archives()?;
        self.archive_databases()?;
        self.cgi_programs()?;
        self.wrapper()?;
        self.list_data()?;
        self.passwords()?;
        self.aliases()?;
        Ok(self.problems)
    }

    fn path(&self, setting: Setting<Place>) -> PathBuf {
        self.site.settings.path(setting)
    }

    fn trees(&mut self) -> Result<(), PermissionsError> {
        let mut roots = KeyTable::new();
        for setting in [settings::PREFIX, settings::EXEC_PREFIX, settings::VAR_PREFIX, settings::LOG_DIR] {
            roots.insert(self.site.settings.str(setting)?);
        }
        let prefix = self.site.settings.str(settings::PREFIX)?;
        self.report.progress("checking mode for %(prefix)s", &[("prefix", &prefix)]);
        for root in roots.into_keys() {
            let path = PathBuf::from(OsStr::from_bytes(&root));
            match fs::metadata(&path) {
                Ok(about) if lacks(&about, FOLDER) => {
                    let fixed = self.set_mode(&path, about.mode() | FOLDER)?;
                    self.problem("directory must be at least 02775: %(d)s", &[("d", &root)], fixed);
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.report.remark("WARNING: directory does not exist: %(d)s", &[("d", &root)]);
                    continue;
                }
                Err(source) => return Err(PermissionsError::Io { path, source }),
            }
            self.walk(&path)?;
        }
        Ok(())
    }

    /// All of a folder before what is in its folders; links to folders are not entered.
    fn walk(&mut self, folder: &Path) -> Result<(), PermissionsError> {
        let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
        let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        if self.seen.insert(folder.to_path_buf()) {
            for path in &paths {
                self.look_at(path)?;
            }
        }
        for path in &paths {
            if fs::symlink_metadata(path).is_ok_and(|about| about.is_dir()) {
                self.walk(path)?;
            }
        }
        Ok(())
    }

    /// Whether a link leads out of the site's trees: Debian keeps programs and templates elsewhere, as root's.
    fn leads_outside(&self, path: &Path) -> bool {
        if !fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
            return false;
        }
        let roots = [settings::PREFIX, settings::EXEC_PREFIX, settings::VAR_PREFIX, settings::LOG_DIR];
        let mut roots = roots.into_iter().filter_map(|root| fs::canonicalize(self.path(root)).ok());
        fs::canonicalize(path).is_ok_and(|target| !roots.any(|root| target.starts_with(root)))
    }

    fn look_at(&mut self, path: &Path) -> Result<(), PermissionsError> {
        let shown = path.as_os_str().as_bytes();
        self.report.progress("    checking gid and mode for %(path)s", &[("path", shown)]);
        // What has gone meanwhile, and links that lead nowhere.
        let Ok(about) = fs::metadata(path) else { return Ok(()) };
        if self.leads_outside(path) {
            return Ok(());
        }
        if about.gid() != self.group.1.as_raw() {
            self.wrong_group(path, &about)?;
        }
        let (wanted, english) = match self.wanted(path, &about) {
            Some(wanted) if lacks(&about, wanted.0) => wanted,
            _ => return Ok(()),
        };
        let fixed = self.set_mode(path, about.mode() | wanted)?;
        let octal = python_oct(wanted);
        self.problem(english, &[("octperms", octal.as_bytes()), ("path", shown)], fixed);
        Ok(())
    }

    fn wrong_group(&mut self, path: &Path, about: &Metadata) -> Result<(), PermissionsError> {
        let name = self.group_names.entry(about.gid()).or_insert_with(|| {
            let known = Group::from_gid(Gid::from_raw(about.gid())).ok().flatten();
            known.map_or_else(|| format!("<anon gid {}>", about.gid()), |group| group.name)
        });
        let (name, wanted) = (name.clone(), self.group.0.clone());
        let fixed = self.set_group(path)?;
        let values = [
            ("path", path.as_os_str().as_bytes()),
            ("groupname", name.as_bytes()),
            ("MAILMAN_GROUP", wanted.as_bytes()),
        ];
        let english = "%(path)s bad group (has: %(groupname)s, expected %(MAILMAN_GROUP)s)";
        self.problem(english, &values, fixed);
        Ok(())
    }

    /// The bits that a path needs, and what is said where it lacks some.
    fn wanted(&self, path: &Path, about: &Metadata) -> Option<(u32, &'static str)> {
        let name = path.as_os_str().as_bytes();
        if about.is_dir() {
            let private = self.path(settings::PRIVATE_ARCHIVE_FILE_DIR);
            let below = |folder: PathBuf| name.starts_with(folder.as_os_str().as_bytes());
            let is_database = below(private.clone()) && path.file_name() == Some(OsStr::new("database"));
            let is_closed = path == private || is_database || below(self.path(settings::QUEUE_DIR));
            let bits = if is_closed { CLOSED_FOLDER } else { FOLDER };
            return Some((bits, "directory permissions must be %(octperms)s: %(path)s"))
                .filter(|(bits, _)| lacks(about, *bits))
                .or_else(|| wanted_of_file(path));
        }
        wanted_of_file(path)
    }

    fn problem(&mut self, english: &str, values: Values<'_>, fixed: bool) {
        self.problems += 1;
        self.report.problem(english, values, fixed);
    }
}

fn wanted_of_file(path: &Path) -> Option<(u32, &'static str)> {
    let ending = path.extension().map(OsStr::as_bytes).unwrap_or_default();
    if matches!(ending, b"py" | b"pyc" | b"pyo") {
        return Some((SOURCE, "source perms must be %(octperms)s: %(path)s"));
    }
    let is_database = path.as_os_str().as_bytes().ends_with(b"-article");
    is_database.then_some((DATABASE, "article db files must be %(octperms)s: %(path)s"))
}

fn lacks(about: &Metadata, bits: u32) -> bool {
    about.mode() & bits != bits
}

/// Python's `oct`.
fn python_oct(number: u32) -> String {
    format!("0{number:o}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[derive(Default)]
    struct Told(Vec<String>);

    impl Report for Told {
        fn progress(&mut self, _: &str, _: Values<'_>) {}
        fn problem(&mut self, english: &str, _: Values<'_>, fixed: bool) {
            self.0.push(format!("{english} {fixed}"));
        }
        fn remark(&mut self, english: &str, _: Values<'_>) {
            self.0.push(english.to_string());
        }
    }

    fn check<'a>(site: &'a Site, fix: bool, told: &'a mut Told) -> Check<'a> {
        let own = (nix::unistd::getuid(), nix::unistd::getgid());
        let (seen, group_names) = (HashSet::new(), HashMap::new());
        let (user, group) = (("me".to_string(), own.0), ("us".to_string(), own.1));
        Check { site, report: told, fix, user, group, seen, group_names, problems: 0 }
    }

    #[test]
    fn folders_are_put_right_and_links_are_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let site = Site::bare(home.path(), compat::site::Version { micro: 39 });
        let (folder, outside) = (home.path().join("lists"), tempfile::tempdir().unwrap());
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(outside.path(), home.path().join("link")).unwrap();
        let mut told = Told::default();
        check(&site, true, &mut told).walk(home.path()).unwrap();
        let message = "directory permissions must be %(octperms)s: %(path)s";
        assert_eq!(told.0, [format!("{message} true")]);
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o7777, 0o2775);
        assert_eq!(fs::metadata(outside.path()).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn what_files_need() {
        let wanted = |name: &str| wanted_of_file(Path::new(name)).map(|(bits, _)| bits);
        assert_eq!([wanted("a.py"), wanted("2026-March-article"), wanted("a.html")], [Some(0o644), Some(0o660), None]);
        assert_eq!(python_oct(0o2775), "02775");
    }
}
