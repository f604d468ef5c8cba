//! `withlist`, as Mailman's bin/withlist: a script works on a list, or on all.
//!
//! The scripts that come with Mailman are done here: `fix_url`, `reset_pw`, `convert`. Any other, and the prompt, is left
//! to the site's own Python, where there is one.

use super::console::Console;
use super::describe::{self, flag, value, word, words};
use super::tool::{list_name, options, End, Tool};
use super::{print_bytes, Call};
use crate::bridge::withlist::WithList;
use crate::lists::upkeep::{self, Hosts};
use crate::stderr::Stderr;
use clap::Command;
use compat::list::{self, ListError, LockedList};
use compat::site::{Site, Switch};
use compat::ByteStr;
use std::ffi::OsString;
use std::rc::Rc;

/// A script that is done here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    FixUrl,
    ResetPasswords,
    Convert,
}

/// The options of `withlist`.
pub fn command() -> Command {
    Command::new("withlist")
        .about("Run a script on lists")
        .long_about("Run a callable of a Python module on a list, or give a prompt. Three scripts need no Python: fix_url [-u HOST] [-v] moves the list to another web host and its mail host, reset_pw [-v] gives every member a random password and needs -l, and convert makes $-strings of the %-strings in the list's texts and needs -l. For any other script the site's Python 2 takes over; where there is none it is refused.")
        .args([
            flag("lock", 'l', "Lock the list. The script must save it, or nothing is kept"),
            flag("interactive", 'i', "A prompt of Python afterwards; also without -r"),
            value("run", 'r', "[MODULE.]CALLABLE", "The script: a callable of a module in the folder of this program. It gets the list and the arguments. Without MODULE, the module of the callable's name"),
            flag("all", 'a', "On all lists; needs -r, and no LIST"),
            flag("quiet", 'q', "Print no progress"),
            word("LIST", "The list"),
            words("ARGUMENT", "Arguments of the script"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, an unknown list, or a script that is refused.")
}

/// The options of `fix_url`.
pub fn fix_url_command() -> Command {
    Command::new("fix_url")
        .about("Move a list to another web host")
        .args([
            value("urlhost", 'u', "HOST", "The web host; otherwise the site's own"),
            flag("verbose", 'v', "Print what is done"),
            word("LIST", "The list").required(true),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an unknown list.")
}

/// The options of `reset_pw`.
pub fn reset_pw_command() -> Command {
    Command::new("reset_pw")
        .about("Give every member of a list a new password")
        .args([flag("verbose", 'v', "Print what is done"), word("LIST", "The list").required(true)])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or an unknown list.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let parse = |args: &[String], site: Option<&Site>| parse(args, site);
    Tool { command }.run_as_on(call, parse, work)
}

/// `fix_url LIST [-u HOST] [-v]`
pub fn run_fix_url(call: &Call) -> i32 {
    run_script(call, "fix_url")
}

/// `reset_pw LIST [-v]`
pub fn run_reset_pw(call: &Call) -> i32 {
    run_script(call, "reset_pw")
}

/// One of the scripts as a command of its own: locked, and without a word of what withlist does.
fn run_script(call: &Call, script: &str) -> i32 {
    let given = ["-q", "-l", "-r", script].map(OsString::from).into_iter().chain(call.given.iter().cloned());
    run(&Call::new(call.program.clone(), given.collect()))
}

/// What the scripts themselves do when they are called: they show how they are to be called.
pub fn run_help(call: &Call) -> i32 {
    Tool { command }.end(call, None, End::help())
}

fn parse(args: &[String], site: Option<&Site>) -> Result<WithList, End> {
    let parsed = options(args, &command())?;
    let mut asked = WithList { words: parsed.words, ..WithList::default() };
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Err(End::help()),
            "-l" | "--lock" => asked.lock = true,
            "-r" | "--run" => asked.run = Some(value).filter(|run| !run.is_empty()),
            "-q" | "--quiet" => asked.quiet = true,
            "-i" | "--interactive" => asked.interactive = true,
            _ => asked.all = true,
        }
    }
    if asked.words.is_empty() && !asked.all {
        if !asked.interactive {
            return Err(End::wrong("No list name supplied.", &[]));
        }
        if let Some(site) = site {
            Console::new(site).print("No list name supplied.", &[]);
        }
    }
    if asked.all && asked.run.is_none() {
        return Err(End::wrong("--all requires --run", &[]));
    }
    asked.interactive |= asked.run.is_none();
    Ok(asked)
}

/// The script that is named with or without its module.
fn script(run: &str) -> Option<Script> {
    match run {
        "fix_url" | "fix_url.fix_url" => Some(Script::FixUrl),
        "reset_pw" | "reset_pw.reset_pw" => Some(Script::ResetPasswords),
        "convert" | "convert.convert" => Some(Script::Convert),
        _ => None,
    }
}

fn work(site: &Rc<Site>, asked: WithList) -> Result<(), End> {
    match asked.run.as_deref().and_then(script).filter(|_| !asked.interactive) {
        Some(script) => on_lists(site, script, &asked),
        None => {
            let what = asked.run.clone().unwrap_or_else(|| "a prompt".to_string());
            let error = asked.become_python(site);
            Err(End::Failed(format!("{what}: {error}. What config_list, set_option and set_member do needs none.")))
        }
    }
}

fn on_lists(site: &Rc<Site>, script: Script, asked: &WithList) -> Result<(), End> {
    let mut words = asked.words.iter();
    let names = match asked.all {
        true => list::names(site).map_err(End::failed)?,
        false => words.next().map(|name| list_name(name)).into_iter().collect(),
    };
    let args: Vec<String> = words.cloned().collect();
    let status = Status { console: Console::new(site), quiet: asked.quiet };
    let (module, name) = match script {
        Script::FixUrl => ("fix_url", "fix_url"),
        Script::ResetPasswords => ("reset_pw", "reset_pw"),
        Script::Convert => ("convert", "convert"),
    };
    status.say("Importing %(module)s...", &[("module", module.as_bytes())]);
    status.say("Running %(module)s.%(callable)s()...", &[("module", module.as_bytes()), ("callable", name.as_bytes())]);
    for name in &names {
        let how = status.console.say(if asked.lock { "(locked)" } else { "(unlocked)" });
        status.say(&format!("Loading list %(listname)s {how}"), &[("listname", name)]);
        on_list(site, name, script, &args, asked.lock)?;
    }
    status.say("Finalizing", &[]);
    Ok(())
}

/// What withlist says of its work, on standard error.
struct Status<'a> {
    console: Console<'a>,
    quiet: bool,
}

impl Status<'_> {
    fn say(&self, english: &str, values: &[(&str, &[u8])]) {
        if !self.quiet {
            Stderr::Real.write_bytes(&[&self.console.fill_with(english, values)[..], b"\n"].concat());
        }
    }
}

fn on_list(site: &Rc<Site>, name: &ByteStr, script: Script, args: &[String], lock: bool) -> Result<(), End> {
    let open = || match LockedList::open(site, name.clone(), None) {
        Err(ListError::Unknown(_)) => Err(End::Failed(format!("Unknown list: {name}"))),
        list => Ok(list?),
    };
    let may_save = lock || (script == Script::FixUrl && site.profile.has(Switch::FixUrlLocks));
    if !may_save {
        return Err(End::Failed(format!("list {name} is not locked: -l is needed")));
    }
    let mut list = open()?;
    let console = Console::new(site);
    match script {
        Script::FixUrl => fix_url(&console, &mut list, args, !lock)?,
        Script::ResetPasswords => reset_passwords(&console, &mut list, args)?,
        Script::Convert if args.is_empty() => {
            upkeep::convert_to_dollar(&mut list)?;
            console.print("Saving list", &[]);
        }
        Script::Convert => return Err(End::Failed("convert takes no arguments".to_string())),
    }
    list.save()?;
    Ok(list.unlock()?)
}

fn fix_url(console: &Console<'_>, list: &mut LockedList, args: &[String], locks: bool) -> Result<(), End> {
    let mut host = None;
    let mut verbose = false;
    for (option, value) in script_options(args, fix_url_command())? {
        match option.as_str() {
            "-u" | "--urlhost" => host = Some(value),
            _ => verbose = true,
        }
    }
    let hosts = Hosts::of(list.site(), host.as_deref().map(str::as_bytes)).map_err(End::failed)?;
    if verbose {
        if locks {
            console.print("Locking list", &[]);
        }
        let url = compat::format::text_of(&hosts.web_page_url);
        console.print("Setting web_page_url to: %(web_page_url)s", &[("web_page_url", &url)]);
        console.print("Setting host_name to: %(mailhost)s", &[("mailhost", &hosts.mail_host)]);
    }
    hosts.give_to(list);
    console.print("Saving list", &[]);
    Ok(())
}

fn reset_passwords(console: &Console<'_>, list: &mut LockedList, args: &[String]) -> Result<(), End> {
    let verbose = !script_options(args, reset_pw_command())?.is_empty();
    let given = upkeep::reset_passwords(list)?;
    if verbose {
        console.print("Changing passwords for list: %(listname)s", &[("listname", list.name())]);
        for (member, password) in given {
            let values = [("member", &member[..]), ("randompw", &password[..])];
            console.print("New password for member %(member)40s: %(randompw)s", &values);
        }
    }
    Ok(())
}

/// What is wrong with a script's own options is said on standard output.
fn script_options(args: &[String], command: Command) -> Result<Vec<(String, String)>, End> {
    match describe::getopt(args, &command.disable_help_flag(true)) {
        Ok(parsed) => Ok(parsed.options),
        Err(error) => {
            print_bytes(format!("{error}\n").as_bytes());
            Err(End::Code(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_mailmans() {
        let args = |words: &[&str]| parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), None);
        let asked = args(&["-l", "-r", "fix_url", "club", "-v"]).unwrap();
        assert_eq!((asked.lock, asked.interactive, asked.words.len()), (true, false, 2));
        assert!(args(&["club"]).unwrap().interactive);
        assert_eq!(args(&[]), Err(End::wrong("No list name supplied.", &[])));
        assert_eq!(args(&["-a"]), Err(End::wrong("--all requires --run", &[])));
        assert_eq!(script("reset_pw.reset_pw"), Some(Script::ResetPasswords));
        assert_eq!(script("reset_pw.other"), None);
    }
}
