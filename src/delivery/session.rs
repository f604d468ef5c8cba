//! The connections of one delivery: the first as Mailman's `SMTPDirect.Connection`, others beside it where they pay.
//!
//! Transactions are made by the caller's thread and carried out by one thread per connection; their results come back in
//! the order of the transactions, so that logs read as if one had followed the other. While the server is not known to
//! be well there is one connection, used and logged exactly as Python does; the others join after the first message
//! was accepted, and leave without a word when the server does not want them.

use super::connection::Connection;
use super::job_queue::JobQueue;
use super::smtp::{Refusal, Settings, SmtpError, Transaction};
use std::sync::Arc;
use std::thread;

/// A transaction on its way to a connection.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its place in the order of the delivery.
    pub index: usize,
    /// As `quote_address` makes it.
    pub sender: Vec<u8>,
    /// As `quote_address` makes them.
    pub recipients: Vec<Vec<u8>>,
    /// As `quote_message` makes it; chunks share one.
    pub data: Arc<Vec<u8>>,
    /// The length of the message before that.
    pub size: usize,
}

impl Job {
    /// What is said to the server.
    pub(super) fn transaction(&self) -> Transaction<'_> {
        Transaction { sender: &self.sender, recipients: &self.recipients, data: &self.data, size: self.size }
    }

    /// A copy for one recipient, not a chunk.
    pub(super) fn is_single(&self) -> bool {
        self.recipients.len() == 1
    }
}

/// The recipients that were refused, or why the whole transaction failed.
pub type Outcome = Result<Vec<Refusal>, SmtpError>;

/// Called with every outcome by the thread that has it, before anything else happens.
pub type Finished<'a> = dyn Fn(&Job, &Outcome) + Sync + 'a;

/// How many connections, and how long each may be used.
#[derive(Clone, Debug)]
pub struct Plan {
    pub server: Arc<Settings>,
    /// MAILMAN2_RS_SMTP_CONNECTIONS
    pub connections: usize,
    /// SMTP_MAX_SESSIONS_PER_CONNECTION; 0 and less: no end.
    pub transactions_per_connection: i64,
}

/// Carries out all jobs. `finished` is called at once, by the thread that did it; `report` is called in order.
///
/// A job that could not be made (`Err`) ends the intake: what was made before is carried out, then the error is returned.
///
/// # Errors
/// The first job that could not be made, once those before it are done.
pub fn deliver<E>(
    plan: &Plan,
    jobs: impl Iterator<Item = Result<Job, E>>,
    finished: &Finished,
    mut report: impl FnMut(usize, Outcome),
) -> Result<(), E> {
    let mut jobs = jobs;
    let mut first = Connection::new(plan);
    let mut result = Ok(());
    while !first.is_open() {
        match jobs.next() {
            Some(Ok(job)) => {
                let outcome = first.send(&job, None, finished);
                report(job.index, outcome);
            }
            Some(Err(error)) => {
                result = Err(error);
                break;
            }
            None => break,
        }
    }
    match result.is_ok().then(|| jobs.next()).flatten() {
        Some(Ok(job)) => result = deliver_in_parallel(plan, first, job, jobs, finished, &mut report),
        Some(Err(error)) => (result, _) = (Err(error), first.quit()),
        None => first.quit(),
    }
    result
}

fn deliver_in_parallel<E>(
    plan: &Plan,
    first: Connection,
    job: Job,
    jobs: impl Iterator<Item = Result<Job, E>>,
    finished: &Finished,
    report: &mut impl FnMut(usize, Outcome),
) -> Result<(), E> {
    let queue = JobQueue::new(job.index);
    let mut result = Ok(());
    thread::scope(|scope| {
        let others = (1..plan.connections).map(|_| Connection::additional(plan));
        let mut waiting = std::iter::once(first).chain(others).collect::<Vec<_>>().into_iter();
        let (mut threads, mut alone) = (0, Connection::new(plan));
        let mut jobs = std::iter::once(Ok(job)).chain(jobs);
        loop {
            queue.wait_for_room(plan.connections, report);
            match jobs.next() {
                Some(Ok(job)) => queue.put(job),
                Some(Err(error)) => {
                    result = Err(error);
                    break;
                }
                None => break,
            }
            // One more connection for each job, until all are there: a short delivery opens few.
            if let Some(connection) = waiting.next() {
                let queue = &queue;
                match thread::Builder::new().spawn_scoped(scope, move || connection.work(queue, finished)) {
                    Ok(_) => threads += 1,
                    Err(_) => waiting = Vec::new().into_iter(), // the system gives no more
                }
            }
            if threads == 0 {
                alone.work_off(&queue, finished);
            }
        }
        queue.close(report);
    });
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::smtp::{quote_address, quote_message};
    use crate::testing::smtp_sink::{Answers, Received, Sink};
    use std::convert::Infallible;

    fn plan(sink: &Sink, connections: usize) -> Plan {
        let server = Arc::new(Settings::plain("127.0.0.1", sink.port()));
        Plan { server, connections, transactions_per_connection: 0 }
    }

    fn jobs(count: usize) -> impl Iterator<Item = Result<Job, Infallible>> {
        let data = Arc::new(quote_message(b"Subject: x\n\n.body\n"));
        (0..count).map(move |index| {
            Ok(Job {
                index,
                sender: b"<l-bounces@example.com>".to_vec(),
                recipients: vec![quote_address(format!("u{index}@example.org").as_bytes())],
                data: Arc::clone(&data),
                size: 18,
            })
        })
    }

    /// Runs the jobs; the texts of what failed, by index, in the order of the reports.
    fn run(plan: &Plan, count: usize) -> Vec<(usize, Option<String>)> {
        let mut reports = Vec::new();
        let report = |index, outcome: Outcome| reports.push((index, outcome.err().map(|e| e.to_string())));
        let Ok(()) = deliver(plan, jobs(count), &|_, _| (), report);
        reports
    }

    fn recipients(received: &[Received]) -> Vec<String> {
        let mut all: Vec<String> = received.iter().flat_map(|r| r.recipients.clone()).collect();
        all.sort();
        all
    }

    #[test]
    fn everybody_is_served_once_and_reported_in_order() {
        let sink = Sink::start(Answers::friendly()).unwrap();
        let reports = run(&plan(&sink, 4), 200);
        assert_eq!(reports, (0..200).map(|i| (i, None)).collect::<Vec<_>>());
        let mut wanted: Vec<String> = (0..200).map(|i| format!("u{i}@example.org")).collect();
        wanted.sort();
        let received = sink.received();
        assert_eq!(recipients(&received), wanted);
        assert_eq!(received[7].data.as_deref(), Some(&b"Subject: x\r\n\r\n.body\r\n"[..]));
        assert!((2..=4).contains(&sink.connections()), "{}", sink.connections());
    }

    /// The sink does not answer the first message; the other connections get as far as their text, but not to its end.
    #[test]
    fn one_chunk_at_most_is_in_doubt() {
        let sink = Sink::start(Answers { hold: true, ..Answers::friendly() }).unwrap();
        let plan = plan(&sink, 3);
        let chunks = jobs(4).map(|job| job.map(|job| Job { recipients: [&job.recipients[..]; 2].concat(), ..job }));
        thread::scope(|scope| {
            let delivery = scope.spawn(|| deliver(&plan, chunks, &|_, _| (), |_, _| ()));
            sink.wait_for_held(1);
            sink.release(1); // the first transaction has the only connection
            sink.wait_for_commands(4, "data");
            sink.wait_for_held(1);
            assert_eq!(sink.held(), 1);
            sink.set_answers(Answers::friendly());
            sink.release(1);
            let Ok(Ok(())) = delivery.join() else { panic!("the delivery failed") };
        });
        assert_eq!(sink.received().len(), 4);
    }

    /// The sink hangs up after its third message, when the fourth envelope is on its way: all jobs are made by then.
    #[test]
    fn an_envelope_that_got_lost_is_sent_anew() {
        let answers = Answers { cut_after: Some(3), ..Answers::friendly() };
        let sink = Sink::start(Answers { hold: true, ..answers.clone() }).unwrap();
        let (plan, (made, all_made)) = (plan(&sink, 1), std::sync::mpsc::channel());
        let mut jobs = jobs(6);
        let told = std::iter::from_fn(move || jobs.next().or_else(|| made.send(()).ok().and(None)));
        thread::scope(|scope| {
            let delivery = scope.spawn(|| {
                let Ok(()) =
                    deliver(&plan, told, &|_, _| (), |index, outcome| assert_eq!(outcome, Ok(vec![]), "{index}"));
            });
            sink.wait_for_held(1);
            sink.release(1);
            all_made.recv().unwrap();
            sink.set_answers(answers);
            sink.release(1);
            delivery.join().unwrap();
        });
        let wanted: Vec<String> = (0..6).map(|i| format!("u{i}@example.org")).collect();
        assert_eq!((recipients(&sink.received()), sink.connections()), (wanted, 2));
    }

    #[test]
    fn what_is_said_of_one_message_does_not_touch_the_next() {
        let mut answers = Answers::friendly();
        answers.refuse_recipient.insert("u3@example.org".into(), "550 5.1.1 nobody".into());
        let sink = Sink::start(answers.clone()).unwrap();
        let failed: Vec<usize> =
            run(&plan(&sink, 1), 8).into_iter().filter(|(_, e)| e.is_some()).map(|(i, _)| i).collect();
        assert_eq!((failed, sink.received().iter().filter(|r| r.data.is_some()).count()), (vec![3], 7));
        sink.set_answers(Answers { refuse_message: Some("554 5.7.1 no".into()), ..answers });
        let said: Vec<String> = run(&plan(&sink, 1), 3).into_iter().filter_map(|(_, error)| error).collect();
        assert_eq!(said, ["(554, '5.7.1 no')"; 3]);
    }

    #[test]
    fn one_connection_when_one_is_asked_for() {
        let sink = Sink::start(Answers::friendly()).unwrap();
        run(&plan(&sink, 1), 20);
        assert_eq!(sink.connections(), 1);
    }

    #[test]
    fn the_dialogue_is_smtplibs() {
        let sink = Sink::start(Answers { extensions: vec!["SIZE".into()], ..Answers::default() }).unwrap();
        run(&plan(&sink, 1), 1);
        let wanted = [
            "ehlo localhost.localdomain",
            "mail FROM:<l-bounces@example.com> size=18",
            "rcpt TO:<u0@example.org>",
            "data",
            "quit",
        ];
        assert_eq!(sink.commands(), wanted);
    }

    #[test]
    fn helo_where_ehlo_is_unknown() {
        let sink = Sink::start(Answers::default()).unwrap();
        assert_eq!(run(&plan(&sink, 1), 1), [(0, None)]);
        assert_eq!(
            sink.commands()[..3],
            ["ehlo localhost.localdomain", "helo localhost.localdomain", "mail FROM:<l-bounces@example.com>"]
        );
    }

    /// Seen in Python: the object that could not connect fails once more before the next attempt.
    #[test]
    fn a_server_that_is_down_is_logged_as_in_python() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Arc::new(Settings::plain("127.0.0.1", port));
        let reports = run(&Plan { server, connections: 8, transactions_per_connection: 0 }, 4);
        let refused = Some("[Errno 111] Connection refused".to_owned());
        let never = Some("please run connect() first".to_owned());
        assert_eq!(reports, [(0, refused.clone()), (1, never.clone()), (2, refused), (3, never)]);
    }

    #[test]
    fn a_server_that_closes_at_once() {
        let sink = Sink::start(Answers { greeting: Some("421 4.3.2 closing".into()), ..Answers::default() }).unwrap();
        let closed = Some("Connection unexpectedly closed".to_owned());
        assert_eq!(run(&plan(&sink, 8), 2), [(0, closed.clone()), (1, closed)]);
    }

    #[test]
    fn refusals_of_single_recipients_and_of_all() {
        for extensions in [vec!["8BITMIME".to_owned()], vec!["PIPELINING".to_owned()]] {
            let mut answers = Answers { extensions, ..Answers::default() };
            answers.refuse_recipient.insert("u1@example.org".into(), "550 5.1.1 nobody".into());
            let sink = Sink::start(answers).unwrap();
            let mut job = jobs(1).next().unwrap().unwrap();
            job.recipients.push(b"<u1@example.org>".to_vec());
            let mut outcomes = Vec::new();
            let both = [Ok(job.clone()), Ok(Job { index: 1, recipients: job.recipients[1..].to_vec(), ..job })];
            let Ok::<(), Infallible>(()) =
                deliver(&plan(&sink, 1), both.into_iter(), &|_, _| (), |_, o| outcomes.push(o));
            let refusal = |nth| Refusal { nth, reply: reply(550, "5.1.1 nobody") };
            assert_eq!(outcomes, [Ok(vec![refusal(1)]), Err(SmtpError::AllRefused(vec![refusal(0)]))]);
            assert_eq!(sink.commands().iter().filter(|c| *c == "rset").count(), 1);
        }
    }

    fn reply(code: i32, text: &str) -> crate::delivery::smtp::Reply {
        crate::delivery::smtp::Reply { code, text: text.as_bytes().to_vec() }
    }

    #[test]
    fn refused_senders_and_messages_name_the_command() {
        use crate::delivery::smtp::Command;
        let friendly = Answers::friendly();
        let sender = [("*".to_owned(), "550 5.7.1 not you".to_owned())].into_iter().collect();
        for (answers, command, code, text) in [
            (Answers { refuse_sender: sender, ..friendly.clone() }, Command::Mail, 550, "5.7.1 not you"),
            (
                Answers { refuse_data: Some("451 4.3.0 not now".into()), ..friendly.clone() },
                Command::Data,
                451,
                "4.3.0 not now",
            ),
            (
                Answers { refuse_message: Some("554 5.7.1 bad".into()), ..friendly.clone() },
                Command::Data,
                554,
                "5.7.1 bad",
            ),
        ] {
            let sink = Sink::start(answers).unwrap();
            let mut outcomes = Vec::new();
            let Ok(()) = deliver(&plan(&sink, 1), jobs(1), &|_, _| (), |_, o| outcomes.push(o));
            assert_eq!(outcomes, [Err(SmtpError::Refused { command, reply: reply(code, text) })]);
        }
    }

    #[test]
    fn a_cut_connection_is_opened_again() {
        let sink = Sink::start(Answers { cut_after: Some(1), ..Answers::friendly() }).unwrap();
        let reports = run(&plan(&sink, 1), 4);
        let good = reports.iter().filter(|(_, error)| error.is_none()).count();
        assert_eq!((reports.len(), good), (4, 2));
        assert_eq!(sink.connections(), 2);
    }

    #[test]
    fn a_connection_has_only_so_many_transactions() {
        let sink = Sink::start(Answers::friendly()).unwrap();
        let plan = Plan { transactions_per_connection: 3, ..plan(&sink, 1) };
        assert!(run(&plan, 7).iter().all(|(_, error)| error.is_none()));
        assert_eq!(sink.connections(), 3);
    }

    #[test]
    fn a_job_that_cannot_be_made_ends_the_delivery_after_those_before_it() {
        let sink = Sink::start(Answers::friendly()).unwrap();
        let broken = jobs(5).map(|job| job.map_err(|e| match e {})).chain(std::iter::once(Err("broken")));
        let mut seen = Vec::new();
        assert_eq!(deliver(&plan(&sink, 3), broken, &|_, _| (), |index, _| seen.push(index)), Err("broken"));
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    }
}
