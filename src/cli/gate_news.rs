//! `gate_news`, as Mailman's cron/gate_news: new articles of newsgroups go to their lists. For cron, every few minutes.

use super::tool::{options, End, Message, Tool};
use super::Call;
use crate::news::gate::Gate;
use clap::Command;
use compat::site::Site;
use std::rc::Rc;

/// The options of `gate_news`.
pub fn command() -> Command {
    Command::new("gate_news")
        .about("Fetch new articles of gated newsgroups")
        .long_about("Fetch new articles of the newsgroups that are gated to lists. To be run every few minutes.")
        .after_long_help("Exit status: 0; 1 for a mistake in the options.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, |site, ()| gate(site))
}

/// Words are refused before help is given, as they always were.
fn parse(args: &[String]) -> Result<(), End> {
    let parsed = options(args, &command())?;
    if !parsed.words.is_empty() {
        return Err(End::Usage { code: 1, message: Message::Plain("No args are expected".to_string()) });
    }
    match parsed.options.is_empty() {
        true => Ok(()),
        false => Err(End::help()),
    }
}

fn gate(site: &Rc<Site>) -> Result<(), End> {
    match Gate::open(site) {
        Some(gate) => Ok(gate.run()?),
        None => Ok(()),
    }
}
