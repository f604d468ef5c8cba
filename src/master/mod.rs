//! The daemon behind `mailmanctl`: starts the runners, watches them, starts them again, stops them.
//!
//! One process per runner and slice, as ever: a runner that dies takes nobody along, and monitoring finds in `ps` what it
//! looks for. This is the watcher of Mailman's bin/mailmanctl, with its lock, pid file, signals, counts and log lines.

pub mod lock;
pub mod slot;
mod watcher;

use crate::signals::{Signal, Signals};
use crate::sys;
use compat::durable;
use compat::lock::{Lock, LockError};
use compat::site::{settings, Site};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::sys::stat::{umask, Mode};
use nix::sys::wait::{waitpid, WaitPidFlag, WaitStatus};
use nix::unistd::{chdir, dup2_stderr, dup2_stdin, dup2_stdout, getpid, getppid, setsid, Pid};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};
use watcher::Watcher;

/// So long `mailmanctl start` waits for the master's pid file and first runner, for the sake of those who look for them next.
const START_PATIENCE: Duration = Duration::from_secs(5);
/// What the log says of a runner that has to wait, between its argument and a number of seconds.
pub(crate) const PAUSES: &str = " ends again and again; started in ";
const HANDOVER_PATIENCE: Duration = Duration::from_secs(60);

/// Whether a process runs. One that has ended but that nobody has asked for its exit status (in a container whose first
/// process does not care) does not.
pub fn is_running(pid: i32) -> bool {
    let there = pid > 1 && kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH);
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    there && !state().rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

/// Why there is no master.
#[derive(Debug, thiserror::Error)]
pub enum MasterError {
    /// The process could not be split.
    #[error("cannot start a process: {}", .0.desc())]
    Fork(Errno),
    /// The lock could not be handed over.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The master that was left in the background has ended.
    #[error("the master came to nothing: see the log error, and whether {} can be written", .0.display())]
    Gone(PathBuf),
    /// A step on the way to a daemon.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}

/// Leaves a master in the background, with the lock, and calls `tell` when it is there. In the parent this returns the
/// exit status of `mailmanctl`, in the child, when the last runner has ended, that of the master.
///
/// # Errors
/// A process that cannot be made, or a lock that cannot be handed over.
pub fn start(site: &Rc<Site>, mut lock: Lock, restart: bool, tell: impl FnOnce()) -> Result<i32, MasterError> {
    let parent = getpid();
    match sys::fork().map_err(MasterError::Fork)? {
        Some(child) => {
            tell();
            lock.transfer_to(child.as_raw().unsigned_abs())?;
            wait_for_runners(&site.settings.path(settings::PIDFILE), child).map(|()| 0)
        }
        None => {
            let outcome = take_over(&mut lock, parent).and_then(|()| live(site, &mut lock, restart));
            if let Err(error) = &outcome {
                site.log("error", format!("Master watcher ends: {error}"));
            }
            // Not ours any more is no trouble at the end.
            let _ = lock.release();
            outcome.map(|()| 0)
        }
    }
}

/// Waits for the lock as long as there is somebody who hands it over. Whoever is left alone would be a second master beside
/// the next one.
fn take_over(lock: &mut Lock, parent: Pid) -> Result<(), MasterError> {
    Ok(lock.take_possession(Some(HANDOVER_PATIENCE), || getppid() != parent)?)
}

/// Runs the master until it is told to stop.
fn live(site: &Rc<Site>, lock: &mut Lock, restart: bool) -> Result<(), MasterError> {
    let wanted = [Signal::Child, Signal::Alarm, Signal::HangUp, Signal::Terminate, Signal::Interrupt];
    let signals = Signals::listen(&wanted).map_err(|source| step("signals", source))?;
    write_pid_file(&site.settings.path(settings::PIDFILE))?;
    leave_terminal(site)?;
    Watcher::new(site, lock, signals, restart)?.watch();
    Ok(())
}

fn step(what: &str, source: io::Error) -> MasterError {
    MasterError::Io { what: what.to_string(), source }
}

fn write_pid_file(path: &Path) -> Result<(), MasterError> {
    let temporary = path.with_extension("pid.tmp");
    let text = format!("{}\n", std::process::id());
    durable::replace(path, &temporary, durable::FILE_MODE, |file| file.write_all(text.as_bytes()))
        .map_err(|source| step(&path.display().to_string(), source))
}

/// A session of its own, the site's folder, the umask of Mailman, and no terminal.
fn leave_terminal(site: &Site) -> Result<(), MasterError> {
    // An error means that we lead a session already.
    let _ = setsid();
    let null = OpenOptions::new().read(true).write(true).open("/dev/null").map_err(|e| step("/dev/null", e))?;
    dup2_stdin(&null)
        .and_then(|()| dup2_stdout(&null))
        .and_then(|()| dup2_stderr(&null))
        .map_err(|e| step("/dev/null", e.into()))?;
    let prefix = site.settings.path(settings::PREFIX);
    chdir(&prefix).map_err(|e| step(&prefix.display().to_string(), e.into()))?;
    umask(Mode::from_bits_truncate(0o007));
    Ok(())
}

/// Waits until the pid file names the child and it has started runners, or patience ends.
///
/// # Errors
/// The child has ended.
fn wait_for_runners(path: &Path, child: Pid) -> Result<(), MasterError> {
    let start = Instant::now();
    let expected = child.as_raw().to_string();
    while start.elapsed() < START_PATIENCE {
        let is_written = || std::fs::read_to_string(path).is_ok_and(|text| text.trim() == expected);
        let is_alive = waitpid(child, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive);
        match is_alive {
            false => return Err(MasterError::Gone(path.to_path_buf())),
            true if has_runners(child) && is_written() => return Ok(()),
            true => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    Ok(())
}

/// Whether a process has children; where the kernel does not tell, it is taken to have.
fn has_runners(master: Pid) -> bool {
    let children = std::fs::read_to_string(format!("/proc/{master}/task/{master}/children"));
    children.map_or(true, |children| !children.trim().is_empty())
}
