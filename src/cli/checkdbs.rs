//! `checkdbs`, as Mailman's cron/checkdbs: moderators hear what waits for them. For cron, once a day.

use super::tool::{each_list, options, End, Tool};
use super::Call;
use crate::cron::moderators::Rounds;
use clap::Command;
use compat::list;
use compat::site::Site;
use std::rc::Rc;

/// The options of `checkdbs`.
pub fn command() -> Command {
    Command::new("checkdbs")
        .about("Tell moderators what waits for them")
        .long_about("Tell moderators what waits for them, and discard held posts that are older than max_days_to_hold. To be run once a day. Automatic answers that a list remembers from earlier days are forgotten. Only a list that has to be saved is locked.")
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a list that could not be done. The others are done.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, check)
}

fn parse(args: &[String]) -> Result<(), End> {
    let parsed = options(args, &command())?;
    match (parsed.options.is_empty(), parsed.words.is_empty()) {
        (false, _) => Err(End::help()),
        (true, false) => Err(End::usage()),
        (true, true) => Ok(()),
    }
}

fn check(site: &Rc<Site>, (): ()) -> Result<(), End> {
    let mut rounds = Rounds::new(site)?;
    let outcome = each_list(list::names(site).map_err(End::failed)?, |name| Ok(rounds.tell_about(name)?));
    rounds.finish()?;
    outcome
}
