//! What is generated from the program's own tables stands in the repository, where packages take it from, and is held
//! equal to them here: man pages, the completions of three shells, and the lists of docs/settings.md.
//!
//! After a change of a description, `UPDATE_GENERATED=1 cargo test --test generated` writes them again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command};
use clap_complete::{generate, Shell};
use clap_mangen::roff::{bold, roman, Roff};
use clap_mangen::Man;
use compat::site::own::OWN_SETTINGS;
use compat::site::settings;
use mailman2::cli::{self, Entry};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Names that stand for a command with another name, on whose page they are.
const ALIASES: [&str; 5] = ["mmarch", "export.py", "fix_url.py", "reset_pw.py", "convert.py"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a file of the repository with what it should hold, or writes it where that is wanted.
fn hold(file: &str, wanted: &[u8]) {
    let path = root().join(file);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read(&path).unwrap_or_default();
    assert!(found == wanted, "{file} is not what its table says: UPDATE_GENERATED=1 cargo test --test generated");
}

fn commands() -> impl Iterator<Item = &'static Entry> {
    cli::COMMANDS.iter().filter(|entry| !ALIASES.contains(&entry.name))
}

fn described(entry: &Entry) -> Command {
    (entry.command)().name(entry.name)
}

/// Whether a command has the name of one of Mailman's, and so is called by it.
fn is_mailmans(name: &str) -> bool {
    const OURS: [&str; 23] = [
        "token",
        "shadow",
        "collect",
        "restore",
        "rehearse",
        "survey",
        "verify",
        "switch",
        "back",
        "setup",
        "set_option",
        "set_member",
        "show-settings",
        "explain-bounce",
        "status",
        "queues",
        "lmtp",
        "held",
        "serve",
        "cgi",
        "demo",
        "fix_url",
        "reset_pw",
    ];
    !OURS.contains(&name)
}

fn page(entry: &Entry) -> Vec<u8> {
    let mut command = described(entry).disable_help_subcommand(true);
    if !is_mailmans(entry.name) {
        command = command.bin_name(format!("mailman2-rs {}", entry.name));
    }
    command.build();
    let man = Man::new(command.clone()).title(entry.name.to_uppercase()).section("8").date("").source("mailman2-rs");
    let mut out = Vec::new();
    man.render_title(&mut out).unwrap();
    man.render_name_section(&mut out).unwrap();
    man.render_synopsis_section(&mut out).unwrap();
    man.render_description_section(&mut out).unwrap();
    man.render_options_section(&mut out).unwrap();
    let mut more = Roff::new();
    subcommands(&command, &mut more);
    if is_mailmans(entry.name) {
        more.control("SH", ["NOTES"]);
        more.text([
            roman("Also "),
            bold(format!("mailman2-rs {}", entry.name)),
            roman(
                ". Options, output and exit status are those of Mailman's program of this name; long options may be \
                   shortened, and the first word that is no option ends the options.",
            ),
        ]);
    }
    closing(&command, &mut more);
    out.extend(more.to_roff().into_bytes());
    out
}

/// A section for each command of a command.
fn subcommands(command: &Command, page: &mut Roff) {
    if !command.has_subcommands() {
        return;
    }
    page.control("SH", ["COMMANDS"]);
    for sub in command.get_subcommands() {
        let usage = sub.clone().render_usage().to_string();
        page.control("TP", []);
        page.text([bold(usage.trim_start_matches("Usage: "))]);
        page.text([roman(sub.get_about().map(ToString::to_string).unwrap_or_default())]);
        let options = sub.get_arguments().filter(|arg| arg.get_id() != "help" && arg.get_help().is_some());
        for option in options {
            page.control("RS", []);
            page.control("TP", []);
            page.text([bold(name(option))]);
            page.text([roman(option.get_help().map(ToString::to_string).unwrap_or_default())]);
            page.control("RE", []);
        }
    }
}

fn name(option: &Arg) -> String {
    match option.get_long() {
        Some(long) => format!("--{long}"),
        None => option.get_id().to_string(),
    }
}

fn closing(command: &Command, page: &mut Roff) {
    let exit = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    if let Some(exit) = exit.strip_prefix("Exit status: ") {
        page.control("SH", ["EXIT STATUS"]);
        page.text([roman(exit)]);
    }
    page.control("SH", ["ENVIRONMENT"]);
    page.control("TP", []);
    page.text([bold("MAILMAN_PREFIX")]);
    page.text([roman("The site. Without it: the folder above the program, then /usr/lib/mailman.")]);
    page.control("SH", ["SEE ALSO"]);
    page.text([bold("mailman2-rs"), roman("(8)")]);
}

/// The page of the program itself: all commands, a line each.
fn overview() -> Vec<u8> {
    let mut page = Roff::new();
    page.control("TH", ["MAILMAN2-RS", "8", "", "mailman2-rs", ""]);
    page.control("SH", ["NAME"]);
    page.text([roman("mailman2-rs - GNU Mailman 2.1 without Python, in place on the files of a site")]);
    page.control("SH", ["SYNOPSIS"]);
    page.text([bold("mailman2-rs"), roman(" COMMAND [ARGUMENTS]")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([roman(
        "One program that acts as the command by whose name it is called. A link with the name of a command makes it that \
         command; called by its own name, the first argument says which. It works on the files of a Mailman 2.1 site as \
         they are: queues, lists, locks, logs and settings stay Mailman's, and the site can go back to the Python programs \
         at any moment.",
    )]);
    page.control("SH", ["COMMANDS"]);
    for entry in commands() {
        page.control("TP", []);
        page.text([bold(entry.name)]);
        page.text([roman(described(entry).get_about().map(ToString::to_string).unwrap_or_default() + ".")]);
    }
    page.text([roman("Each has a page of its own, mailman2-rs-COMMAND(8), and says more with --help.")]);
    closing(&Command::new(""), &mut page);
    page.to_roff().into_bytes()
}

#[test]
fn man_pages() {
    let mut known = BTreeSet::from(["mailman2-rs.8".to_string()]);
    for entry in commands() {
        hold(&format!("contrib/man/{}.8", entry.name), &page(entry));
        known.insert(format!("{}.8", entry.name));
    }
    hold("contrib/man/mailman2-rs.8", &overview());
    let found = fs::read_dir(root().join("contrib/man")).unwrap();
    let found: BTreeSet<String> = found.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, known, "pages of commands that are gone");
}

/// The whole program as one command, as a shell completes it.
fn program() -> Command {
    let runners = |arg: Arg| arg.value_parser(PossibleValuesParser::new(mailman2::runner::classes()));
    let mut program = Command::new("mailman2-rs").disable_help_subcommand(true);
    for entry in cli::COMMANDS {
        let command = described_for_shells(entry);
        program = program.subcommand(match entry.name {
            "switch" | "back" => command.mut_arg("RUNNER", runners),
            "qrunner" => command.mut_arg("runner", runners),
            _ => command,
        });
    }
    program
}

fn described_for_shells(entry: &Entry) -> Command {
    (entry.command)().name(entry.name).disable_help_subcommand(true)
}

#[test]
fn completions() {
    for (shell, file) in
        [(Shell::Bash, "mailman2-rs.bash"), (Shell::Zsh, "_mailman2-rs"), (Shell::Fish, "mailman2-rs.fish")]
    {
        let mut out = Vec::new();
        generate(shell, &mut program(), "mailman2-rs", &mut out);
        hold(&format!("contrib/completions/{file}"), &out);
    }
}

/// A description that clap would refuse, or an option without a word of help, is seen here.
#[test]
fn every_option_is_described() {
    fn check(command: &Command, path: &str) {
        assert!(command.get_about().is_some(), "{path}: says nothing of itself");
        for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
            assert!(arg.get_help().is_some(), "{path}: {} is not described", arg.get_id());
        }
        command.get_subcommands().for_each(|sub| check(sub, &format!("{path} {}", sub.get_name())));
    }
    for entry in commands() {
        let command = described(entry);
        command.clone().debug_assert();
        check(&command, entry.name);
        assert!(command.get_after_long_help().is_some(), "{}: says nothing of its exit status", entry.name);
    }
}

/// The text of a document with what stands between a comment and the next `<!-- end -->` replaced.
fn with_section(document: &str, comment: &str, section: &str) -> String {
    let (before, rest) = document.split_once(comment).expect("the comment that opens a section");
    let (_, after) = rest.split_once("<!-- end -->").expect("the end of a section");
    format!("{before}{comment}\n{section}<!-- end -->{after}")
}

fn own_settings() -> String {
    let rows = OWN_SETTINGS.iter().map(|own| match own.default {
        "None" => format!("| `{}` | none | {} |\n", own.name, own.what),
        default => format!("| `{}` | `{default}` | {} |\n", own.name, own.what),
    });
    "| name | default | what it does |\n|---|---|---|\n".to_string() + &rows.collect::<String>()
}

/// The sources that read settings: all of the program's, without tests and without the tables themselves.
fn sources(folder: &Path, text: &mut String) {
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        let name = file.to_string_lossy().into_owned();
        let is_table = ["site/settings/names.rs", "site/own.rs", "site/defaults"].iter().any(|end| name.ends_with(end));
        match file.is_dir() {
            _ if is_table || name.contains("test") => {}
            true => sources(&file, text),
            false => text.push_str(&fs::read_to_string(&file).unwrap()),
        }
    }
}

/// Names of settings that nothing reads. Numbers with names, such as `HOLD`, are no settings.
fn unread_settings() -> String {
    let mut text = String::new();
    ["src", "compat/src", "migration/src"].iter().for_each(|folder| sources(&root().join(folder), &mut text));
    let read: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let constants = fs::read_to_string(root().join("compat/src/site/defaults/constants.rs")).unwrap();
    let names = settings::ALL.iter().map(|(name, _)| *name);
    let unread = names.filter(|name| !read.contains(name) && !constants.contains(&format!("\"{name}\"")));
    unread.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ") + "\n"
}

#[test]
fn settings_are_documented() {
    let document = fs::read_to_string(root().join("docs/settings.md")).unwrap();
    let document = with_section(&document, "<!-- made from compat/src/site/own.rs -->", &own_settings());
    let unread = "<!-- names that no part of the program reads -->";
    hold("docs/settings.md", with_section(&document, unread, &unread_settings()).as_bytes());
}
