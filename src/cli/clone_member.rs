//! `clone_member`, as Mailman's bin/clone_member: a member's second address, or another one, on all lists.

use super::console::Console;
use super::describe::{flag, values, word};
use super::tool::{options, End, Tool};
use super::{print, print_bytes, Call};
use crate::membership::clone::{Clone, Outcome};
use clap::Command;
use compat::list::{self, is_valid_email, ListError, LockedList};
use compat::site::Site;
use compat::ByteStr;
use std::rc::Rc;

#[derive(Debug, PartialEq)]
struct Asked {
    clone: Clone,
    lists: Option<Vec<ByteStr>>,
    owners: bool,
    quiet: bool,
}

/// The options of `clone_member`.
pub fn command() -> Command {
    Command::new("clone_member")
        .about("Give a member a second address on all lists")
        .long_about("Give a member a second address on all lists, with the same name, options, language and password. Nobody is asked or notified. The old address stays as it is unless -r is given. Owners of lists are looked at with -a only.")
        .args([
            values("listname", 'l', "LIST", "Only this list; may be given several times"),
            flag("remove", 'r', "Remove the old address from the list"),
            flag("admin", 'a', "Do the same with the owners of the list"),
            flag("quiet", 'q', "Print nothing"),
            flag("nomodify", 'n', "Only print what would be done, even with -q"),
            word("OLD", "The address that is a member").required(true),
            word("NEW", "The address that becomes one").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an invalid new address.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, clone)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let (mut lists, mut owners, mut quiet, mut remove, mut dry_run) = (None, false, false, false, false);
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-q" | "--quiet" => quiet = true,
            "-n" | "--nomodify" => dry_run = true,
            "-a" | "--admin" => owners = true,
            "-r" | "--remove" => remove = true,
            _ => lists.get_or_insert_with(Vec::new).push(value.to_ascii_lowercase().as_str().into()),
        }
    }
    let [from, to] = parsed.words.as_slice() else { return Err(End::usage()) };
    let clone = Clone { from: from.as_str().into(), to: to.as_str().into(), remove, dry_run };
    Ok(Asked { clone, lists, owners, quiet: quiet && !dry_run })
}

fn clone(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let to = &asked.clone.to;
    if !is_valid_email(&site.profile, to) {
        return Err(End::wrong("Not a valid email address: %(toaddr)s", &[("toaddr", to)]));
    }
    let console = Console::new(site);
    let names =
        asked.lists.as_ref().map_or_else(|| list::names(site).map_err(End::failed), |names| Ok(names.clone()))?;
    for name in names {
        match LockedList::open(site, name.clone(), None) {
            Ok(list) => on_list(&console, list, &asked)?,
            Err(error @ (ListError::Unknown(_) | ListError::Corrupt { .. })) => {
                let why = if let ListError::Corrupt { reason, .. } = error { reason } else { String::new() };
                let values = [("listname", &name[..]), ("e", why.as_bytes())];
                console.print("Error opening list \"%(listname)s\", skipping.\n%(e)s", &values);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Saved even where nothing has changed.
fn on_list(console: &Console<'_>, mut list: LockedList, asked: &Asked) -> Result<(), End> {
    if !asked.quiet {
        console.print_with("processing mailing list:", list.name());
    }
    if asked.owners {
        owners(console, &mut list, asked);
    }
    let outcome = asked.clone.member(&mut list)?;
    list.save()?;
    list.unlock()?;
    say(console, &outcome, asked);
    Ok(())
}

fn owners(console: &Console<'_>, list: &mut LockedList, asked: &Asked) {
    let owners = asked.clone.owners(list);
    if asked.quiet {
        return;
    }
    console.print_with("    scanning list owners:", &owners.before.join(&b" "[..]));
    if owners.before == owners.after {
        console.print("(no change)", &[]);
    } else {
        print("\n");
        console.print_with("    new list owners:", &owners.after.join(&b" "[..]));
    }
}

/// That the old address is gone is said in any case.
fn say(console: &Console<'_>, outcome: &Outcome, asked: &Asked) {
    let Clone { from, to, .. } = &asked.clone;
    if !asked.quiet {
        match outcome {
            Outcome::NotFound => console.print_with("    address not found:", from),
            Outcome::Added => console.print_with("    clone address added:", to),
            Outcome::Already => console.print_with("    clone address is already a member:", to),
            Outcome::Banned(pattern) => {
                let text = console.fill_with("Banned address (matched %(pattern)s)", &[("pattern", pattern)]);
                print_bytes(&[b"    ", &text[..], b"\n"].concat());
            }
        }
    }
    if asked.clone.remove && matches!(outcome, Outcome::Added | Outcome::Already) {
        console.print_with("    original address removed:", from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_mailmans() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        let asked = args(&["-aqn", "-l", "Club", "a@b.c", "d@e.f"]).unwrap();
        assert_eq!((asked.lists, asked.owners, asked.quiet), (Some(vec!["club".into()]), true, false));
        assert_eq!(asked.clone, Clone { from: "a@b.c".into(), to: "d@e.f".into(), remove: false, dry_run: true });
        assert_eq!(args(&["a@b.c"]), Err(End::usage()));
        assert_eq!(args(&["-h"]), Err(End::help()));
    }
}
