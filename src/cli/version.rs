//! `version`, as Mailman's bin/version: the Mailman whose site this is. `mailman2-rs --version` says our own.

use super::console::Console;
use super::tool::{End, Tool};
use super::Call;
use clap::Command;
use compat::site::settings;

/// The options of `version`.
pub fn command() -> Command {
    Command::new("version")
        .about("Show the Mailman version of the site")
        .after_long_help("Exit status: 0; 1 where no site is found.")
}

/// Runs the command. It has no options, and looks at none.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(
        call,
        |_| Ok(()),
        |site, ()| {
            let version = site.settings.str(settings::VERSION).map_err(End::failed)?;
            Console::new(site).print_with("Using Mailman version:", &version);
            Ok(())
        },
    )
}
