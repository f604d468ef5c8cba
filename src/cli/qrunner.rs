//! `qrunner`, as Mailman's bin/qrunner: one runner forever, or several in turn, or each once.
//!
//! The old mailmanctl calls this too (through contrib/qrunner-shim), so options, log lines and exit codes are Mailman's.
//! The help text is our own; `--show-settings`, which must be spelled out, is the one option that Mailman does not have.

use super::describe::{self, flag, values};
use super::{print, python_runner, show_settings, Call};
use crate::runner::control::Control;
use crate::runner::occupied::{self, Share};
use crate::runner::{self, EntryLoop, Runner};
use crate::stderr::Stderr;
use clap::Command;
use compat::list::ListCache;
use compat::queue::Slice;
use compat::site::{settings, Site};
use signal_hook::consts::SIGTERM;
use std::rc::Rc;
use std::time::Duration;

/// Ends with this status when the master shall not start the runner again.
const STAY_ENDED: i32 = SIGTERM;
/// So long a runner under the master waits for another process to leave its slice.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Help,
    List,
    Run(Plan),
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    shares: Vec<Share>,
    once: bool,
    verbose: bool,
    subproc: bool,
}

/// The options of `qrunner`.
pub fn command() -> Command {
    Command::new("qrunner")
        .about("Run one or more queue runners, once or for ever")
        .long_about("Work through the queues of a Mailman site: one runner until it is told to stop, or several in turn, one entry each. A runner takes the entries of one queue, oldest first, and does what that queue is for: it passes a post through its list's handlers, delivers a copy, adds it to an archive. Normally mailmanctl starts the runners; call this by hand, as the list user, to look for a fault.\n\nA runner does not start while another living process, of this program or of the Python one, serves the same queue and slice. One that was started by mailmanctl waits a minute for the other to end, one started by hand does not wait; both name the process.\n\nqrunner --show-settings, spelled out and alone, prints every setting of the site, its value and its origin. SIGHUP reopens the logs.")
        .args([
            values("runner", 'r', "NAME[:SLICE:COUNT]", "A runner that -l shows, with or without \"Runner\" at the end, or All; may be given several times. With SLICE (from 0) and COUNT it takes its share of the queue only; every runner of one queue must be given the same COUNT"),
            flag("once", 'o', "Let each runner take one entry, then end. Otherwise go on until SIGTERM or SIGINT"),
            flag("list", 'l', "Show the names of the site's runners"),
            flag("verbose", 'v', "Note each turn of a runner in the log qrunner"),
            flag("subproc", 's', "For mailmanctl only: write errors to the log error, and end with a status that says whether to start the runner again"),
        ])
        .after_long_help("Exit status: 0 when the work is done, 1 for a mistake in the options or an error, 15 after SIGTERM or when the master shall not start the runner again, 2 after SIGINT.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    if call.args.first().is_some_and(|arg| arg == "--show-settings") {
        return show_settings::run(&Call { program: call.program.clone(), args: Vec::new(), given: Vec::new() });
    }
    match parse(&call.args) {
        Ok(Asked::Help) => {
            print(&usage(&call.program, ""));
            0
        }
        Ok(asked) => with_site(call, asked),
        Err(message) => complain(call, &message),
    }
}

/// Usage on standard error, with what is wrong, and Python's exit code for it.
fn complain(call: &Call, message: &str) -> i32 {
    Stderr::Real.write(&usage(&call.program, message));
    1
}

/// Reads the options; the first one that is wrong, or asks for a text, decides.
fn parse(args: &[String]) -> Result<Asked, String> {
    let parsed = describe::getopt(args, &command()).map_err(|e| e.to_string())?;
    let mut plan = Plan::default();
    for (option, value) in parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Ok(Asked::Help),
            "-l" | "--list" => return Ok(Asked::List),
            "-o" | "--once" => plan.once = true,
            "-v" | "--verbose" => plan.verbose = true,
            "-s" | "--subproc" => plan.subproc = true,
            // Python forgets to put the specification into this text.
            _ => plan.shares.push(Share::parse(&value).ok_or("Bad runner specification: %(runnerspec)s")?),
        }
    }
    match (parsed.words.is_empty(), plan.shares.is_empty()) {
        (false, _) => Err(String::new()),
        (true, true) => Err("No runner name given.".to_string()),
        (true, false) => Ok(Asked::Run(plan)),
    }
}

fn with_site(call: &Call, asked: Asked) -> i32 {
    let site = match Site::find() {
        Ok(site) => site,
        Err(error) => {
            Stderr::Real.write(&format!("{}: {error}\n", call.program));
            return 1;
        }
    };
    match asked {
        Asked::Run(plan) => serve(call, &site, plan),
        _ => {
            print(&listing(&site));
            0
        }
    }
}

fn listing(site: &Site) -> String {
    let mut text = String::new();
    for (class, _) in runner::configured(site) {
        let name = class.strip_suffix("Runner").unwrap_or(&class);
        text.push_str(&format!("{name} runs the {class} qrunner\n"));
    }
    text + "All runs all the above qrunners\n"
}

/// `All` stands for each configured runner, with the slice that was given for `All`.
fn spread(shares: &[Share], site: &Site) -> Vec<Share> {
    let mut spread = Vec::new();
    for share in shares {
        match share.runner.as_str() {
            "All" => {
                spread.extend(runner::configured(site).into_iter().map(|(runner, _)| Share { runner, ..share.clone() }))
            }
            _ => spread.push(share.clone()),
        }
    }
    spread
}

fn serve(call: &Call, site: &Rc<Site>, plan: Plan) -> i32 {
    let shares = spread(&plan.shares, site);
    let stderr = if plan.subproc { Stderr::log(site, "qrunner") } else { Stderr::Real };
    if let Some(share) = shares.iter().find(|share| share.count == 0) {
        // Python divides by it, and ends in the same way.
        stderr.write(&format!("{}: a queue cannot be cut into 0 slices\n", share.runner));
        return 1;
    }
    if let Some(error) = python_runner::become_it(site, &shares, &call.args) {
        stderr.write(&format!("{}: Mailman's own qrunner cannot be started: {error}\n", call.program));
        return 1;
    }
    runner::listen_for_faults();
    let lists = ListCache::default();
    let mut runners = Vec::new();
    for share in &shares {
        match runner::make(&share.runner, site, &lists) {
            Some(runner) => runners.push((runner, Slice::new(share.slice, share.count))),
            None => return unknown(call, &share.runner, plan.subproc, &stderr),
        }
    }
    let single = shares.len() == 1 && !plan.once;
    let name = if single { shares[0].runner.as_str() } else { "Main loop" };
    let outcome = Control::listen(site, name).map_err(|e| e.to_string()).and_then(|control| {
        if let Some(status) = occupied_slice(site, &shares, &control, single && plan.subproc, &stderr) {
            return Ok(status);
        }
        if single {
            alone(site, runners, &lists, &control)
        } else {
            in_turn(site, runners, &lists, &control, &plan)
        }
    });
    outcome.unwrap_or_else(|error| {
        stderr.write(&format!("{error}\n"));
        1
    })
}

fn unknown(call: &Call, class: &str, subproc: bool, stderr: &Stderr) -> i32 {
    if !subproc {
        return complain(call, &format!("No module named {class}"));
    }
    stderr.write(&format!("Cannot import runner module Mailman.Queue.{class}\n"));
    stderr.write(&format!("No module named {class}\n"));
    STAY_ENDED
}

/// Refuses a slice that another living process serves. Under the master it waits first: after `stop` and `start` the
/// old runner may still be busy with its last entry. A status is the end of this process.
fn occupied_slice(site: &Site, shares: &[Share], control: &Control, patient: bool, stderr: &Stderr) -> Option<i32> {
    let found = || shares.iter().find_map(|share| Some((share, occupied::by_whom(share, &site.home)?)));
    let (share, pid) = found()?;
    let what = format!("{} slice {}:{} is served by process {pid}", share.runner, share.slice, share.count);
    if patient {
        stderr.write(&format!("{what}; waiting for it to end\n"));
        if control.wait_until(PATIENCE, || found().is_none()) {
            return None;
        }
        if control.is_stopping() {
            return Some(control.status());
        }
    }
    stderr.write(&format!("{what}; not starting a second one\n"));
    Some(if patient { STAY_ENDED } else { 1 })
}

/// One runner, until it is stopped.
fn alone(site: &Rc<Site>, runners: Opened, lists: &ListCache, control: &Control) -> Result<i32, String> {
    for (runner, slice) in runners {
        let name = runner.name();
        let mut entries = EntryLoop::open(site, runner, slice, lists).map_err(|e| e.to_string())?;
        site.log("qrunner", format!("{name} qrunner started."));
        entries.serve(&mut || control.is_stopping(), control.fd()).map_err(|e| e.to_string())?;
        site.log("qrunner", format!("{name} qrunner exiting."));
    }
    Ok(control.status())
}

type Opened = Vec<(Box<dyn Runner>, Slice)>;

/// Several runners, one entry each, round after round or once. All are opened before the first one works.
fn in_turn(site: &Rc<Site>, runners: Opened, lists: &ListCache, control: &Control, plan: &Plan) -> Result<i32, String> {
    let opened: Result<Vec<_>, _> =
        runners.into_iter().map(|(runner, slice)| EntryLoop::open(site, runner, slice, lists)).collect();
    let mut loops = opened.map_err(|e| e.to_string())?;
    // Version 2.1.29 and older never sleep here; nobody gets the spinning back.
    let pause = site.settings.float(settings::QRUNNER_SLEEP_TIME).map_err(|e| e.to_string())?.clamp(0.1, 3600.0);
    site.log("qrunner", "Main qrunner loop started.");
    while !control.is_stopping() {
        for entries in &mut loops {
            if control.is_stopping() {
                break;
            }
            if plan.verbose {
                site.log("qrunner", format!("Now doing a {} qrunner iteration", entries.name()));
            }
            entries.turn();
            if !plan.once {
                entries.periodic();
            }
        }
        if plan.once {
            break;
        }
        control.rest(Duration::from_secs_f64(pause));
    }
    site.log("qrunner", "Main qrunner loop exiting.");
    Ok(control.status())
}

/// The usage text, with what is wrong below it.
fn usage(program: &str, message: &str) -> String {
    describe::usage(&command(), program, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Asked, String> {
        parse(&args.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_plan_is_read() {
        let Ok(Asked::Run(plan)) = parsed(&["-r", "Incoming", "--runner=News:1:2", "-o", "--verb"]) else {
            panic!("a plan was asked for");
        };
        assert_eq!(plan.shares.iter().map(|s| s.runner.as_str()).collect::<Vec<_>>(), ["IncomingRunner", "NewsRunner"]);
        assert_eq!((plan.shares[1].slice, plan.shares[1].count), (1, 2));
        assert!(plan.once && plan.verbose && !plan.subproc);
    }

    #[test]
    fn what_is_wrong_is_said_as_python_says_it() {
        for (args, message) in [
            (&[][..], "No runner name given."),
            (&["-o"], "No runner name given."),
            (&["-r", "a:b"], "Bad runner specification: %(runnerspec)s"),
            (&["-r", "a:x:1", "-h"], "Bad runner specification: %(runnerspec)s"),
            (&["-r", "Incoming", "more"], ""),
            (&["-q"], "option -q not recognized"),
        ] {
            assert_eq!(parsed(args), Err(message.to_string()), "{args:?}");
        }
        assert_eq!(parsed(&["-h", "-r", "a:b"]), Ok(Asked::Help));
        assert_eq!(parsed(&["-r", "Incoming", "-l"]), Ok(Asked::List));
    }

    #[test]
    fn usage_ends_with_what_is_wrong() {
        assert!(usage("qrunner", "No runner name given.").ends_with("\n\nNo runner name given.\n"));
        assert!(usage("bin/qrunner", "").contains("Usage: bin/qrunner [OPTIONS]"));
    }
}
