//! Programs of the site that a runner starts: converters, archivers, a Python, a sendmail.
//!
//! Such a program must not outlive its use. It gets a process group of its own, so that at the end of its time all that it
//! started ends with it (a shell's children too), and the system ends it when the runner that waits for it is killed.

use crate::privileges;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{killpg, Signal};
use nix::unistd::Pid;
use std::io::{self, Write};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long it is waited between two looks whether a program has ended; it grows up to this.
const LONGEST_GLANCE: Duration = Duration::from_millis(50);

/// Starts a program as its own group, which ends with the thread that started it.
///
/// # Errors
/// It cannot be started.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let parent = Pid::this();
    crate::sys::before_exec(command, move || {
        privileges::settle()?;
        nix::unistd::setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
        set_pdeathsig(Signal::SIGKILL)?;
        // It may have died before it could be said.
        match nix::unistd::getppid() == parent {
            true => Ok(()),
            false => Err(io::ErrorKind::BrokenPipe.into()),
        }
    })
    .spawn()
}

/// Runs a program in this one's group, for as long as it needs: one of the mail server's, say, that a tool waits for.
///
/// # Errors
/// It cannot be started.
pub fn status(command: &mut Command) -> io::Result<ExitStatus> {
    crate::sys::before_exec(command, privileges::settle).status()
}

/// Writes a program's standard input on a thread of its own: it may say something before it has read everything, or
/// never read at all. The outcome is reported at the end.
pub fn feed(child: &mut Child, input: Vec<u8>) -> Receiver<io::Result<()>> {
    let (done, fed) = mpsc::channel();
    let pipe = child.stdin.take();
    std::thread::spawn(move || {
        let outcome = pipe.map_or(Ok(()), |mut pipe| pipe.write_all(&input));
        // Nobody may want to know.
        let _ = done.send(outcome);
    });
    fed
}

/// The exit status; `None` at the deadline, when the program and all that it started has been ended.
///
/// # Errors
/// What the system reports.
pub fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    let mut glance = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            end(child)?;
            return Ok(None);
        }
        std::thread::sleep(glance);
        glance = (glance * 2).min(LONGEST_GLANCE);
    }
}

/// Ends a program that [`spawn`] started and all of its group, and takes its number back.
///
/// # Errors
/// What the system reports.
pub fn end(child: &mut Child) -> io::Result<()> {
    let group = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    match killpg(group, Signal::SIGKILL) {
        Err(error) if error != nix::errno::Errno::ESRCH => return Err(error.into()),
        _ => {}
    }
    child.wait().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::process::Stdio;

    #[test]
    fn at_the_deadline_the_children_of_a_shell_end_too() {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "sleep 1000 & echo $!; wait"]).stdout(Stdio::piped());
        let mut child = spawn(&mut shell).unwrap();
        let mut pipe = child.stdout.take().unwrap();
        let mut number = Vec::new();
        while !number.ends_with(b"\n") {
            let mut byte = [0];
            pipe.read_exact(&mut byte).unwrap();
            number.push(byte[0]);
        }
        assert_eq!(wait_until(&mut child, Instant::now()).unwrap(), None);
        // The pipe closes when nobody has it any more.
        assert_eq!(pipe.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_program_that_reads_nothing_stops_nobody() {
        let mut shell = Command::new("/bin/sh");
        let mut child = spawn(shell.args(["-c", "exit 3"]).stdin(Stdio::piped())).unwrap();
        let fed = feed(&mut child, vec![b'x'; 1 << 20]);
        let status = wait_until(&mut child, Instant::now() + Duration::from_secs(60)).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(3));
        assert!(fed.recv().unwrap().is_err());
    }
}
