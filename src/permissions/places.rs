//! The places that are looked at one by one: archives, programs, lists, passwords, aliases.

use super::{lacks, python_oct, Check, PermissionsError, EXECUTE_OTHER};
use compat::site::{settings, Switch};
use nix::unistd::{Uid, User};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const READ_OTHER: u32 = 0o004;
const OTHERS: u32 = 0o007;
const EXECUTE_GROUP: u32 = 0o010;
const SET_GROUP: u32 = 0o2000;
const SHARED: u32 = 0o660;
/// A regular file of mode 0640, with its kind.
const SECRET: u32 = 0o100_640;
const MAPS: u32 = 0o664;
const LIST_FILES: [&str; 10] = [
    "config.pck",
    "config.pck.last",
    "config.db",
    "config.db.last",
    "next-digest",
    "next-digest-topics",
    "digest.mbox",
    "pending.pck",
    "request.db",
    "request.db.tmp",
];
const PRIVATE_WARNING: &str = "\
Warning: Private archive directory is other-executable (o+x).
         This could allow other users on your system to read private archives.
         If you're on a shared multiuser system, you should consult the
         installation manual on how to fix this.";

fn shown(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

/// What every site has.
fn must_be_there(path: &Path) -> Result<Metadata, PermissionsError> {
    fs::metadata(path).map_err(|source| PermissionsError::Io { path: path.to_path_buf(), source })
}

/// What a site may have.
fn may_be_there(path: &Path) -> Result<Option<Metadata>, PermissionsError> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some(about)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(PermissionsError::Io { path: path.to_path_buf(), source }),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, PermissionsError> {
    let entries = fs::read_dir(folder).map_err(|source| PermissionsError::Io { path: folder.to_path_buf(), source })?;
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

impl Check<'_> {
    pub(super) fn private_archives(&mut self) -> Result<(), PermissionsError> {
        let private = self.path(settings::PRIVATE_ARCHIVE_FILE_DIR);
        self.report.progress("checking perms on %(private)s", &[("private", shown(&private))]);
        let about = must_be_there(&private)?;
        if about.mode() & READ_OTHER != 0 {
            let fixed = self.set_mode(&private, about.mode() & !READ_OTHER)?;
            self.problem("%(private)s must not be other-readable", &[("private", shown(&private))], fixed);
        }
        if about.mode() & EXECUTE_OTHER != 0 {
            self.report.remark(PRIVATE_WARNING, &[]);
        }
        Ok(())
    }

    pub(super) fn archive_databases(&mut self) -> Result<(), PermissionsError> {
        for archive in entries(&self.path(settings::PRIVATE_ARCHIVE_FILE_DIR))? {
            if shown(&archive).ends_with(b".mbox") && archive.is_dir() {
                self.mboxes(&archive)?;
            }
            let database = archive.join("database");
            match may_be_there(&database)? {
                Some(about) if about.mode() & OTHERS != 0 => {
                    let fixed = self.set_mode(&database, about.mode() & !OTHERS)?;
                    self.problem("%(dbdir)s \"other\" perms must be 000", &[("dbdir", shown(&database))], fixed);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn mboxes(&mut self, folder: &Path) -> Result<(), PermissionsError> {
        for mbox in entries(folder)?.into_iter().filter(|path| shown(path).ends_with(b".mbox")) {
            let about = must_be_there(&mbox)?;
            if lacks(&about, SHARED) {
                let fixed = self.set_mode(&mbox, about.mode() | SHARED)?;
                self.problem("mbox file must be at least 0660:", &[("", shown(&mbox))], fixed);
            }
        }
        Ok(())
    }

    pub(super) fn cgi_programs(&mut self) -> Result<(), PermissionsError> {
        self.report.progress("checking cgi-bin permissions", &[]);
        for program in entries(&self.path(settings::EXEC_PREFIX).join("cgi-bin"))? {
            self.report.progress("    checking set-gid for %(path)s", &[("path", shown(&program))]);
            let about = must_be_there(&program)?;
            if about.mode() & EXECUTE_GROUP != 0 && lacks(&about, SET_GROUP) {
                let fixed = self.set_mode(&program, about.mode() | SET_GROUP)?;
                self.problem("%(path)s must be set-gid", &[("path", shown(&program))], fixed);
            }
        }
        Ok(())
    }

    pub(super) fn wrapper(&mut self) -> Result<(), PermissionsError> {
        let wrapper = self.path(settings::WRAPPER_DIR).join("mailman");
        self.report.progress("checking set-gid for %(wrapper)s", &[("wrapper", shown(&wrapper))]);
        let about = must_be_there(&wrapper)?;
        if lacks(&about, SET_GROUP) {
            let fixed = self.set_mode(&wrapper, about.mode() | SET_GROUP)?;
            self.problem("%(wrapper)s must be set-gid", &[("wrapper", shown(&wrapper))], fixed);
        }
        Ok(())
    }

    pub(super) fn list_data(&mut self) -> Result<(), PermissionsError> {
        self.report.progress("checking permissions on list data", &[]);
        for list in entries(&self.path(settings::LIST_DATA_DIR))?.into_iter().filter(|path| path.is_dir()) {
            for path in LIST_FILES.iter().map(|file| list.join(file)) {
                self.report.progress("    checking permissions on: %(path)s", &[("path", shown(&path))]);
                match may_be_there(&path)? {
                    Some(about) if lacks(&about, SHARED) => {
                        let fixed = self.set_mode(&path, about.mode() | SHARED)?;
                        let english = "file permissions must be at least 660: %(path)s";
                        self.problem(english, &[("path", shown(&path))], fixed);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// A site without a password of its own has none for those who make lists, as far as Mailman looks.
    pub(super) fn passwords(&mut self) -> Result<(), PermissionsError> {
        for path in ["adm.pw", "creator.pw"].map(|name| self.path(settings::DATA_DIR).join(name)) {
            self.report.progress("checking permissions on %(pwfile)s", &[("pwfile", shown(&path))]);
            let Some(about) = may_be_there(&path)? else { return Ok(()) };
            if about.mode() != SECRET {
                let fixed = self.set_mode(&path, SECRET)?;
                let octal = python_oct(about.mode());
                let values = [("pwfile", shown(&path)), ("octmode", octal.as_bytes())];
                self.problem("%(pwfile)s permissions must be exactly 0640 (got %(octmode)s)", &values, fixed);
            }
        }
        Ok(())
    }

    /// The files that Postfix reads, where Mailman makes them.
    pub(super) fn aliases(&mut self) -> Result<(), PermissionsError> {
        if self.site.settings.optional_str(settings::MTA).is_none_or(|mta| mta != "Postfix") {
            return Ok(());
        }
        for file in ["aliases", "virtual-mailman"].map(|name| self.path(settings::DATA_DIR).join(name)) {
            self.report.progress("checking permissions on %(file)s", &[("file", shown(&file))]);
            if let Some(about) = may_be_there(&file)? {
                self.map_mode("file", &file, &about)?;
            }
            let mut map = file.into_os_string();
            map.push(".db");
            self.map(Path::new(&map))?;
        }
        Ok(())
    }

    fn map(&mut self, map: &Path) -> Result<(), PermissionsError> {
        let Some(about) = may_be_there(map)? else { return Ok(()) };
        self.report.progress("checking ownership of %(dbfile)s", &[("dbfile", shown(map))]);
        if about.uid() != self.user.1.as_raw() {
            let owner = User::from_uid(Uid::from_raw(about.uid())).ok().flatten();
            let owner = owner.map_or_else(|| format!("uid {}", about.uid()), |owner| owner.name);
            let fixed = self.set_owner(map)?;
            let user = self.user.0.clone();
            let values = [("dbfile", shown(map)), ("owner", owner.as_bytes()), ("user", user.as_bytes())];
            self.problem("%(dbfile)s owned by %(owner)s (must be owned by %(user)s", &values, fixed);
        }
        self.map_mode("dbfile", map, &about)
    }

    fn map_mode(&mut self, name: &str, path: &Path, about: &Metadata) -> Result<(), PermissionsError> {
        if !lacks(about, MAPS) {
            return Ok(());
        }
        let fixed = self.set_mode(path, about.mode() | MAPS)?;
        let wanted = if self.site.profile.has(Switch::PostfixMapsReadable) { "0664" } else { "066x" };
        let english = format!("%({name})s permissions must be {wanted} (got %(octmode)s)");
        let octal = python_oct(about.mode());
        self.problem(&english, &[(name, shown(path)), ("octmode", octal.as_bytes())], fixed);
        Ok(())
    }
}
