//! Rules of the house that the compiler does not hold: read out of the sources.
#![allow(clippy::expect_used)]

use compat::list::attributes;
use compat::site::settings;
use std::fs;
use std::path::{Path, PathBuf};

/// All files of Rust below the program's rooms, with their texts.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["src", "compat/src", "migration/src"].map(|room| root.join(room)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 300, "{}", found.len());
    found
}

/// What runs in production: without tests and what only they use.
fn production(path: &Path, text: &str) -> String {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let is_test = name.ends_with("tests") || name == "fixture" || name == "test_server" || name == "sink";
    match is_test || path.components().any(|part| part.as_os_str() == "tests") {
        true => String::new(),
        false => text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_string(),
    }
}

#[test]
fn the_time_is_read_in_one_place() {
    let reads = ["SystemTime::now", "Local::now", "Utc::now"];
    for (path, text) in sources().iter().filter(|(path, _)| !path.ends_with("clock.rs")) {
        let text = production(path, text);
        let found = text.lines().find(|line| reads.iter().any(|read| line.contains(read)));
        assert_eq!(found, None, "{}: compat::clock is for that", path.display());
    }
}

#[test]
fn names_that_are_strings_are_known_ones() {
    let readers = [".truth(\"", ".str(\"", ".optional_str(\"", ".int(\"", ".float(\"", ".path(\"", ".require(\""];
    for (path, text) in sources() {
        let text = production(&path, &text);
        for reader in readers {
            for name in text.split(reader).skip(1).filter_map(|rest| rest.split('"').next()) {
                let is_setting =
                    name.len() > 2 && name.bytes().all(|b| b.is_ascii_uppercase() || b"_0123456789".contains(&b));
                let known = !is_setting || settings::ALL.iter().any(|(known, _)| *known == name);
                assert!(known, "{}: no table has {name}", path.display());
            }
            for name in text.split(&format!("list{reader}")).skip(1).filter_map(|rest| rest.split('"').next()) {
                let known = attributes::ALL.iter().any(|(known, _)| *known == name);
                assert!(known, "{}: no list has {name}", path.display());
            }
        }
    }
}
