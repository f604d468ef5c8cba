//! `status`, and `mailmanctl status`: what the site is doing, for a person, a monitor or a collector of metrics.

use super::{print, with_code, Call};
use crate::status::{Level, Status};
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::durable;
use compat::site::Site;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// It could not be found out. What monitors call unknown.
const UNKNOWN: i32 = 3;
const METRICS_MODE: u32 = 0o644;
/// Clears a terminal.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code(call, command, UNKNOWN, show)
}

/// The options of `status`.
pub fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("status")
        .about("Show what the site is doing, and what is wrong")
        .long_about(
            "Show master, runners, queues, deliveries of the last hours, what waits for moderators, locks, disks, and what \
             is wrong. Also `mailmanctl status`. Needs no special user.",
        )
        .after_long_help("Exit status: 0: all is well; 1: warnings; 2: critical; 3: unknown.")
        .arg(flag("json", "For programs"))
        .arg(flag("watch", "Again and again, on a terminal").conflicts_with("json"))
        .arg(Arg::new("every").long("every").value_name("SECONDS").default_value("5").help("How often --watch looks").value_parser(clap::value_parser!(u64).range(1..)))
        .arg(Arg::new("prometheus").long("prometheus").value_name("FILE").value_parser(clap::value_parser!(PathBuf)).help("Write metrics to FILE (`-': standard output), as node_exporter reads them"))
}

fn show(site: &Rc<Site>, matches: &ArgMatches) -> Result<i32, String> {
    loop {
        let status = Status::gather(site).map_err(|error| error.to_string())?;
        if let Some(file) = matches.get_one::<PathBuf>("prometheus") {
            return write_metrics(file, &status.prometheus()).map(|()| 0);
        }
        let watch = matches.get_flag("watch") && std::io::stdout().is_terminal();
        match matches.get_flag("json") {
            true => print(&format!("{}\n", status.json())),
            false => print(&format!("{}{}", if watch { CLEAR } else { "" }, status.text())),
        }
        if !watch {
            return Ok(code(&status));
        }
        std::thread::sleep(Duration::from_secs(matches.get_one("every").copied().unwrap_or(5)));
    }
}

/// As monitors take it.
fn code(status: &Status) -> i32 {
    match status.problems().first().map(|problem| problem.level) {
        None => 0,
        Some(Level::Warning) => 1,
        Some(Level::Critical) => 2,
    }
}

/// A collector never sees half a file.
fn write_metrics(file: &Path, text: &str) -> Result<(), String> {
    if file == Path::new("-") {
        print(text);
        return Ok(());
    }
    let mut temporary = file.as_os_str().to_owned();
    temporary.push(".tmp");
    durable::replace(file, Path::new(&temporary), METRICS_MODE, |out| out.write_all(text.as_bytes()))
        .map_err(|error| format!("{}: {error}", file.display()))
}
