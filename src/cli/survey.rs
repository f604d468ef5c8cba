//! `survey`: what is on a site, and what would stop a switch to our runners. Reads and prints, changes nothing.

use super::engine::Ours;
use super::progress::Ticker;
use super::stderr::Stderr;
use super::{clap_says, print, Call};
use crate::reports;
use compat::site::Site;
use migration::survey::Survey;
use std::path::Path;

/// The exit code for a site that can't even be read.
const STOP: i32 = 2;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let command = clap::Command::new("survey")
        .about("What is on this site, and what would stop a switch. Exit codes: 0 ready, 1 with risks, 2 not ready")
        .arg(clap::Arg::new("json").long("json").action(clap::ArgAction::SetTrue).help("One JSON object on one line"))
        .arg(clap::Arg::new("html").long("html").value_name("FILE").help("Write a page to be shown to others, too"));
    let words = std::iter::once(call.program.clone()).chain(call.args.iter().cloned());
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(said) => return clap_says(&said),
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
