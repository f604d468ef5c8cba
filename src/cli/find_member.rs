//! `find_member`, as Mailman's bin/find_member: the lists that an address is on.

use super::console::Console;
use super::describe::{flag, json_flag, values, words};
use super::tool::{known, options, End, Tool};
use super::{print, print_bytes, Call};
use crate::membership::listing::{Found, Role};
use clap::Command;
use compat::list::{self, MailList};
use compat::pattern::{Flags, Pattern};
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use migration::json::Json;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    lists: Option<Vec<ByteStr>>,
    excluded: Vec<ByteStr>,
    owners: bool,
    json: bool,
    patterns: Vec<String>,
}

/// The options of `find_member`.
pub fn command() -> Command {
    Command::new("find_member")
        .about("Show the lists that an address is on")
        .args([
            values("listname", 'l', "LIST", "Search this list only; may be given several times"),
            values("exclude", 'x', "LIST", "Leave this list out"),
            flag("owners", 'w', "Search the owners too"),
            json_flag(),
            words("REGEX", "Regular expressions of Python 2, found anywhere in an address, in either case")
                .required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a pattern that is not valid.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, find)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked { patterns: parsed.words, ..Asked::default() };
    for (option, value) in parsed.options {
        let name = || ByteStr::from(value.to_ascii_lowercase().as_str());
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-l" | "--listname" => asked.lists.get_or_insert_default().push(name()),
            "--json" => asked.json = true,
            "-x" | "--exclude" => asked.excluded.push(name()),
            _ => asked.owners = true,
        }
    }
    match asked.patterns.is_empty() {
        true => Err(End::wrong("Search regular expression required", &[])),
        false => Ok(asked),
    }
}

fn find(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let console = Console::new(site);
    let mut names = asked.lists.map_or_else(|| list::names(site), Ok).map_err(End::failed)?;
    for excluded in &asked.excluded {
        // The first of that name.
        names.iter().position(|name| name == excluded).map(|at| names.remove(at));
    }
    if names.is_empty() {
        print_bytes(&[&console.say("No lists to search")[..], b"\n"].concat());
        return Ok(());
    }
    let compile = |text: &String| Pattern::new(text.as_bytes(), Flags::IGNORE_CASE).map_err(End::failed);
    let patterns = asked.patterns.iter().map(compile).collect::<Result<Vec<_>, _>>()?;
    let mut found = Found::default();
    for name in names {
        match known(MailList::look(site, name.clone()))? {
            Some(list) => found.search(&list, &patterns, asked.owners).map_err(End::failed)?,
            None => {
                let text = console.fill("No such list: %(listname)s", &[("listname", Value::Str(name))]);
                print_bytes(&[&text[..], b"\n"].concat());
            }
        }
    }
    match asked.json {
        true => print(&format!("{}\n", json(found))),
        false => print_bytes(&shown(&console, found)),
    }
    Ok(())
}

fn json(found: Found) -> Json {
    let text = |bytes: &[u8]| Json::text(String::from_utf8_lossy(bytes));
    let list = |(list, role): (ByteStr, Role)| {
        Json::Object(vec![
            ("list", text(&list)),
            ("member", Json::Bool(role.member)),
            ("owner", Json::Bool(role.owner)),
        ])
    };
    Json::array(found.into_sorted(), |(address, lists)| {
        Json::Object(vec![("address", text(&address)), ("lists", Json::array(lists, list))])
    })
}

fn shown(console: &Console<'_>, found: Found) -> Vec<u8> {
    let mut text = Vec::new();
    for (address, lists) in found.into_sorted() {
        text.extend_from_slice(&[&address[..], b" ", &console.say("found in:"), b"\n"].concat());
        for (list, Role { member, owner }) in lists {
            if member {
                text.extend_from_slice(&[&b"     "[..], &list, b"\n"].concat());
            }
            if owner {
                text.extend_from_slice(&[&b"     "[..], &list, b" ", &console.say("(as owner)"), b"\n"].concat());
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_mailmans() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        let asked = args(&["-l", "A", "--list=b", "-x", "C", "-w", "x", "y"]).unwrap();
        assert_eq!((asked.lists.unwrap(), asked.excluded), (vec!["a".into(), "b".into()], vec!["c".into()]));
        assert_eq!(asked.patterns, ["x", "y"]);
        assert_eq!(args(&["-w"]), Err(End::wrong("Search regular expression required", &[])));
    }
}
