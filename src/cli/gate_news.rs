//! `gate_news`, as Mailman's cron/gate_news: new articles of newsgroups go to their lists. For cron, every few minutes.

use super::tool::{options, End, Message, Tool};
use super::Call;
use crate::news::gate::Gate;
use compat::site::Site;
use std::rc::Rc;

const HELP: &str = "\
Fetch new articles of the newsgroups that are gated to lists.

Usage: gate_news [options]

Options:

    --help
    -h
        Show this text, and end.

";

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { help: HELP }.run(call, parse, |site, ()| gate(site))
}

/// Words are refused before help is given, as they always were.
fn parse(args: &[String]) -> Result<(), End> {
    let parsed = options(args, "h", &["help"])?;
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
