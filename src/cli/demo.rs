//! `demo`: shows on a site of its own how a post goes through the runners.

use super::stderr::Stderr;
use super::{clap_says, print, Call};
use crate::demo;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let command = clap::Command::new("demo").about("Make a small site and send a post through it");
    let words = std::iter::once(call.program.clone()).chain(call.args.iter().cloned());
    if let Err(said) = command.try_get_matches_from(words) {
        return clap_says(&said);
    }
    match demo::run(&|text| print(&format!("{text}\n"))) {
        Ok(()) => 0,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            1
        }
    }
}
