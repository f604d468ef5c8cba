//! A site made of an archive: on another machine, under other paths, for another user, with other hosts, as far as is wished.
//!
//! The archive is read and checked whole before a file is written. What is written has no settings until all of it is on the
//! disk: they come last, and before them no program takes this for a site. Done again, a restore that was killed goes on; one
//! that is done is left as it is, for mail may have been worked on since.

mod journal;
mod owners;
mod path_map;
mod place;
mod plan;
mod rewrite;
mod settings;
pub mod system;

#[cfg(test)]
mod tests;

pub use path_map::{HostMap, PathMap};
pub use plan::places;

use crate::archive::{self, ArchiveError, Contents};
use crate::collect::CODE;
use crate::program::{MANIFEST_NAME, RESTORE_JOURNAL_NAME};
use crate::progress::Progress;
use crate::verify;
use compat::durable;
use compat::names::by_name;
use compat::site::{settings as names, Site, SiteError};
use journal::Journal;
pub use owners::MissingOwner;
use owners::Owners;
use place::Placer;
use plan::Plan;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Where files of the old machine that are no site's are put, below VAR_PREFIX.
pub const OLD_MACHINE: &str = "old-machine";

/// What is wished of a restore.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The folder with `Mailman/` in it, where the paths that a site there usually has are taken; `None`: as it was.
    pub home: Option<PathBuf>,
    /// Old paths with their new ones; these count before what follows from `home`.
    pub paths: Vec<(PathBuf, PathBuf)>,
    /// MAILMAN_USER and MAILMAN_GROUP here.
    pub user: Option<String>,
    pub group: Option<String>,
    pub email_hosts: HostMap,
    pub url_hosts: HostMap,
    /// Also in the pages of archives.
    pub with_pages: bool,
    /// An archive of a running site will do.
    pub may_be_live: bool,
    /// Settings that are what the caller says.
    pub settings: Vec<(String, compat::value::Value)>,
}

/// What was restored.
pub struct Restored {
    pub site: Rc<Site>,
    /// Whether it was done before, and nothing was written now.
    pub was_done: bool,
    pub files: usize,
    /// Files that name a path or a host, and were changed.
    pub changed: usize,
    /// The manifest, and whether it is of the old machine: else it was taken here.
    pub manifest: PathBuf,
    pub is_of_old_machine: bool,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

/// Why there is no site. What was written so far is no site either; the same call goes on.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is not believed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// It was made while the runners ran.
    #[error("{} was collected from a running site, without a last pass: mail that was handled since would be handled twice \
             or is missing. Make the last pass, or say --live for a trial", .0.display())]
    Live(PathBuf),
    /// The settings in it.
    #[error("the settings in the archive: {0}")]
    Settings(#[from] SiteError),
    /// The settings would not be what they must be.
    #[error("the settings would not be right here: {0}. Say in mm_cfg.py what they are, and collect again")]
    Unmoved(String),
    /// There is a site.
    #[error("{}: {what}", path.display())]
    Occupied { path: PathBuf, what: String },
    /// The user or group.
    #[error("{0}: make it first, or name another with --user and --group")]
    NoUser(MissingOwner),
    /// No room.
    #[error("{} has room for {free} bytes, and {wanted} are to come", path.display())]
    NoRoom { path: PathBuf, wanted: u64, free: u64 },
    /// A file.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The messages.
    #[error("the waiting messages: {0}")]
    Messages(#[from] verify::ManifestError),
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> RestoreError + '_ {
    move |source| RestoreError::Io { path: path.to_path_buf(), source }
}

/// Makes a site of an archive.
///
/// # Errors
/// See [`RestoreError`].
pub fn restore(archive: &Path, wish: &Wish, progress: &mut dyn Progress) -> Result<Restored, RestoreError> {
    let contents = Contents::read(archive, progress)?;
    if !contents.end.is_last && !wish.may_be_live {
        return Err(RestoreError::Live(archive.to_path_buf()));
    }
    let plan = Plan::make(&contents, wish)?;
    let outcome = Restore { contents: &contents, wish, plan: &plan }.run(progress);
    // What was staged is in place, or is staged anew by the next call.
    let swept = durable::remove_tree(&plan.staging);
    let restored = outcome?;
    swept.map_err(failed(&plan.staging))?;
    Ok(restored)
}

struct Restore<'a> {
    contents: &'a Contents,
    wish: &'a Wish,
    plan: &'a Plan,
}

impl Restore<'_> {
    fn run(&self, progress: &mut dyn Progress) -> Result<Restored, RestoreError> {
        let journal_file = self.plan.folder(names::DATA_DIR).join(RESTORE_JOURNAL_NAME);
        let known = Journal::read(&journal_file).map_err(failed(&journal_file))?;
        let wanted = Journal { archive: self.contents.id(), wish: self.plan.sum(self.wish), is_done: false };
        self.may_begin(known.as_ref(), &wanted, &journal_file)?;
        if known.is_some_and(|known| known.is_done) {
            self.put_settings()?;
            return self.done(true, 0, Vec::new());
        }
        let mut placer = self.placer()?;
        self.must_have_room()?;
        let data = place::Target { root: "DATA_DIR", folder: self.plan.folder(names::DATA_DIR), below: PathBuf::new() };
        placer.folder(&data, None).map_err(failed(&data.folder))?;
        wanted.write(&journal_file).map_err(failed(&journal_file))?;
        self.put_files(&mut placer, progress)?;
        let left_out = self.put_links(&mut placer)?;
        self.put_folders(&mut placer)?;
        self.put_manifest(&placer)?;
        self.sync()?;
        Journal { is_done: true, ..wanted }.write(&journal_file).map_err(failed(&journal_file))?;
        self.put_settings()?;
        self.done(false, placer.changed, left_out)
    }

    /// Nothing of another site, or of another restore, may be there.
    fn may_begin(&self, known: Option<&Journal>, wanted: &Journal, journal: &Path) -> Result<(), RestoreError> {
        let occupied =
            |path: &Path, what: &str| Err(RestoreError::Occupied { path: path.to_path_buf(), what: what.to_string() });
        if let Some(known) = known {
            return match (known.archive == wanted.archive, known.wish == wanted.wish) {
                (true, true) => Ok(()),
                (false, _) => occupied(journal, "another archive was restored here"),
                (true, false) => occupied(journal, "this archive was restored here with other options"),
            };
        }
        let settings = self.plan.home.join(CODE).join("mm_cfg.py");
        if settings.exists() {
            return occupied(&settings, "there is a site already; restore makes none over another");
        }
        let lists = self.plan.folder(names::LIST_DATA_DIR);
        let has_lists = std::fs::read_dir(&lists).is_ok_and(|mut items| items.next().is_some());
        match has_lists {
            true => occupied(&lists, "there are lists already; restore makes none over others"),
            false => Ok(()),
        }
    }

    fn placer(&self) -> Result<Placer<'_>, RestoreError> {
        let text = |site: &Site, name: &str| site.settings.optional_str(by_name(name)).unwrap_or_default().to_latin1();
        let both = |site: &Site| (text(site, "MAILMAN_USER"), text(site, "MAILMAN_GROUP"));
        let (old, new) = (both(&self.plan.old), both(&self.plan.new));
        let owners = Owners::new(old, (&new.0, &new.1)).map_err(RestoreError::NoUser)?;
        Ok(Placer::new(self.contents, &self.plan.change, owners, self.wish.with_pages))
    }

    /// Better said now than after an hour.
    fn must_have_room(&self) -> Result<(), RestoreError> {
        let mut wanted: BTreeMap<u64, (PathBuf, u64)> = BTreeMap::new();
        for (name, stored) in &self.contents.files {
            let target = self.plan.target(name);
            if std::fs::symlink_metadata(target.path()).is_ok() {
                continue;
            }
            let folder = existing(&target.folder);
            let device = std::fs::metadata(&folder).map(|about| about.dev()).unwrap_or(0);
            wanted.entry(device).or_insert((folder, 0)).1 += stored.member.size;
        }
        for (path, wanted) in wanted.into_values() {
            let free = durable::free_space(&path).map_err(failed(&path))?;
            if free < wanted {
                return Err(RestoreError::NoRoom { path, wanted, free });
            }
        }
        Ok(())
    }

    fn put_files(&self, placer: &mut Placer<'_>, progress: &mut dyn Progress) -> Result<(), RestoreError> {
        let of = self.contents.files.len() as u64;
        for (count, (name, stored)) in self.contents.files.iter().enumerate() {
            progress.at("writing files", count as u64 + 1, of);
            let target = self.plan.target(name);
            if !plan::is_of_settings(&target) {
                placer.file(&target, stored).map_err(failed(&target.path()))?;
            }
        }
        Ok(())
    }

    /// Links within the site; those that lead out of it are reported.
    fn put_links(&self, placer: &mut Placer<'_>) -> Result<Vec<String>, RestoreError> {
        let mut left_out = Vec::new();
        for (name, member) in &self.contents.links {
            let target = self.plan.target(name);
            let path = target.path();
            match self.plan.link_target(name, &path, &member.target) {
                Some(to) => placer.link(&target, &to).map_err(failed(&path))?,
                None => left_out.push(format!(
                    "{} -> {}: leads out of the site",
                    path.display(),
                    member.target.escape_ascii()
                )),
            }
        }
        Ok(left_out)
    }

    /// Modes and owners of folders, and those that are empty; then what a site needs while it runs.
    fn put_folders(&self, placer: &mut Placer<'_>) -> Result<(), RestoreError> {
        for (name, member) in &self.contents.folders {
            let target = self.plan.target(name);
            let path = target.path();
            placer.folder(&target, Some(member.mode)).map_err(failed(&path))?;
            if !target.below.as_os_str().is_empty() {
                placer.give_as(&path, member).map_err(failed(&path))?;
            }
        }
        for path in self.plan.running_folders() {
            let target = place::Target { root: "LOCK_DIR", folder: path.clone(), below: PathBuf::new() };
            placer.folder(&target, None).map_err(failed(&path))?;
        }
        Ok(())
    }

    /// The manifest of the old machine with the places of here; else one of what is there now.
    fn put_manifest(&self, placer: &Placer<'_>) -> Result<(), RestoreError> {
        let path = self.manifest();
        let text = match &self.contents.messages {
            Some(text) => verify::moved(text, |old| self.plan.change.paths.of(old)),
            None => verify::manifest_text(&self.plan.new)?.0,
        };
        let temporary = path.with_extension("tmp");
        durable::replace(&path, &temporary, 0o640, |file| io::Write::write_all(file, &text)).map_err(failed(&path))?;
        placer.give(&path).map_err(failed(&path))
    }

    fn manifest(&self) -> PathBuf {
        self.plan.folder(names::DATA_DIR).join(MANIFEST_NAME)
    }

    fn sync(&self) -> Result<(), RestoreError> {
        let mut folders: BTreeMap<u64, PathBuf> = BTreeMap::new();
        for folder in self.plan.folders().filter(|folder| folder.is_dir()) {
            let device = std::fs::metadata(&folder).map(|about| about.dev()).unwrap_or(0);
            folders.entry(device).or_insert(folder);
        }
        folders.values().try_for_each(|folder| durable::sync_file_system(folder).map_err(failed(folder)))
    }

    /// `mm_cfg.py` last: without it no program starts.
    fn put_settings(&self) -> Result<(), RestoreError> {
        let code = self.plan.home.join(CODE);
        durable::mkdir_all(&code, 0o755).map_err(failed(&code))?;
        let staged = self.plan.staged_settings().map_err(failed(&self.plan.staging))?;
        for name in staged {
            let (from, to) = (self.plan.staging.join("new").join(CODE).join(&name), code.join(&name));
            self.put_one_setting(&from, &to).map_err(failed(&to))?;
        }
        Ok(())
    }

    /// Debian's `mm_cfg.py` is a link to `/etc`, where the file is made.
    fn put_one_setting(&self, from: &Path, to: &Path) -> io::Result<()> {
        let bytes = durable::read_file(from, plan::LARGEST_SETTINGS)?;
        let to = std::fs::read_link(to).map_or_else(|_| to.to_path_buf(), |link| to.with_file_name(link));
        if place::has(&to, bytes.len() as u64, &archive::sum(&bytes)) {
            return Ok(());
        }
        durable::mkdir_all(durable::folder_of(&to), 0o755)?;
        let mut temporary = to.as_os_str().to_owned();
        temporary.push(".mailman2-rs.tmp");
        durable::replace(&to, Path::new(&temporary), 0o644, |file| io::Write::write_all(file, &bytes))
    }

    fn done(&self, was_done: bool, changed: usize, left_out: Vec<String>) -> Result<Restored, RestoreError> {
        Ok(Restored {
            site: Site::open(&self.plan.home)?,
            was_done,
            files: self.contents.files.len(),
            changed,
            manifest: self.manifest(),
            is_of_old_machine: self.contents.messages.is_some(),
            left_out,
        })
    }
}

/// The nearest folder above that is there.
fn existing(path: &Path) -> PathBuf {
    path.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).to_path_buf()
}
