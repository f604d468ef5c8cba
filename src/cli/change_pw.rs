//! `change_pw`, as Mailman's bin/change_pw: new passwords for lists, told to their owners.

use super::console::Console;
use super::describe::{flag, value, values};
use super::tool::{options, End, Tool};
use super::{print_bytes, Call};
use crate::auth::hex_digest;
use crate::notice::{outbox, site_email, NoticeText, UserNotification, Words};
use clap::Command;
use compat::list::{self, attributes, LockedList, MailList};
use compat::pydict::KeyTable;
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

const SUBJECT: &str = "Your new %(listname)s list password";
/// The key of the catalogues.
const TEXT: &str = "\
The site administrator at %(hostname)s has changed the password for your
mailing list %(listname)s.  It is now

    %(notifypassword)s

Please be sure to use this for all future list administration.  You may want
to log in now to your list and change the password to something more to your
liking.  Visit your list admin page at

    %(adminurl)s
";

#[derive(Debug, Default, PartialEq)]
struct Asked {
    /// Lists in the order of their options; `None` for all of them.
    lists: Vec<Option<ByteStr>>,
    domains: Vec<ByteStr>,
    password: Option<String>,
    quiet: bool,
}

/// The options of `change_pw`.
pub fn command() -> Command {
    Command::new("change_pw")
        .about("Give lists new passwords")
        .long_about("Give lists new passwords, and tell their owners. A list keeps only a digest of its password: one that is lost, or is stored in the form of a Mailman before 2.1, cannot be recovered and has to be replaced.")
        .args([
            flag("all", 'a', "All lists"),
            values("domain", 'd', "DOMAIN", "All lists with this mail host; may be given several times"),
            values("listname", 'l', "LIST", "This list; may be given several times"),
            value("password", 'p', "PASSWORD", "The new password of all of them. Otherwise each list gets a random one of its own"),
            flag("quiet", 'q', "Do not notify the owners"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a list that could not be changed.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    Tool { command }.run(call, parse, change)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    let mut asked = Asked::default();
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-a" | "--all" => asked.lists.push(None),
            "-d" | "--domain" => asked.domains.push(value.as_str().into()),
            "-l" | "--listname" => asked.lists.push(Some(value.to_ascii_lowercase().as_str().into())),
            "-p" | "--password" => asked.password = Some(value),
            _ => asked.quiet = true,
        }
    }
    if !parsed.words.is_empty() {
        return Err(End::wrong("Bad arguments: %(strargs)s", &[("strargs", parsed.words.join(" ").as_bytes())]));
    }
    match asked.password.as_deref() {
        Some("") => Err(End::wrong("Empty list passwords are not allowed", &[])),
        _ => Ok(asked),
    }
}

fn change(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let names = names(site, &asked)?;
    if names.is_empty() {
        let text = [&Console::new(site).say("Nothing to do.")[..], b"\n"].concat();
        crate::stderr::Stderr::Real.write_bytes(&text);
        return Ok(());
    }
    for name in names {
        change_one(site, &name, &asked)?;
    }
    Ok(())
}

/// In the order of a Python dictionary.
fn names(site: &Rc<Site>, asked: &Asked) -> Result<Vec<ByteStr>, End> {
    let mut names = KeyTable::new();
    let all = || list::names(site).map_err(End::failed);
    for wanted in &asked.lists {
        match wanted {
            Some(name) => {
                names.insert(name.clone());
            }
            None => all()?.into_iter().for_each(|name| {
                names.insert(name);
            }),
        }
    }
    if !asked.domains.is_empty() {
        for name in all()? {
            if asked.domains.contains(&open(site, &name)?.host_name()) {
                names.insert(name);
            }
        }
    }
    Ok(names.into_keys().collect())
}

fn open(site: &Rc<Site>, name: &ByteStr) -> Result<MailList, End> {
    MailList::load(site, name.clone()).map_err(|error| {
        let reason = match &error {
            list::ListError::Unknown(_) => String::new(),
            other => other.to_string(),
        };
        End::wrong("No such list \"%(listname)s\"\n%(e)s", &[("listname", name), ("e", reason.as_bytes())])
    })
}

fn change_one(site: &Rc<Site>, name: &ByteStr, asked: &Asked) -> Result<(), End> {
    let mut list = LockedList::of(open(site, name)?, None)?;
    let length = site.settings.int(settings::ADMIN_PASSWORD_LENGTH).unwrap_or(10);
    let password = asked.password.as_deref().map_or_else(|| list.random_password_of(length), ByteStr::from);
    list.set(attributes::PASSWORD, Value::Str(hex_digest(&password)));
    list.record(&[b"new password of the list administrator"]);
    list.save()?;
    let values = [("listname", Value::Str(name.clone())), ("notifypassword", Value::Str(password.clone()))];
    let text = Console::new(site).fill("New %(listname)s password: %(notifypassword)s", &values);
    print_bytes(&[&text[..], b"\n"].concat());
    match asked.quiet {
        true => Ok(()),
        false => tell_owners(site, &list, &password),
    }
}

fn tell_owners(site: &Rc<Site>, list: &MailList, password: &ByteStr) -> Result<(), End> {
    let language = list.preferred_language();
    let words = Words::new(site, &language);
    let values = [
        ("listname", Value::Str(list.name().clone())),
        ("hostname", Value::Str(list.host_name())),
        ("notifypassword", Value::Str(password.clone())),
        ("adminurl", Value::Str(list.script_url("admin", true))),
    ];
    let (subject, text) = (words.fill(SUBJECT, &values), words.fill(TEXT, &values));
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(&language) };
    let from = site_email(site, None, None)?;
    let mut outbox = outbox(site)?;
    UserNotification::new(site, &list.strings(attributes::OWNER), &from, notice_text)?.send(list, &mut outbox)?;
    outbox.commit().map(drop).map_err(End::failed)
}
