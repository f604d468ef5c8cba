//! What `verify` found, as a page.

use super::{figures, named, page, Mood};
use maud::html;
use migration::verify::{Account, Fate, Outcome};

/// The page of a check of every pickle.
pub fn outcome(home: &str, outcome: &Outcome) -> String {
    let (mood, verdict) = match outcome.is_good() {
        true => (
            Mood::Good,
            "Good: every pickle is understood by two readers, and would be written back with the same values.",
        ),
        false => {
            (Mood::Bad, "Not good: leave the files that are named to Python until it is known what is wrong with them.")
        }
    };
    let body = html! {
        h2 { "What to do" }
        @if outcome.is_good() { p { "Nothing." } }
        @for (what, advice, files) in [
            ("Can't be read", "Python can't either, or this program is at fault: compare with bin/dumpdb.", &outcome.unreadable),
            ("Differ", "The two readers see other values, or one would come back changed: do not switch; report it.", &outcome.different),
            ("Not confirmed", "Only the first reader takes them. Look at what the second says.", &outcome.unconfirmed),
        ] {
            @if !files.is_empty() {
                h2 { (what) ": " (files.len()) }
                p class="advice" { (advice) }
                (named(files))
            }
        }
        h2 { "Figures" }
        (figures(&[
            ("Files".to_string(), outcome.files.to_string()),
            ("Pickles".to_string(), outcome.pickles.to_string()),
            ("The same to the byte when written again".to_string(), outcome.identical.to_string()),
        ]))
    };
    page(&format!("Pickles of {home}"), mood, verdict, &body)
}

/// The page of a manifest compared with the site.
pub fn account(home: &str, account: &Account, excused: &[String]) -> String {
    let (mood, verdict) = match (account.is_complete(excused), account.missing.len()) {
        (true, 0) => (Mood::Good, "Nothing was lost: every message of the manifest is accounted for.".to_string()),
        (true, count) => {
            (Mood::Risk, format!("{count} messages went without a proof, all in queues that were excused."))
        }
        (false, count) => (Mood::Bad, format!("{count} messages are NOT accounted for.")),
    };
    let missing: Vec<String> = account
        .missing
        .iter()
        .map(|(record, fate)| {
            let what = if *fate == Fate::Altered { "holds another message now" } else { "is gone without a proof" };
            format!("{}/{} {what} (list {}, {})", record.queue, record.file, record.list, record.message_id)
        })
        .collect();
    let mut rows = vec![
        ("Messages in the manifest".to_string(), account.messages.to_string()),
        ("Where they were".to_string(), account.there.to_string()),
    ];
    rows.extend(account.moved.iter().map(|((from, to), count)| (format!("From {from} to {to}"), count.to_string())));
    rows.extend(account.proved.iter().map(|(queue, count)| (format!("Left {queue}, each proved"), count.to_string())));
    let body = html! {
        h2 { "What to do" }
        @if missing.is_empty() { p { "Nothing." } }
        @else {
            p class="advice" { "Look for these in the logs and in qfiles/shunt and qfiles/bad. The runners of bounces, commands and news \
                log no message ids: such messages may be excused (--excuse QUEUE)." }
            (named(&missing))
        }
        h2 { "Figures" }
        (figures(&rows))
        @if let Some(example) = &account.example { p class="small" { "A proof, for instance: " code { (example) } } }
    };
    page(&format!("Messages of {home}"), mood, &verdict, &body)
}
