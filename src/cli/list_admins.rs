//! `list_admins`, as Mailman's bin/list_admins: the owners of lists, one line per list.

use super::console::Console;
use super::describe::{flag, json_flag, value, words};
use super::tool::{known, lists_named, options, people_json, End, Tool};
use super::{print, Call};
use clap::Command;
use compat::list::{self, attributes, MailList};
use compat::site::Site;
use compat::ByteStr;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    lists: Vec<ByteStr>,
    all: bool,
    host: ByteStr,
    json: bool,
}

/// The options of `list_admins`.
pub fn command() -> Command {
    Command::new("list_admins")
        .about("Show the owners of lists, a line a list")
        .args([
            value("all-vhost", 'v', "HOST", "All lists with this mail host"),
            flag("all", 'a', "All lists"),
            json_flag(),
            words("LIST", "These lists"),
        ])
        .after_long_help("Exit status: 0, also for an unknown list; 1 for a mistake in the options.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, show)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked { lists: lists_named(&parsed), ..Asked::default() };
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "--json" => asked.json = true,
            "-a" | "--all" => asked.all = true,
            _ => (asked.all, asked.host) = (true, value.as_str().into()),
        }
    }
    Ok(asked)
}

fn show(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let console = Console::new(site);
    let names = if asked.all { list::names(site).map_err(End::failed)? } else { asked.lists };
    let mut found = Vec::new();
    for name in names {
        let Some(list) = known(MailList::look(site, name.clone()))? else {
            console.print("No such list: %(listname)s", &[("listname", &name)]);
            continue;
        };
        if !asked.host.is_empty() && asked.host != list.host_name() {
            continue;
        }
        let owners = list.strings(attributes::OWNER);
        match asked.json {
            true => found.push((name, owners)),
            false => {
                let values = [("listname", &name[..]), ("owners", &owners.join(&b", "[..])[..])];
                console.print("List: %(listname)s, \tOwners: %(owners)s", &values);
            }
        }
    }
    if asked.json {
        print(&people_json(&found, "owners"));
    }
    Ok(())
}
