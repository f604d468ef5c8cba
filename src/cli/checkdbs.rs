//! `checkdbs`, as Mailman's cron/checkdbs: moderators hear what waits for them. For cron, once a day.

use super::tool::{each_list, options, End, Tool};
use super::Call;
use crate::cron::moderators;
use compat::list;
use compat::site::Site;
use std::rc::Rc;

const HELP: &str = "\
Tell moderators what waits for them, and discard held posts that have waited
too long (max_days_to_hold). To be run once a day.

Usage: %(PROGRAM)s [options]

Options:

    -h/--help
        Show this text, and end.
";

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { help: HELP }.run(call, parse, check)
}

fn parse(args: &[String]) -> Result<(), End> {
    let parsed = options(args, "h", &["help"])?;
    match (parsed.options.is_empty(), parsed.words.is_empty()) {
        (false, _) => Err(End::help()),
        (true, false) => Err(End::usage()),
        (true, true) => Ok(()),
    }
}

fn check(site: &Rc<Site>, (): ()) -> Result<(), End> {
    each_list(list::names(site).map_err(End::failed)?, |name| Ok(moderators::tell_about(site, name)?))
}
