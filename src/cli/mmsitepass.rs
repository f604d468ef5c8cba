//! `mmsitepass`, as Mailman's bin/mmsitepass: the password of the site, or of those who may make lists.

use super::console::Console;
use super::describe::{flag, word};
use super::prompt;
use super::tool::{options, End, Tool};
use super::{print_bytes, Call};
use crate::auth::password::{write_site_password, SitePassword};
use clap::Command;
use compat::site::Site;
use compat::value::Value;
use std::rc::Rc;

/// The options of `mmsitepass`.
pub fn command() -> Command {
    Command::new("mmsitepass")
        .about("Set the password of the site")
        .long_about("Set the password of the site, which is accepted wherever that of a list is.")
        .args([
            flag("listcreator", 'c', "Set the password that only creates and removes lists"),
            word("PASSWORD", "The password; otherwise you are asked for it, twice"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a password that was not repeated.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, set)
}

/// Whether it is that of list creators, and the password.
fn parse(args: &[String]) -> Result<(bool, Option<String>), End> {
    let parsed = options(args, &command())?;
    if parsed.options.iter().any(|(option, _)| option == "-h" || option == "--help") {
        return Err(End::help());
    }
    let password = if parsed.words.len() == 1 { parsed.words.first().cloned() } else { None };
    Ok((!parsed.options.is_empty(), password))
}

fn set(site: &Rc<Site>, (creator, password): (bool, Option<String>)) -> Result<(), End> {
    let console = Console::new(site);
    let password = password.map_or_else(|| ask_twice(&console, creator), Ok)?;
    let which = if creator { SitePassword::Creator } else { SitePassword::Administrator };
    let path = site.settings.path(which.setting());
    write_site_password(&path, password.as_bytes())
        .map_err(|error| End::Failed(format!("{}: {error}", path.display())))?;
    print_bytes(&[&console.say("Password changed.")[..], b"\n"].concat());
    Ok(())
}

fn ask_twice(console: &Console<'_>, creator: bool) -> Result<String, End> {
    let whose = console.say(if creator { "list creator" } else { "site" });
    let password = prompt::password(&console.fill("New %(pwdesc)s password: ", &[("pwdesc", Value::Str(whose))]))?;
    if prompt::password(&console.say("Again to confirm password: "))? != password {
        print_bytes(&[&console.say("Passwords do not match; no changes made.")[..], b"\n"].concat());
        return Err(End::Code(1));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_is_the_password() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(args(&["-c", "x"]), Ok((true, Some("x".to_string()))));
        assert_eq!(args(&["x", "y"]), Ok((false, None)));
        assert_eq!(args(&["-c", "--he"]), Err(End::help()));
    }
}
