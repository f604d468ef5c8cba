//! All commands: name, work, help.

use super::{confirm, echo, end, help, info, lists, password, set, subscribe, unsubscribe, who, Work};
use compat::list::MailList;
use compat::site::{Site, Switch};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// One command.
pub struct Command {
    pub name: &'static str,
    pub work: Work,
    /// Whether it never lets a line follow.
    pub is_last: bool,
    /// Whether it only tells something and changes nothing.
    pub only_tells: bool,
    /// Its part of the help, as the catalogues know it; for some it depends on the list, some have none.
    pub help: fn(&MailList) -> Option<&'static str>,
}

/// What a name is.
pub enum Known {
    /// One of ours.
    Command(&'static Command),
    /// A Python file of the site's own.
    SiteCommand,
    /// A name on which the import fails in a way that older versions do not expect.
    Broken,
    /// Nothing.
    Not,
}

const fn command(
    name: &'static str,
    work: Work,
    is_last: bool,
    help: fn(&MailList) -> Option<&'static str>,
) -> Command {
    Command { name, work, is_last, only_tells: false, help }
}

/// A command that only tells something.
const fn question(
    name: &'static str,
    work: Work,
    is_last: bool,
    help: fn(&MailList) -> Option<&'static str>,
) -> Command {
    Command { only_tells: true, ..command(name, work, is_last, help) }
}

/// In the order of the help.
pub static COMMANDS: [Command; 15] = [
    command("confirm", confirm::process, true, |_| Some(confirm::HELP)),
    question("echo", echo::process, true, |_| None),
    question("end", end::process, true, |_| Some(end::HELP)),
    question("help", help::process, false, |_| Some(help::HELP)),
    question("info", info::process, false, |_| Some(info::HELP)),
    command("join", subscribe::process, false, |_| None),
    command("leave", unsubscribe::process, false, |_| None),
    question("lists", lists::process, false, |_| Some(lists::HELP)),
    command("password", password::process, false, |_| Some(password::HELP)),
    command("remove", unsubscribe::process, false, |_| None),
    command("set", set::process, false, |_| Some(set::OVERVIEW)),
    question("stop", end::process, true, |_| None),
    command("subscribe", subscribe::process, false, |_| Some(subscribe::HELP)),
    command("unsubscribe", unsubscribe::process, false, |_| Some(unsubscribe::HELP)),
    question("who", who::process, false, who::help),
];

/// No file has a longer name.
const LONGEST: usize = 255;

/// What a name stands for, in lower case.
pub fn find(site: &Site, name: &[u8]) -> Known {
    match COMMANDS.iter().find(|command| command.name.as_bytes() == name) {
        Some(command) => Known::Command(command),
        None if is_python_of_site(site, name) => Known::SiteCommand,
        None if breaks_import(site, name) => Known::Broken,
        None => Known::Not,
    }
}

/// A zero byte gives a TypeError, a dot behind the name of a module a KeyError.
fn breaks_import(site: &Site, name: &[u8]) -> bool {
    if name.contains(&0) {
        return !site.profile.has(Switch::CommandNulCaught);
    }
    let module = name.strip_suffix(b".").filter(|_| !site.profile.has(Switch::CommandFinalDotCaught));
    module.is_some_and(|name| matches!(find(site, name), Known::Command(_) | Known::SiteCommand))
}

/// Whether Python would find a module of that name among the site's commands.
fn is_python_of_site(site: &Site, name: &[u8]) -> bool {
    if !(1..=LONGEST).contains(&name.len()) || name.iter().any(|b| matches!(b, b'/' | b'.' | 0)) {
        return false;
    }
    let module = |extension: &str| {
        let file = [&b"cmd_"[..], name, extension.as_bytes()].concat();
        PathBuf::from(&site.home).join("Mailman/Commands").join(OsStr::from_bytes(&file)).exists()
    };
    [".py", ".pyc", ".pyo", ".so"].into_iter().any(module)
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::site::profile::{NEWEST, OLDEST};
    use std::path::Path;

    #[test]
    fn older_versions_fail_on_some_names() {
        let broken =
            |version, name: &[u8]| matches!(find(&Site::bare(Path::new("/nowhere"), version), name), Known::Broken);
        assert!(broken(OLDEST, b"help.") && broken(OLDEST, b"he\0lp"));
        assert!(!broken(OLDEST, b"hello.") && !broken(OLDEST, b"help.."));
        assert!(!broken(NEWEST, b"help.") && !broken(NEWEST, b"he\0lp"));
    }

    #[test]
    fn the_help_is_sorted_by_name() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
