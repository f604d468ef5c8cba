//! Programs of the site that turn one text into another: HTML to plain text, the archive's sanitizer.
//!
//! They are shell commands from `mm_cfg.py` with a `%(filename)s`, run as Mailman runs them (`os.popen`): their output is
//! taken as it is, their exit status is only logged. What Mailman leaves open is bounded here: how long such a program
//! may take and how much it may say, so that a message cannot stop the runner.

use crate::clock;
use crate::error::HandlerError;
use crate::process;
use compat::format::percent_bytes;
use compat::value::Value;
use compat::ByteStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a program may work on one part.
const TIME_LIMIT: Duration = Duration::from_secs(120);
/// How much of its output is taken, in bytes.
const OUTPUT_LIMIT: u64 = 64 << 20;
/// How often a name for the temporary file is tried.
const NAME_TRIES: usize = 100;

/// What a program made of its input.
pub struct CommandOutput {
    /// Everything that it wrote to its standard output.
    pub text: ByteStr,
    /// Its wait status as Python's `close()` gives it (exit code times 256), or `None` when it was content.
    pub status: Option<i32>,
}

/// Writes `content` to a temporary file with this suffix, runs the command on it, and removes the file.
///
/// # Errors
/// The file cannot be written, the command line cannot be filled in, or the shell cannot be started.
pub fn filter_file(command: &[u8], content: &[u8], suffix: &str) -> Result<CommandOutput, HandlerError> {
    let file = temporary(content, suffix)?;
    let outcome = run_on(command, &file);
    match fs::remove_file(&file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
        _ => outcome,
    }
}

/// Runs the command on a file that is already there.
///
/// # Errors
/// A program that cannot be run, fails or takes too long.
pub fn run_on(command: &[u8], file: &Path) -> Result<CommandOutput, HandlerError> {
    let name = ByteStr::from(file.to_string_lossy().as_ref());
    let line = percent_bytes(command, &[("filename", Value::Str(name))]).map_err(HandlerError::cause)?;
    Ok(shell(&line)?)
}

fn temporary(content: &[u8], suffix: &str) -> io::Result<PathBuf> {
    let folder = std::env::temp_dir();
    for attempt in 0..NAME_TRIES {
        let stamp = clock::utc().timestamp_nanos_opt().unwrap_or_default();
        let path = folder.join(format!("tmp{}-{stamp:x}{attempt}{suffix}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => return file.write_all(content).map(|()| path),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "no usable temporary file name found"))
}

fn shell(line: &[u8]) -> io::Result<CommandOutput> {
    use std::os::unix::ffi::OsStrExt;
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(std::ffi::OsStr::from_bytes(line)).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = process::spawn(&mut command)?;
    let deadline = Instant::now() + TIME_LIMIT;
    let text = output_of(&mut child, deadline)?;
    let status = process::wait_until(&mut child, deadline)?.map_or(libc::SIGKILL, ExitStatus::into_raw);
    Ok(CommandOutput { text: ByteStr::new(text), status: (status != 0).then_some(status) })
}

/// Reads the program's output on a thread of its own, so that one that says nothing and does not end can be ended.
fn output_of(child: &mut Child, deadline: Instant) -> io::Result<Vec<u8>> {
    let Some(pipe) = child.stdout.take() else {
        return Ok(Vec::new());
    };
    let (done, finished) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let result = pipe.take(OUTPUT_LIMIT).read_to_end(&mut text);
        // Nobody listens any more when the time is up.
        let _ = done.send(result.map(|_| text));
    });
    finished.recv_timeout(deadline.saturating_duration_since(Instant::now())).unwrap_or_else(|_| Ok(Vec::new()))
}

/// `os.path.splitext`: the name and its extension with the dot; leading dots do not begin an extension.
pub fn split_extension(name: &[u8]) -> (&[u8], &[u8]) {
    let base = name.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    let first = name[base..].iter().position(|&b| b != b'.').map_or(name.len(), |at| base + at);
    match name[first..].iter().rposition(|&b| b == b'.') {
        Some(at) => name.split_at(first + at),
        None => (name, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_as_python_splits_them() {
        let cases: [(&[u8], &[u8], &[u8]); 6] = [
            (b"a.txt", b"a", b".txt"),
            (b".bashrc", b".bashrc", b""),
            (b"..x.y", b"..x", b".y"),
            (b"dir.d/file", b"dir.d/file", b""),
            (b"a.", b"a", b"."),
            (b"", b"", b""),
        ];
        for (name, root, extension) in cases {
            assert_eq!(split_extension(name), (root, extension), "{}", name.escape_ascii());
        }
    }

    #[test]
    fn a_program_sees_the_file_and_its_status_is_told() {
        let good = filter_file(b"tr a-z A-Z < %(filename)s", b"hello", ".html").unwrap();
        assert_eq!(good.text, "HELLO");
        assert_eq!(good.status, None);
        let bad = filter_file(b"exit 127", b"hello", ".html").unwrap();
        assert_eq!((bad.text, bad.status), (ByteStr::default(), Some(32512)));
    }
}
