//! `check_perms`, as Mailman's bin/check_perms: whether the files of a site have the permissions that they need.

use super::console::Console;
use super::describe::flag;
use super::tool::{options, End, Tool};
use super::{print, print_bytes, Call};
use crate::permissions::{Check, Report, Values};
use clap::Command;
use compat::site::{settings, Site};

/// The options of `check_perms`.
pub fn command() -> Command {
    Command::new("check_perms")
        .about("Look for files with wrong permissions")
        .long_about("Look for files of this site that have wrong permissions or a wrong group: everything below the site's folders is checked.")
        .args([
            flag("fix", 'f', "Repair what is wrong; for root. Links are followed only to what belongs to the site"),
            flag("verbose", 'v', "Show everything that is looked at"),
        ])
        .after_long_help("Exit status: 0, also where something is wrong; 1 for a mistake in the options, or where the user or group of the site, or a place that every site has, is missing.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, |site, asked| check(site, &asked))
}

#[derive(Debug, Default, PartialEq)]
struct Asked {
    fix: bool,
    verbose: bool,
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let mut asked = Asked::default();
    for (option, _) in options(args, &command())?.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-f" | "--fix" => asked.fix = true,
            _ => asked.verbose = true,
        }
    }
    Ok(asked)
}

fn check(site: &Site, asked: &Asked) -> Result<(), End> {
    let console = Console::new(site);
    let mut shown = Shown { console: &console, verbose: asked.verbose };
    let problems = Check::new(site, asked.fix, &mut shown).and_then(Check::all).map_err(End::failed)?;
    if problems == 0 {
        console.print("No problems found", &[]);
        return Ok(());
    }
    console.print_with("Problems found:", problems.to_string().as_bytes());
    let user = site.settings.str(settings::MAILMAN_USER).unwrap_or_default();
    console.print("Re-run as %(MAILMAN_USER)s (or root) with -f flag to fix", &[("MAILMAN_USER", &user)]);
    Ok(())
}

struct Shown<'a> {
    console: &'a Console<'a>,
    verbose: bool,
}

impl Report for Shown<'_> {
    fn progress(&mut self, english: &str, values: Values<'_>) {
        if self.verbose {
            self.console.print(english, values);
        }
    }

    fn problem(&mut self, english: &str, values: Values<'_>, fixed: bool) {
        // A value without a name stands behind the text, on a line that ends before it is said whether it was put right.
        let text = match values {
            [("", behind)] => [&self.console.say(english)[..], b" ", behind, b"\n"].concat(),
            values => self.console.fill_with(english, values).to_vec(),
        };
        print_bytes(&text);
        match fixed {
            true => {
                let gap: &[u8] = if text.ends_with(b"\n") { b"" } else { b" " };
                print_bytes(&[gap, &self.console.say("(fixing)"), b"\n"].concat());
            }
            false => print("\n"),
        }
    }

    fn remark(&mut self, english: &str, values: Values<'_>) {
        self.console.print(english, values);
    }
}
