//! A rehearsal as a page.

use super::{figures, named, page, Mood};
use crate::rehearse::{silent, Rehearsal};
use maud::html;
use migration::survey::size;

/// The page.
pub fn rehearsal(home: &str, rehearsal: &Rehearsal) -> String {
    let is_accounted = rehearsal.account.is_complete(&silent());
    let (mood, verdict) = match (rehearsal.is_good(), is_accounted) {
        (true, _) => (Mood::Good, "All went well: the queued mail was worked off, and nothing was lost."),
        (false, true) => (Mood::Risk, "No message was lost; look at what is named below before the switch."),
        (false, false) => (Mood::Bad, "Messages are not accounted for: do not switch before it is known why."),
    };
    let stuck: Vec<String> = rehearsal
        .stuck
        .iter()
        .map(|stuck| {
            format!(
                "{} (list {}): {}",
                stuck.entry,
                stuck.about.list,
                stuck.reason.as_deref().unwrap_or("no reason known")
            )
        })
        .collect();
    let missing: Vec<String> = rehearsal
        .account
        .missing
        .iter()
        .map(|(record, _)| format!("{}/{} (list {}, {})", record.queue, record.file, record.list, record.message_id))
        .collect();
    let sent = [
        ("Messages".to_string(), rehearsal.messages.to_string()),
        ("Recipients".to_string(), rehearsal.recipients.to_string()),
        ("Bytes".to_string(), size(rehearsal.bytes as u64)),
        ("Seconds".to_string(), rehearsal.took.as_secs().to_string()),
        ("Held for moderators, before and after".to_string(), format!("{} and {}", rehearsal.held.0, rehearsal.held.1)),
    ];
    let senders: Vec<(String, String)> =
        rehearsal.senders.iter().map(|(sender, count)| (sender.clone(), count.to_string())).collect();
    let body = html! {
        h2 { "What to do" }
        @if rehearsal.is_good() { p { "Nothing. Mail that could not be worked off here waits for its time, or for Python." } }
        @if rehearsal.was_ended { p { "The limit of time ended it; try again with a longer one." } }
        @if !stuck.is_empty() { h2 { "Set aside" } p class="advice" { "These would be in shunt or bad after the switch." } (named(&stuck)) }
        @if !missing.is_empty() { h2 { "Not accounted for" } (named(&missing)) }
        h2 { "What would be sent" }
        (figures(&sent))
        (figures(&senders))
        h2 { "Queues" }
        table {
            tr { th { "Queue" } th.number { "Before" } th.number { "After" } }
            @for (name, before, after) in &rehearsal.queues {
                tr { td { (name) } td.number { (before) } td.number { (after) } }
            }
        }
        @if !rehearsal.errors.is_empty() { h2 { "The error log would say" } (named(&rehearsal.errors)) }
    };
    page(&format!("Rehearsal of the switch of {home}"), mood, verdict, &body)
}
