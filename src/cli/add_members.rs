//! `add_members`, as Mailman's bin/add_members: the addresses of a file become members, or are invited.

use super::console::Console;
use super::describe::{flag, value, word};
use super::progress::Progress;
use super::tool::{io_failed, list_name, options, read_file, read_lines, End, Message, Tool};
use super::Call;
use crate::dns::Closed;
use crate::membership::mass::{Addition, Outcome};
use crate::membership::MembershipContext;
use crate::notice::{outbox, save_with_mail, site_email, NoticeText, UserNotification};
use crate::stderr::Stderr;
use clap::Command;
use compat::list::{attributes, ListError, LockedList, MailList};
use compat::queue::Outbox;
use compat::site::{Site, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    list: ByteStr,
    regular: Option<String>,
    digest: Option<String>,
    welcome: Option<bool>,
    notify: Option<bool>,
    invite: bool,
    invitation: Option<String>,
    no_mail: bool,
}

/// The options of `add_members`.
pub fn command() -> Command {
    Command::new("add_members")
        .about("Add members to a list, or invite them")
        .long_about("Add members to a list, or invite them. Give -r or -d or both; only one of them may be -.")
        .args([
            value("regular-members-file", 'r', "FILE", "The addresses of members who get posts one by one, one a line; - is standard input"),
            value("digest-members-file", 'd', "FILE", "The same for members who get digests"),
            flag("invite", 'i', "Invite these people; they become members by accepting (not in old versions of Mailman)"),
            value("invite-msg-file", 'm', "FILE", "A text to stand before the invitation"),
            value("welcome-msg", 'w', "y|n", "Whether members are welcomed by mail; otherwise the list's send_welcome_msg decides. Not for invitations"),
            value("admin-notify", 'a', "y|n", "Whether the owners are told what was done; otherwise the list's admin_notify_mchanges decides"),
            flag("nomail", 'n', "Disable delivery to the new members (Mailman 2.1.16 and newer; before, -n FILE is -r FILE). Not for invitations"),
            word("LIST", "An existing list").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, an unknown list or a file that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let names_file = |site: &Site| !site.profile.has(Switch::AddMembersNoMail);
    Tool { command }.run_as_on(call, |args, site| parse(args, site.is_some_and(names_file)), add)
}

/// `n_names_file`: as it did before 2.1.16.
fn parse(args: &[String], n_names_file: bool) -> Result<Asked, End> {
    let command = match n_names_file {
        true => command().mut_arg("nomail", |option| {
            option.long("non-digest-members-file").value_name("FILE").action(clap::ArgAction::Set)
        }),
        false => command(),
    };
    let parsed = options(args, &command)?;
    let [name] = parsed.words.as_slice() else { return Err(End::usage()) };
    let mut asked = Asked { list: list_name(name), ..Asked::default() };
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-d" | "--digest-members-file" => asked.digest = Some(value),
            "-r" | "--regular-members-file" => asked.regular = Some(value),
            "-m" | "--invite-msg-file" => asked.invitation = Some(value),
            "-i" | "--invite" => asked.invite = true,
            "-w" | "--welcome-msg" => {
                asked.welcome = Some(yes_or_no(&value, "Bad argument to -w/--welcome-msg: %(arg)s")?)
            }
            "-a" | "--admin-notify" => {
                asked.notify = Some(yes_or_no(&value, "Bad argument to -a/--admin-notify: %(arg)s")?)
            }
            option if n_names_file => {
                let text = format!("option {option} is deprecated, use -r/--regular-members-file\n");
                Stderr::Real.write(&text);
                asked.regular = Some(value);
            }
            _ => asked.no_mail = true,
        }
    }
    check(asked)
}

fn yes_or_no(value: &str, complaint: &'static str) -> Result<bool, End> {
    match value.bytes().next().map(|first| first.to_ascii_lowercase()) {
        Some(b'y') => Ok(true),
        Some(b'n') => Ok(false),
        _ => Err(End::wrong(complaint, &[("arg", value.as_bytes())])),
    }
}

fn check(asked: Asked) -> Result<Asked, End> {
    let is_input = |file: &Option<String>| file.as_deref() == Some("-");
    if asked.regular.is_none() && asked.digest.is_none() {
        return Err(End::usage());
    }
    if is_input(&asked.regular) && is_input(&asked.digest) {
        return Err(End::wrong("Cannot read both digest and normal members from standard input.", &[]));
    }
    if asked.invitation.is_some() && !asked.invite {
        return Err(End::wrong("Setting invite-msg-file requires --invite.", &[]));
    }
    Ok(asked)
}

fn add(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    if asked.invite && !site.profile.has(Switch::AddMembersInvite) {
        let text = "this site's Mailman has no such option".to_string();
        return Err(End::Usage { code: 1, message: Message::Plain(text) });
    }
    let mut list = LockedList::open(site, asked.list.clone(), None).map_err(|error| match error {
        ListError::Unknown(name) => End::wrong("No such list: %(listname)s", &[("listname", &name)]),
        other => other.into(),
    })?;
    let lines = |file: &Option<String>| match file.as_deref().filter(|file| !file.is_empty()) {
        Some(file) => read_lines(file).map_err(|error| io_failed(&error, file)),
        None => Ok(Vec::new()),
    };
    let (digest, regular) = (lines(&asked.digest)?, lines(&asked.regular)?);
    let text = match asked.invitation.as_deref().filter(|file| !file.is_empty()) {
        Some(file) => read_file(file).map_err(|error| io_failed(&error, file))?,
        None => Vec::new(),
    };
    if digest.is_empty() && regular.is_empty() {
        return Err(End::Usage { code: 0, message: Message::Words("Nothing to do.", Vec::new()) });
    }
    let mut outbox = outbox(site)?;
    let report = add_all(site, &mut list, &mut outbox, &asked, &text, [&regular, &digest])?;
    if asked.notify.unwrap_or_else(|| list.truth(attributes::ADMIN_NOTIFY_MCHANGES)) {
        tell_owners(site, &list, &mut outbox, &report)?;
    }
    save_with_mail(&mut list, &mut outbox).map_err(End::failed)
}

/// Regular members, then those with digests. What is said about each is also the owners' notice.
fn add_all(
    site: &Rc<Site>,
    list: &mut LockedList,
    outbox: &mut Outbox,
    asked: &Asked,
    text: &[u8],
    lines: [&[ByteStr]; 2],
) -> Result<Vec<u8>, End> {
    let language = list.preferred_language();
    let console = Console::in_language(site, &language);
    let welcome = asked.welcome.unwrap_or_else(|| list.truth(attributes::SEND_WELCOME_MSG));
    let whence: &[u8] = if site.profile.has(Switch::AddMembersWhence) { b"bin/add_members" } else { b"" };
    let mut ctx = MembershipContext { site, list, outbox, dns: &Closed, language };
    let mut progress = Progress::new(lines.iter().map(|lines| lines.len()).sum());
    let mut report = Vec::new();
    for (lines, digest) in lines.into_iter().zip([false, true]) {
        let invitation = asked.invite.then_some(text);
        let addition = Addition { digest, welcome, no_mail: asked.no_mail, invitation, whence };
        for line in lines {
            let said = said(&console, line, &addition.add(&mut ctx, line)?);
            progress.step(&console.shown(&said));
            report.extend_from_slice(&said);
        }
    }
    Ok(report)
}

fn said(console: &Console<'_>, line: &ByteStr, outcome: &Outcome) -> ByteStr {
    let english = match outcome {
        Outcome::Subscribed => "Subscribed: %(member)s",
        Outcome::Invited => "Invited: %(member)s",
        Outcome::Already => "Already a member: %(member)s",
        Outcome::Blank => "Bad/Invalid email address: blank line",
        Outcome::Bad => "Bad/Invalid email address: %(member)s",
        Outcome::Hostile => "Hostile address (illegal characters): %(member)s",
        Outcome::Banned(pattern) => {
            let values = [("pattern", Value::Str(pattern.clone()))];
            let text = console.mailed("Banned address (matched %(pattern)s)", &values);
            return ByteStr::new([&line[..], b": ", &text, b"\n"].concat());
        }
    };
    ByteStr::new([&console.mailed(english, &[("member", Value::Str(line.clone()))])[..], b"\n"].concat())
}

fn tell_owners(site: &Rc<Site>, list: &MailList, outbox: &mut Outbox, report: &[u8]) -> Result<(), End> {
    let language = list.preferred_language();
    let values = [("realname", Value::Str(list.real_name()))];
    let subject = Console::in_language(site, &language).mailed("%(realname)s subscription notification", &values);
    let host = list.host_name();
    let from = site_email(site, Some(&host[..]).filter(|_| site.profile.has(Switch::AddMembersOwnHost)), None)?;
    let notice_text = NoticeText { subject: Some(&subject), text: Some(report), language: Some(&language) };
    Ok(UserNotification::new(site, &list.strings(attributes::OWNER), &from, notice_text)?.send(list, outbox)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Result<Asked, End> {
        parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), false)
    }

    #[test]
    fn n_once_named_the_file_of_regular_members() {
        let old = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), true).unwrap();
        assert_eq!(old(&["-n", "file", "l"]).regular.as_deref(), Some("file"));
        let asked = old(&["--non-digest-members-file=-", "-w", "n", "l"]);
        assert_eq!((asked.regular.as_deref(), asked.no_mail), (Some("-"), false));
        assert!(args(&["-n", "-r", "file", "l"]).unwrap().no_mail);
    }

    #[test]
    fn options_are_mailmans() {
        let asked = args(&["-r", "-", "--welcome=No", "-a", "yes", " L "]).unwrap();
        assert_eq!((asked.welcome, asked.notify, asked.list), (Some(false), Some(true), "l".into()));
        assert_eq!(args(&["-h"]), Err(End::usage()));
        assert_eq!(args(&["-h", "l"]), Err(End::help()));
        assert_eq!(args(&["l"]), Err(End::usage()));
        assert!(matches!(args(&["-w", "x", "-r", "f", "l"]), Err(End::Usage { code: 1, message: Message::Words(..) })));
        assert!(matches!(args(&["-r", "-", "-d", "-", "l"]), Err(End::Usage { code: 1, message: Message::Words(..) })));
        assert!(matches!(args(&["-r", "f", "-m", "t", "l"]), Err(End::Usage { code: 1, message: Message::Words(..) })));
    }
}
