//! Our runners beside Python's on a living site: each entry that Python takes goes, as a copy, through ours on a copy of the
//! list, and what came of it is compared. Nothing is delivered, and nothing of the site is changed or locked: its folders are
//! watched and its files are read.
//!
//! Three threads of events are told apart by the folder alone: an entry comes (`.pck`), a runner takes it (`.bak`), the `.bak`
//! goes. What appears between the last two, of the same list, is what the runner made of it. Ours runs afterwards, in a process
//! of its own, with no more of the machine than it may have.

mod compare;
mod course;
mod logs;
mod normal;
mod observe;
mod outcome;
mod report;
mod snapshot;
mod trial;
mod watch;

pub use report::{cut, Case, Day};

use crate::rehearse::RehearseError;
use crate::signals::{Signal, Signals};
use compat::queue::QueueName;
use compat::site::Site;
use migration::Engine;
use observe::Observer;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc::{sync_channel, Receiver, SyncSender, TrySendError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use trial::{Job, Trial, Verdict};

/// Maximum number of entries that wait for our runner; more are counted and dropped.
const WAITING: usize = 500;
/// How often the report is written.
const EVERY: Duration = Duration::from_secs(60);

/// The queues whose entries are tried, with the runner of each. What goes into the others is what is compared.
pub const QUEUES: [(QueueName, &str); 5] = [
    (QueueName::In, "Incoming"),
    (QueueName::Commands, "Command"),
    (QueueName::Virgin, "Virgin"),
    (QueueName::Archive, "Arch"),
    (QueueName::Out, "Outgoing"),
];

/// Into these comes mail from outside at any time: what is in them is nobody's work.
pub const FROM_OUTSIDE: [QueueName; 4] = [QueueName::In, QueueName::Commands, QueueName::Bounces, QueueName::Retry];

/// What is wished.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where the reports go.
    pub to: PathBuf,
    /// Where the copy of the site is kept meanwhile.
    pub folder: PathBuf,
    /// Hundredths of one processor.
    pub share: u32,
    /// No longer than this; `None`: until somebody stops it.
    pub limit: Option<Duration>,
}

/// Why it does not watch.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// The copy of the site.
    #[error(transparent)]
    Copy(#[from] RehearseError),
    /// A file or folder.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}

fn during(what: impl ToString) -> impl FnOnce(io::Error) -> ShadowError {
    move |source| ShadowError::Io { what: what.to_string(), source }
}

/// Watches until it is stopped; returns the last day. `page` makes a page of one; `ready` hears that nothing is missed from now
/// on.
///
/// # Errors
/// See [`ShadowError`].
pub fn shadow(
    site: &Rc<Site>,
    engine: &dyn Engine,
    wish: &Wish,
    page: &dyn Fn(&Day) -> String,
    ready: &dyn Fn(),
) -> Result<Day, ShadowError> {
    let signals = Signals::listen(&[Signal::Terminate, Signal::Interrupt]).map_err(during("signals"))?;
    let trial = Trial::prepare(site, engine, wish)?;
    let (jobs, results, worker) = start(trial, wish.share);
    let mut observer = Observer::new(site).map_err(during("watching the queues"))?;
    ready();
    let end = wish.limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut day = Day::today();
    let mut written = Instant::now();
    loop {
        let now = Instant::now();
        let is_over = end.is_some_and(|end| now >= end);
        if is_over || signals.take(Signal::Terminate) || signals.take(Signal::Interrupt) {
            break;
        }
        let wait = end.map_or(EVERY, |end| end.saturating_duration_since(now).min(EVERY)).min(Duration::from_secs(1));
        for job in observer.wait(wait, &signals).map_err(during("watching the queues"))? {
            hand_on(&jobs, job, &mut day);
        }
        day.miss(observer.take_missed());
        results.try_iter().for_each(|verdict| day.add(verdict));
        if written.elapsed() >= EVERY || !day.is_today() {
            day.write(&wish.to, page).map_err(during(wish.to.display()))?;
            written = Instant::now();
            if !day.is_today() {
                day = Day::today();
            }
        }
    }
    // What happened before the end was asked for.
    for job in observer.wait(Duration::ZERO, &signals).map_err(during("watching the queues"))? {
        hand_on(&jobs, job, &mut day);
    }
    day.miss(observer.take_missed());
    drop(jobs);
    results.iter().for_each(|verdict| day.add(verdict));
    // A worker that panicked has told so already.
    let _ = worker.join();
    day.write(&wish.to, page).map_err(during(wish.to.display()))?;
    Ok(day)
}

fn hand_on(jobs: &SyncSender<Job>, job: Job, day: &mut Day) {
    day.seen += 1;
    if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = jobs.try_send(job) {
        day.skipped += 1;
    }
}

/// The thread that tries; it rests so that it takes no more than its share.
fn start(mut trial: Trial, share: u32) -> (SyncSender<Job>, Receiver<Verdict>, JoinHandle<()>) {
    let (jobs, waiting) = sync_channel::<Job>(WAITING);
    let (verdicts, results) = sync_channel::<Verdict>(2 * WAITING);
    let rest = f64::from(100_u32.saturating_sub(share.clamp(1, 100))) / f64::from(share.clamp(1, 100));
    let worker = std::thread::spawn(move || {
        // Whoever watches must not come late; whoever tries has time.
        crate::sys::lower_priority();
        for job in waiting {
            let start = Instant::now();
            let verdict = trial.run(&job);
            let took = start.elapsed();
            if verdicts.send(verdict).is_err() {
                return;
            }
            std::thread::sleep(took.mul_f64(rest).min(Duration::from_secs(60)));
        }
    });
    (jobs, results, worker)
}
