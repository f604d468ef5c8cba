//! The child process: started, fed, read, and ended when it takes too long or says too much.

use super::BridgeError;
use crate::process;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// The script; it is given to Python on the command line, so that no file of ours has to be found.
const HELPER: &str = include_str!("helper.py");
/// What a result may have: a message of 50 MiB and the largest list fit in.
const RESULT_LIMIT: u64 = 1 << 30;
/// What is kept of the words on standard error.
const ERROR_LIMIT: u64 = 64 << 10;
/// How long a Python may think about which one it is.
const VERSION_LIMIT: Duration = Duration::from_secs(10);
/// How often it is looked whether it has ended.
const GLANCE: Duration = Duration::from_millis(5);

/// Whether this program is a Python 2.
pub fn is_python2(program: &Path) -> bool {
    let version = "import sys; sys.exit(sys.version_info[0] == 2 and 42 or 1)";
    let mut command = Command::new(program);
    command.args(["-c", version]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = process::spawn(&mut command) else { return false };
    let deadline = Instant::now() + VERSION_LIMIT;
    matches!(process::wait_until(&mut child, deadline), Ok(Some(status)) if status.code() == Some(42))
}

/// Runs the helper: what it was given, what it gave back.
pub fn run(python: &Path, input: Vec<u8>, limit: Duration) -> Result<Vec<u8>, BridgeError> {
    let mut command = Command::new(python);
    command.args(["-c", HELPER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = process::spawn(&mut command)?;
    let deadline = Instant::now() + limit;
    // A child that does not want it all will say why.
    let _ = process::feed(&mut child, input);
    let result = collect(child.stdout.take(), RESULT_LIMIT);
    let words = collect(child.stderr.take(), ERROR_LIMIT);
    let read = result.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    let status = match read {
        Ok(_) => process::wait_until(&mut child, deadline)?,
        Err(_) => {
            process::end(&mut child)?;
            None
        }
    };
    let Some(status) = status else {
        return Err(BridgeError::TimedOut(limit.as_secs()));
    };
    if status.success() {
        return Ok(read.unwrap_or_default());
    }
    // A grandchild may keep the pipe open; its words are not waited for.
    let words = words.recv_timeout(GLANCE * 20).unwrap_or_default();
    let words = String::from_utf8_lossy(&words).trim_end().to_owned();
    Err(BridgeError::Failed(format!("{status}: {}", words.lines().last().unwrap_or_default())))
}

/// Reads on a thread of its own; what comes after the limit is thrown away.
fn collect(pipe: Option<impl Read + Send + 'static>, limit: u64) -> Receiver<Vec<u8>> {
    let (done, read) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(limit).read_to_end(&mut bytes);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        // Nobody listens any more when the time was up.
        let _ = done.send(bytes);
    });
    read
}
