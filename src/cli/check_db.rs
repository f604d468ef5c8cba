//! `check_db`, as Mailman's bin/check_db: whether the databases of lists can be read.
//!
//! Each list is opened first, which puts a damaged database right from the state before: what is shown is what is there
//! afterwards.

use super::console::Console;
use super::describe::{flag, words};
use super::tool::{list_name, options, End, Tool};
use super::{print_bytes, Call};
use clap::Command;
use compat::list::{self, MailList};
use compat::site::Site;
use compat::{marshal, pickle, ByteStr};
use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;

const FILES: [&str; 4] = ["config.pck", "config.pck.last", "config.db", "config.db.last"];

#[derive(Debug, Default, PartialEq)]
struct Asked {
    lists: Vec<ByteStr>,
    all: bool,
    verbose: bool,
}

/// The options of `check_db`.
pub fn command() -> Command {
    Command::new("check_db")
        .about("Check whether the databases of lists can be read")
        .long_about("Check whether the databases of lists can be read: config.pck and config.pck.last, and config.db and config.db.last, which old versions made. Any of them may be missing. Opening the list replaces a damaged config.pck by the state before it.")
        .args([
            flag("all", 'a', "All lists"),
            flag("verbose", 'v', "Show the state of every file; otherwise only damaged ones"),
            words("LIST", "These lists"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a list that cannot be opened at all.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, check)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked { lists: parsed.words.iter().map(|name| list_name(name)).collect(), ..Asked::default() };
    for (option, _) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-v" | "--verbose" => asked.verbose = true,
            _ => asked.all = true,
        }
    }
    Ok(asked)
}

fn check(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let console = Console::new(site);
    let names = if asked.all { list::names(site).map_err(End::failed)? } else { asked.lists };
    if names.is_empty() {
        console.print("Nothing to do.", &[]);
    }
    super::tool::each_list(names, |name| {
        if !list::exists(site, name) {
            console.print_with("No list named:", name);
            return Ok(());
        }
        let list = MailList::load(site, name.clone())?;
        if asked.verbose {
            console.print_with("List:", name);
        }
        FILES.iter().for_each(|file| show(&console, &list.folder().join(file), asked.verbose));
        Ok(())
    })
}

/// A missing file is reported only where everything is.
fn show(console: &Console<'_>, path: &Path, verbose: bool) {
    let shown = path.display().to_string();
    match state_of(path) {
        State::Whole if verbose => console.print("   %(file)s: okay", &[("file", shown.as_bytes())]),
        State::Unreadable(error) if verbose || error.kind() != io::ErrorKind::NotFound => {
            print_bytes(format!("    {}: '{shown}'\n", compat::format::os_error(&error)).as_bytes());
        }
        State::Damaged(why) => print_bytes(format!("    {shown}: {why}\n").as_bytes()),
        State::Whole | State::Unreadable(_) => {}
    }
}

enum State {
    Whole,
    Unreadable(io::Error),
    Damaged(String),
}

fn state_of(path: &Path) -> State {
    let bytes = match fs::read(path) {
        Ok(bytes) => ByteStr::new(bytes),
        Err(error) => return State::Unreadable(error),
    };
    let is_marshal = path.to_string_lossy().ends_with(".db") || path.to_string_lossy().ends_with(".db.last");
    let read = match is_marshal {
        true => marshal::load(&bytes).map(drop).map_err(|error| error.python_text()),
        false => pickle::load(&bytes).map(drop).map_err(|error| error.python_text()),
    };
    read.map_or_else(State::Damaged, |()| State::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_damaged_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            state_of(&path)
        };
        assert!(matches!(put("config.pck", b"(dp1\n."), State::Whole));
        assert!(matches!(put("config.pck.last", b"(dp1\n"), State::Damaged(_)));
        assert!(matches!(put("config.db", b"{0"), State::Whole));
        assert!(matches!(put("config.db.last", b"{"), State::Damaged(_)));
        assert!(matches!(state_of(&folder.path().join("none")), State::Unreadable(_)));
    }
}
