//! `queues`: what is in the queues by age, list and host; what is stuck and why; one entry. Reads and prints.

use super::stderr::Stderr;
use super::{clap_says, pickled, print, Call};
use crate::queues::table::{self, By};
use crate::queues::{folders, show, stuck};
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::queue::{QueueFolders, QueueName};
use compat::site::Site;
use std::time::SystemTime;

/// Something is stuck, as `queues stuck` tells.
const STUCK: i32 = 1;
/// It could not be found out.
const FAILED: i32 = 2;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let words = std::iter::once(call.program.clone()).chain(call.args.iter().cloned());
    let matches = match command().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(said) => return clap_says(&said),
    };
    let done = Site::find().map_err(|error| error.to_string()).and_then(|site| act(&site, &matches));
    done.unwrap_or_else(|error| {
        Stderr::Real.write(&format!("{}: {error}\n", call.program));
        FAILED
    })
}

fn command() -> Command {
    let plain = || {
        Arg::new("plain")
            .long("plain")
            .action(ArgAction::SetTrue)
            .help("Lines for scripts: NAME, entries, minutes, bytes")
    };
    Command::new("queues")
        .about("How many entries each queue has, by the minutes that they have been there")
        .arg(plain())
        .subcommand(
            Command::new("of")
                .about("One queue by list, or by the hosts of the recipients (out, retry)")
                .arg(Arg::new("QUEUE").required(true))
                .arg(Arg::new("host").long("host").action(ArgAction::SetTrue).help("By the hosts of the recipients"))
                .arg(plain()),
        )
        .subcommand(Command::new("stuck").about("What is stuck, why, and what frees it. Exit code 1 if anything is"))
        .subcommand(Command::new("show").about("Print one entry").arg(Arg::new("QUEUE/ENTRY").required(true)))
}

fn act(site: &Site, matches: &ArgMatches) -> Result<i32, String> {
    let folders = folders(site).map_err(|error| error.to_string())?;
    match matches.subcommand() {
        Some(("stuck", _)) => tell_stuck(site, &folders),
        Some(("show", matches)) => show_one(&folders, matches),
        Some((_, matches)) => {
            let rows = rows_of(&folders, matches)?;
            print_rows(&rows, matches)
        }
        None => {
            let rows = table::of_all(&folders, SystemTime::now()).map_err(|error| error.to_string())?;
            print_rows(&rows, matches)
        }
    }
}

fn rows_of(folders: &QueueFolders, matches: &ArgMatches) -> Result<Vec<(String, table::Row)>, String> {
    let name = matches.get_one::<String>("QUEUE").map_or("", String::as_str);
    let queue = QueueName::ALL.into_iter().find(|queue| queue.folder() == name).ok_or(format!("no queue {name}"))?;
    let by = if matches.get_flag("host") { By::Host } else { By::List };
    table::of_one(folders, queue, by, SystemTime::now()).map_err(|error| error.to_string())
}

fn print_rows(rows: &[(String, table::Row)], matches: &ArgMatches) -> Result<i32, String> {
    print(&if matches.get_flag("plain") { table::plain(rows) } else { table::text(rows) });
    Ok(0)
}

fn tell_stuck(site: &Site, folders: &QueueFolders) -> Result<i32, String> {
    let stuck = stuck::all(site, folders).map_err(|error| error.to_string())?;
    print(&stuck::text(&stuck));
    Ok(if stuck.is_empty() { 0 } else { STUCK })
}

fn show_one(folders: &QueueFolders, matches: &ArgMatches) -> Result<i32, String> {
    let named = matches.get_one::<String>("QUEUE/ENTRY").map_or("", String::as_str);
    let path = show::find(folders, named).ok_or(format!("no entry {named}"))?;
    let text = show::text(&path, pickled::pprint, |value| pickled::message_text(value, false));
    print(&text.map_err(|error| format!("{}: {error}", path.display()))?);
    Ok(0)
}
