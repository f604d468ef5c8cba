//! `cull_bad_shunt`, as Mailman's cron/cull_bad_shunt: old files leave the queues `bad` and `shunt`. For cron, once a day.

use super::stderr::Stderr;
use super::tool::{options, End, Tool};
use super::Call;
use crate::cron::cull::{Archive, Cull};
use compat::site::{settings, Site};

const HELP: &str = "\
Move old files out of the queues `bad' and `shunt', or remove them: those that
have not changed for longer than BAD_SHUNT_STALE_AFTER go to the folder
BAD_SHUNT_ARCHIVE_DIRECTORY. To be run once a day.

Usage: %(PROGRAM)s [options]

Options:
    -h / --help
        Show this text, and end.
";

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { help: HELP }.run(call, parse, |site, ()| cull(site, &call.program))
}

fn parse(args: &[String]) -> Result<(), End> {
    let parsed = options(args, "h", &["help"])?;
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
