//! `newlist`, as Mailman's bin/newlist: a new list, its aliases, and a notice to its owner.

use super::console::Console;
use super::describe::{flag, value, word};
use super::prompt;
use super::tool::{options, End, Message, Tool};
use super::{print_bytes, Call};
use crate::auth::hex_digest;
use crate::error::HandlerError;
use crate::lists::aliases::{self, AliasRequest, Mta};
use crate::lists::notices;
use crate::lists::{create, CreateError, NewList};
use crate::notice::{mail_host_of, outbox};
use clap::Command;
use compat::list::{self, MailList};
use compat::queue::Outbox;
use compat::site::{settings, Site, Switch};
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::io::IsTerminal;
use std::rc::Rc;

const EXISTS: &str = "List already exists: %(listname)s";
const BAD_OWNER: &str = "Bad owner email address: %(s)s";
const OWNER_HINT: &str =
    " - owner addresses need to be fully-qualified names like \"owner@example.com\", not just \"owner\".";

#[derive(Debug, Default, PartialEq)]
struct Asked {
    quiet: bool,
    automate: bool,
    language: Option<String>,
    url_host: Option<String>,
    mail_host: Option<String>,
    words: Vec<String>,
}

/// The options of `newlist`.
pub fn command() -> Command {
    Command::new("newlist")
        .about("Make a list")
        .long_about("Make a list without members. You are asked for what is not given. Without -u and -e the hosts are DEFAULT_URL_HOST and DEFAULT_EMAIL_HOST; with -u alone, VIRTUAL_HOSTS in mm_cfg.py gives the mail host.")
        .args([
            value("language", 'l', "LANGUAGE", "The list's language, such as de"),
            value("urlhost", 'u', "HOST", "The host of the list's web pages"),
            value("emailhost", 'e', "HOST", "The host of the list's mail"),
            flag("quiet", 'q', "Neither ask whether to notify the owner nor do so"),
            flag("automate", 'a', "Notify the owner without asking (Mailman 2.1.20 and newer)"),
            word("LIST", "The name; it becomes lower case. LIST@WEBHOST is the old way to give --urlhost"),
            word("OWNER", "The owner's address"),
            word("PASSWORD", "The list's password"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, a name that cannot be used, or an error.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, make)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked { words: parsed.words, ..Asked::default() };
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-q" | "--quiet" => asked.quiet = true,
            "-a" | "--automate" => asked.automate = true,
            "-l" | "--language" => asked.language = Some(value),
            "-u" | "--urlhost" => asked.url_host = Some(value),
            _ => asked.mail_host = Some(value),
        }
    }
    Ok(asked)
}

/// What is to be made, all questions answered.
struct Order {
    name: ByteStr,
    owner: String,
    password: String,
    language: ByteStr,
    url_host: ByteStr,
    mail_host: ByteStr,
}

fn make(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    if asked.automate && !site.profile.has(Switch::NewlistAutomate) {
        return Err(End::Usage { code: 1, message: Message::Plain("option -a not recognized".to_string()) });
    }
    let mta = aliases::mta(site)?;
    let order = completed(site, &asked)?;
    // Whoever is asked first may still say no.
    let asks = !asked.quiet && !asked.automate && std::io::stdin().is_terminal();
    let list = create_list(site, &order, !asked.quiet && !asks)?;
    tell_mta(&list, mta, AliasRequest::Add, &Console::new(list.site()))?;
    if !asked.quiet && !asked.automate {
        let values = [("listname", Value::Str(order.name.clone()))];
        print_bytes(&Console::new(site).fill("Hit enter to notify %(listname)s owner...", &values));
        let _ = std::io::stdin().read_line(&mut String::new());
        // Python ends a line that it has left open when it ends itself.
        print_bytes(b"\n");
    }
    match asks {
        true => Ok(send_letter(site, &list, &order)?),
        false => Ok(()),
    }
}

fn send_letter(site: &Site, list: &MailList, order: &Order) -> Result<(), HandlerError> {
    let mut outbox = outbox(site)?;
    write_letter(list, order, &mut outbox)?;
    Ok(outbox.commit().map(drop)?)
}

fn write_letter(list: &MailList, order: &Order, outbox: &mut Outbox) -> Result<(), HandlerError> {
    notices::welcome_owner(list, &order.owner.as_str().into(), &order.password.as_str().into(), outbox)
}

/// Hosts are found and questions asked, in the order in which Mailman does.
fn completed(site: &Site, asked: &Asked) -> Result<Order, End> {
    let language = asked.language.as_deref().map_or_else(|| site.server_language(), ByteStr::from);
    if !site.knows_languages() {
        return Err(End::failed(
            "the settings know no language at all: Mailman/mm_cfg.py should begin with `from Defaults import *`",
        ));
    }
    if !site.is_language(&language) {
        return Err(End::wrong("Unknown language: %(lang)s", &[("lang", &language)]));
    }
    let console = Console::new(site);
    let word = |at: usize| asked.words.get(at).cloned();
    let given = word(0).map_or_else(|| prompt::line(&console.say("Enter the name of the list: ")), Ok)?;
    let (name, url_host, mail_host) = hosts(site, asked, &given.to_ascii_lowercase())?;
    if list::exists(site, &name) {
        return Err(End::wrong(EXISTS, &[("listname", &name)]));
    }
    let question = "Enter the email of the person running the list: ";
    let owner = word(1).map_or_else(|| prompt::line(&console.say(question)), Ok)?;
    let values = [("listname", Value::Str(name.clone()))];
    let question = console.fill("Initial %(listname)s password: ", &values);
    let password = word(2).map_or_else(|| prompt::password(&question), Ok)?;
    let password = password.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b').to_string();
    if password.is_empty() {
        return Err(End::wrong("The list password cannot be empty", &[]));
    }
    Ok(Order { name, owner, password, language, url_host, mail_host })
}

/// The name without its domain, the web host and the mail host.
fn hosts(site: &Site, asked: &Asked, given: &str) -> Result<(ByteStr, ByteStr, ByteStr), End> {
    let setting = |name| site.settings.str(name).map_err(End::failed);
    let option = |given: &Option<String>| given.as_deref().filter(|host| !host.is_empty()).map(ByteStr::from);
    let (mut url_host, mut mail_host) = (option(&asked.url_host), option(&asked.mail_host));
    let (name, domain) = given.split_once('@').map_or((given, None), |(name, domain)| (name, Some(domain)));
    if let Some(domain) = domain.map(ByteStr::from) {
        mail_host = mail_host.or_else(|| Some(mail_host_of(site, &domain).unwrap_or_else(|| domain.clone())));
        url_host = url_host.or(Some(domain));
    }
    let not_empty = |host: &ByteStr| !host.is_empty();
    let url_host = url_host.filter(not_empty).map_or_else(|| setting(settings::DEFAULT_URL_HOST), Ok)?;
    let mail_host = mail_host.filter(not_empty).or_else(|| mail_host_of(site, &url_host));
    Ok((name.into(), url_host, mail_host.map_or_else(|| setting(settings::DEFAULT_EMAIL_HOST), Ok)?))
}

/// Makes the list, with the notice to its owner in the same commit where nobody is asked about it.
fn create_list(site: &Rc<Site>, order: &Order, with_letter: bool) -> Result<MailList, End> {
    let new = NewList {
        name: &order.name,
        owner: order.owner.as_bytes(),
        password: hex_digest(order.password.as_bytes()),
        language: order.language.clone(),
        mail_host: order.mail_host.clone(),
        url_host: order.url_host.clone(),
    };
    let letter = |list: &MailList, outbox: &mut Outbox| match with_letter {
        true => write_letter(list, order, outbox),
        false => Ok(()),
    };
    create(site, &new, Dict::new(), letter).map_err(|error| match error {
        CreateError::Exists => End::wrong(EXISTS, &[("listname", &order.name)]),
        CreateError::BadName(name) => End::wrong("Illegal list name: %(s)s", &[("s", &name)]),
        CreateError::BadOwner(owner) => {
            let console = Console::new(site);
            let said = console.fill(BAD_OWNER, &[("s", Value::Str(owner))]);
            let hint = site.profile.has(Switch::NewlistExplainsOwner).then(|| console.say(OWNER_HINT));
            let text = [&said[..], &hint.unwrap_or_default()].concat();
            End::Usage { code: 1, message: Message::Plain(String::from_utf8_lossy(&text).into_owned()) }
        }
        other => End::failed(other),
    })
}

/// Shows what is to be done to the aliases where a person edits them.
pub(super) fn tell_mta(list: &MailList, mta: Mta, request: AliasRequest, console: &Console<'_>) -> Result<(), End> {
    let headings = match request {
        AliasRequest::Add => &aliases::TO_ADD[..],
        AliasRequest::Remove => &aliases::TO_REMOVE,
    };
    mta.follow(list, request, || {
        print_bytes(&aliases::told(list, headings, |english, values| console.fill(english, values)));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::Version;
    use std::path::Path;

    fn hosts_of(words: &[&str]) -> (String, String, String) {
        let site = Site::bare(Path::new("/nowhere"), Version::parse("2.1.39").unwrap());
        let asked = parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        let (name, url, mail) = hosts(&site, &asked, &asked.words[0].to_ascii_lowercase()).unwrap();
        (name.to_latin1(), url.to_latin1(), mail.to_latin1())
    }

    #[test]
    fn hosts_by_options_come_before_those_in_the_name() {
        let three = |name: &str, url: &str, mail: &str| (name.to_string(), url.to_string(), mail.to_string());
        assert_eq!(hosts_of(&["List@www.a.example"]), three("list", "www.a.example", "www.a.example"));
        assert_eq!(hosts_of(&["-u", "w.b", "-e", "b", "l@w.a"]), three("l", "w.b", "b"));
        assert_eq!(hosts_of(&["-e", "b", "l@w.a"]), three("l", "w.a", "b"));
    }
}
