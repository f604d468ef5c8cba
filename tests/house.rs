//! Rules of the house that the compiler does not hold: read out of the sources.
#![allow(clippy::expect_used)]

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

/// A name that the program itself writes is a constant with its kind; `by_name` is for names that it reads.
#[test]
fn names_are_constants_unless_they_are_read() {
    for (path, text) in sources() {
        let found = production(&path, &text).lines().find(|line| line.contains("by_name(\"")).map(str::to_owned);
        assert_eq!(found, None, "{}: use a constant", path.display());
    }
}
