//! `survey`: what is on a site, and what would stop a switch to our runners. Reads and prints, changes nothing.

use super::describe::{long_flag, long_value};
use super::engine::Ours;
use super::progress::Ticker;
use super::{matches, print, Call};
use crate::reports;
use crate::stderr::Stderr;
use compat::site::Site;
use migration::survey::Survey;
use std::path::Path;

/// The exit code for a site that can't even be read.
const STOP: i32 = 2;

/// The options of `survey`.
pub fn command() -> clap::Command {
    clap::Command::new("survey")
        .about("Show what is on this site, and what would stop a switch to our runners")
        .long_about(
            "Show what is on this site, and what would stop a switch to our runners: settings and code in Python, lists, \
             queues, processes, locks, disk, permissions. Reads only.",
        )
        .arg(long_flag("json", "Print one JSON object on one line"))
        .arg(long_value("html", "FILE", "Write a page to be shown to others, too"))
        .after_long_help("Exit status: 0: ready; 1: ready, with risks; 2: not ready.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let site = match Site::find() {
        Ok(site) => site,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            return STOP;
        }
    };
    let survey = Survey::watched(&site, &Ours, &mut Ticker::new());
    if let Some(file) = matches.get_one::<String>("html") {
        if let Err(error) = reports::write(Path::new(file), &reports::survey(&survey)) {
            Stderr::Real.write(&format!("{}: {file}: {error}\n", call.program));
            return STOP;
        }
    }
    print(&if matches.get_flag("json") { survey.json() } else { survey.text() });
    survey.exit_code()
}
