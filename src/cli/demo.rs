//! `demo`: shows on a site of its own how a post goes through the runners.

use super::describe::long_flag;
use super::{matches, print, Call};
use crate::demo;
use crate::stderr::Stderr;
use clap::Command;
use std::io::IsTerminal;

/// The options of `demo`.
pub fn command() -> Command {
    Command::new("demo")
        .about("Make a small site in a temporary folder, send a post through it, show its pages")
        .long_about(
            "Make a small site in a temporary folder, send a post through it, print what each member gets, and show the \
             site's pages until Ctrl-C. Then everything is removed again. Needs neither Mailman nor Python nor a mail server.",
        )
        .arg(long_flag("once", "End after the post, as it does where standard input is no terminal"))
        .after_long_help("Exit status: 0; 1 for an error.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    let stays = !matches.get_flag("once") && std::io::stdin().is_terminal();
    match demo::run(&|text| print(&format!("{text}\n")), stays) {
        Ok(()) => 0,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            1
        }
    }
}
