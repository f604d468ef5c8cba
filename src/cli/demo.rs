//! `demo`: shows on a site of its own how a post goes through the runners.

use super::stderr::Stderr;
use super::{clap_says, print, Call};
use crate::demo;
use std::io::IsTerminal;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let once = clap::Arg::new("once").long("once").action(clap::ArgAction::SetTrue);
    let command = clap::Command::new("demo")
        .about("Make a small site, send a post through it, and show its pages until Ctrl-C")
        .arg(once.help("End after the post, as it does where standard input is no terminal"));
    let words = std::iter::once(call.program.clone()).chain(call.args.iter().cloned());
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(said) => return clap_says(&said),
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
