//! Archivers of the site's own: a shell command that gets the post on its standard input.

use crate::error::RunnerError;
use compat::format::{percent_bytes, Safe};
use compat::list::MailList;
use compat::pickle::Dict;
use compat::pickle::Value;
use compat::site::Site;
use compat::ByteStr;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

/// Runs the command with `%(listname)s` and `%(hostname)s` filled in. That it fails is logged and nothing more: the post
/// is in the mbox, or the site has chosen so.
pub fn run(site: &Site, list: &MailList, command: &ByteStr, text: &[u8]) -> Result<(), RunnerError> {
    let filled = fill_in(command, list)?;
    let status = pipe(&filled, text)
        .map_err(|source| RunnerError::Io { what: format!("external archiver {filled}"), source })?;
    if status != 0 {
        site.log("error", format!("external archiver non-zero exit status: {status}\n"));
    }
    Ok(())
}

fn fill_in(command: &ByteStr, list: &MailList) -> Result<ByteStr, RunnerError> {
    let host = list.host_name();
    // The owner of the list chose the name, and it goes to a shell.
    if !host.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b)) {
        return Err(RunnerError::Failed(format!("host name {host} of list {} is not fit for a command", list.name())));
    }
    let mut words = Dict::new();
    words.set("listname", Value::Str(list.name().clone()));
    words.set("hostname", Value::Str(host));
    percent_bytes(command, &Safe(&words)).map_err(|error| RunnerError::Cause(Box::new(error)))
}

/// Feeds the command; its exit status, or 0 when a signal ended it, as Python counts.
fn pipe(command: &ByteStr, text: &[u8]) -> io::Result<i32> {
    let mut child = Command::new("/bin/sh").arg("-c").arg(OsStr::from_bytes(command)).stdin(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(text) {
            // A program may have read enough.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    Ok(child.wait()?.code().unwrap_or(0))
}
