//! `switch` and `back`: our runners into the place of Python's, and out again. What is done is said before it is done.

use super::describe::{long_flag, long_value};
use super::engine::Ours;
use super::{matches, print, Call};
use crate::stderr::Stderr;
use clap::{Arg, ArgAction, ArgMatches, Command};
use compat::site::Site;
use migration::switch::{pages, plan_back, plan_switch, status, Plan, SwitchError, Wish};
use std::path::PathBuf;

/// Not done, or not wholly.
const FAILED: i32 = 1;
/// The survey stops it.
const STOPPED: i32 = 2;

/// The options of `switch`.
pub fn command() -> Command {
    with_dry_run(Command::new("switch"), "Put our runners in the place of Python's")
            .long_about(
                "Put these runners, or all, in the place of Python's; with --master also our mailmanctl. Starts and stops \
                 nothing, and says what does. Refuses while the survey finds what would stop it, except for findings that \
                 are accepted by their word. Done twice it does nothing; interrupted anywhere, it is completed by doing it \
                 again. DATA_DIR/mailman2-rs.switch names the files that were changed; the originals stay beside their \
                 places as qrunner.distrib and mailmanctl.distrib.",
            )
            .after_long_help("Exit status: 0: done; 1: failed (do it again, or `back`); 2: the survey stops it.")
            .arg(long_flag("master", "Also mailmanctl: our own master"))
            .arg(long_flag("status", "Say what is in place"))
            .arg(long_value("program", "PATH", "This program, where it will stay"))
            .arg(
                Arg::new("accept")
                    .long("accept")
                    .value_name("WORD")
                    .action(ArgAction::Append)
                    .help("A finding of the survey, by the word in brackets, that is to stop nothing"),
            )
}

/// Runs `switch`.
pub fn run(call: &Call) -> i32 {
    with_site(call, command(), |site, matches| {
        if matches.get_flag("status") {
            print(&status(site));
            return Ok(0);
        }
        if matches.get_flag("web") {
            let plan = pages::plan_switch(site, names(matches).as_deref(), &page_program(matches))?;
            return carry_out(&plan, matches);
        }
        let wish = Wish {
            runners: names(matches),
            master: matches.get_flag("master"),
            program: program(matches),
            accepted: matches.get_many("accept").unwrap_or_default().cloned().collect(),
        };
        carry_out(&plan_switch(site, &Ours, &wish)?, matches)
    })
}

/// The options of `back`.
pub fn back_command() -> Command {
    with_dry_run(Command::new("back"), "Put Python's runners back")
        .long_about("Put Python's files back, unchanged; or give back these runners only. Starts and stops nothing.")
        .after_long_help("Exit status: 0: done; 1: failed (do it again).")
}

/// Runs `back`.
pub fn run_back(call: &Call) -> i32 {
    with_site(call, back_command(), |site, matches| {
        let names = names(matches);
        let plan = match matches.get_flag("web") {
            true => pages::plan_back(site, names.as_deref())?,
            false => plan_back(site, names.as_deref())?,
        };
        carry_out(&plan, matches)
    })
}

fn with_dry_run(command: Command, about: &'static str) -> Command {
    command
        .about(about)
        .arg(
            Arg::new("RUNNER")
                .help("Only these runners, such as OutgoingRunner; with --web only these pages")
                .num_args(0..),
        )
        .arg(long_flag("web", "The programs of cgi-bin instead of runners"))
        .arg(long_flag("dry-run", "Only say what would be done"))
}

fn with_site(call: &Call, command: Command, act: impl FnOnce(&Site, &ArgMatches) -> Result<i32, SwitchError>) -> i32 {
    let matches = match matches(call, command) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let complain = |text: String, status| {
        Stderr::Real.write(&format!("{}: {text}\n", call.program));
        status
    };
    let site = match Site::find() {
        Ok(site) => site,
        Err(error) => return complain(error.to_string(), STOPPED),
    };
    match act(&site, &matches) {
        Ok(status) => status,
        Err(error @ SwitchError::Stopped(_)) => complain(error.to_string(), STOPPED),
        Err(error) => complain(error.to_string(), FAILED),
    }
}

fn names(matches: &ArgMatches) -> Option<Vec<String>> {
    let names: Vec<String> = matches.get_many("RUNNER").unwrap_or_default().cloned().collect();
    (!names.is_empty()).then_some(names)
}

/// Where the program is; links are kept, so that an upgrade behind one is taken along.
fn program(matches: &ArgMatches) -> PathBuf {
    let named = matches.get_one::<String>("program").map(PathBuf::from);
    named.or_else(|| std::env::current_exe().ok()).unwrap_or_default()
}

/// The page program: the one that is named, else the one beside this program.
fn page_program(matches: &ArgMatches) -> PathBuf {
    program(matches).with_file_name("mailman2-cgi")
}

fn carry_out(plan: &Plan, matches: &ArgMatches) -> Result<i32, SwitchError> {
    for warning in &plan.warnings {
        print(&format!("Warning: {warning}\n"));
    }
    if plan.steps().is_empty() {
        // Also when only the journal is left over.
        plan.carry_out()?;
        print("Nothing to do.\n");
        return Ok(0);
    }
    let head = if matches.get_flag("dry-run") { "Would be done:" } else { "Doing:" };
    print(&format!("{head}\n{}", plan.steps().iter().map(|step| format!("  {step}\n")).collect::<String>()));
    if !matches.get_flag("dry-run") {
        plan.carry_out()?;
        print(&format!("Done. {}\n", plan.advice));
    }
    Ok(0)
}
