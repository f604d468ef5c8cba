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
pub mod describe;
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
pub mod shadow;
pub mod show_qfiles;
pub mod show_settings;
pub mod status;
pub mod survey;
pub mod switch;
pub mod sync_members;
pub mod token;
pub mod tool;
pub mod transcheck;
pub mod unshunt;
pub mod update;
pub mod verify;
pub mod version;
pub mod withlist;

use crate::privileges;
use crate::stderr::Stderr;
use compat::site::history::name_program;
use compat::site::Site;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
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

/// A command: its name, what it says of itself, and the function that does it.
pub struct Entry {
    /// The name by which it is called.
    pub name: &'static str,
    /// Its options, with what each is for.
    pub command: fn() -> clap::Command,
    run: fn(&Call) -> i32,
}

/// All commands.
pub const COMMANDS: &[Entry] = &[
    Entry { name: "qrunner", command: qrunner::command, run: qrunner::run },
    Entry { name: "mailmanctl", command: mailmanctl::command, run: mailmanctl::run },
    Entry { name: "arch", command: arch::command, run: arch::run },
    // Debian's name for it in the administrator's path.
    Entry { name: "mmarch", command: arch::command, run: arch::run },
    Entry { name: "cleanarch", command: cleanarch::command, run: cleanarch::run },
    Entry { name: "survey", command: survey::command, run: survey::run },
    Entry { name: "verify", command: verify::command, run: verify::run },
    Entry { name: "switch", command: switch::command, run: switch::run },
    Entry { name: "back", command: switch::back_command, run: switch::run_back },
    Entry { name: "collect", command: collect::command, run: collect::run },
    Entry { name: "restore", command: restore::command, run: restore::run },
    Entry { name: "rehearse", command: rehearse::command, run: rehearse::run },
    Entry { name: "shadow", command: shadow::command, run: shadow::run },
    Entry { name: "setup", command: setup::command, run: setup::run },
    Entry { name: "newlist", command: newlist::command, run: newlist::run },
    Entry { name: "rmlist", command: rmlist::command, run: rmlist::run },
    Entry { name: "genaliases", command: genaliases::command, run: genaliases::run },
    Entry { name: "list_lists", command: list_lists::command, run: list_lists::run },
    Entry { name: "list_members", command: list_members::command, run: list_members::run },
    Entry { name: "add_members", command: add_members::command, run: add_members::run },
    Entry { name: "remove_members", command: remove_members::command, run: remove_members::run },
    Entry { name: "find_member", command: find_member::command, run: find_member::run },
    Entry { name: "config_list", command: config_list::command, run: config_list::run },
    Entry { name: "change_pw", command: change_pw::command, run: change_pw::run },
    Entry { name: "mmsitepass", command: mmsitepass::command, run: mmsitepass::run },
    Entry { name: "sync_members", command: sync_members::command, run: sync_members::run },
    Entry { name: "clone_member", command: clone_member::command, run: clone_member::run },
    Entry { name: "list_admins", command: list_admins::command, run: list_admins::run },
    Entry { name: "list_owners", command: list_owners::command, run: list_owners::run },
    Entry { name: "check_db", command: check_db::command, run: check_db::run },
    Entry { name: "withlist", command: withlist::command, run: withlist::run },
    Entry { name: "rb-archfix", command: archfix::bodies_command, run: archfix::run_bodies },
    Entry { name: "b4b5-archfix", command: archfix::repickle_command, run: archfix::run_repickle },
    Entry { name: "version", command: version::command, run: version::run },
    Entry { name: "mailman-config", command: mailman_config::command, run: mailman_config::run },
    Entry { name: "check_perms", command: check_perms::command, run: check_perms::run },
    Entry { name: "set_option", command: set_option::command, run: set_option::run },
    Entry { name: "set_member", command: set_member::command, run: set_member::run },
    Entry { name: "fix_url", command: withlist::fix_url_command, run: withlist::run_fix_url },
    Entry { name: "reset_pw", command: withlist::reset_pw_command, run: withlist::run_reset_pw },
    Entry { name: "export.py", command: export::command, run: export::run },
    Entry { name: "export", command: export::command, run: export::run },
    Entry { name: "update", command: update::command, run: update::run },
    Entry { name: "transcheck", command: transcheck::command, run: transcheck::run },
    Entry { name: "fix_url.py", command: withlist::command, run: withlist::run_help },
    Entry { name: "reset_pw.py", command: withlist::command, run: withlist::run_help },
    Entry { name: "convert.py", command: withlist::command, run: withlist::run_help },
    Entry { name: "gate_news", command: gate_news::command, run: gate_news::run },
    Entry { name: "disabled", command: disabled::command, run: disabled::run },
    Entry { name: "checkdbs", command: checkdbs::command, run: checkdbs::run },
    Entry { name: "mailpasswds", command: mailpasswds::command, run: mailpasswds::run },
    Entry { name: "nightly_gzip", command: nightly_gzip::command, run: nightly_gzip::run },
    Entry { name: "cull_bad_shunt", command: cull_bad_shunt::command, run: cull_bad_shunt::run },
    Entry { name: "bumpdigests", command: bumpdigests::command, run: bumpdigests::run },
    Entry { name: "senddigests", command: senddigests::command, run: senddigests::run },
    Entry { name: "show-settings", command: show_settings::command, run: show_settings::run },
    Entry { name: "explain-bounce", command: explain_bounce::command, run: explain_bounce::run },
    Entry { name: "status", command: status::command, run: status::run },
    Entry { name: "queues", command: queues::command, run: queues::run },
    Entry { name: "show_qfiles", command: show_qfiles::command, run: show_qfiles::run },
    Entry { name: "dumpdb", command: dumpdb::command, run: dumpdb::run },
    Entry { name: "lmtp", command: lmtp::command, run: lmtp::run },
    Entry { name: "mailman", command: mailman::command, run: mailman::run },
    Entry { name: "unshunt", command: unshunt::command, run: unshunt::run },
    Entry { name: "inject", command: inject::command, run: inject::run },
    Entry { name: "held", command: held::command, run: held::run },
    Entry { name: "discard", command: discard::command, run: discard::run },
    Entry { name: "token", command: token::command, run: token::run },
    Entry { name: "serve", command: serve::command, run: serve::run },
    Entry { name: "cgi", command: cgi::command, run: cgi::run },
    Entry { name: "demo", command: demo::command, run: demo::run },
];

/// What becomes of root, where it calls a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AsRoot {
    /// The list user, for good.
    GoesForGood,
    /// The list user, who is root again to open files that the call names.
    GoesButForFiles,
    /// It stays, for what only root may do, or until there is nothing more of that to do.
    Stays,
}

/// What becomes of root in a command; the usual is that it goes.
fn as_root(name: &str) -> AsRoot {
    match name {
        // They name a file to read or to write, or run a command of Postfix on maps that may be root's.
        "add_members" | "arch" | "mmarch" | "config_list" | "dumpdb" | "explain-bounce" | "export" | "export.py"
        | "genaliases" | "inject" | "list_members" | "newlist" | "remove_members" | "rmlist" | "show_qfiles"
        | "sync_members" | "withlist" => AsRoot::GoesButForFiles,
        // The first five read everything and change nothing of a site; a switch changes programs of the system, and
        // check_perms what others own; the rest have a port to open or a site to make, and become the list user by
        // themselves.
        "survey" | "verify" | "transcheck" | "collect" | "rehearse" | "restore" | "switch" | "back" | "check_perms"
        | "mailmanctl" | "setup" | "demo" | "serve" | "lmtp" => AsRoot::Stays,
        _ => AsRoot::GoesForGood,
    }
}

/// Runs a command, as the list user where root called it.
fn run(command: &Entry, call: &Call) -> i32 {
    name_program(format!("tool {}", command.name));
    let as_root = as_root(command.name);
    if as_root != AsRoot::Stays && nix::unistd::geteuid().is_root() {
        // Where there is no site the command says so.
        let given_up =
            Site::find().map(|site| privileges::give_up_root(&site.settings, as_root == AsRoot::GoesForGood));
        if let Ok(Err(error)) = given_up {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            return privileges::TRY_AGAIN;
        }
    }
    name_program(format!("tool {}", command.name));
    (command.run)(call)
}

/// Runs the command that this process was called as; `own_name` is what the file was built as.
pub fn main(own_name: &'static str) -> ExitCode {
    compat::host::look_up_names_with(crate::sys::name_of);
    let mut args = std::env::args_os();
    let program = args.next().unwrap_or_else(|| own_name.into());
    let given: Vec<OsString> = args.collect();
    let called = Path::new(&program).file_name().and_then(|name| name.to_str()).unwrap_or(own_name);
    let status = match find(called).or_else(|| find(own_name)) {
        Some(command) => run(command, &Call::new(into_text(program.clone()), given)),
        None => by_first_argument(own_name, given),
    };
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}

fn into_text(arg: OsString) -> String {
    arg.to_string_lossy().into_owned()
}

fn find(name: &str) -> Option<&'static Entry> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// `mailman2-rs COMMAND ...`; help, version and unknown commands are clap's.
fn by_first_argument(own_name: &'static str, args: Vec<OsString>) -> i32 {
    if let Some(command) = args.first().and_then(|name| find(name.to_str()?)) {
        let program = format!("{own_name} {}", command.name);
        return run(command, &Call::new(program, args.into_iter().skip(1).collect()));
    }
    let mut top = clap::Command::new(own_name)
        .about("The queue runners of GNU Mailman 2.1, working in place on the files of an existing site")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true);
    for command in COMMANDS {
        let about = (command.command)().get_about().cloned().unwrap_or_default();
        top = top.subcommand(clap::Command::new(command.name).about(about));
    }
    match top.try_get_matches_from(std::iter::once(own_name.into()).chain(args)) {
        Ok(_) => 0,
        Err(said) => clap_says(&said),
    }
}

/// Prints what clap has to say; the exit code tells help from mistakes.
fn clap_says(said: &clap::Error) -> i32 {
    let text = describe::wrapped(&said.to_string());
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
    command: fn() -> clap::Command,
    work: impl FnOnce(&Rc<Site>, &clap::ArgMatches) -> Result<(), End>,
) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    match Site::find().map_err(End::failed).and_then(|site| work(&site, &matches)) {
        Ok(()) => 0,
        Err(end) => tool::Tool { command }.end(call, None, end),
    }
}

/// The same for a command whose work returns an exit code; `failed` is that of a failure.
pub(crate) fn with_code(
    call: &Call,
    command: fn() -> clap::Command,
    failed: i32,
    work: impl FnOnce(&Rc<Site>, &clap::ArgMatches) -> Result<i32, String>,
) -> i32 {
    with_code_anywhere(call, command, failed, |matches| {
        Site::find().map_err(|error| error.to_string()).and_then(|site| work(&site, matches))
    })
}

/// The same for a command that looks for its site by itself, or makes it.
pub(crate) fn with_code_anywhere(
    call: &Call,
    command: fn() -> clap::Command,
    failed: i32,
    work: impl FnOnce(&clap::ArgMatches) -> Result<i32, String>,
) -> i32 {
    let matches = match matches(call, command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    work(&matches).unwrap_or_else(|error| {
        Stderr::Real.write(&format!("{}: {error}\n", call.program));
        failed
    })
}

/// Reads the arguments of a command of our own.
///
/// # Errors
/// The exit code, after help or what is wrong was printed.
pub(crate) fn matches(call: &Call, command: clap::Command) -> Result<clap::ArgMatches, i32> {
    let words = std::iter::once(call.program.clone()).chain(call.args.iter().cloned());
    command.try_get_matches_from(words).map_err(|said| clap_says(&said))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_root_is_a_command() {
        let keeping = COMMANDS.iter().filter(|command| as_root(command.name) != AsRoot::GoesForGood).count();
        assert_eq!(keeping, 31, "a name in as_root is no command's, or a new one needs a look");
        assert_eq!(as_root("qrunner"), AsRoot::GoesForGood);
    }
}
