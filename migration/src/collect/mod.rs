//! What a site is, brought into one archive: while it runs, again for what changed, and a last time with the runners stopped.
//!
//! Reads only. Nothing outside of the folders that the settings name is looked into: a link that leads out is noted as a link
//! and told. Files that vanish or change are taken again by the next walk; the last pass ends when a walk finds nothing to
//! bring.

mod names;
mod output;
mod outside;
mod pass;
mod roots;
mod take;

#[cfg(test)]
mod tests;

pub use roots::{named, roots, Archives, Root, CODE, FOLDER_SETTINGS};

use crate::archive::{self, About, End};
use crate::progress::Progress;
use crate::{verify, Engine};
use compat::names::by_name;
use compat::site::Site;
use compat::{clock, host};
use output::{Before, Output};
use pass::Pass;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Maximum number of walks; a site that still changes after them is not at rest.
const WALKS: u32 = 8;

/// What is wished of a collection.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The runners are stopped, and the archive is what the site is.
    pub is_last: bool,
    pub archives: Archives,
    /// Where the machine's own settings are looked for: `/`.
    pub machine: PathBuf,
}

/// What a pass did.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Whether an archive was there before.
    pub is_again: bool,
    pub is_last: bool,
    /// Files that this pass brought, and their bytes.
    pub brought: usize,
    pub bytes: u64,
    /// Names that an earlier pass brought and that are gone.
    pub gone: usize,
    /// All files in the archive.
    pub files: usize,
    /// Messages in the manifest.
    pub messages: usize,
    /// Half-written files, which nobody needs.
    pub temporary: usize,
    /// Files that can't be read: they are not in the archive.
    pub unreadable: Vec<String>,
    /// Links that lead out of the site: what is behind them is not in the archive.
    pub outward: Vec<String>,
    /// Files that changed each time they were read; the next pass takes them again.
    pub restless: Vec<String>,
}

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The archive.
    #[error("{}: {source}", path.display())]
    Archive { path: PathBuf, source: io::Error },
    /// The archive is of another site.
    #[error("{} is an archive of the site {}", path.display(), home.display())]
    OtherSite { path: PathBuf, home: PathBuf },
    /// Runners of the site run.
    #[error("runners of the site run (pid {0}): stop them before the last pass, or leave out --last")]
    Running(String),
    /// Somebody writes to the site.
    #[error("the site does not come to rest: {0}. Stop the web server and the cron jobs too, then do it again")]
    Restless(String),
    /// The messages can't be accounted for.
    #[error("the waiting messages can't be noted: {0}")]
    Messages(#[from] verify::ManifestError),
}

/// Brings a site, or what changed of it, into a file.
///
/// # Errors
/// See [`CollectError`]. What the file has so far is kept, and the same call goes on.
pub fn to_file(
    site: &Site,
    engine: &dyn Engine,
    wish: &Wish,
    path: &Path,
    progress: &mut dyn Progress,
) -> Result<Collected, CollectError> {
    must_be_stopped(site, engine, wish)?;
    let failed = |source| CollectError::Archive { path: path.to_path_buf(), source };
    let (output, before) = Output::file(path, &about(site)).map_err(failed)?;
    if let Some(about) = before.about.as_ref().filter(|about| about.home != site.home) {
        return Err(CollectError::OtherSite { path: path.to_path_buf(), home: about.home.clone() });
    }
    let archive = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    Collection { site, wish, archive }.run(output, before, progress)
}

/// Brings a site into a pipe, all at once.
///
/// # Errors
/// See [`CollectError`].
pub fn to_pipe(
    site: &Site,
    engine: &dyn Engine,
    wish: &Wish,
    pipe: &mut dyn Write,
    progress: &mut dyn Progress,
) -> Result<Collected, CollectError> {
    must_be_stopped(site, engine, wish)?;
    let collection = Collection { site, wish, archive: PathBuf::from("-") };
    collection.run(Output::Pipe(pipe), Before::default(), progress)
}

fn must_be_stopped(site: &Site, engine: &dyn Engine, wish: &Wish) -> Result<(), CollectError> {
    let running = engine.processes(site);
    match !wish.is_last || running.is_empty() {
        true => Ok(()),
        false => {
            let pids: Vec<String> = running.iter().map(|process| process.pid.to_string()).collect();
            Err(CollectError::Running(pids.join(", ")))
        }
    }
}

struct Collection<'a> {
    site: &'a Site,
    wish: &'a Wish,
    /// Not to be collected into itself.
    archive: PathBuf,
}

impl Collection<'_> {
    fn run(&self, output: Output<'_>, before: Before, progress: &mut dyn Progress) -> Result<Collected, CollectError> {
        let is_again = before.about.is_some() && !before.is_new;
        let is_without_beginning = before.about.is_none();
        let mut pass = Pass::new(output, before, self.archive.clone());
        if is_without_beginning {
            pass.note(archive::SITE, &about(self.site).text()).map_err(|source| self.failed(source))?;
        }
        let is_at_rest = self.walk_until_rest(&mut pass, progress)?;
        if self.wish.is_last && !is_at_rest {
            return Err(CollectError::Restless(pass.report.restless.join(", ")));
        }
        let mut report = self.close(pass)?;
        report.is_again = is_again;
        report.is_last = self.wish.is_last;
        Ok(report)
    }

    /// Walks over the site; for a last pass until a walk finds nothing new.
    fn walk_until_rest(&self, pass: &mut Pass<'_>, progress: &mut dyn Progress) -> Result<bool, CollectError> {
        let roots = roots(self.site, self.wish.archives);
        let outside = outside::files(&self.wish.machine);
        for _ in 0..WALKS {
            let before = pass.report.brought;
            pass.walk(&roots, &self.wish.machine, &outside, self.wish.archives, progress)
                .map_err(|source| self.failed(source))?;
            let found_nothing = pass.report.brought == before;
            if !self.wish.is_last || found_nothing && pass.report.restless.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The manifest, the sums, the end.
    fn close(&self, mut pass: Pass<'_>) -> Result<Collected, CollectError> {
        let failed = |source| self.failed(source);
        let (messages, count) = verify::manifest_text(self.site)?;
        pass.note(archive::MESSAGES, &messages).map_err(failed)?;
        let sums = pass.sums();
        let files = pass.index().files().count();
        pass.note(archive::SUMS, &sums).map_err(failed)?;
        let end = End { is_last: self.wish.is_last, files, sums: archive::sum(&sums) };
        pass.note(archive::END, &end.text()).map_err(failed)?;
        let mut report = pass.finish().map_err(failed)?;
        report.files = files;
        report.messages = count;
        Ok(report)
    }

    fn failed(&self, source: io::Error) -> CollectError {
        CollectError::Archive { path: self.archive.clone(), source }
    }
}

fn about(site: &Site) -> About {
    let text = |name: &str| site.settings.optional_str(by_name(name)).unwrap_or_default().to_latin1();
    let unique = format!("{} {} {:?}", host::name(), std::process::id(), clock::since_epoch());
    About {
        id: archive::sum(unique.as_bytes()),
        home: site.home.clone(),
        version: site.profile.version().to_string(),
        email_host: text("DEFAULT_EMAIL_HOST"),
        url_host: text("DEFAULT_URL_HOST"),
    }
}
