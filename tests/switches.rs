//! Every row of the table of differences is asked somewhere: a row that no code asks says something that is not so.

#![allow(clippy::unwrap_used)]

use compat::site::Profile;
use std::path::{Path, PathBuf};

/// The sources of all crates, without the table itself.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["src", "compat/src", "migration/src"].iter().map(|name| root.join(name)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true if !path.ends_with("tests") => folders.push(path),
                false if !path.ends_with("site/switches.rs") => files.push(path),
                _ => {}
            }
        }
    }
    files
}

/// The code of a file: what stands before its tests.
fn code(path: &Path) -> String {
    if path.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("tests")) {
        return String::new();
    }
    let text = std::fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_string()
}

#[test]
fn every_row_is_asked() {
    let code: String = sources().iter().map(|path| code(path)).collect();
    let asks = |name: &str| {
        let word = format!("Switch::{name}");
        let ends = |at: usize| !code[at + word.len()..].starts_with(|c: char| c.is_alphanumeric());
        code.match_indices(&word).any(|(at, _)| ends(at))
    };
    let idle: Vec<String> =
        Profile::rows().iter().map(|row| format!("{:?}", row.switch)).filter(|name| !asks(name)).collect();
    assert!(idle.is_empty(), "asked by no code: {idle:?}");
    assert!(!asks("NoSuchRow"));
}
