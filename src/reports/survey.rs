//! A survey as a page.

use super::{page, Mood};
use maud::{html, Markup};
use migration::survey::{duration, size, Finding, Level, Survey};

/// More lists are summed up.
const LISTS_SHOWN: usize = 200;

/// The page.
pub fn survey(survey: &Survey) -> String {
    let (mood, verdict) = match survey.exit_code() {
        0 => (Mood::Good, "Ready: nothing was found that speaks against the switch."),
        1 => (Mood::Risk, "Ready, with risks: read what is said below, and decide."),
        _ => (Mood::Bad, "Not ready: mend what says STOP, or accept it by its word (switch --accept WORD)."),
    };
    let body = html! {
        h2 { "What to do" }
        @if survey.findings.is_empty() { p { "Nothing." } }
        @else { (findings(&survey.findings)) }
        h2 { "The site" }
        (site(survey))
        h2 { "Queues" }
        (queues(survey))
        h2 { "Lists" }
        (lists(survey))
    };
    page(&format!("Survey of {}", survey.layout.home.display()), mood, verdict, &body)
}

fn findings(findings: &[Finding]) -> Markup {
    html! {
        table {
            tr { th { "" } th { "What is so, and what to do" } th { "Word" } }
            @for finding in findings {
                tr {
                    td { strong { (finding.level.name()) } }
                    td { (finding.text) br; span class="advice" { (finding.advice) } }
                    td { code { (finding.code) } }
                }
            }
        }
        @if findings.iter().any(|finding| finding.level == Level::Stop) {
            p class="small" { "STOP: mail would be handled otherwise than before, or not at all. risk: something may be lost from \
                sight, or go on in Python alone. note: worth knowing." }
        }
    }
}

fn site(survey: &Survey) -> Markup {
    let layout = &survey.layout;
    let python = survey.processes.iter().filter(|process| process.is_python).count();
    let least = survey.disk.iter().min_by_key(|(_, free)| *free);
    let mut rows = vec![
        ("Folder".to_string(), layout.home.display().to_string()),
        ("Mailman".to_string(), layout.version.clone()),
        ("Runners".to_string(), layout.runners.clone()),
        ("Processes of Python".to_string(), python.to_string()),
        ("Processes of ours".to_string(), (survey.processes.len() - python).to_string()),
    ];
    rows.extend(least.map(|(folder, free)| (format!("Free at {}", folder.display()), size(*free))));
    super::figures(&rows)
}

fn queues(survey: &Survey) -> Markup {
    html! {
        table {
            tr { th { "Queue" } @for name in ["Waiting", "In work", "Set aside", "Size", "Oldest"] { th.number { (name) } } }
            @for queue in &survey.queues {
                tr {
                    td { (queue.queue) }
                    td.number { (queue.queued) }
                    td.number { (queue.in_work) }
                    td.number { (queue.set_aside) }
                    td.number { (size(queue.size)) }
                    td.number { @if queue.entries() > 0 { (duration(queue.oldest)) } }
                }
            }
        }
    }
}

fn lists(survey: &Survey) -> Markup {
    let members: usize = survey.lists.iter().map(|list| list.members + list.digest_members).sum();
    html! {
        p { (survey.lists.len()) " lists with " (members) " members." }
        table {
            tr { th { "List" } @for name in ["Members", "Digest", "Requests", "Data version", "Size"] { th.number { (name) } } }
            @for list in survey.lists.iter().take(LISTS_SHOWN) {
                tr {
                    td { (list.name) }
                    td.number { (list.members) }
                    td.number { (list.digest_members) }
                    td.number { (list.requests) }
                    td.number { (list.data_version) }
                    td.number { (size(list.size)) }
                }
            }
        }
        @if survey.lists.len() > LISTS_SHOWN { p class="small" { "and " (survey.lists.len() - LISTS_SHOWN) " more" } }
    }
}
