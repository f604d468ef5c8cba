//! Putting our runners in the place of Python's, one by one or all at once, and taking them out again.
//!
//! Three things change, each by one rename: `mm_cfg.py` gets lines that say which runners are ours, `BIN_DIR/qrunner` becomes
//! the shim, and `BIN_DIR/mailmanctl`, if wished, our master. Nothing else of a site is touched, no process is started or
//! stopped, and every step can be done twice.

mod journal;
pub mod pages;
mod settings_file;

#[cfg(test)]
mod tests;

use crate::program::{divert, full_name, qrunners, Layout, Ours, Place};
use crate::survey::{Level, Survey, CODES};
use crate::Engine;
use compat::durable;
use compat::queue::look::{look, FileKind};
use compat::queue::{QueueFolders, QueueName};
use compat::site::{own, settings, Site};
pub use settings_file::without as without_lines;
use settings_file::Lines;
use std::io;
use std::path::{Path, PathBuf};

/// Where the shim looks for the program without being told.
const USUAL_PLACES: [&str; 3] =
    ["/usr/local/sbin/mailman2-rs", "/usr/sbin/mailman2-rs", "/usr/lib/mailman2-rs/mailman2-rs"];

/// The programs in whose places ours are put.
const PROGRAMS: [&str; 2] = ["qrunner", "mailmanctl"];

/// What is wished of a switch.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The runners to move, by class; `None`: all.
    pub runners: Option<Vec<String>>,
    /// Our master too.
    pub master: bool,
    /// The program.
    pub program: PathBuf,
    /// Codes of findings that are to stop nothing.
    pub accepted: Vec<String>,
}

/// Why a switch, or the way back, was not done. What was done so far can be finished or undone.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// The survey stops it.
    #[error("the survey finds what would stop a switch: {0}")]
    Stopped(String),
    /// Not a runner that can be moved.
    #[error("{0} is not a runner of this site that this program has")]
    NoSuchRunner(String),
    /// Not one of Mailman's page programs.
    #[error("{0} is no page program of Mailman's")]
    NoSuchPage(String),
    /// Not a word of the survey.
    #[error("the survey has no finding that is called {0}")]
    NoSuchFinding(String),
    /// There is nothing at that path.
    #[error("{} is not there", .0.display())]
    NoProgram(PathBuf),
    /// A file.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}

fn failed(what: impl ToString) -> impl FnOnce(io::Error) -> SwitchError {
    move |source| SwitchError::Io { what: what.to_string(), source }
}

/// A change that is ready to be made.
pub struct Plan {
    journal: PathBuf,
    /// Where the site's programs are.
    bin: PathBuf,
    /// What the journal will say; empty: nothing of ours stays.
    noted: Vec<Place>,
    settings: PathBuf,
    contents: Vec<u8>,
    places: Vec<(Place, Option<Ours>)>,
    steps: Vec<String>,
    /// What to do when it is made.
    pub advice: String,
    /// What the change leaves behind, whether or not there is something to do.
    pub warnings: Vec<String>,
}

impl Plan {
    /// The steps, for people; none where nothing is left to do.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// Makes the change.
    ///
    /// # Errors
    /// What failed; the steps before it are done, and the same plan can be made and carried out again.
    pub fn carry_out(&self) -> Result<(), SwitchError> {
        let known = journal::read(&self.journal, &self.bin).map_err(failed(self.journal.display()))?;
        let note = || match !self.noted.is_empty() && known != self.noted {
            true => journal::write(&self.journal, &self.noted).map_err(failed(self.journal.display())),
            false => Ok(()),
        };
        // What is put in place is noted before; what stays when the rest is taken out, after.
        if self.noted.len() >= known.len() {
            note()?;
        }
        // On the way in the settings come first, and mean nothing to Python; on the way out they go last.
        let is_way_in = self.places.iter().any(|(_, ours)| ours.is_some());
        if is_way_in {
            self.put_settings()?;
        }
        for (place, ours) in &self.places {
            let done = match ours {
                Some(ours) => place.put(ours),
                None => place.take_back(),
            };
            done.map_err(failed(place.path.display()))?;
        }
        if !is_way_in {
            self.put_settings()?;
        }
        if self.noted.len() < known.len() {
            note()?;
        }
        if self.noted.is_empty() {
            durable::unlink_if_there(&self.journal).map_err(failed(self.journal.display()))?;
        }
        self.sweep()
    }

    /// What an earlier attempt left half written.
    fn sweep(&self) -> Result<(), SwitchError> {
        [journal::temporary(&self.journal), settings_file::temporary(&self.settings)]
            .iter()
            .try_for_each(|path| durable::unlink_if_there(path).map(|_| ()).map_err(failed(path.display())))
    }

    fn put_settings(&self) -> Result<(), SwitchError> {
        let now = std::fs::read(&self.settings).map_err(failed(self.settings.display()))?;
        if now == self.contents {
            return Ok(());
        }
        settings_file::put(&self.settings, &self.contents).map_err(failed(self.settings.display()))
    }
}

/// Which runners are ours now; `None`: all. Only to be asked where the shim is in place.
fn served(site: &Site) -> Option<Vec<String>> {
    own::runners(&site.settings).map(|names| names.iter().map(|name| full_name(&name.to_latin1())).collect())
}

/// Plans a switch.
///
/// # Errors
/// Nothing was changed.
pub fn plan_switch(site: &Site, engine: &dyn Engine, wish: &Wish) -> Result<Plan, SwitchError> {
    if !wish.program.is_file() {
        return Err(SwitchError::NoProgram(wish.program.clone()));
    }
    if let Some(unknown) = wish.accepted.iter().find(|word| !CODES.contains(&word.as_str())) {
        return Err(SwitchError::NoSuchFinding(unknown.clone()));
    }
    must_be_ready(site, engine, wish)?;
    let layout = Layout::of(site);
    let runners = wished_runners(site, engine, wish, layout.is_switched)?;
    let is_usual = USUAL_PLACES.iter().any(|place| Path::new(place) == wish.program);
    let lines = Lines { runners: runners.clone(), program: (!is_usual).then(|| wish.program.clone()) };
    let link = || Ours::Link(wish.program.clone());
    let qrunner = if layout.python.is_some() { Ours::Shim } else { link() };
    let mut wanted = vec![("qrunner", qrunner)];
    if wish.master {
        wanted.push(("mailmanctl", link()));
    }
    let mut plan = Plan::new(site, |old| settings_file::with(old, &lines))?;
    for (name, ours) in wanted {
        plan.add(layout.bin.join(name), ours);
    }
    plan.describe();
    plan.advice = advice(&layout, &runners, wish.master);
    Ok(plan)
}

fn must_be_ready(site: &Site, engine: &dyn Engine, wish: &Wish) -> Result<(), SwitchError> {
    let survey = Survey::of(site, engine);
    if survey.gravest(&wish.accepted) != Some(Level::Stop) {
        return Ok(());
    }
    let is_left = |code: &str| !wish.accepted.iter().any(|accepted| accepted == code);
    let stops = survey.findings.iter().filter(|f| f.level == Level::Stop && is_left(f.code));
    Err(SwitchError::Stopped(stops.map(|f| format!("{} [{}]", f.text, f.code)).collect::<Vec<_>>().join("; ")))
}

/// Those that are ours already, and those that are wished.
fn wished_runners(
    site: &Site,
    engine: &dyn Engine,
    wish: &Wish,
    is_switched: bool,
) -> Result<Option<Vec<String>>, SwitchError> {
    let Some(wished) = &wish.runners else { return Ok(None) };
    let wished: Vec<String> = wished.iter().map(|name| full_name(name)).collect();
    let known = qrunners(site);
    let is_ours = |name: &str| engine.has_runner(name) && known.iter().any(|(class, _)| class == name);
    if let Some(unknown) = wished.iter().find(|name| !is_ours(name)) {
        return Err(SwitchError::NoSuchRunner(unknown.clone()));
    }
    let mut all = match (is_switched, served(site)) {
        (false, _) => Vec::new(),
        (true, None) => return Ok(None),
        (true, Some(names)) => names,
    };
    all.extend(wished);
    all.sort();
    all.dedup();
    Ok(Some(all))
}

fn advice(layout: &Layout, runners: &Option<Vec<String>>, master: bool) -> String {
    let control = layout.bin.join("mailmanctl");
    let control = control.display();
    let who = runners.as_ref().map_or("all runners".to_string(), |names| names.join(", "));
    if master {
        return format!("Ours serves {who} after: {control} stop; wait until no qrunner runs; {control} -s start");
    }
    format!("Ours serves {who} after: {control} restart")
}

/// Plans the way back: of all, or of these runners only.
///
/// # Errors
/// Nothing was changed.
pub fn plan_back(site: &Site, runners: Option<&[String]>) -> Result<Plan, SwitchError> {
    let layout = Layout::of(site);
    let known = qrunners(site);
    let is_known = |name: &&String| known.iter().any(|(class, _)| *class == full_name(name));
    if let Some(unknown) = runners.unwrap_or_default().iter().find(|name| !is_known(name)) {
        return Err(SwitchError::NoSuchRunner(unknown.clone()));
    }
    let left = match runners {
        Some(names) if layout.is_switched => stay(site, names),
        _ => Vec::new(),
    };
    if !left.is_empty() {
        return plan_stay(site, &layout, left);
    }
    let mut plan = Plan::new(site, settings_file::without)?;
    plan.take_out(|place| !pages::is_page(place));
    plan.describe();
    let control = layout.bin.join("mailmanctl");
    let control = control.display();
    plan.advice = format!("Python serves all after: {control} stop; wait until no qrunner runs; {control} -s start");
    plan.warnings = entries_on_hold(site);
    Ok(plan)
}

/// Entries that an operator put off stay so: Python's runners pass over them, and Mailman has no command that releases them.
fn entries_on_hold(site: &Site) -> Vec<String> {
    let Ok(folders) = QueueFolders::from_settings(&site.settings) else { return Vec::new() };
    let warn = |queue: QueueName| {
        let files = look(&folders, queue).unwrap_or_default();
        let count = files.iter().filter(|file| file.kind == FileKind::OnHold).count();
        let dir = folders.of(queue);
        (count > 0).then(|| {
            format!(
                "{count} on hold in {0}, where Python never looks: `queues release`, or `mv NAME.hold NAME.pck` there",
                dir.display()
            )
        })
    };
    QueueName::ALL.into_iter().filter_map(warn).collect()
}

/// The runners that stay ours when these go.
fn stay(site: &Site, going: &[String]) -> Vec<String> {
    let going: Vec<String> = going.iter().map(|name| full_name(name)).collect();
    let all = || qrunners(site).into_iter().map(|(class, _)| class).collect();
    let mut names: Vec<String> = served(site).unwrap_or_else(all);
    names.retain(|name| !going.contains(name));
    names.sort();
    names
}

fn plan_stay(site: &Site, layout: &Layout, left: Vec<String>) -> Result<Plan, SwitchError> {
    let program = site.settings.optional_str(settings::MAILMAN2_RS_PROGRAM).map(|text| PathBuf::from(text.to_latin1()));
    let runners = Some(left);
    let lines = Lines { runners: runners.clone(), program };
    let mut plan = Plan::new(site, |old| settings_file::with(old, &lines))?;
    plan.describe();
    plan.advice = advice(layout, &runners, false);
    Ok(plan)
}

/// Root changes nothing behind a link that the list user may have laid.
fn reached_by_own_links(path: &Path) -> io::Result<()> {
    match durable::open_trusted(path) {
        Err(error) if nix::unistd::geteuid().is_root() && error.kind() == io::ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}

impl Plan {
    /// With the places that the journal notes, none of which changes yet.
    fn new(site: &Site, edit: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<Plan, SwitchError> {
        let journal = journal::path(&site.settings.path(settings::DATA_DIR));
        let bin = Layout::of(site).bin;
        for path in [durable::folder_of(&journal), &bin, &site.home.join("Mailman/mm_cfg.py")] {
            reached_by_own_links(path).map_err(failed(path.display()))?;
        }
        let noted = journal::read(&journal, &bin).map_err(failed(journal.display()))?;
        let settings = settings_file::path(&site.home).map_err(failed("Mailman/mm_cfg.py"))?;
        let old = std::fs::read(&settings).map_err(failed(settings.display()))?;
        let contents = edit(&old);
        Ok(Plan {
            journal,
            bin,
            noted,
            settings,
            contents,
            places: Vec::new(),
            steps: Vec::new(),
            advice: String::new(),
            warnings: Vec::new(),
        })
    }

    fn add(&mut self, path: PathBuf, ours: Ours) {
        let known = self.noted.iter().find(|place| place.path == path).cloned();
        let place = known.unwrap_or_else(|| {
            let place = Place { diverted: divert::is_packaged(&path), path };
            self.noted.push(place.clone());
            place
        });
        self.places.push((place, Some(ours)));
    }

    /// Takes out the places that these are; the others stay noted.
    fn take_out(&mut self, goes: impl Fn(&Place) -> bool) {
        let (out, stays) = self.noted.drain(..).partition(goes);
        self.noted = stays;
        let out: Vec<Place> = out;
        self.places = out.into_iter().map(|place| (place, None)).rev().collect();
    }

    fn describe(&mut self) {
        if std::fs::read(&self.settings).is_ok_and(|now| now != self.contents) {
            self.steps.push(format!("change the lines of mailman2-rs in {}", self.settings.display()));
        }
        for (place, ours) in &self.places {
            self.steps.extend(match ours {
                Some(ours) => place.describe(ours),
                None => place.describe_back(),
            });
        }
        if self.noted.is_empty() && self.journal.exists() {
            self.steps.push(format!("rm {}", self.journal.display()));
        }
    }
}

/// What is in place, for people.
pub fn status(site: &Site) -> String {
    let layout = Layout::of(site);
    let is_ours = |name: &str| Place { path: layout.bin.join(name), diverted: false }.is_ours();
    let who = match (is_ours("qrunner"), served(site)) {
        (false, _) => "none".to_string(),
        (true, None) => "all that are ours to serve".to_string(),
        (true, Some(names)) => names.join(", "),
    };
    let master = if is_ours("mailmanctl") { "ours" } else { "Python's" };
    let pages = pages::in_place(site);
    let pages = if pages.is_empty() { "none".to_string() } else { pages.join(", ") };
    format!("runners of ours: {who}\nmailmanctl: {master}\npages of ours: {pages}\n")
}
