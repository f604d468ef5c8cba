//! `shadow`: ours beside Python's runners, on copies of what they take; a report a day.

use super::describe::long_value;
use super::engine::Ours;
use super::{print, with_code, Call};
use crate::reports;
use crate::shadow::{shadow, Wish};
use crate::stderr::Stderr;
use clap::{value_parser, Arg, ArgMatches, Command};
use compat::site::Site;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

const DIFFERENT: i32 = 1;
const FAILED: i32 = 2;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    with_code(call, command, FAILED, act)
}

fn act(site: &Rc<Site>, matches: &ArgMatches) -> Result<i32, String> {
    let path = |name: &str| matches.get_one::<String>(name).map(PathBuf::from);
    let wish = Wish {
        to: path("to").unwrap_or_default(),
        folder: path("in").unwrap_or_else(std::env::temp_dir),
        share: matches.get_one::<u32>("cpu").copied().unwrap_or_default(),
        limit: matches.get_one::<u64>("for").copied().map(Duration::from_secs),
    };
    let ready = || Stderr::Real.write("watching\n");
    let day = shadow(site, &Ours, &wish, &reports::shadow, &ready).map_err(|error| error.to_string())?;
    print(&day.text());
    Ok(if day.different > 0 { DIFFERENT } else { 0 })
}

/// The options of `shadow`.
pub fn command() -> Command {
    Command::new("shadow")
        .about("Compare what Python's runners do with what ours would do; deliver and change nothing")
        .after_long_help("Exit status: 0: no difference was found; 1: there are differences; 2: it could not watch.")
        .arg(long_value("to", "FOLDER", "Where the reports go, three files a day").required(true))
        .arg(long_value("in", "FOLDER", "Where the copy is kept meanwhile"))
        .arg(
            Arg::new("cpu")
                .long("cpu")
                .value_name("PERCENT")
                .value_parser(value_parser!(u32).range(1..=100))
                .default_value("20")
                .help("No more than this share of one processor"),
        )
        .arg(
            Arg::new("for")
                .long("for")
                .value_name("SECONDS")
                .value_parser(value_parser!(u64))
                .help("End it after this time"),
        )
}
