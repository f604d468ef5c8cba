//! `disabled`, as Mailman's cron/disabled: warns members whose delivery is stopped, and removes those who had all
//! warnings. For cron, once a day.

use super::describe::{flag, values};
use super::tool::{options, End, Tool};
use super::Call;
use crate::bounce::sweep::Sweep;
use crate::bounce::Language;
use clap::Command;
use compat::list::{self, DeliveryStatus};
use compat::site::Site;
use compat::ByteStr;
use std::rc::Rc;

#[derive(Debug, PartialEq)]
struct Asked {
    who: Vec<DeliveryStatus>,
    force: bool,
    lists: Vec<ByteStr>,
}

/// The options of `disabled`.
pub fn command() -> Command {
    Command::new("disabled")
        .about("Warn members whose delivery is disabled")
        .long_about("Warn members whose delivery is disabled, and remove those who had all their warnings. To be run once a day. Without options this is about members whose mail has bounced too often.")
        .args([
            flag("byadmin", 'o', "Also members whose delivery an owner has disabled"),
            flag("byuser", 'm', "Also members who have disabled it themselves"),
            flag("unknown", 'u', "Also members whose delivery is disabled for an unknown reason"),
            flag("notbybounce", 'b', "Not members whose mail has bounced"),
            flag("all", 'a', "All members whose delivery is disabled"),
            flag("force", 'f', "Also members whose next warning is not due yet"),
            values("listname", 'l', "LIST", "Only this list; may be given several times"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a list that could not be done.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, sweep)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    use DeliveryStatus::{ByAdmin, ByBounce, ByUser, Unknown};
    let parsed = options(args, &command())?;
    if !parsed.words.is_empty() {
        return Err(End::usage());
    }
    let mut asked = Asked { who: vec![ByBounce], force: false, lists: Vec::new() };
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-l" => asked.lists.push(value.as_str().into()),
            "-o" | "--byadmin" => asked.who.push(ByAdmin),
            "-m" | "--byuser" => asked.who.push(ByUser),
            "-u" | "--unknown" => asked.who.push(Unknown),
            "-b" | "--notbybounce" => {
                asked.who.iter().position(|status| *status == ByBounce).map(|at| asked.who.remove(at));
            }
            "-a" | "--all" => asked.who = vec![ByBounce, ByAdmin, ByUser, Unknown],
            "-f" | "--force" => asked.force = true,
            // Mailman takes --listname and does all lists all the same, for it compares with another word.
            _ => asked.lists.push(value.as_str().into()),
        }
    }
    Ok(asked)
}

fn sweep(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let lists = match asked.lists.is_empty() {
        true => list::names(site).map_err(End::failed)?,
        false => asked.lists,
    };
    let sweep = Sweep { site, who: asked.who, force: asked.force };
    let mut current_language = Language::default();
    let mut failed = None;
    for name in &lists {
        // One list that cannot be had does not keep the others from theirs.
        if let Err(error) = sweep.list(name, &mut current_language) {
            failed = Some(End::Failed(format!("{name}: {error}")));
        }
    }
    failed.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryStatus::{ByAdmin, ByBounce, ByUser, Unknown};

    #[test]
    fn whom_the_options_mean() {
        let who =
            |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>()).map(|asked| asked.who);
        assert_eq!(who(&[]), Ok(vec![ByBounce]));
        assert_eq!(who(&["-bo", "-m"]), Ok(vec![ByAdmin, ByUser]));
        assert_eq!(who(&["-b", "-b", "-u"]), Ok(vec![Unknown]));
        assert_eq!(who(&["--all"]), Ok(vec![ByBounce, ByAdmin, ByUser, Unknown]));
        assert_eq!(who(&["word"]), Err(End::usage()));
    }
}
