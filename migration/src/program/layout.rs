//! Whose layout a site has, and whose runners stand in it.

use super::{full_name, Place};
use crate::json::Json;
use compat::site::{own, settings, Site};
use compat::value::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Debian's program files.
const DEBIAN_CODE: &str = "/usr/lib/mailman";

/// Where a site's programs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub home: PathBuf,
    pub version: String,
    /// The files belong to Debian's package.
    pub is_debian: bool,
    /// BIN_DIR, links followed.
    pub bin: PathBuf,
    /// The interpreter of the settings, if it is there.
    pub python: Option<PathBuf>,
    /// Whether our runners are in place.
    pub is_switched: bool,
    /// Whose the runners are, for people.
    pub runners: String,
}

impl Layout {
    /// Of a site.
    pub fn of(site: &Site) -> Layout {
        let bin = site.settings.path(settings::BIN_DIR);
        let bin = fs::canonicalize(&bin).unwrap_or(bin);
        let python = Some(site.settings.path(settings::PYTHON)).filter(|path| path.is_file());
        let is_switched = Place { path: bin.join("qrunner"), diverted: false }.is_ours();
        Layout {
            home: site.home.clone(),
            version: site.profile.version().to_string(),
            is_debian: bin.starts_with(DEBIAN_CODE),
            is_switched,
            runners: whose(site, is_switched),
            bin,
            python,
        }
    }

    /// As an object.
    pub fn json(&self) -> Json {
        let path = |path: &Path| Json::text(path.to_string_lossy());
        Json::Object(vec![
            ("home", path(&self.home)),
            ("version", Json::text(&self.version)),
            ("debian", Json::Bool(self.is_debian)),
            ("bin", path(&self.bin)),
            ("python", path(self.python.as_deref().unwrap_or(Path::new("")))),
            ("switched", Json::Bool(self.is_switched)),
        ])
    }
}

/// Whose the site's runners are: a switch may have moved a few of them only.
fn whose(site: &Site, is_switched: bool) -> String {
    let all: Vec<String> = qrunners(site).into_iter().map(|(class, _)| class).collect();
    match own::runners(&site.settings).filter(|_| is_switched) {
        None if is_switched => "ours".to_string(),
        None => "Python's".to_string(),
        Some(names) => {
            let names: Vec<String> = names.iter().map(|name| full_name(&name.to_latin1())).collect();
            let count = all.iter().filter(|class| names.contains(class)).count();
            format!("{count} of {} are ours ({}), the others Python's", all.len(), names.join(", "))
        }
    }
}

/// The runners of QRUNNERS by class, with their number of slices.
pub fn qrunners(site: &Site) -> Vec<(String, i64)> {
    let items = site.settings.get(settings::QRUNNERS).and_then(Value::as_items).unwrap_or_default();
    let pair = |item: &Value| {
        let [name, count] = item.as_items()? else { return None };
        Some((name.as_text()?.to_latin1(), count.as_int()?))
    };
    items.iter().filter_map(pair).collect()
}
