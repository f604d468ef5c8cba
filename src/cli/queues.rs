//! `queues`: what is in the queues by age, list and host; what is stuck and why; one entry. And a hand on them: entries are
//! put off, let go, put elsewhere, deleted, tried again.

use super::describe::{long_flag, long_value};
use super::{pickled, print, with_code, Call};
use crate::clock;
use crate::queues::hand::{Hand, HandError};
use crate::queues::retry::{self, Retry};
use crate::queues::table::{self, By};
use crate::queues::{folders, show, stuck};
use crate::stderr::Stderr;
use clap::{Arg, ArgMatches, Command};
use compat::queue::{QueueFolders, QueueName};
use compat::site::{settings, Site};
use migration::json::Json;

/// Something is stuck, as `queues stuck` tells.
const STUCK: i32 = 1;
/// It could not be found out, or not be done.
const FAILED: i32 = 2;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code(call, command, FAILED, |site, matches| act(site, matches))
}

/// The options of `queues`.
pub fn command() -> Command {
    let plain = || long_flag("plain", "Lines for scripts: NAME, entries, minutes, bytes");
    let json = || long_flag("json", "For programs");
    let entries = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).arg(Arg::new("QUEUE/ENTRY").required(true).num_args(1..))
    };
    Command::new("queues")
        .about("Show what is in the queues, what is stuck and why; hold, release, requeue, delete, retry entries")
        .long_about("Without a command: how many entries each queue has, by the minutes that they have been there.")
        .after_long_help("Exit status: 0; 1 for `queues stuck` if anything is stuck; 2 for an error.")
        .args([plain(), json()])
        .subcommand(
            Command::new("of")
                .about("One queue by list, or by the hosts of the recipients (out, retry)")
                .arg(Arg::new("QUEUE").required(true))
                .arg(long_flag("host", "By the hosts of the recipients"))
                .args([plain(), json()]),
        )
        .subcommand(
            Command::new("stuck")
                .about("What is stuck, why, and what frees it. Exit code 1 if anything is")
                .arg(json()),
        )
        .subcommand(Command::new("show").about("Print one entry").arg(Arg::new("QUEUE/ENTRY").required(true)))
        .subcommand(entries("hold", "Put entries off: no runner takes them up until they are released"))
        .subcommand(entries("release", "Let entries go that were put off"))
        .subcommand(
            entries("requeue", "Put entries back to where they came from, as if they were new there").arg(long_value(
                "to",
                "QUEUE",
                "Into this queue instead",
            )),
        )
        .subcommand(entries("delete", "Delete entries for good"))
        .subcommand(
            Command::new("retry")
                .about("What waits for another try: for whom, until when, and why")
                .arg(Arg::new("HOST").help("Only what has recipients at this host"))
                .arg(long_flag("now", "Try these now"))
                .arg(json()),
        )
}

fn act(site: &Site, matches: &ArgMatches) -> Result<i32, String> {
    let folders = folders(site).map_err(|error| error.to_string())?;
    match matches.subcommand() {
        Some(("stuck", matches)) => tell_stuck(site, &folders, matches.get_flag("json")),
        Some(("show", matches)) => show_one(&folders, matches),
        Some(("of", matches)) => {
            let rows = rows_of(&folders, matches)?;
            print_rows(&rows, matches)
        }
        Some(("retry", matches)) => retries(site, folders, matches),
        Some((verb, matches)) => on_entries(site, folders, verb, matches),
        None => {
            let now = clock::system();
            let mut rows = table::of_all(&folders, now).map_err(|error| error.to_string())?;
            if site.settings.truth(settings::USE_MAILDIR) {
                rows.push(table::of_maildir(&site.settings.path(settings::MAILDIR_DIR), now));
            }
            print_rows(&rows, matches)
        }
    }
}

fn rows_of(folders: &QueueFolders, matches: &ArgMatches) -> Result<Vec<(String, table::Row)>, String> {
    let queue = queue_named(matches.get_one::<String>("QUEUE").map_or("", String::as_str))?;
    let by = if matches.get_flag("host") { By::Host } else { By::List };
    table::of_one(folders, queue, by, clock::system()).map_err(|error| error.to_string())
}

fn queue_named(name: &str) -> Result<QueueName, String> {
    QueueName::ALL.into_iter().find(|queue| queue.folder() == name).ok_or(format!("no queue {name}"))
}

fn print_rows(rows: &[(String, table::Row)], matches: &ArgMatches) -> Result<i32, String> {
    print(&match (matches.get_flag("json"), matches.get_flag("plain")) {
        (true, _) => format!("{}\n", table::json(rows)),
        (false, true) => table::plain(rows),
        (false, false) => table::text(rows),
    });
    Ok(0)
}

fn tell_stuck(site: &Site, folders: &QueueFolders, as_json: bool) -> Result<i32, String> {
    let stuck = stuck::all(site, folders).map_err(|error| error.to_string())?;
    print(&if as_json { format!("{}\n", stuck::json(&stuck)) } else { stuck::text(&stuck) });
    Ok(if stuck.is_empty() { 0 } else { STUCK })
}

fn show_one(folders: &QueueFolders, matches: &ArgMatches) -> Result<i32, String> {
    let named = matches.get_one::<String>("QUEUE/ENTRY").map_or("", String::as_str);
    let path = show::find(folders, named).ok_or(format!("no entry {named}"))?;
    let text = show::text(&path, pickled::pprint, |value| pickled::message_text(value, false));
    print(&text.map_err(|error| format!("{}: {error}", path.display()))?);
    Ok(0)
}

/// Each of them, though another may fail.
fn on_entries(site: &Site, folders: QueueFolders, verb: &str, matches: &ArgMatches) -> Result<i32, String> {
    let to = match verb {
        "requeue" => matches.get_one::<String>("to").map(|name| queue_named(name)).transpose()?,
        _ => None,
    };
    let hand = Hand::new(folders);
    let mut code = 0;
    for named in matches.get_many::<String>("QUEUE/ENTRY").unwrap_or_default() {
        let done = match verb {
            "hold" => hand.hold(named).map(|path| path.display().to_string()),
            "release" => hand.release(named).map(|path| path.display().to_string()),
            "requeue" => hand.requeue(named, to),
            _ => hand.delete(named).map(|_| "deleted".to_string()),
        };
        code = code.max(tell(site, verb, named, done));
    }
    Ok(code)
}

/// What was done is said and logged: entries are messages, and somebody may ask for one.
fn tell(site: &Site, verb: &str, named: &str, done: Result<String, HandError>) -> i32 {
    match done {
        Ok(outcome) => {
            site.log("vette", format!("queues {verb} by an operator: {named}: {outcome}"));
            print(&format!("{named}: {outcome}\n"));
            0
        }
        Err(error) => {
            Stderr::Real.write(&format!("{error}\n"));
            FAILED
        }
    }
}

fn retries(site: &Site, folders: QueueFolders, matches: &ArgMatches) -> Result<i32, String> {
    let mut waiting = retry::all(site, &folders).map_err(|error| error.to_string())?;
    if let Some(host) = matches.get_one::<String>("HOST") {
        waiting.retain(|retry| retry.is_for(host));
    }
    if !matches.get_flag("now") {
        let shown = match matches.get_flag("json") {
            true => format!("{}\n", Json::array(&waiting, Retry::json)),
            false => retry::text(&waiting, clock::system()),
        };
        print(&shown);
        return Ok(0);
    }
    let hand = Hand::new(folders);
    let mut code = 0;
    for retry in waiting.iter().filter(|retry| !retry.on_hold) {
        code = code.max(tell(site, "retry", &retry.entry, hand.retry_now(&retry.entry)));
    }
    Ok(code)
}
