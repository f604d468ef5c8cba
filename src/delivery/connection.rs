//! One connection of a delivery. Answers to the class Connection in Mailman's `SMTPDirect.py`.

use super::job_queue::JobQueue;
use super::session::{Finished, Job, Outcome, Plan};
use super::smtp::{Client, SmtpError};
use std::sync::{Mutex, PoisonError};

/// Only one chunk at a time is in doubt: its last dot is sent, the answer has not been noted. Everything before the dot
/// goes on side by side. Single recipients do not pass here: of them some may be in doubt, fewer than make a chunk.
#[derive(Default)]
pub struct FinalDotGate(Mutex<()>);

fn tell(job: &Job, outcome: Outcome, finished: &Finished) -> Outcome {
    finished(job, &outcome);
    outcome
}

/// What Mailman's Connection object holds.
enum State {
    /// `None`: the next transaction connects.
    Closed,
    /// An `smtplib.SMTP` that never got a socket: the next transaction fails with `please run connect() first`.
    Broken,
    Open(Box<Client>),
}

/// One connection, which opens when it is needed and again after a failure.
pub struct Connection {
    plan: Plan,
    state: State,
    /// Transactions that are left until the connection is closed; wrapping below 0 means no limit.
    left: i64,
    /// Not the first one: it must not fail a job because it cannot come about.
    additional: bool,
    /// Whether the next envelope may follow a message at once; not with a server that fell silent or hung up over it.
    chains: bool,
}

/// What becomes of a job that was sent.
enum Next {
    /// Its outcome is reported.
    Done,
    /// The connection ended between its envelope and its message: it has to be sent anew.
    Again(Job),
}

impl Connection {
    pub fn new(plan: &Plan) -> Self {
        Connection { plan: plan.clone(), state: State::Closed, left: 0, additional: false, chains: true }
    }

    /// One that only helps: see `work`.
    pub fn additional(plan: &Plan) -> Self {
        Connection { additional: true, ..Connection::new(plan) }
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Does the jobs that wait now: for the maker of jobs, when no thread could be started.
    pub(super) fn work_off(&mut self, queue: &JobQueue, finished: &Finished) {
        while let Some(job) = queue.take_waiting() {
            let outcome = self.send(&job, Some(&queue.gate), finished);
            queue.done(&job, outcome);
        }
    }

    /// Takes jobs until there are none. The first connection stays to the end, so every job finds somebody.
    pub(super) fn work(mut self, queue: &JobQueue, finished: &Finished) {
        while let Some(job) = queue.take() {
            let mut next = Next::Again(job);
            while let Next::Again(job) = next {
                if self.additional && !self.comes_about() {
                    return queue.give_back(job);
                }
                next = match self.chains && job.is_single() && self.is_pipelining() {
                    true => self.send_chain(job, queue, finished),
                    false => {
                        let outcome = self.send(&job, Some(&queue.gate), finished);
                        queue.done(&job, outcome);
                        Next::Done
                    }
                };
            }
        }
        self.quit();
    }

    fn is_pipelining(&self) -> bool {
        matches!(&self.state, State::Open(client) if client.is_pipelining())
    }

    /// Sends a job to a single recipient, and those that wait behind it, each envelope together with the message before
    /// it: half the round trips. What the server says of one message never touches another.
    fn send_chain(&mut self, job: Job, queue: &JobQueue, finished: &Finished) -> Next {
        let State::Open(client) = &mut self.state else { return Next::Again(job) };
        let mut envelope = client.open_data(&job.transaction());
        let mut current = job;
        loop {
            let refusals = match envelope {
                Ok(refusals) => refusals,
                Err(error) => return self.end_chain(&current, Err(error), queue, finished),
            };
            let State::Open(client) = &mut self.state else { return Next::Again(current) };
            let next = if self.left == 1 { None } else { queue.take_waiting_single() };
            let Some(next) = next else {
                let outcome = client.send_data(&current.data, refusals);
                return self.end_chain(&current, outcome, queue, finished);
            };
            let sent = client.send_data_and_envelope(&current.data, &next.transaction());
            let outcome = sent.and_then(|()| client.message_answer(refusals));
            let lost = outcome.as_ref().is_err_and(SmtpError::is_of_connection);
            if outcome.is_ok() {
                self.left = self.left.wrapping_sub(1);
            }
            queue.done(&current, tell(&current, outcome, finished));
            envelope = if lost { Err(SmtpError::closed()) } else { client.envelope_answer(&next.transaction()) };
            if envelope.as_ref().is_err_and(SmtpError::is_of_connection) {
                self.chains = false;
                self.quit_now();
                return Next::Again(next);
            }
            current = next;
        }
    }

    /// The outcome of the last job of a chain.
    fn end_chain(&mut self, job: &Job, outcome: Outcome, queue: &JobQueue, finished: &Finished) -> Next {
        self.count(&outcome);
        queue.done(job, tell(job, outcome, finished));
        Next::Done
    }

    fn comes_about(&mut self) -> bool {
        if !self.is_open() {
            self.state = State::Closed;
            let _ = self.open(); // the first connection will log what is wrong
        }
        matches!(&self.state, State::Open(client) if client.greeting().is_positive())
    }

    /// `Connection.sendmail`, told to `finished` at once.
    ///
    /// # Errors
    /// What kept the message from some or all of its recipients.
    pub fn send(&mut self, job: &Job, gate: Option<&FinalDotGate>, finished: &Finished) -> Outcome {
        let outcome = self.send_through(job, gate, finished);
        self.count(&outcome);
        outcome
    }

    /// A connection ends with its last transaction, and after a failure.
    fn count(&mut self, outcome: &Outcome) {
        if outcome.is_ok() {
            self.left = self.left.wrapping_sub(1);
        }
        if outcome.is_err() || self.left == 0 {
            self.quit_now();
        }
    }

    fn send_through(&mut self, job: &Job, gate: Option<&FinalDotGate>, finished: &Finished) -> Outcome {
        if matches!(self.state, State::Closed) {
            if let Err(error) = self.open() {
                return tell(job, Err(error), finished);
            }
        }
        let State::Open(client) = &mut self.state else {
            self.state = State::Closed;
            return tell(job, Err(SmtpError::never_connected()), finished);
        };
        let transaction = job.transaction();
        let Some(gate) = gate.filter(|_| !job.is_single()) else {
            return tell(job, client.send(&transaction), finished);
        };
        match client.send_without_end(&transaction) {
            Ok(refusals) => {
                let _passed = gate.0.lock().unwrap_or_else(PoisonError::into_inner);
                tell(job, client.finish(refusals), finished)
            }
            Err(error) => tell(job, Err(error), finished),
        }
    }

    /// Connects. What fails before the greeting leaves a broken object behind, later failures a closed one.
    fn open(&mut self) -> Result<(), SmtpError> {
        self.state = State::Broken;
        let client = Client::open(&self.plan.server)?;
        self.state = State::Closed;
        self.state = State::Open(Box::new(client.begin(&self.plan.server)?));
        self.left = self.plan.transactions_per_connection;
        Ok(())
    }

    fn quit_now(&mut self) {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Open(client) => client.quit(),
            other => self.state = other,
        }
    }

    /// Says good-bye.
    pub fn quit(mut self) {
        self.quit_now();
    }
}
