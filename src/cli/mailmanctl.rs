//! `mailmanctl`, as Mailman's bin/mailmanctl: starts the master of the runners, or sends it a signal.
//!
//! Init scripts, logrotate and units call this; its options, short messages and (unhelpful) exit codes are Mailman's,
//! its help is our own. The master itself is in [`crate::master`].

use super::describe::{self, flag, word};
use super::{print, Call};
use crate::master;
use crate::master::lock::{self, LockState};
use crate::privileges::{self, PrivilegeError};
use crate::stderr::Stderr;
use clap::Command;
use compat::durable;
use compat::format::os_error;
use compat::list::{ListError, MailList};
use compat::site::{settings, Site, Switch};
use nix::errno::Errno;
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::path::Path;
use std::rc::Rc;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    command: String,
    restart: bool,
    as_user: bool,
    force: bool,
    quiet: bool,
}

/// The options of `mailmanctl`.
pub fn command() -> Command {
    Command::new("mailmanctl")
        .about("Start, stop, restart the queue runners of a site")
        .long_about("Start and stop the queue runners of a Mailman site. A master process starts a runner for each slice of each queue, as QRUNNERS in mm_cfg.py says, and restarts those that end without having been told to. Runners that are Python of the site's own are started with the site's Python. The master holds a lock that it shares with the master of the Python Mailman: a site has one master, of either kind. Its process id is in the site's PIDFILE.")
        .args([
            flag("no-restart", 'n', "Do not restart runners that end (for debugging; with start). Before version 2.1.14 the long name is --no-start"),
            flag("run-as-user", 'u', "Stay the user that you are. Otherwise root becomes the list user, and anybody else is refused"),
            flag("stale-lock-cleanup", 's', "Take over the master's lock if the process that held it is gone. The lock of a living process is never taken"),
            flag("quiet", 'q', "Print errors only"),
            word("COMMAND", "start: leave a master in the background, unless one is running. stop: end the master and all runners after the entries in work. restart: restart all runners, with new settings and program. reopen: reopen all log files. status: show what the site is doing, and what is wrong (not in Mailman; `status --help` shows its options)").required(true).value_parser(["start", "stop", "restart", "reopen", "status"]).hide_possible_values(true),
        ])
        .after_long_help("Exit status: 1 for a mistake in the options, a missing site list, the wrong user, or runners that did not come up; 0 otherwise.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    if call.args.first().is_some_and(|word| word == "status") {
        let rest = call.given.get(1..).unwrap_or_default().to_vec();
        return super::status::run(&Call::new(format!("{} status", call.program), rest));
    }
    if call.args.iter().any(|arg| arg == "-h" || arg == "--help") && parse(&call.args, "no-restart") == Ok(None) {
        return help(call);
    }
    let site = match Site::find() {
        Ok(site) => site,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            return 1;
        }
    };
    let restart_name = if site.profile.has(Switch::MailmanctlNoRestartName) { "no-restart" } else { "no-start" };
    match parse(&call.args, restart_name) {
        Ok(None) => help(call),
        Ok(Some(asked)) => privileged(call, &site, &asked),
        Err(message) => refuse(call, &message),
    }
}

/// Usage on standard error, with what is wrong.
fn refuse(call: &Call, message: &str) -> i32 {
    Stderr::Real.write(&usage(&call.program, message));
    1
}

fn help(call: &Call) -> i32 {
    print(&usage(&call.program, ""));
    0
}

/// Reads options and the command; `None` when help is asked for. `restart_name` is the long name of `-n`.
fn parse(args: &[String], restart_name: &'static str) -> Result<Option<Asked>, String> {
    let command = command().mut_arg("no-restart", |option| option.long(restart_name));
    let parsed = describe::getopt(args, &command).map_err(|e| e.to_string())?;
    let mut asked = Asked { command: String::new(), restart: true, as_user: false, force: false, quiet: false };
    for (option, _) in &parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Ok(None),
            "-u" | "--run-as-user" => asked.as_user = true,
            "-s" | "--stale-lock-cleanup" => asked.force = true,
            "-q" | "--quiet" => asked.quiet = true,
            _ => asked.restart = false,
        }
    }
    match parsed.words.as_slice() {
        [] => Err("No command given.".to_string()),
        [command] => Ok(Some(Asked { command: command.to_lowercase(), ..asked })),
        several => Err(format!("Bad command: {}", several.join(", "))),
    }
}

/// Becomes the list user, then does what is asked.
fn privileged(call: &Call, site: &Rc<Site>, asked: &Asked) -> i32 {
    if asked.as_user {
        print("Warning!  You may encounter permission problems.\n");
    } else {
        if asked.command == "start" {
            privileges::make_run_folders(&site.settings);
        }
        match privileges::become_list_user(&site.settings) {
            Ok(()) => {}
            Err(PrivilegeError::Stranger(message)) => return refuse(call, &message),
            Err(error) => {
                Stderr::Real.write(&format!("{}: {error}\n", call.program));
                return 1;
            }
        }
    }
    act(site, asked)
}

fn act(site: &Rc<Site>, asked: &Asked) -> i32 {
    let stderr = &Stderr::both(site, "mailmanctl");
    let say = |text: &str| {
        if !asked.quiet {
            print(&format!("{text}\n"));
        }
    };
    match asked.command.as_str() {
        "stop" => {
            say("Shutting down Mailman's master qrunner");
            signal_master(site, Signal::SIGTERM, stderr)
        }
        "restart" => {
            say("Restarting Mailman's master qrunner");
            signal_master(site, Signal::SIGINT, stderr)
        }
        "reopen" => {
            say("Re-opening all log files");
            signal_master(site, Signal::SIGHUP, stderr)
        }
        "start" => start(site, asked, &say, stderr),
        // Python does nothing here, and says nothing.
        _ => 0,
    }
}

/// Sends a signal to the process of the pid file. That there is none has never been a failure.
fn signal_master(site: &Site, signal: Signal, stderr: &Stderr) -> i32 {
    let path = site.settings.path(settings::PIDFILE);
    let pid = match read_pid(&path) {
        Ok(pid) => pid,
        Err(reason) => {
            let path = path.display();
            stderr.write(&format!("PID unreadable in: {path}\n"));
            stderr.write(&format!("{reason}\n"));
            stderr.write("Is qrunner even running?\n");
            return 0;
        }
    };
    match kill(Pid::from_raw(pid), signal) {
        Ok(()) => 0,
        Err(Errno::ESRCH) => {
            stderr.write(&format!("No child with pid: {pid}\n"));
            stderr.write("[Errno 3] No such process\n");
            match durable::unlink(&path) {
                Ok(()) => stderr.write("Stale pid file removed.\n"),
                Err(error) => stderr.write(&format!("{}: {error}\n", path.display())),
            }
            0
        }
        Err(error) => {
            stderr.write(&format!("process {pid}: {}\n", error.desc()));
            1
        }
    }
}

fn read_pid(path: &Path) -> Result<i32, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: '{}'", os_error(&error), path.display()))?;
    let number = text.trim();
    // Nought and below would be a signal to a whole group of processes, or to all.
    let pid = number.parse().ok().filter(|pid: &i32| *pid > 1);
    pid.ok_or_else(|| format!("invalid literal for int() with base 10: '{number}'"))
}

/// Takes the master's lock and leaves the master in the background. That one is already running is reported on standard error, with
/// exit status 0, on which scripts rely; Python's is 0 also where nothing comes up.
fn start(site: &Rc<Site>, asked: &Asked, say: &dyn Fn(&str), stderr: &Stderr) -> i32 {
    if let Err(message) = check_site_list(site) {
        stderr.write(&format!("{message}\n"));
        site.log("error", message);
        return 1;
    }
    match lock::acquire(site, asked.force) {
        Ok(Ok(lock)) => master::start(site, lock, asked.restart, || say("Starting Mailman's master qrunner."))
            .unwrap_or_else(|error| {
                stderr.write(&format!("{error}\n"));
                1
            }),
        Ok(Err(state)) => {
            stderr.write(&lock_text(&state, site));
            i32::from(!matches!(state, LockState::Running(_)))
        }
        Err(error) => {
            stderr.write(&format!("{error}\n"));
            1
        }
    }
}

fn check_site_list(site: &Rc<Site>) -> Result<(), String> {
    let name = site.settings.str(settings::MAILMAN_SITE_LIST).map_err(|e| e.to_string())?;
    match MailList::look(site, name.clone()) {
        Ok(_) => Ok(()),
        Err(ListError::Unknown { .. }) => Err(format!("Site list is missing: {name}")),
        Err(error) => Err(error.to_string()),
    }
}

fn lock_text(state: &LockState, site: &Site) -> String {
    match state {
        LockState::Running(pid) => {
            format!("The master's lock is held by process {pid}: a master qrunner seems to be running\nalready.\n")
        }
        LockState::Stale => "The master's lock is held by a process that is gone. Call mailmanctl again with the\n\
                             option -s to take it over.\n"
            .to_string(),
        LockState::Elsewhere(host) => format!(
            "The master's lock is held by a process on another host. Whether that still runs cannot\nbe seen from \
             here; look there, and remove the lock by hand if it does not.\n\nLock file: {}\nLock host: {host}\n",
            lock::path(site).display()
        ),
    }
}

/// The usage text, with what is wrong below it.
fn usage(program: &str, message: &str) -> String {
    describe::usage(&command(), program, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Option<Asked>, String> {
        parse(&args.iter().map(ToString::to_string).collect::<Vec<_>>(), "no-restart")
    }

    #[test]
    fn commands_are_taken_in_any_case() {
        let asked = parsed(&["-s", "--qui", "START"]).expect("good").expect("no help");
        assert_eq!(asked.command, "start");
        assert!(asked.force && asked.quiet && asked.restart && !asked.as_user);
        assert!(!parsed(&["-n", "start"]).expect("good").expect("no help").restart);
        assert!(!parsed(&["--no-restart", "start"]).expect("good").expect("no help").restart);
        assert_eq!(parsed(&["-h"]), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_said_as_mailman_says_it() {
        for (args, message) in [
            (&[][..], "No command given."),
            (&["start", "stop"], "Bad command: start, stop"),
            (&["--no-start", "start"], "option --no-start not recognized"),
        ] {
            assert_eq!(parsed(args), Err(message.to_string()), "{args:?}");
        }
        let old = ["--no-start".to_string(), "start".to_string()];
        assert!(parse(&old, "no-start").is_ok());
    }

    #[test]
    fn a_pid_file_never_names_a_crowd() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        for (text, expected) in [("123\n", Some(123)), ("0\n", None), ("-1", None), ("1", None), ("", None)] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(read_pid(&file).ok(), expected, "{text:?}");
        }
        assert!(read_pid(&dir.path().join("none")).is_err());
    }
}
