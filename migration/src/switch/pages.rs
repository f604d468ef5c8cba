//! The programs of `cgi-bin`: ours in the place of Mailman's, one by one or all at once, and out again.
//!
//! Web servers start them by path, so each of ours stands under Mailman's name, with the group and the set-group-id bit of
//! the original, which waits beside it. Python's other pages go on: cookies of either are good for both.

use super::{journal, Plan, SwitchError};
use crate::program::{Layout, Ours, Place};
use compat::site::{settings, Site};
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// All programs that there are.
pub const NAMES: [&str; 11] = [
    "admin",
    "admindb",
    "confirm",
    "create",
    "edithtml",
    "listinfo",
    "options",
    "private",
    "rmlist",
    "roster",
    "subscribe",
];
/// Where Debian has them.
const DEBIAN: &str = "/usr/lib/cgi-bin/mailman";

/// Where the site's page programs are: beside BIN_DIR, or at Debian's place.
pub fn folder(site: &Site) -> PathBuf {
    let own = beside(&Layout::of(site).bin);
    own.filter(|folder| folder.is_dir()).unwrap_or_else(|| PathBuf::from(DEBIAN))
}

fn beside(bin: &Path) -> Option<PathBuf> {
    Some(bin.parent()?.join("cgi-bin"))
}

/// Whether a path is one of a page program of the site with this BIN_DIR.
pub(super) fn is_place(path: &Path, bin: &Path) -> bool {
    let folder = path.parent();
    let is_known = folder == Some(Path::new(DEBIAN)) || folder == beside(bin).as_deref();
    is_known && name_of(path).is_some_and(|name| path.file_stem() == Some(OsStr::new(name)))
}

/// Whether a place is one of a page program.
pub fn is_page(place: &Place) -> bool {
    name_of(&place.path).is_some()
}

/// The program that stands at a path, without the site's CGIEXT.
fn name_of(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    let stem = name.split('.').next()?;
    NAMES.into_iter().find(|known| *known == stem)
}

/// The pages of ours that are in place.
pub(super) fn in_place(site: &Site) -> Vec<String> {
    let path = journal::path(&site.settings.path(settings::DATA_DIR));
    let noted = journal::read(&path, &Layout::of(site).bin).unwrap_or_default();
    noted.iter().filter(|place| place.is_ours()).filter_map(|place| name_of(&place.path)).map(str::to_string).collect()
}

/// Who serves the pages of a site's `cgi-bin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mixture {
    /// The Python of a page is there, and ours was not put in the place of its program.
    pub has_python: bool,
    /// When a program was last put in its place, in seconds since the epoch; 0 where there is none.
    pub changed: i64,
}

/// Looks who serves the pages. A page whose Python is there counts as Mailman's unless its program waits beside ours: there
/// are more ways than `cgi-bin` to run it.
pub fn mixture(site: &Site) -> Mixture {
    let code = site.home.join("Mailman/Cgi");
    if !code.is_dir() {
        return Mixture::default();
    }
    let folder = folder(site);
    let extension = site.settings.str(settings::CGIEXT).unwrap_or_default().to_latin1();
    let mut found = Mixture::default();
    for name in NAMES {
        let place = Place { path: folder.join(format!("{name}{extension}")), diverted: false };
        found.changed = found.changed.max(place.path.metadata().map_or(0, |about| about.ctime()));
        let has_code = ["py", "pyc"].iter().any(|ending| code.join(format!("{name}.{ending}")).exists());
        found.has_python |= has_code && !place.beside().exists();
    }
    found
}

/// Plans to put ours in place: `program` under these names, or under all that are there.
///
/// # Errors
/// There is no such program; nothing was changed.
pub fn plan_switch(site: &Site, names: Option<&[String]>, program: &Path) -> Result<Plan, SwitchError> {
    if !program.is_file() {
        return Err(SwitchError::NoProgram(program.to_path_buf()));
    }
    let folder = folder(site);
    let extension = site.settings.str(settings::CGIEXT).unwrap_or_default().to_latin1();
    let place_of = |name: &str| folder.join(format!("{name}{extension}"));
    let wanted = wished(names, |name| place_of(name).exists())?;
    let mut plan = Plan::new(site, <[u8]>::to_vec)?;
    for name in wanted {
        let path = place_of(name);
        if !path.exists() {
            return Err(SwitchError::NoProgram(path));
        }
        plan.add(path, Ours::Copy(program.to_path_buf()));
    }
    plan.describe();
    plan.advice = "The web server needs no change; the next request is answered by ours.".to_string();
    Ok(plan)
}

/// Plans the way back of these pages, or of all.
///
/// # Errors
/// Nothing was changed.
pub fn plan_back(site: &Site, names: Option<&[String]>) -> Result<Plan, SwitchError> {
    let going = wished(names, |_| true)?;
    let mut plan = Plan::new(site, <[u8]>::to_vec)?;
    plan.take_out(|place| name_of(&place.path).is_some_and(|name| going.contains(&name)));
    plan.describe();
    plan.advice = "The next request is answered by Python.".to_string();
    Ok(plan)
}

fn wished(names: Option<&[String]>, is_there: impl Fn(&str) -> bool) -> Result<Vec<&'static str>, SwitchError> {
    let Some(names) = names else { return Ok(NAMES.into_iter().filter(|name| is_there(name)).collect()) };
    let known = |name: &String| NAMES.into_iter().find(|known| known == name);
    names.iter().map(|name| known(name).ok_or_else(|| SwitchError::NoSuchPage(name.clone()))).collect()
}
