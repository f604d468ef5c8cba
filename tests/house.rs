//! Rules of the house that the compiler does not hold: read out of the sources.
#![allow(clippy::expect_used)]

use compat::site::template::Request;
use compat::site::{Site, Version};
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
    let is_test = name.ends_with("tests") || name == "small_site";
    match is_test || path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "testing") {
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

/// The rooms of a crate as ARCHITECTURE.md lists them, from the top down. Those of one row stand side by side.
fn rooms(title: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("a text");
    let chapter =
        text.split(&format!("## {title}\n")).nth(1).expect("a chapter").split("\n## ").next().expect("a text");
    let rows = chapter.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let name = |name: &str| name.trim_end_matches('/').trim_end_matches(".rs").to_string();
    rows.map(|row| row.split('`').skip(1).step_by(2).map(name).collect()).collect()
}

/// The names that follow a path such as `crate::`, one by one where they are a group.
fn names_after(path: &str, text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for rest in code.split(path).skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        let word = |name: &str| name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
        found.extend(names.into_iter().map(word));
    }
    found
}

/// The rooms that a file names: what follows `crate::`, where it is a module.
fn named_rooms(text: &str) -> Vec<String> {
    let is_module = |name: &String| name.starts_with(|c: char| c.is_ascii_lowercase());
    names_after("crate::", text).into_iter().filter(is_module).collect()
}

/// A room uses those that ARCHITECTURE.md puts below it, and none above.
fn check_order(crate_root: &str, title: &str) {
    let rows = rooms(title);
    let place = |room: &str| rows.iter().position(|row| row.iter().any(|known| known == room));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_root);
    let mut wrong = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with(&root)) {
        let inside = path.strip_prefix(&root).expect("inside");
        let room = inside.iter().next().and_then(|name| name.to_str()).unwrap_or_default().trim_end_matches(".rs");
        let text = production(&path, &text);
        if room == "lib" || text.is_empty() {
            continue;
        }
        let Some(own) = place(room) else {
            wrong.push(format!("{room} is not in ARCHITECTURE.md"));
            continue;
        };
        for used in named_rooms(&text) {
            match place(&used) {
                None => wrong.push(format!("{}: {used} is not in ARCHITECTURE.md", inside.display())),
                Some(other) if other < own => wrong.push(format!("{}: {room} is below {used}", inside.display())),
                Some(_) => {}
            }
        }
    }
    let is_there = |room: &&String| root.join(room).is_dir() || root.join(format!("{room}.rs")).is_file();
    let gone = rows.iter().flatten().filter(|room| !is_there(room) && *room != "clock");
    wrong.extend(gone.map(|room| format!("{crate_root} has no {room}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_use_those_below_them() {
    check_order("src", "The rooms of src");
    check_order("compat/src", "The rooms of compat");
    check_order("migration/src", "The rooms of migration");
}

/// The files of the archiver use those that ARCHITECTURE.md puts below them. `mod.rs` is its door, which none of them uses.
#[test]
fn files_of_pipermail_use_those_below_them() {
    let rows = rooms("The files of archive/pipermail");
    let place = |file: &str| rows.iter().position(|row| row.iter().any(|known| known == file));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/archive/pipermail");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (path, text) in sources().into_iter().filter(|(path, _)| path.parent() == Some(&folder)) {
        let file = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let text = production(&path, &text);
        if file == "mod" || text.is_empty() {
            continue;
        }
        seen += 1;
        let used = [names_after("super::", &text), names_after("pipermail::", &text)].concat();
        let own = place(file);
        let is_above = |used: &&String| own.is_none() || place(used).is_none() || place(used) < own;
        wrong.extend(used.iter().filter(is_above).map(|used| format!("{file} uses {used}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(seen, rows.iter().flatten().count(), "a file of the table is gone");
}

#[test]
fn every_notice_has_a_text_of_our_own() {
    let home = Path::new("/nowhere");
    let site = Site::bare(home, Version::parse("2.1.39").expect("a version"));
    for (path, text) in sources() {
        let text = production(&path, &text);
        for name in text.split("Template { name: \"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let found = site.maketext(name, Request::default());
            assert!(found.is_ok(), "{}: a machine without Mailman has no {name}", path.display());
        }
    }
}
