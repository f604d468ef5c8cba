//! Archivers of the site's own: a shell command that gets the post on its standard input.

use crate::error::{Culprit, RunnerError};
use crate::process;
use compat::format::{percent_bytes, Safe};
use compat::list::MailList;
use compat::site::Site;
use compat::value::Dict;
use compat::value::Value;
use compat::ByteStr;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a command may work on one post.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// Runs the command with `%(listname)s` and `%(hostname)s` filled in. That it fails is logged and nothing more: the post
/// is in the mbox, or the site has chosen so.
///
/// # Errors
/// It cannot be started, or does not end in time.
pub fn run(site: &Site, list: &MailList, command: &ByteStr, text: &[u8]) -> Result<(), RunnerError> {
    let filled = fill_in(command, list)?;
    let ended = pipe(&filled, text)
        .map_err(|source| RunnerError::Io { what: format!("external archiver {filled}"), source })?;
    let Some(status) = ended else {
        return Err(RunnerError::ArchiverTimedOut { command: filled, seconds: TIME_LIMIT.as_secs() });
    };
    if status != 0 {
        site.log("error", format!("external archiver non-zero exit status: {status}\n"));
    }
    Ok(())
}

fn fill_in(command: &ByteStr, list: &MailList) -> Result<ByteStr, RunnerError> {
    let host = list.host_name();
    // The owner of the list chose the name, and it goes to a shell.
    if !host.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b)) {
        let words = format!("host name {host} of list {} is not fit for a command", list.name());
        return Err(RunnerError::Given { words, source: Culprit::Option("host_name") });
    }
    let mut words = Dict::new();
    words.set("listname", Value::Str(list.name().clone()));
    words.set("hostname", Value::Str(host));
    percent_bytes(command, &Safe(&words)).map_err(|error| RunnerError::Cause(Box::new(error)))
}

/// Feeds the command; its exit status, or 0 when a signal ended it, as Python counts. `None`: it took too long.
fn pipe(command: &ByteStr, text: &[u8]) -> io::Result<Option<i32>> {
    let mut shell = Command::new("/bin/sh");
    let mut child = process::spawn(shell.arg("-c").arg(OsStr::from_bytes(command)).stdin(Stdio::piped()))?;
    // A program may have read enough.
    let _ = process::feed(&mut child, text.to_vec());
    let status = process::wait_until(&mut child, Instant::now() + TIME_LIMIT)?;
    Ok(status.map(|status| status.code().unwrap_or(0)))
}
