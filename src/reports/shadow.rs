//! A day of watching as a page.

use super::{figures, named, page, Mood};
use crate::shadow::{cut, Case, Day};
use maud::{html, Markup};

/// The page.
pub fn shadow(day: &Day) -> String {
    let (mood, verdict) = match (day.different, day.equal) {
        (0, 0) => (Mood::Risk, "Nothing was compared yet.".to_string()),
        (0, equal) => (Mood::Good, format!("{equal} entries, and ours did with each what Python did.")),
        (different, _) => (Mood::Bad, format!("{different} entries came out differently: look at them below.")),
    };
    let rows = [
        ("Entries seen", day.seen),
        ("Equal", day.equal),
        ("Different", day.different),
        ("Could not be compared", day.unclear.len()),
        ("Not tried, as too many came at once", day.skipped),
    ];
    let rows: Vec<(String, String)> = rows.map(|(name, count)| (name.to_string(), count.to_string())).to_vec();
    let body = html! {
        (figures(&rows))
        @for case in &day.cases { (one(case)) }
        @if !day.unclear.is_empty() { h2 { "Could not be compared" } (named(&day.unclear)) }
    };
    page(&format!("Beside Python on {}", day.date), mood, &verdict, &body)
}

fn one(case: &Case) -> Markup {
    html! {
        h2 { code { (case.entry) } " (list " (case.list) ", " (case.message_id) ")" }
        table {
            tr { th { "What" } th { "Python" } th { "Ours" } }
            @for difference in &case.differences {
                tr {
                    td { (difference.what) }
                    td { pre { (cut(&difference.python)) } }
                    td { pre { (cut(&difference.ours)) } }
                }
            }
        }
    }
}
