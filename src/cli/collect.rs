//! `collect`: all that a site is, brought into one archive, in as many passes as it takes. Reads only.

use super::describe::{long_flag, long_value};
use super::engine::Ours;
use super::progress::Ticker;
use super::{print, with_code_anywhere, Call};
use crate::stderr::Stderr;
use clap::{Arg, ArgMatches, Command};
use compat::site::Site;
use migration::collect::{to_file, to_pipe, Archives, CollectError, Collected, Wish};
use migration::json::Json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Something is not in the archive.
const TROUBLE: i32 = 1;
/// There is no archive, or not all of it.
const FAILED: i32 = 2;
/// Maximum number of names that are printed of each kind.
const NAMED: usize = 20;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code_anywhere(call, command, FAILED, act)
}

/// The options of `collect`.
pub fn command() -> Command {
    Command::new("collect")
        .about("Bring all that a site is into one archive. Called again it brings what changed")
        .after_long_help("Exit status: 0: all is in the archive; 1: something can't be read or does not come to rest; 2: there is no archive.")
        .arg(Arg::new("SITE").help("The site's folder, the one with Mailman/ in it; else the usual one"))
        .arg(
            long_value("to", "FILE", "The archive; - for standard output, in one pass").required(true),
        )
        .arg(
            long_flag("last", "The last pass: the runners must be stopped"),
        )
        .arg(
            Arg::new("archives")
                .long("archives")
                .value_name("WHICH")
                .value_parser(["all", "mboxes", "none"])
                .default_value("all")
                .help("How much of the lists' archives"),
        )
        .arg(
            Arg::new("machine")
                .long("machine")
                .value_name("FOLDER")
                .default_value("/")
                .help("Where the crontab, aliases and servers' settings of the machine are looked for"),
        )
        .arg(long_flag("json", "One JSON object on one line"))
}

fn act(matches: &ArgMatches) -> Result<i32, String> {
    let site = match matches.get_one::<String>("SITE") {
        Some(folder) => Site::open(Path::new(folder)),
        None => Site::find(),
    }
    .map_err(|error| error.to_string())?;
    let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let wish = Wish {
        is_last: matches.get_flag("last"),
        archives: match text("archives").as_str() {
            "mboxes" => Archives::Mboxes,
            "none" => Archives::None,
            _ => Archives::All,
        },
        machine: PathBuf::from(text("machine")),
    };
    let to = text("to");
    let collected = collect(&site, &wish, &to).map_err(|error| error.to_string())?;
    let said = if matches.get_flag("json") { json(&collected) } else { report(&collected, &to) };
    match to.as_str() {
        "-" => Stderr::Real.write(&said),
        _ => print(&said),
    }
    Ok(if collected.unreadable.is_empty() && collected.restless.is_empty() { 0 } else { TROUBLE })
}

fn collect(site: &Site, wish: &Wish, to: &str) -> Result<Collected, CollectError> {
    let mut ticker = Ticker::new();
    match to {
        "-" => to_pipe(site, &Ours, wish, &mut std::io::stdout().lock(), &mut ticker),
        file => to_file(site, &Ours, wish, Path::new(file), &mut ticker),
    }
}

fn report(collected: &Collected, to: &str) -> String {
    let mut text = format!("{} files brought, {}", collected.brought, migration::survey::size(collected.bytes));
    if collected.is_again {
        let _ = write!(text, "; {} gone since the pass before", collected.gone);
    }
    text.push('\n');
    for (what, names) in [
        ("can't be read, and is not in the archive", &collected.unreadable),
        ("leads out of the site, and what is behind it is not in the archive", &collected.outward),
        ("changed while it was read; the next pass brings it again", &collected.restless),
    ] {
        for name in names.iter().take(NAMED) {
            let _ = writeln!(text, "  {name}: {what}");
        }
        if names.len() > NAMED {
            let _ = writeln!(text, "  and {} more", names.len() - NAMED);
        }
    }
    if collected.temporary > 0 {
        let _ =
            writeln!(text, "{} half-written files were left out: their writers had not finished", collected.temporary);
    }
    let _ =
        writeln!(text, "the archive has {} files and notes {} waiting messages", collected.files, collected.messages);
    let _ = match (collected.is_last, to) {
        (true, _) => writeln!(text, "complete: mailman2-rs restore {to}"),
        (false, "-") => writeln!(text, "made while the site may run: good for a trial (restore --live)"),
        (false, _) => writeln!(text, "to go on: the same again; with the runners stopped, --last"),
    };
    text
}

fn json(collected: &Collected) -> String {
    let names = |names: &[String]| Json::array(names, Json::text);
    let object = Json::Object(vec![
        ("last", Json::Bool(collected.is_last)),
        ("brought", Json::count(collected.brought)),
        ("bytes", Json::count(collected.bytes)),
        ("gone", Json::count(collected.gone)),
        ("files", Json::count(collected.files)),
        ("messages", Json::count(collected.messages)),
        ("temporary", Json::count(collected.temporary)),
        ("unreadable", names(&collected.unreadable)),
        ("outward", names(&collected.outward)),
        ("restless", names(&collected.restless)),
    ]);
    format!("{object}\n")
}
