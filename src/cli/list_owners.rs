//! `list_owners`, as Mailman's bin/list_owners: the owners of all lists, or by list.

use super::describe::{flag, json_flag, words};
use super::tool::{lists_named, options, people_json, End, Tool};
use super::{print, print_bytes, Call};
use clap::Command;
use compat::list::{self, attributes, MailList};
use compat::site::Site;
use compat::ByteStr;
use std::collections::BTreeSet;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    lists: Vec<ByteStr>,
    with_names: bool,
    moderators: bool,
    json: bool,
}

/// The options of `list_owners`.
pub fn command() -> Command {
    Command::new("list_owners")
        .about("Show the owners of lists, an address a line")
        .args([
            flag(
                "with-listnames",
                'w',
                "The owners of each list below its name; otherwise all owners sorted, each once",
            ),
            flag("moderators", 'm', "Moderators too"),
            json_flag(),
            words("LIST", "These lists; otherwise all"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an unknown list.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, show)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked { lists: lists_named(&parsed), ..Asked::default() };
    for (option, _) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "--json" => asked.json = true,
            "-m" | "--moderators" => asked.moderators = true,
            _ => asked.with_names = true,
        }
    }
    Ok(asked)
}

/// All lists are read before anything is shown: one that cannot be stops it.
fn show(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let names = if asked.lists.is_empty() { list::names(site).map_err(End::failed)? } else { asked.lists };
    let mut by_list = Vec::new();
    for name in names {
        let list = MailList::look(site, name.clone())?;
        let mut people: BTreeSet<ByteStr> = list.strings(attributes::OWNER).into_iter().collect();
        if asked.moderators {
            people.extend(list.strings(attributes::MODERATOR));
        }
        by_list.push((name, people));
    }
    match (asked.json, asked.with_names) {
        (true, _) => print(&people_json(&by_list, "people")),
        (false, true) => by_list.iter().for_each(|(name, people)| {
            let lines: Vec<u8> = people.iter().flat_map(|address| [b"\t", &address[..], b"\n"].concat()).collect();
            print_bytes(&[&name[..], b"\n", &lines].concat());
        }),
        (false, false) => {
            let all: BTreeSet<&ByteStr> = by_list.iter().flat_map(|(_, people)| people).collect();
            all.iter().for_each(|address| print_bytes(&[&address[..], b"\n"].concat()));
        }
    }
    Ok(())
}
