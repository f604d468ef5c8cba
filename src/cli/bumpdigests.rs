//! `bumpdigests`, as Mailman's cron/bumpdigests: a new volume of digests begins.

use super::console::Console;
use super::describe::words;
use super::tool::{known, options, End, Tool};
use super::{print_bytes, Call};
use crate::digest;
use clap::Command;
use compat::list::{self, LockedList};
use compat::site::Site;
use compat::ByteStr;
use std::rc::Rc;

/// The options of `bumpdigests`.
pub fn command() -> Command {
    Command::new("bumpdigests")
        .about("Begin a new volume of digests")
        .long_about("Begin a new volume of digests: the next digest of each list is number one of the next volume.")
        .args([words("LIST", "These lists; otherwise all")])
        .after_long_help(
            "Exit status: 0; 1 for a mistake in the options or an unknown list. Lists named before it are done.",
        )
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, bump)
}

fn parse(args: &[String]) -> Result<Vec<ByteStr>, End> {
    let parsed = options(args, &command())?;
    match parsed.options.is_empty() {
        true => Ok(parsed.words.iter().map(|name| name.as_str().into()).collect()),
        false => Err(End::help()),
    }
}

fn bump(site: &Rc<Site>, lists: Vec<ByteStr>) -> Result<(), End> {
    let names = match lists.is_empty() {
        true => list::names(site).map_err(End::failed)?,
        false => lists,
    };
    if names.is_empty() {
        print_bytes(&[&Console::new(site).say("Nothing to do.")[..], b"\n"].concat());
    }
    for name in names {
        let Some(mut list) = known(LockedList::open(site, name.clone(), None))? else {
            return Err(End::wrong("No such list: %(listname)s", &[("listname", &name)]));
        };
        digest::begin_volume(&mut list);
        list.save()?;
        list.unlock()?;
    }
    Ok(())
}
