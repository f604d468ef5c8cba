//! How fast the SMTP client is, without the rest: `smtp_bench HOST:PORT MESSAGES RECIPIENTS CONNECTIONS`.
//!
//! It sends MESSAGES messages of 2 KB to RECIPIENTS recipients each, for example to Postfix's `smtp-sink`, and prints
//! what `smtp-source` would be asked for: deliveries a second. See docs/performance.md.

use mailman2::delivery::session::{deliver, Job, Outcome, Plan};
use mailman2::delivery::smtp::{quote_address, quote_message, Settings};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, messages, recipients, connections] = arguments.as_slice() else {
        return Err("usage: smtp_bench HOST:PORT MESSAGES RECIPIENTS CONNECTIONS".into());
    };
    let (messages, recipients): (usize, usize) = (messages.parse()?, recipients.parse()?);
    let plan = Plan {
        server: Arc::new(Settings::plain(server, 0)),
        connections: connections.parse()?,
        transactions_per_connection: 0,
    };
    let start = Instant::now();
    let mut failures = 0;
    let count = |_, outcome: Outcome| failures += usize::from(!matches!(outcome, Ok(refused) if refused.is_empty()));
    let Ok(()) = deliver(&plan, jobs(messages, recipients), &|_, _| (), count);
    let seconds = start.elapsed().as_secs_f64();
    let deliveries = (messages * recipients) as f64;
    println!("{deliveries} deliveries in {seconds:.3} s: {:.0}/s, {failures} failures", deliveries / seconds);
    Ok(())
}

/// Every message is rendered on its own, as for personalised delivery.
fn jobs(messages: usize, recipients: usize) -> impl Iterator<Item = Result<Job, Infallible>> {
    let text = format!("From: a@example.org\nSubject: x\n\n{}", "0123456789 0123456789 0123456789\n".repeat(60));
    (0..messages).map(move |index| {
        Ok(Job {
            index,
            sender: b"<bench-bounces@example.com>".to_vec(),
            recipients: (0..recipients)
                .map(|r| quote_address(format!("u{index}-{r}@example.org").as_bytes()))
                .collect(),
            data: Arc::new(quote_message(text.as_bytes())),
            size: text.len(),
        })
    })
}
