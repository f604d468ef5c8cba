//! One small file a command: arguments in, text out, exit code; nothing else.
//!
//! The program acts as the command by whose exact name it was called: `qrunner` and `mailmanctl` behave as Mailman's.
//! Called `mailman2-rs` (or anything else) the first argument names the command, Mailman's or one of our own.

pub mod add_members;
pub mod arch;
pub mod archfix;
pub mod bumpdigests;
pub mod cgi;
pub mod change_pw;
pub mod check_db;
pub mod check_perms;
pub mod checkdbs;
pub mod cleanarch;
pub mod clone_member;
pub mod collect;
pub mod config_list;
pub mod console;
pub mod cull_bad_shunt;
pub mod demo;
pub mod disabled;
pub mod discard;
pub mod dumpdb;
mod engine;
pub mod explain_bounce;
pub mod export;
pub mod find_member;
pub mod gate_news;
pub mod genaliases;
pub mod getopt;
pub mod held;
pub mod inject;
pub mod list_admins;
pub mod list_lists;
pub mod list_members;
pub mod list_owners;
pub mod lmtp;
pub mod mailman;
pub mod mailman_config;
pub mod mailmanctl;
pub mod mailpasswds;
pub mod mmsitepass;
pub mod newlist;
pub mod nightly_gzip;
mod pickled;
pub mod progress;
pub mod prompt;
pub mod python_runner;
pub mod qrunner;
pub mod queues;
pub mod rehearse;
pub mod remove_members;
pub mod restore;
pub mod rmlist;
pub mod senddigests;
pub mod serve;
pub mod set_member;
pub mod set_option;
pub mod setup;
pub mod show_qfiles;
pub mod show_settings;
pub mod status;
pub mod stderr;
pub mod survey;
pub mod switch;
pub mod sync_members;
pub mod tool;
pub mod transcheck;
pub mod unshunt;
pub mod update;
pub mod verify;
pub mod version;
pub mod withlist;

use compat::site::Site;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use stderr::Stderr;
use tool::End;

/// How a command was called.
pub struct Call {
    /// The name for usage texts, as it was typed.
    pub program: String,
    /// What follows it. What is no UTF-8 is no option of ours; its damage by the conversion is seen in the error only.
    pub args: Vec<String>,
    /// The same as the system gave them, for who takes bytes.
    pub given: Vec<OsString>,
}

impl Call {
    fn new(program: String, given: Vec<OsString>) -> Call {
        Call { program, args: given.iter().cloned().map(into_text).collect(), given }
    }
}

/// A command with its name and one line of what it does.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&Call) -> i32,
}

const COMMANDS: &[Command] = &[
    Command { name: "qrunner", about: "Run one or more queue runners, once or for ever", run: qrunner::run },
    Command { name: "mailmanctl", about: "Start, stop, restart the queue runners of a site", run: mailmanctl::run },
    Command { name: "arch", about: "Make the archive of a list from its mbox", run: arch::run },
    // Debian's name for it in the administrator's path.
    Command { name: "mmarch", about: "The same as arch", run: arch::run },
    Command { name: "cleanarch", about: "Escape lines of an mbox that begin no message", run: cleanarch::run },
    Command {
        name: "survey",
        about: "What is on this site, and what would stop a switch to our runners",
        run: survey::run,
    },
    Command {
        name: "verify",
        about: "Decode every pickle of a site twice; account for every queued message",
        run: verify::run,
    },
    Command { name: "switch", about: "Put our runners in the place of Python's", run: switch::run },
    Command { name: "back", about: "Put Python's runners back", run: switch::run_back },
    Command {
        name: "collect",
        about: "Bring all that a site is into one archive, while it runs or at rest",
        run: collect::run,
    },
    Command {
        name: "rehearse",
        about: "Try the switch out on a copy of the site: work off its queues, send nothing",
        run: rehearse::run,
    },
    Command {
        name: "restore",
        about: "Make a site of an archive, also under other paths and names",
        run: restore::run,
    },
    Command { name: "setup", about: "Make a site on a new machine, and say what is left to do", run: setup::run },
    Command { name: "newlist", about: "Make a list", run: newlist::run },
    Command { name: "rmlist", about: "Remove a list", run: rmlist::run },
    Command { name: "genaliases", about: "Make the mail server's aliases anew from all lists", run: genaliases::run },
    Command { name: "list_lists", about: "Show the mailing lists of a site", run: list_lists::run },
    Command { name: "list_members", about: "Show the members of a list", run: list_members::run },
    Command { name: "add_members", about: "Add or invite members", run: add_members::run },
    Command { name: "remove_members", about: "Remove members", run: remove_members::run },
    Command { name: "find_member", about: "Show the lists that an address is on", run: find_member::run },
    Command { name: "config_list", about: "Write a list's options to a file, or set them", run: config_list::run },
    Command { name: "change_pw", about: "Give lists new passwords", run: change_pw::run },
    Command { name: "mmsitepass", about: "Set the password of the site", run: mmsitepass::run },
    Command { name: "sync_members", about: "Make the members of a list those of a file", run: sync_members::run },
    Command { name: "clone_member", about: "Give a member a second address on all lists", run: clone_member::run },
    Command { name: "list_admins", about: "Show the owners of lists, a line a list", run: list_admins::run },
    Command { name: "list_owners", about: "Show the owners of lists, an address a line", run: list_owners::run },
    Command { name: "check_db", about: "Check whether the databases of lists can be read", run: check_db::run },
    Command { name: "withlist", about: "Run a script on lists", run: withlist::run },
    Command {
        name: "rb-archfix",
        about: "Take HTML bodies out of databases of old archives",
        run: archfix::run_bodies,
    },
    Command { name: "b4b5-archfix", about: "Write databases of old archives again", run: archfix::run_repickle },
    Command { name: "version", about: "Show the Mailman whose site this is", run: version::run },
    Command { name: "mailman-config", about: "Show where a site is and whom it belongs to", run: mailman_config::run },
    Command { name: "check_perms", about: "Look for files with wrong permissions", run: check_perms::run },
    Command { name: "set_option", about: "Set an option of several lists", run: set_option::run },
    Command { name: "set_member", about: "Set options of members of several lists", run: set_member::run },
    Command { name: "fix_url", about: "Move a list to another web host", run: withlist::run_fix_url },
    Command { name: "reset_pw", about: "Give every member of a list a new password", run: withlist::run_reset_pw },
    Command { name: "export.py", about: "Write lists and their members as XML", run: export::run },
    Command { name: "export", about: "Write lists and their members as XML", run: export::run },
    Command { name: "update", about: "Do what a new version of Mailman asks for", run: update::run },
    Command { name: "transcheck", about: "Check a translation against the English texts", run: transcheck::run },
    Command { name: "fix_url.py", about: "Say how withlist moves a list to another host", run: withlist::run_help },
    Command { name: "reset_pw.py", about: "Say how withlist resets passwords", run: withlist::run_help },
    Command { name: "convert.py", about: "Say how withlist converts texts", run: withlist::run_help },
    Command { name: "gate_news", about: "Fetch new articles of gated newsgroups", run: gate_news::run },
    Command { name: "disabled", about: "Warn members whose delivery is stopped", run: disabled::run },
    Command { name: "checkdbs", about: "Tell moderators what waits for them", run: checkdbs::run },
    Command { name: "mailpasswds", about: "Remind members of their passwords", run: mailpasswds::run },
    Command { name: "nightly_gzip", about: "Compress the plain texts of archives", run: nightly_gzip::run },
    Command { name: "cull_bad_shunt", about: "Move old entries out of bad and shunt", run: cull_bad_shunt::run },
    Command { name: "bumpdigests", about: "Begin a new volume of digests", run: bumpdigests::run },
    Command { name: "senddigests", about: "Send the digests that are due by the day", run: senddigests::run },
    Command {
        name: "show-settings",
        about: "Show every setting of a site, its value and where it comes from",
        run: show_settings::run,
    },
    Command {
        name: "explain-bounce",
        about: "Show which detector reads a bounce, and what it finds",
        run: explain_bounce::run,
    },
    Command { name: "status", about: "What the site is doing, and what is wrong", run: status::run },
    Command { name: "queues", about: "What is in the queues, what is stuck and why", run: queues::run },
    Command { name: "show_qfiles", about: "Print the messages of queue entries", run: show_qfiles::run },
    Command { name: "dumpdb", about: "Print what a pickle or marshal file holds", run: dumpdb::run },
    Command {
        name: "lmtp",
        about: "Take mail in by LMTP, for mail servers that start no process a mail",
        run: lmtp::run,
    },
    Command { name: "mailman", about: "Take a mail in for a list, as the mail server's aliases do", run: mailman::run },
    Command { name: "unshunt", about: "Put shunted entries back into their queues", run: unshunt::run },
    Command { name: "inject", about: "Put a message into a queue", run: inject::run },
    Command { name: "held", about: "What waits for moderators, and their decisions", run: held::run },
    Command { name: "discard", about: "Discard held messages", run: discard::run },
    Command { name: "serve", about: "Serve the pages over HTTP, behind a reverse proxy", run: serve::run },
    Command { name: "cgi", about: "Answer a web server's request as one of Mailman's page programs", run: cgi::run },
    Command {
        name: "demo",
        about: "Make a small site in a temporary folder, send a post through it, show its pages",
        run: demo::run,
    },
];

/// Runs the command that this process was called as; `own_name` is what the file was built as.
pub fn main(own_name: &'static str) -> ExitCode {
    compat::host::look_up_names_with(crate::sys::name_of);
    let mut args = std::env::args_os();
    let program = args.next().unwrap_or_else(|| own_name.into());
    let given: Vec<OsString> = args.collect();
    let called = Path::new(&program).file_name().and_then(|name| name.to_str()).unwrap_or(own_name);
    let status = match find(called).or_else(|| find(own_name)) {
        Some(command) => (command.run)(&Call::new(into_text(program.clone()), given)),
        None => by_first_argument(own_name, given),
    };
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}

fn into_text(arg: OsString) -> String {
    arg.to_string_lossy().into_owned()
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// `mailman2-rs COMMAND ...`; help, version and unknown commands are clap's.
fn by_first_argument(own_name: &'static str, args: Vec<OsString>) -> i32 {
    if let Some(command) = args.first().and_then(|name| find(name.to_str()?)) {
        let program = format!("{own_name} {}", command.name);
        return (command.run)(&Call::new(program, args.into_iter().skip(1).collect()));
    }
    let mut top = clap::Command::new(own_name)
        .about("The queue runners of GNU Mailman 2.1, working in place on the files of an existing site")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true);
    for command in COMMANDS {
        top = top.subcommand(clap::Command::new(command.name).about(command.about));
    }
    match top.try_get_matches_from(std::iter::once(own_name.into()).chain(args)) {
        Ok(_) => 0,
        Err(said) => clap_says(&said),
    }
}

/// Prints what clap has to say; the exit code tells help from mistakes.
pub(crate) fn clap_says(said: &clap::Error) -> i32 {
    let text = said.to_string();
    if said.use_stderr() {
        Stderr::Real.write(&text);
        return said.exit_code();
    }
    print(&text);
    0
}

/// Runs a command of our own, whose options are clap's, on the site.
pub(crate) fn our_own(
    call: &Call,
    command: clap::Command,
    work: impl FnOnce(&Rc<Site>, &clap::ArgMatches) -> Result<(), End>,
) -> i32 {
    let words = std::iter::once(call.program.clone()).chain(call.args.iter().cloned());
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(said) => return clap_says(&said),
    };
    match Site::find().map_err(End::failed).and_then(|site| work(&site, &matches)) {
        Ok(()) => 0,
        Err(end) => tool::Tool { help: "" }.end(call, None, end),
    }
}

/// Writes to standard output. A reader that has gone away is no reason to fail.
pub(crate) fn print(text: &str) {
    print_bytes(text.as_bytes());
}

/// The same for what need not be text.
pub(crate) fn print_bytes(bytes: &[u8]) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}
