//! Where tests let the disk fail.
//!
//! The counter is per thread and is a single comparison when nobody has armed it, so it is always compiled in and the
//! shipped program is the tested one. A test arms it for the N-th step, runs, and repeats with N + 1 until a run meets
//! no fault: every step has then failed once.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};

/// A kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A new file.
    Create,
    /// An existing file opened to be added to.
    Open,
    /// Bytes into a file.
    Write,
    /// fsync of a file.
    Sync,
    /// close of a file that was written.
    Close,
    /// ftruncate.
    Truncate,
    /// rename.
    Rename,
    /// A second name.
    Link,
    /// Removing a name.
    Unlink,
    /// A symbolic link.
    Symlink,
    /// A new folder.
    Mkdir,
    /// fsync of a folder.
    SyncDir,
    /// chmod.
    Mode,
    /// utimes.
    Times,
}

/// What happens at the armed step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This step fails with an errno; later ones work.
    Fail(i32),
    /// This step and all later ones fail with an errno: a disk that stays full.
    FailOnward(i32),
    /// This step and all later ones do nothing: as if the process had been killed before it. A write is cut off in the
    /// middle.
    CutOff,
}

/// A step as the recorder saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub op: Op,
    /// To which file or folder.
    pub path: PathBuf,
    /// The new name, of a rename or link.
    pub to: Option<PathBuf>,
}

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static PLAN: RefCell<Option<Plan>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Plan {
    nth: u64,
    fault: Option<Fault>,
    steps: u64,
    record: Vec<Step>,
}

/// Faults are on as long as this lives.
#[must_use]
pub struct Armed(());

/// From now on the `nth` step (from 1) on this thread meets `fault`.
pub fn arm(nth: u64, fault: Fault) -> Armed {
    install(Plan { nth, fault: Some(fault), ..Plan::default() })
}

/// From now on the steps of this thread are only written down.
pub fn record() -> Armed {
    install(Plan::default())
}

fn install(plan: Plan) -> Armed {
    PLAN.with(|p| *p.borrow_mut() = Some(plan));
    ARMED.set(true);
    Armed(())
}

impl Armed {
    /// Whether the armed step was reached.
    pub fn was_met(&self) -> bool {
        PLAN.with(|p| p.borrow().as_ref().is_some_and(|plan| plan.nth > 0 && plan.steps >= plan.nth))
    }

    /// The steps so far.
    pub fn steps(&self) -> Vec<Step> {
        PLAN.with(|p| p.borrow().as_ref().map(|plan| plan.record.clone()).unwrap_or_default())
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        ARMED.set(false);
        PLAN.with(|p| *p.borrow_mut() = None);
    }
}

/// Whether an error stands for the kill of [`Fault::CutOff`].
pub fn is_cut_off(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<CutOffError>())
}

#[derive(Debug, thiserror::Error)]
#[error("cut off by a test")]
struct CutOffError;

/// Passed before each step; an error means that the step must not be done.
pub(crate) fn step(op: Op, path: &Path, to: Option<&Path>) -> io::Result<()> {
    match ARMED.get() {
        false => Ok(()),
        true => armed_step(op, path, to),
    }
}

#[cold]
fn armed_step(op: Op, path: &Path, to: Option<&Path>) -> io::Result<()> {
    PLAN.with(|p| match p.borrow_mut().as_mut() {
        None => Ok(()),
        Some(plan) => {
            plan.steps += 1;
            let outcome = plan.outcome();
            if outcome.is_ok() {
                plan.record.push(Step { op, path: path.to_owned(), to: to.map(Path::to_owned) });
            }
            outcome
        }
    })
}

impl Plan {
    fn outcome(&self) -> io::Result<()> {
        match self.fault {
            Some(Fault::Fail(errno)) if self.steps == self.nth => Err(io::Error::from_raw_os_error(errno)),
            Some(Fault::FailOnward(errno)) if self.steps >= self.nth => Err(io::Error::from_raw_os_error(errno)),
            Some(Fault::CutOff) if self.steps >= self.nth => Err(io::Error::other(CutOffError)),
            _ => Ok(()),
        }
    }

    /// How much of a write still reaches the file when the write is the armed step: half.
    fn is_now(&self) -> bool {
        self.steps == self.nth
    }
}

/// For a write that was refused: how many of `len` bytes still reach the file.
pub(crate) fn torn_len(len: usize) -> usize {
    PLAN.with(|p| match p.borrow().as_ref() {
        Some(plan) if plan.is_now() => len / 2,
        _ => 0,
    })
}
