//! `rmlist`, as Mailman's bin/rmlist: a list's files, and with -a its archives.

use super::console::Console;
use super::describe::{flag, word};
use super::newlist::tell_mta;
use super::tool::{list_name, options, End, Tool};
use super::{print_bytes, Call};
use crate::lists::aliases::{self, AliasRequest};
use crate::lists::remove::{everything, has_rest, leads_out, remove, Removed};
use clap::Command;
use compat::list::{self, MailList};
use compat::site::Site;
use compat::value::Value;
use compat::ByteStr;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

/// The options of `rmlist`.
pub fn command() -> Command {
    Command::new("rmlist")
        .about("Remove a list")
        .long_about("Remove a list: its settings, its members, what waits for a moderator. There is no question and no way back.")
        .args([
            flag("archives", 'a', "Remove the list's archives too, also those of a list that is already gone"),
            word("LIST", "The list").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an unknown list.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, remove_list)
}

/// The name, and whether archives go too. Help needs a name, as it always did.
fn parse(args: &[String]) -> Result<(ByteStr, bool), End> {
    let parsed = options(args, &command())?;
    let [name] = parsed.words.as_slice() else { return Err(End::usage()) };
    let mut archives_too = false;
    for (option, _) in &parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            _ => archives_too = true,
        }
    }
    Ok((list_name(name), archives_too))
}

fn remove_list(site: &Rc<Site>, (name, archives_too): (ByteStr, bool)) -> Result<(), End> {
    let console = Console::new(site);
    let say = |english: &str, values: &[(&str, Value)]| {
        print_bytes(&[&console.fill(english, values)[..], b"\n"].concat());
    };
    let listname = ("listname", Value::Str(name.clone()));
    let exists = list::exists(site, &name) && !leads_out(&name);
    // A removal that was cut off is taken up again.
    let is_rest = !leads_out(&name) && has_rest(site, &name).map_err(End::failed)?;
    if !exists && !archives_too && !is_rest {
        return Err(End::wrong("No such list (or list already deleted): %(listname)s", &[("listname", &name)]));
    }
    if leads_out(&name) {
        return Err(End::Failed(format!("no list can have this name: {name}")));
    }
    if !exists && archives_too {
        say("No such list: %(listname)s.  Removing its residual archives.", std::slice::from_ref(&listname));
    }
    if !archives_too {
        say("Not removing archives.  Reinvoke with -a to remove them.", &[]);
    }
    if exists {
        let list = MailList::load(site, name.clone())?;
        tell_mta(&list, aliases::mta(site)?, AliasRequest::Remove, &console)?;
    }
    for item in everything(site, &name, archives_too).map_err(End::failed)? {
        let what = console.say(item.what);
        let path = ByteStr::from(item.path.as_os_str().as_bytes());
        let values = [listname.clone(), ("msg", Value::Str(what)), ("filename", Value::Str(path))];
        match remove(&item.path) {
            Ok(Removed::Told) => say("Removing %(msg)s", &values),
            Ok(Removed::Quietly) => {}
            Ok(Removed::Nothing) => say("%(listname)s %(msg)s not found as %(filename)s", &values),
            Err(error) => return Err(End::Failed(format!("{}: {error}", item.path.display()))),
        }
    }
    if exists {
        site.record(&name, &[b"list removed"]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_needs_a_name() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(args(&["-h"]), Err(End::usage()));
        assert_eq!(args(&["-h", "l"]), Err(End::help()));
        assert_eq!(args(&["-a", " L "]), Ok(("l".into(), true)));
    }
}
