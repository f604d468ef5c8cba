//! The lists of a site: how many, how large, of which age, and what in them the runners could not serve.
//!
//! `config.pck` is decoded here and not opened as a list: opening puts a damaged file right and writes log lines.

use super::finding::{Findings, Level};
use super::settings::missing_handlers;
use crate::json::Json;
use crate::progress::Progress;
use crate::Engine;
use compat::pickle;
use compat::site::{settings, Site};
use compat::value::{Dict, Value};
use compat::{durable, ByteStr};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// No list is larger.
const MAX_CONFIG: u64 = 2 << 30;

/// One list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFacts {
    pub name: String,
    pub members: usize,
    pub digest_members: usize,
    pub data_version: i64,
    /// Bytes of config.pck.
    pub size: u64,
    /// Held messages and subscriptions.
    pub requests: usize,
}

impl ListFacts {
    /// As an object.
    pub fn json(&self) -> Json {
        Json::Object(vec![
            ("name", Json::text(&self.name)),
            ("members", Json::count(self.members)),
            ("digest_members", Json::count(self.digest_members)),
            ("data_version", Json::Int(self.data_version)),
            ("size", Json::count(self.size)),
            ("requests", Json::count(self.requests)),
        ])
    }
}

/// What stands out, gathered over all lists.
#[derive(Default)]
struct Odd {
    extended: Vec<String>,
    piped: Vec<String>,
    damaged: Vec<String>,
    old: Vec<String>,
    languages: BTreeMap<ByteStr, usize>,
}

/// Looks at all lists.
pub fn look(site: &Site, engine: &dyn Engine, found: &mut Findings, progress: &mut dyn Progress) -> Vec<ListFacts> {
    let mut odd = Odd::default();
    let names = names(site, found);
    let mut facts = |(at, name): (usize, &ByteStr)| {
        progress.at("reading lists", at as u64 + 1, names.len() as u64);
        one(site, engine, name, &mut odd)
    };
    let mut lists: Vec<ListFacts> = names.iter().enumerate().map(&mut facts).collect();
    lists.sort_by(|a, b| a.name.cmp(&b.name));
    site_list(site, &lists, found);
    report(&odd, found);
    languages(site, &odd.languages, found);
    versions(&lists, found);
    lists
}

/// The folders of lists, as Mailman tells them from others.
fn names(site: &Site, found: &mut Findings) -> Vec<ByteStr> {
    let folder = site.settings.path(settings::LIST_DATA_DIR);
    let listing = match fs::read_dir(&folder) {
        Ok(listing) => listing.flatten().map(|item| item.path()).collect(),
        Err(error) => {
            found.add(
                Level::Stop,
                "no-lists",
                format!("{}: {error}", folder.display()),
                "run this as root or the list user",
            );
            Vec::new()
        }
    };
    let is_list =
        |path: &Path| ["config.pck", "config.pck.last", "config.db"].iter().any(|file| path.join(file).exists());
    let name = |path: std::path::PathBuf| Some(ByteStr::from(path.file_name()?.as_bytes()));
    listing.into_iter().filter(|path| is_list(path)).filter_map(name).collect()
}

fn one(site: &Site, engine: &dyn Engine, name: &ByteStr, odd: &mut Odd) -> ListFacts {
    let folder = site.settings.path(settings::LIST_DATA_DIR).join(OsStr::from_bytes(name));
    let shown = name.to_latin1();
    if has_code(&folder.join("extend.py")) {
        odd.extended.push(shown.clone());
    }
    if !folder.join("config.pck").exists() && folder.join("config.db").exists() {
        odd.old.push(shown.clone());
    }
    let config = match dictionary(&folder.join("config.pck")) {
        Ok(config) => config,
        Err(reason) => {
            odd.damaged.push(format!("{shown} ({reason})"));
            return ListFacts { name: shown, ..ListFacts::default() };
        }
    };
    own_pipeline(site, engine, &shown, &config, odd);
    if let Some(language) = config.get(b"preferred_language").and_then(Value::as_text) {
        *odd.languages.entry(language.clone()).or_default() += 1;
    }
    facts(shown, &folder, &config)
}

fn facts(name: String, folder: &Path, config: &Dict) -> ListFacts {
    let count = |attribute: &[u8]| config.get(attribute).and_then(Value::as_dict).map_or(0, Dict::len);
    let requests = dictionary(&folder.join("request.pck")).map_or(0, |dict| dict.len().saturating_sub(1));
    ListFacts {
        name,
        members: count(b"members"),
        digest_members: count(b"digest_members"),
        data_version: config.get(b"data_version").and_then(Value::as_int).unwrap_or(0),
        size: fs::metadata(folder.join("config.pck")).map_or(0, |about| about.len()),
        requests,
    }
}

fn own_pipeline(site: &Site, engine: &dyn Engine, name: &str, config: &Dict, odd: &mut Odd) {
    let items = config.get(b"pipeline").and_then(Value::as_items).unwrap_or_default();
    let pipeline: Vec<ByteStr> = items.iter().filter_map(|item| item.as_text().cloned()).collect();
    let missing = missing_handlers(site, engine, &pipeline);
    if !missing.is_empty() {
        odd.piped.push(format!("{name} ({})", missing.join(", ")));
    }
}

/// Why a file gives no dictionary.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoDictionary {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Pickle(#[from] pickle::PickleError),
    #[error("a {0} and no dictionary")]
    Other(&'static str),
}

/// A pickled dictionary.
pub(super) fn dictionary(path: &Path) -> Result<Dict, NoDictionary> {
    let bytes = durable::read_file(path, MAX_CONFIG)?;
    match pickle::load(&ByteStr::new(bytes))? {
        (Value::Dict(dict), _) => Ok(std::rc::Rc::unwrap_or_clone(dict)),
        (other, _) => Err(NoDictionary::Other(other.type_name())),
    }
}

/// Whether a file has a line that Python would run. One that can't be read may have.
fn has_code(path: &Path) -> bool {
    match fs::read(path) {
        Ok(code) => code.split(|&b| b == b'\n').any(|line| !matches!(line.trim_ascii().first(), None | Some(b'#'))),
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

fn site_list(site: &Site, lists: &[ListFacts], found: &mut Findings) {
    let wanted = site.settings.optional_str(settings::MAILMAN_SITE_LIST).unwrap_or_default().to_latin1();
    if !lists.iter().any(|list| list.name == wanted) {
        let text = format!("the site list {wanted} does not exist; mailmanctl will not start");
        found.add(Level::Stop, "no-site-list", text, "make it with newlist, or mend MAILMAN_SITE_LIST");
    }
}

fn report(odd: &Odd, found: &mut Findings) {
    found.add_all(
        Level::Stop,
        "extend-py",
        "lists with Python code of their own (extend.py); their roster may be elsewhere",
        &odd.extended,
        "their mail would wait in the queue; leave IncomingRunner with Python, or do without the code",
    );
    found.add_all(
        Level::Stop,
        "own-pipeline",
        "lists whose pipeline names Python handlers of the site's own",
        &odd.piped,
        "their mail would wait in the queue; leave IncomingRunner with Python, or change the pipeline",
    );
    found.add_all(
        Level::Stop,
        "damaged-list",
        "lists whose config.pck can't be read",
        &odd.damaged,
        "look at bin/check_db; Mailman falls back to config.pck.last when it next opens the list",
    );
    found.add_all(
        Level::Stop,
        "mailman-2.0",
        "lists of Mailman 2.0 that were never converted (config.db)",
        &odd.old,
        "run Mailman's bin/update first",
    );
}

fn languages(site: &Site, used: &BTreeMap<ByteStr, usize>, found: &mut Findings) {
    let unknown: Vec<String> = used.keys().filter(|code| !site.is_language(code)).map(ByteStr::to_latin1).collect();
    found.add_all(
        Level::Risk,
        "unknown-language",
        "languages of lists that the site does not know",
        &unknown,
        "add_language in mm_cfg.py, or another preferred_language",
    );
    let templates = |code: &&ByteStr| {
        let folder = |root| site.settings.path(root).join(OsStr::from_bytes(code)).is_dir();
        !folder(settings::TEMPLATE_DIR)
    };
    let bare: Vec<String> = used.keys().filter(templates).map(ByteStr::to_latin1).collect();
    found.add_all(
        Level::Risk,
        "no-templates",
        "languages of lists without a folder of templates in TEMPLATE_DIR",
        &bare,
        "notices in them come out in English, in this program's own words where there are no English ones either",
    );
}

fn versions(lists: &[ListFacts], found: &mut Findings) {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for list in lists.iter().filter(|list| list.data_version != 0) {
        *counts.entry(list.data_version).or_default() += 1;
    }
    if counts.len() > 1 {
        let each: Vec<String> = counts.iter().map(|(version, count)| format!("{count} of {version}")).collect();
        found.add(
            Level::Note,
            "data-versions",
            format!("lists of several data versions: {}", each.join(", ")),
            "each stays at its own; only Mailman's Python raises it",
        );
    }
}
