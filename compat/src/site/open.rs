//! Reading a site's settings: `Mailman/mm_cfg.py` over `Mailman/Defaults.py`, or over the built-in tables.

use super::profile::{Version, NEWEST};
use super::settings::Charset;
use super::{defaults, find, Origin, Settings, SiteError};
use crate::names::by_name;
use crate::pyconfig::{self, Defaults, Outcome, Request};
use crate::value::Value;
use std::io;
use std::path::{Path, PathBuf};

/// What mm_cfg.py says when there is none: the file that Mailman installs does nothing else.
const NOTHING_OF_ITS_OWN: &[u8] = b"from Defaults import *\n";

/// The settings and the version of a site whose files are in `files`, as they are for one in `home`.
pub(super) fn load(files: &Path, home: &Path) -> Result<(Settings, Version), SiteError> {
    if !find::is_site(files) {
        return Err(SiteError::NotASite(files.to_path_buf()));
    }
    let folder = files.join("Mailman");
    let known = version_file(&folder)?;
    let defaults_file = folder.join("Defaults.py");
    let own = read(&folder.join("mm_cfg.py"))?;
    let source = own.as_deref().unwrap_or(NOTHING_OF_ITS_OWN);
    let version = match known {
        Some(version) => version,
        None => last_version(files).unwrap_or(NEWEST),
    };
    let table = (!defaults_file.exists()).then(|| defaults::settings(version, home));
    let request = Request {
        file: &folder.join("mm_cfg.py"),
        source,
        defaults: match &table {
            Some(table) => Defaults::Table(pairs(table)),
            None => Defaults::File(&defaults_file),
        },
        folders: vec![folder.clone(), files.to_path_buf()],
    };
    let outcome = pyconfig::evaluate(request)?;
    Ok((settings(outcome, &defaults_file), version))
}

/// Version.py's `VERSION`.
fn version_file(folder: &Path) -> Result<Option<Version>, SiteError> {
    let path = folder.join("Version.py");
    let Some(source) = read(&path)? else { return Ok(None) };
    let request = Request { file: &path, source: &source, defaults: Defaults::Table(Vec::new()), folders: Vec::new() };
    let outcome = pyconfig::evaluate(request)?;
    let value = outcome.settings.into_iter().find(|setting| setting.name == "VERSION").map(|setting| setting.value);
    let text = value.as_ref().and_then(Value::as_text).map(|text| text.to_latin1()).unwrap_or_default();
    match Version::parse(&text) {
        Some(version) => Ok(Some(version)),
        None => Err(SiteError::Version { path, version: text }),
    }
}

/// The version that bin/update noted last.
fn last_version(home: &Path) -> Option<Version> {
    let text = std::fs::read(data_folder(home).join("last_mailman_version")).ok()?;
    Version::from_hex(&String::from_utf8_lossy(&text))
}

/// Where data are before any setting is known.
fn data_folder(home: &Path) -> PathBuf {
    match home == Path::new(find::DEBIAN_CODE) {
        true => Path::new(find::DEBIAN_DATA).join("data"),
        false => home.join("data"),
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, SiteError> {
    match std::fs::read(path) {
        Ok(source) => Ok(Some(source)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SiteError::Io { path: path.to_path_buf(), error }),
    }
}

fn pairs(table: &Settings) -> Vec<(String, Value)> {
    let pair = |name: &str| table.get(by_name(name)).map(|value| (name.to_string(), value.clone()));
    table.names().into_iter().filter_map(pair).collect()
}

fn settings(outcome: Outcome, defaults_file: &Path) -> Settings {
    let mut settings = Settings::default();
    for setting in outcome.settings {
        let origin = match () {
            () if setting.file == Path::new(pyconfig::TABLE) => Origin::BuiltIn,
            () if setting.file == defaults_file => Origin::Defaults,
            () => Origin::Line { file: setting.file, line: setting.line },
        };
        settings.set(by_name(&setting.name), setting.value, origin);
    }
    settings.set_charsets(outcome.charsets.into_iter().filter_map(charset).collect());
    settings
}

fn charset([name, header_encoding, body_encoding, output_charset]: [Value; 4]) -> Option<Charset> {
    let name = name.as_str()?.clone();
    Some(Charset { name, header_encoding, body_encoding, output_charset })
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
