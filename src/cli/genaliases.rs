//! `genaliases`, as Mailman's bin/genaliases: the mail server's aliases made anew from all lists.

use super::console::Console;
use super::describe::flag;
use super::tool::{options, End, Message, Tool};
use super::{print_bytes, Call};
use crate::lists::aliases::{self, Mta};
use crate::lists::postfix;
use clap::Command;
use compat::format::{percent_bytes, repr};
use compat::list::{self, MailList};
use compat::pydict;
use compat::site::{settings, Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

const NO_MTA: &str = "genaliases can't do anything useful with mm_cfg.MTA = %(mta)s.";

/// The options of `genaliases`.
pub fn command() -> Command {
    Command::new("genaliases")
        .about("Rebuild the mail server's aliases from all lists")
        .long_about("Rebuild the aliases of all lists in the way that MTA in mm_cfg.py says. With MTA = 'Postfix' the files aliases and virtual-mailman in the folder data are replaced, and POSTFIX_ALIAS_CMD and POSTFIX_MAP_CMD make maps of them. With 'Manual' the lines for /etc/aliases are printed.")
        .args([
            flag("quiet", 'q', "With MTA = 'Manual': leave out what to do with the lines"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or aliases that could not be made.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, generate)
}

fn parse(args: &[String]) -> Result<bool, End> {
    let parsed = options(args, &command())?;
    let has = |names: [&str; 2]| parsed.options.iter().any(|(name, _)| names.contains(&name.as_str()));
    match () {
        () if has(["-h", "--help"]) => Err(End::help()),
        () if !parsed.words.is_empty() => Err(End::usage()),
        () => Ok(has(["-q", "--quiet"])),
    }
}

fn generate(site: &Rc<Site>, quiet: bool) -> Result<(), End> {
    match aliases::mta(site).map_err(End::failed)? {
        Mta::None => Err(no_mta(site)),
        Mta::Postfix => postfix::regenerate(site, &lists_by_host(site)?).map_err(End::failed),
        Mta::Manual => {
            print_all(site, &lists_by_host(site)?, quiet);
            Ok(())
        }
    }
}

/// An older Mailman ends in a traceback here.
fn no_mta(site: &Site) -> End {
    let mta = site.settings.get(settings::MTA).map_or_else(|| ByteStr::from("None"), repr);
    match site.profile.has(Switch::GenaliasesWithoutMta) {
        true => {
            let values = vec![("mta", Value::Str(mta))];
            End::Usage { code: 2, message: Message::Words(NO_MTA, values) }
        }
        false => {
            let text = percent_bytes(NO_MTA.as_bytes(), &vec![("mta", Value::Str(mta))]);
            End::failed(text.unwrap_or_default())
        }
    }
}

/// All lists, those of a host together, hosts in the order of Python's dictionary.
fn lists_by_host(site: &Rc<Site>) -> Result<Vec<MailList>, End> {
    let mut hosts: Vec<(ByteStr, Vec<MailList>)> = Vec::new();
    for name in list::names(site).map_err(End::failed)? {
        let list = MailList::look(site, name)?;
        match hosts.iter_mut().find(|(host, _)| *host == list.host_name()) {
            Some((_, lists)) => lists.push(list),
            None => hosts.push((list.host_name(), vec![list])),
        }
    }
    let order = pydict::order(&hosts.iter().map(|(host, _)| &host[..]).collect::<Vec<_>>());
    let mut hosts: Vec<Option<Vec<MailList>>> = hosts.into_iter().map(|(_, lists)| Some(lists)).collect();
    Ok(order.into_iter().filter_map(|at| hosts.get_mut(at)?.take()).flatten().collect())
}

/// What to do with the lines is said once.
fn print_all(site: &Site, lists: &[MailList], quiet: bool) {
    let console = Console::new(site);
    for (number, list) in lists.iter().enumerate() {
        let headings = aliases::TO_ADD.get(usize::from(quiet || number > 0)..).unwrap_or_default();
        print_bytes(&aliases::told(list, headings, |english, values| console.fill(english, values)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_refused() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(args(&["-q"]), Ok(true));
        assert_eq!(args(&["x"]), Err(End::usage()));
        assert_eq!(args(&["-h", "x"]), Err(End::help()));
    }
}
