//! `transcheck`, as Mailman's bin/transcheck: whether a translation names the variables of its originals. For translators,
//! in the folder that holds templates/ and messages/.

use super::describe::{flag, word};
use super::tool::{options, End, Tool};
use super::{print, Call};
use crate::notice::translation_check::{entries, Check, Kind};
use clap::Command;
use std::fs;
use std::path::Path;

/// The options of `transcheck`.
pub fn command() -> Command {
    Command::new("transcheck")
        .about("Check a translation against the English texts")
        .long_about("Check whether the templates and the catalogue of a language name the same variables and tags as the English ones. To be run in the folder that holds templates and messages.")
        .args([
            flag("quiet", 'q', "Print the number of doubts only"),
            word("LANGUAGE", "A folder of templates and messages").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an unknown language.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let tool = Tool { command };
    match parse(&call.args).and_then(|(language, quiet)| check(&language, quiet)) {
        Ok(()) => 0,
        Err(end) => tool.end(call, None, end),
    }
}

/// The language, and whether little is to be said.
fn parse(args: &[String]) -> Result<(String, bool), End> {
    let parsed = options(args, &command())?;
    if parsed.options.iter().any(|(option, _)| option == "-h" || option == "--help") {
        return Err(End::help());
    }
    match parsed.words.as_slice() {
        [language] => Ok((language.clone(), !parsed.options.is_empty())),
        _ => Err(End::usage()),
    }
}

fn check(language: &str, quiet: bool) -> Result<(), End> {
    let folder = format!("templates/{language}/");
    let Ok(files) = fs::read_dir(&folder) else {
        print(&format!("can't open {folder}\n"));
        return Err(End::Failed(format!("no templates in {language}")));
    };
    let mut found = Found { errors: 0, files: 0, quiet };
    for name in files.filter_map(|file| file.ok()?.file_name().into_string().ok()) {
        let (kind, label) = match Path::new(&name).extension().and_then(|ending| ending.to_str()) {
            Some("html") => (Kind::Page, "HTML"),
            Some("txt") => (Kind::Text, "TXT "),
            _ => continue,
        };
        let translated = format!("{folder}{name}");
        found.say(&format!("{label} checking {translated}... "));
        let doubts = template(&format!("templates/en/{name}"), &translated, kind);
        found.add(doubts);
    }
    let catalogue = format!("messages/{language}/LC_MESSAGES/mailman.po");
    found.say(&format!("PO   checking {catalogue}... "));
    let text = fs::read(&catalogue).map_err(|error| super::tool::io_failed(&error, &catalogue))?;
    found.add(messages(&text));
    if quiet {
        print(&format!("{} warnings in {} files\n", found.errors, found.files));
    }
    Ok(())
}

struct Found {
    errors: usize,
    files: usize,
    quiet: bool,
}

impl Found {
    fn say(&self, line: &str) {
        if !self.quiet {
            print(&format!("{line}\n"));
        }
    }

    fn add(&mut self, doubts: Vec<String>) {
        self.errors += doubts.len();
        self.files += usize::from(!doubts.is_empty());
        doubts.iter().for_each(|doubt| self.say(&format!(" - {doubt}")));
    }
}

fn template(original: &str, translated: &str, kind: Kind) -> Vec<String> {
    let Ok(source) = fs::read(original) else { return vec![format!("Can'open original file {original}")] };
    let Ok(text) = fs::read(translated) else { return vec![format!("Can'open translated file {translated}")] };
    let mut check = Check::default();
    let lines = |text: &'_ [u8]| text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    lines(&source).iter().for_each(|line| check.original(line, kind));
    lines(&text).iter().for_each(|line| check.translation(line, kind));
    check.errors()
}

fn messages(text: &[u8]) -> Vec<String> {
    let mut doubts = Vec::new();
    for entry in entries(text) {
        let mut check = Check::default();
        check.original(&entry.id, Kind::Catalogue);
        check.translation(&entry.translation, Kind::Catalogue);
        let places: Vec<String> = entry.places.iter().map(|place| format!("'{place}'")).collect();
        let place = format!("near line {} [{}]", entry.line, places.join(", "));
        doubts.extend(check.errors().into_iter().map(|error| format!("{place}: {error}")));
    }
    doubts
}
