//! What one delivery's thread and its connections share: transactions that wait, and results that wait for their turn.

use super::connection::FinalDotGate;
use super::session::{Job, Outcome};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Messages that wait for a connection or for their turn to be reported may hold at most this many bytes in all.
const MAX_BYTES_AHEAD: usize = 32 << 20;
/// How many transactions are made ahead for each connection. When they are, their maker sleeps until half are left.
const JOBS_AHEAD: usize = 16;

/// Jobs that wait, and results that wait for their turn.
pub(super) struct JobQueue {
    state: Mutex<State>,
    /// For connections: there is a job, or there will be none.
    jobs: Condvar,
    /// For the maker of jobs: there is a result.
    results: Condvar,
    pub(super) gate: FinalDotGate,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    done: BTreeMap<usize, Outcome>,
    /// The next index to report.
    next: usize,
    /// Jobs that were put and not yet reported, and the bytes of those whose result is not there.
    open: usize,
    bytes: usize,
    /// Jobs that a connection has in hand.
    in_hand: usize,
    closed: bool,
    /// How many jobs may wait for the maker of jobs to go on; none while it does not sleep.
    wake_maker_at: Option<usize>,
}

impl JobQueue {
    pub(super) fn new(next: usize) -> Self {
        let state = State { next, ..State::default() };
        JobQueue {
            state: Mutex::new(state),
            jobs: Condvar::new(),
            results: Condvar::new(),
            gate: FinalDotGate::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room for a job, before it is made: it may be large. Reports what has come in meanwhile.
    pub(super) fn wait_for_room(&self, connections: usize, report: &mut impl FnMut(usize, Outcome)) {
        let mut state = self.lock();
        state.report_in_order(report);
        let most = connections * JOBS_AHEAD;
        while state.waiting.len() >= most || (state.bytes > MAX_BYTES_AHEAD && state.open > 0) {
            // Waking it for each single result would cost more than the result.
            state.wake_maker_at = Some(if state.bytes > MAX_BYTES_AHEAD { usize::MAX } else { most / 2 });
            state = self.results.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.report_in_order(report);
        }
        state.wake_maker_at = None;
    }

    pub(super) fn put(&self, job: Job) {
        let mut state = self.lock();
        state.open += 1;
        state.bytes += job.data.len();
        state.waiting.push_back(job);
        drop(state);
        self.jobs.notify_one();
    }

    /// No more jobs: waits for all results.
    pub(super) fn close(&self, report: &mut impl FnMut(usize, Outcome)) {
        let mut state = self.lock();
        state.closed = true;
        state.wake_maker_at = Some(usize::MAX);
        self.jobs.notify_all();
        state.report_in_order(report);
        while state.open > 0 {
            state = self.results.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.report_in_order(report);
        }
    }

    /// The next job, or nothing when all is done. A job that another has in hand may still come back.
    pub(super) fn take(&self) -> Option<Job> {
        let idle = |state: &mut State| state.waiting.is_empty() && !(state.closed && state.in_hand == 0);
        self.jobs.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A job that waits now, if there is one.
    pub(super) fn take_waiting(&self) -> Option<Job> {
        self.lock().take()
    }

    /// The same, if it is for a single recipient.
    pub(super) fn take_waiting_single(&self) -> Option<Job> {
        let mut state = self.lock();
        state.waiting.front().is_some_and(Job::is_single).then(|| state.take()).flatten()
    }

    /// A connection that does not come about gives its job to the others.
    pub(super) fn give_back(&self, job: Job) {
        let mut state = self.lock();
        state.waiting.push_front(job);
        state.in_hand -= 1;
        drop(state);
        self.jobs.notify_one();
    }

    pub(super) fn done(&self, job: &Job, outcome: Outcome) {
        let mut state = self.lock();
        state.bytes -= job.data.len().min(state.bytes);
        state.done.insert(job.index, outcome);
        state.in_hand -= 1;
        let last = state.closed && state.in_hand == 0;
        let wake_maker = state.wake_maker_at.is_some_and(|most| state.waiting.len() <= most);
        drop(state);
        if wake_maker {
            self.results.notify_one();
        }
        if last {
            self.jobs.notify_all();
        }
    }
}

impl State {
    fn take(&mut self) -> Option<Job> {
        let job = self.waiting.pop_front()?;
        self.in_hand += 1;
        Some(job)
    }

    fn report_in_order(&mut self, report: &mut impl FnMut(usize, Outcome)) {
        while let Some(outcome) = self.done.remove(&self.next) {
            report(self.next, outcome);
            self.next += 1;
            self.open -= 1;
        }
    }
}
