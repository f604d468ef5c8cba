//! `arch`: a list's archive made anew from its mbox, or continued with one. Options, messages and exit codes are those of
//! Mailman's `bin/arch`.

use super::describe::{self, flag, long_flag, value, word};
use super::{print, Call};
use crate::archive::rebuild::{open_mbox, rebuild, Wanted};
use crate::privileges::as_caller;
use crate::stderr::Stderr;
use clap::Command;
use compat::list::{archive_folder, archive_mbox, LockedList};
use compat::lock::Lock;
use compat::site::{settings, Site};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How long the archive's own lock is good for: three hours, as Mailman guesses.
const LOCK_LIFETIME: Duration = Duration::from_secs(3 * 60 * 60);

/// What the command line asks for.
#[derive(Debug, Default)]
struct Asked {
    help: bool,
    wanted: Wanted,
    list: String,
    mbox: Option<PathBuf>,
}

/// Why it ends otherwise than well.
struct Failed {
    status: i32,
    message: String,
    /// Whether the usage is shown before the message.
    with_usage: bool,
}

/// The options of `arch`.
pub fn command() -> Command {
    Command::new("arch")
        .about("Make the archive of a list from its mbox")
        .long_about("Make the archive of a list from its mbox, or add an mbox to it. After messages were edited in the mbox or removed from it, the pages show that once the archive was wiped and made anew. The numbers of articles, and so their addresses, change when messages are missing. With --wipe the new archive is synced to disk at the end only: after a power failure in the middle, run it again.")
        .args([
            flag("quiet", 'q', "Print no progress"),
            long_flag("wipe", "Remove the old archive first. Otherwise the messages are added to it. After an interruption, start it again"),
            value("start", 's', "N", "Begin with message N; the first one is 0"),
            value("end", 'e', "M", "End with message M. Portions are not needed: the size of the mbox does not matter"),
            word("LIST", "The list").required(true),
            word("MBOX", "Another mbox than archives/private/LIST.mbox/LIST.mbox"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options, 2 for an unknown list, 3 for an mbox that cannot be read.")
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    let outcome = parse(&call.args).and_then(|asked| match asked.help {
        true => {
            print(&describe::help(&command(), &call.program));
            Ok(())
        }
        false => work(&asked),
    });
    match outcome {
        Ok(()) => 0,
        Err(failed) => {
            let usage = if failed.with_usage { describe::help(&command(), &call.program) } else { String::new() };
            Stderr::Real.write(&format!("{usage}{}", failed.message));
            failed.status
        }
    }
}

fn misused(status: i32, message: impl Into<String>) -> Failed {
    let mut message = message.into();
    if !message.is_empty() {
        message.push('\n');
    }
    Failed { status, message, with_usage: true }
}

fn broken(error: impl std::fmt::Display) -> Failed {
    Failed { status: 1, message: format!("{error}\n"), with_usage: false }
}

fn parse(args: &[String]) -> Result<Asked, Failed> {
    let parsed = describe::getopt(args, &command()).map_err(|error| misused(1, error.to_string()))?;
    let mut asked = Asked { wanted: Wanted { progress: Some(tell), ..Wanted::default() }, ..Asked::default() };
    for (option, value) in &parsed.options {
        match option.as_str() {
            "-h" | "--help" => return Ok(Asked { help: true, ..asked }),
            "-s" | "--start" => asked.wanted.start = number(value)?,
            "-e" | "--end" => asked.wanted.end = Some(number(value)?),
            "-q" | "--quiet" => asked.wanted.progress = None,
            _ => asked.wanted.wipe = true,
        }
    }
    let mut words = parsed.words.into_iter();
    asked.list = words.next().ok_or_else(|| misused(1, "listname is required"))?.trim().to_lowercase();
    asked.mbox = words.next().map(PathBuf::from);
    match words.next() {
        Some(_) => Err(misused(1, "")),
        None => Ok(asked),
    }
}

fn number(text: &str) -> Result<i64, Failed> {
    text.trim().parse().map_err(|_| misused(1, ""))
}

fn work(asked: &Asked) -> Result<(), Failed> {
    let site = Site::find().map_err(broken)?;
    let name = asked.list.as_str();
    let list = LockedList::open(&site, name, None).map_err(|error| match error {
        compat::list::ListError::Unknown(_) => misused(2, format!("No such list \"{name}\"\n")),
        error => misused(2, format!("No such list \"{name}\"\n{error}")),
    })?;
    let lock_file = format!("{}.archiver.lock", list.name());
    let mut lock = Lock::new(site.settings.path(settings::LOCK_DIR).join(lock_file), LOCK_LIFETIME);
    lock.acquire(None).map_err(broken)?;
    let path = asked.mbox.clone().unwrap_or_else(|| archive_mbox(&site, list.name()));
    let mbox = match asked.mbox {
        Some(_) => as_caller(|| open_mbox(&path)),
        None => open_mbox(&path),
    }
    .map_err(|error| misused(3, format!("Cannot open mbox file {}: {error}", path.display())))?;
    let outcome = rebuild(&site, &list, mbox, asked.wanted);
    // Locks that ran out in a long rebuild are no reason to call it a failure.
    let _ = lock.release();
    let _ = list.unlock();
    outcome.map_err(|error| broken(format!("{}: {error}", archive_folder(&site, name.as_bytes()).display())))
}

/// A line of progress, to standard error as Mailman does.
fn tell(line: &[u8]) {
    let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(line).and_then(|()| out.write_all(end));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Result<Asked, (i32, String)> {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        parse(&args).map_err(|failed| (failed.status, failed.message))
    }

    #[test]
    fn words_and_options() {
        let asked = parsed(&["--wipe", "-q", "-s", "2", "--end=5", " Club ", "/tmp/x"]).unwrap_or_default();
        assert!(asked.wanted.wipe && asked.wanted.progress.is_none());
        assert_eq!((asked.wanted.start, asked.wanted.end), (2, Some(5)));
        assert_eq!((asked.list.as_str(), asked.mbox), ("club", Some(PathBuf::from("/tmp/x"))));
        assert!(parsed(&["-h"]).is_ok_and(|asked| asked.help));
    }

    #[test]
    fn what_is_wrong_is_said_as_mailman_says_it() {
        for (args, message) in [
            (&[][..], "listname is required\n"),
            (&["a", "b", "c"], ""),
            (&["-s", "x", "a"], ""),
            (&["--bogus"], "option --bogus not recognized\n"),
        ] {
            assert_eq!(parsed(args).err(), Some((1, message.to_string())), "{args:?}");
        }
    }
}
