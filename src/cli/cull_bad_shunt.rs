//! `cull_bad_shunt`, as Mailman's cron/cull_bad_shunt: old files leave the queues `bad` and `shunt`. For cron, once a day.

use super::tool::{options, End, Tool};
use super::Call;
use crate::cron::cull::{Archive, Cull};
use crate::stderr::Stderr;
use clap::Command;
use compat::site::{settings, Site};

/// The options of `cull_bad_shunt`.
pub fn command() -> Command {
    Command::new("cull_bad_shunt")
        .about("Move old entries out of the queues bad and shunt")
        .long_about("Move old entries out of the queues bad and shunt. To be run once a day. Files that have not changed for longer than BAD_SHUNT_STALE_AFTER are moved to BAD_SHUNT_ARCHIVE_DIRECTORY. Where that is not set, or is not a folder that can be written to, they are deleted. Nothing is done where BAD_SHUNT_STALE_AFTER is 0.")
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a file that could not be moved.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, |site, ()| cull(site, &call.program))
}

fn parse(args: &[String]) -> Result<(), End> {
    let parsed = options(args, &command())?;
    match (parsed.words.is_empty(), parsed.options.is_empty()) {
        (false, _) => Err(End::usage()),
        (true, false) => Err(End::help()),
        (true, true) => Ok(()),
    }
}

fn cull(site: &Site, program: &str) -> Result<(), End> {
    let Some(cull) = Cull::of(site) else { return Ok(()) };
    if let Archive::Unusable(folder) = &cull.archive {
        Stderr::Real.write(&format!("{program}: archive directory {} not usable.\n", folder.display()));
    }
    for queue in [settings::BADQUEUE_DIR, settings::SHUNTQUEUE_DIR] {
        cull.queue(&site.settings.path(queue)).map_err(End::failed)?;
    }
    Ok(())
}
