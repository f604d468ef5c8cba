//! `remove_members`, as Mailman's bin/remove_members: members off one list, or addresses off all of them.

use super::console::Console;
use super::describe::{flag, long_flag, value, word, words};
use super::tool::{list_name, options, read_lines, End, Tool};
use super::Call;
use crate::bounce::Language;
use crate::dns::Closed;
use crate::membership::{leave, MembershipContext, Notices};
use crate::notice::{outbox, save_with_mail};
use clap::Command;
use compat::list::{self, LockedList};
use compat::site::Site;
use compat::ByteStr;
use std::rc::Rc;

const WHENCE: &str = "bin/remove_members";

#[derive(Debug, Default, PartialEq)]
struct Asked {
    /// `None` for all lists.
    list: Option<ByteStr>,
    addresses: Vec<ByteStr>,
    file: Option<String>,
    all: bool,
    user_ack: Option<bool>,
    admin_ack: Option<bool>,
}

/// The options of `remove_members`.
pub fn command() -> Command {
    Command::new("remove_members")
        .about("Remove members")
        .args([
            value("file", 'f', "FILE", "Remove the addresses of this file too, one a line; - is standard input"),
            flag("all", 'a', "Remove all members of the list"),
            long_flag("fromall", "Remove the addresses from every list of the site, whatever its domain. LIST is left out then. Not with -a"),
            flag("nouserack", 'n', "Do not send a goodbye to members; otherwise the list decides"),
            flag("noadminack", 'N', "Do not notify owners; otherwise the list decides"),
            word("LIST", "The list"),
            words("ADDRESS", "Members"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, an unknown list or a file that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, remove)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked::default();
    let mut from_all = false;
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-f" | "--file" => asked.file = Some(value).filter(|file| !file.is_empty()),
            "-a" | "--all" => asked.all = true,
            "--fromall" => from_all = true,
            "-n" | "--nouserack" => asked.user_ack = Some(false),
            _ => asked.admin_ack = Some(false),
        }
    }
    let nobody = parsed.words.is_empty() && !(asked.file.is_some() && from_all);
    if nobody || (asked.all && from_all) {
        return Err(End::usage());
    }
    let mut words = parsed.words.iter();
    if !from_all {
        asked.list = words.next().map(|name| list_name(name));
    }
    asked.addresses = words.map(|address| address.as_str().into()).collect();
    Ok(asked)
}

fn remove(site: &Rc<Site>, mut asked: Asked) -> Result<(), End> {
    let mut current_language = Language::default();
    if let Some(file) = &asked.file {
        match read_lines(file) {
            Ok(lines) => asked.addresses.extend(lines),
            Err(_) => say(
                site,
                &current_language,
                "Could not open file for reading: %(filename)s.",
                &[("filename", file.as_bytes())],
            ),
        }
    }
    let names = match &asked.list {
        Some(name) => vec![name.clone()],
        None => list::names(site).map_err(End::failed)?,
    };
    for name in names {
        match LockedList::open(site, name.clone(), None) {
            Ok(list) => from_list(site, list, &asked, &mut current_language)?,
            Err(_) => {
                say(site, &current_language, "Error opening list %(listname)s... skipping.", &[("listname", &name)])
            }
        }
    }
    Ok(())
}

/// Newer versions go on in the language of the list that somebody has just left.
fn from_list(site: &Rc<Site>, mut list: LockedList, asked: &Asked, current_language: &mut Language) -> Result<(), End> {
    let mut outbox = outbox(site)?;
    let name = list.name().clone();
    let addresses = if asked.all { list.members() } else { asked.addresses.clone() };
    let spoken = current_language.language();
    let mut ctx =
        MembershipContext { site, list: &mut list, outbox: &mut outbox, dns: &Closed, language: spoken.clone() };
    let notices = Notices { member: asked.user_ack, owners: asked.admin_ack };
    for address in &addresses {
        if !ctx.list.is_member(address) {
            if asked.list.is_some() {
                say(site, current_language, "No such member: %(addr)s", &[("addr", address)]);
            }
            continue;
        }
        leave::approved_delete(&mut ctx, address, Some(WHENCE), notices).map_err(End::failed)?;
        if ctx.language != spoken {
            *current_language = Language::Of(ctx.language.clone());
        }
        if asked.list.is_none() {
            let values = [("addr", &address[..]), ("listname", &name[..])];
            say(site, current_language, "User `%(addr)s' removed from list: %(listname)s.", &values);
        }
    }
    save_with_mail(&mut list, &mut outbox).map_err(End::failed)
}

fn say(site: &Site, current_language: &Language, english: &str, values: &[(&str, &[u8])]) {
    Console::of(site, current_language).print(english, values);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Result<Asked, End> {
        parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_list_or_all_of_them() {
        let asked = args(&["-n", "L", "a@b"]).unwrap();
        assert_eq!((asked.list, asked.addresses, asked.user_ack), (Some("l".into()), vec!["a@b".into()], Some(false)));
        assert_eq!(args(&["--fromall", "-f", "x"]).unwrap().list, None);
        for wrong in [&[][..], &["--fromall"], &["-a", "--fromall", "a@b"], &["-f", "x"]] {
            assert_eq!(args(wrong), Err(End::usage()), "{wrong:?}");
        }
    }
}
