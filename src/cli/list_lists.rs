//! `list_lists`, as Mailman's bin/list_lists: the lists of a site with their descriptions.

use super::console::Console;
use super::describe::{flag, json_flag, value};
use super::tool::{options, End, Tool};
use super::{print, print_bytes, Call};
use crate::lists::described;
use crate::stderr::Stderr;
use clap::Command;
use compat::list::{self, attributes, ListError, MailList};
use compat::pattern::{escape, Flags, Pattern};
use compat::site::{settings, Site, Switch};
use migration::json::Json;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    advertised: bool,
    public: bool,
    host: Option<String>,
    bare: bool,
    json: bool,
}

/// The options of `list_lists`.
pub fn command() -> Command {
    Command::new("list_lists")
        .about("Show the lists of a site")
        .args([
            flag("advertised", 'a', "Only lists that are advertised"),
            flag("public-archive", 'p', "Only lists with a public archive (Mailman 2.1.16 and newer)"),
            value(
                "virtual-host-overview",
                'V',
                "DOMAIN",
                "Only lists whose web pages are in this domain; needs VIRTUAL_HOST_OVERVIEW",
            ),
            flag("bare", 'b', "The names alone, one a line"),
            json_flag(),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a list that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, list)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let mut asked = Asked::default();
    for (option, value) in options(args, &command())?.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-a" | "--advertised" => asked.advertised = true,
            "-p" | "--public-archive" => asked.public = true,
            "-b" | "--bare" => asked.bare = true,
            "--json" => asked.json = true,
            _ => asked.host = Some(value),
        }
    }
    Ok(asked)
}

fn list(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    if asked.public && !site.profile.has(Switch::ListListsPublicOption) {
        return Err(End::Usage { code: 1, message: super::tool::Message::Plain("option -p not recognized".into()) });
    }
    let (lists, outcome) = matching(site, &asked)?;
    if asked.json {
        print(&format!("{}\n", Json::array(&lists, described::list)));
        return Ok(());
    }
    let console = Console::new(site);
    let mut text = Vec::new();
    if asked.bare {
        lists.iter().for_each(|list| text.extend_from_slice(&[list.name(), &b"\n"[..]].concat()));
    } else if lists.is_empty() {
        text.extend_from_slice(&[&console.say("No matching mailing lists found")[..], b"\n"].concat());
    } else {
        table(&lists, &console, &mut text);
    }
    print_bytes(&text);
    outcome
}

/// The lists that are asked for. One that cannot be read is reported, and the others are listed.
fn matching(site: &Rc<Site>, asked: &Asked) -> Result<(Vec<MailList>, Result<(), End>), End> {
    let mut names = list::names(site).map_err(End::failed)?;
    names.sort();
    let (mut lists, mut outcome) = (Vec::new(), Ok(()));
    for name in names {
        let list = match MailList::look(site, name) {
            Ok(list) => list,
            // It went while we looked.
            Err(ListError::Unknown(_)) => continue,
            Err(error) => {
                Stderr::Real.write(&format!("list_lists: {error}\n"));
                outcome = Err(End::Code(1));
                continue;
            }
        };
        let shown = (!asked.advertised || list.truth(attributes::ADVERTISED))
            && !(asked.public && list.truth(attributes::ARCHIVE_PRIVATE))
            && is_of_host(&list, asked);
        if shown {
            lists.push(list);
        }
    }
    Ok((lists, outcome))
}

fn is_of_host(list: &MailList, asked: &Asked) -> bool {
    let site = list.site();
    let host =
        asked.host.as_deref().filter(|host| !host.is_empty() && site.settings.truth(settings::VIRTUAL_HOST_OVERVIEW));
    let Some(host) = host else { return true };
    let url = list.str(attributes::WEB_PAGE_URL);
    if !site.profile.has(Switch::ListListsHostExact) {
        let holds = |outer: &[u8], inner: &[u8]| inner.is_empty() || memchr::memmem::find(outer, inner).is_some();
        return holds(host.as_bytes(), &url) || holds(&url, host.as_bytes());
    }
    let pattern = [&b"://"[..], &escape(host.as_bytes()), b"/"].concat();
    Pattern::new(&pattern, Flags::IGNORE_CASE).is_ok_and(|pattern| pattern.is_match(&url).unwrap_or(false))
}

/// Names to the right, descriptions cut at the edge of a terminal.
fn table(lists: &[MailList], console: &Console<'_>, text: &mut Vec<u8>) {
    let found = console.say("matching mailing lists found:");
    text.extend_from_slice(&[lists.len().to_string().as_bytes(), b" ", &found, b"\n"].concat());
    let longest = lists.iter().map(|list| list.real_name().len()).max().unwrap_or(0);
    for list in lists {
        let name = list.real_name();
        let own = Some(list.str(attributes::DESCRIPTION)).filter(|description| !description.is_empty());
        let description = own.unwrap_or_else(|| console.say("[no description available]"));
        let cut = &description[..description.len().min(77_usize.saturating_sub(longest))];
        text.extend_from_slice(&b" ".repeat(4 + longest - name.len()));
        text.extend_from_slice(&[&name, &b" - "[..], cut, b"\n"].concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_mailmans() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        let all = Asked { advertised: true, public: true, host: Some("a.b".into()), bare: true, json: false };
        assert_eq!(args(&["-apb", "--virtual=a.b", "left over"]), Ok(all));
        assert_eq!(args(&["-b", "-h"]), Err(End::help()));
        assert!(args(&["-x"]).is_err());
    }
}
