//! `mailpasswds`, as Mailman's cron/mailpasswds: members are reminded of their passwords. For cron, once a month.

use super::console::Console;
use super::describe::values;
use super::tool::{each_list, options, End, Tool};
use super::Call;
use crate::cron::reminders::Hosts;
use crate::notice::outbox;
use crate::stderr::Stderr;
use clap::Command;
use compat::list::{self, ListError, MailList};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

/// The options of `mailpasswds`.
pub fn command() -> Command {
    Command::new("mailpasswds")
        .about("Remind members of their passwords")
        .long_about("Remind the members of all lists of their passwords, in one mail for each member and mail host. To be run once a month. Lists without send_reminders are left out, and so are members who want no reminders.")
        .args([
            values("listname", 'l', "LIST", "Only about this list; may be given several times"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, a list that cannot be read, or a missing site list.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, remind)
}

/// The lists that are named; `None` for all.
fn parse(args: &[String]) -> Result<Option<Vec<ByteStr>>, End> {
    let parsed = options(args, &command())?;
    if !parsed.words.is_empty() {
        return Err(End::usage());
    }
    let mut lists = None;
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            _ => lists.get_or_insert_with(Vec::new).push(value.as_str().into()),
        }
    }
    Ok(lists)
}

/// A list that cannot be read stops all of it where it was named, before anything is sent.
fn remind(site: &Rc<Site>, lists: Option<Vec<ByteStr>>) -> Result<(), End> {
    let site_list = site_list(site)?;
    let mut hosts = Hosts::default();
    let unread = match lists {
        Some(names) => {
            names.into_iter().try_for_each(|name| Ok::<_, End>(hosts.add(MailList::load(site, name)?)?))?;
            Ok(())
        }
        None => {
            let names = list::names(site).map_err(End::failed)?;
            each_list(names, |name| Ok(hosts.add(MailList::load(site, name.clone())?)?))
        }
    };
    hosts.send(site, &site_list, &mut outbox(site)?)?;
    unread
}

fn site_list(site: &Rc<Site>) -> Result<MailList, End> {
    let name = site.settings.str(settings::MAILMAN_SITE_LIST).map_err(End::failed)?;
    match MailList::load(site, name.clone()) {
        Err(ListError::Unknown(_)) => {
            let values = [("sitelistname", Value::Str(name.clone()))];
            let text = Console::new(site).mailed("Site list is missing: %(sitelistname)s", &values);
            Stderr::Real.write_bytes(&[&text[..], b"\n"].concat());
            site.log("error", [&b"Site list is missing: "[..], &name].concat());
            Err(End::Code(1))
        }
        read => Ok(read?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_mailmans() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(args(&[]), Ok(None));
        assert_eq!(args(&["-la", "--list", "B"]), Ok(Some(vec!["a".into(), "B".into()])));
        assert_eq!(args(&["a"]), Err(End::usage()));
        assert_eq!(args(&["-h"]), Err(End::help()));
    }
}
