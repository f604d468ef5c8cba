//! Where two outcomes of one entry differ.

use super::outcome::Outcome;
use std::collections::BTreeSet;

/// So much of what is alike is shown before a difference.
const CONTEXT: usize = 1_000;

/// One difference, with both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs: a queue, an attribute of the list, ...
    pub what: String,
    pub python: String,
    pub ours: String,
}

/// What differs between them.
pub fn differences(python: &Outcome, ours: &Outcome) -> Vec<Difference> {
    let mut found = Vec::new();
    let queues: BTreeSet<&String> = python.entries.iter().chain(&ours.entries).map(|(queue, _)| queue).collect();
    for queue in queues {
        let of = |side: &Outcome| -> Vec<String> {
            side.entries.iter().filter(|(name, _)| name == queue).map(|(_, text)| text.clone()).collect()
        };
        pairs(&format!("queue {queue}"), &of(python), &of(ours), &mut found);
    }
    pairs("held post", &python.held, &ours.held, &mut found);
    let names: BTreeSet<&String> = python.list.keys().chain(ours.list.keys()).collect();
    for name in names {
        let of = |side: &Outcome| side.list.get(name).cloned().unwrap_or_else(|| "missing".to_string());
        one(&format!("list's {name}"), of(python), of(ours), &mut found);
    }
    pairs("pending", &python.pending, &ours.pending, &mut found);
    pairs("request", &python.requests, &ours.requests, &mut found);
    one("digest", python.digest.clone(), ours.digest.clone(), &mut found);
    one("mbox of the archive", python.mbox.clone(), ours.mbox.clone(), &mut found);
    pairs("log", &python.log, &ours.log, &mut found);
    found
}

fn one(what: &str, python: String, ours: String, found: &mut Vec<Difference>) {
    if python != ours {
        let (python, ours) = from_the_difference(python, ours);
        found.push(Difference { what: what.to_string(), python, ours });
    }
}

/// Long texts that begin alike are shown from some lines before they differ.
fn from_the_difference(python: String, ours: String) -> (String, String) {
    let alike = python.bytes().zip(ours.bytes()).take_while(|(a, b)| a == b).count();
    let before = python.as_bytes().get(..alike.saturating_sub(CONTEXT)).unwrap_or_default();
    match memchr::memrchr(b'\n', before) {
        Some(at) if python.is_char_boundary(at + 1) && ours.is_char_boundary(at + 1) => {
            let rest = |text: &str| format!("...\n{}", text.get(at + 1..).unwrap_or_default());
            (rest(&python), rest(&ours))
        }
        _ => (python, ours),
    }
}

/// What only one side has, each with the one that stands in its place on the other.
fn pairs(what: &str, python: &[String], ours: &[String], found: &mut Vec<Difference>) {
    let (mut left, mut right) = (python.to_vec(), ours.to_vec());
    left.retain(|text| match right.iter().position(|other| other == text) {
        Some(at) => {
            right.remove(at);
            false
        }
        None => true,
    });
    for at in 0..left.len().max(right.len()) {
        let of = |side: &[String]| side.get(at).cloned().unwrap_or_else(|| "nothing".to_string());
        one(what, of(&left), of(&right), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shown_where_they_differ() {
        let text = |end: &str| format!("{}{end}", "line\n".repeat(2000));
        let mut found = Vec::new();
        one("digest", text("a\n"), text("b\n"), &mut found);
        assert!(found[0].python.starts_with("...\nline\n") && found[0].python.ends_with("line\na\n"));
        assert!(found[0].ours.len() < 2 * CONTEXT && found[0].ours.ends_with("line\nb\n"));
    }

    #[test]
    fn what_both_have_is_no_difference() {
        let entry = |queue: &str, text: &str| (queue.to_string(), text.to_string());
        let python = Outcome { entries: vec![entry("archive", "a"), entry("out", "x")], ..Outcome::default() };
        let mut ours = python.clone();
        assert!(differences(&python, &ours).is_empty());
        ours.entries = vec![entry("archive", "a"), entry("out", "y"), entry("virgin", "z")];
        ours.list.insert("post_id".to_string(), "2".to_string());
        let found = differences(&python, &ours);
        let shown: Vec<(&str, &str, &str)> =
            found.iter().map(|one| (&one.what[..], &one.python[..], &one.ours[..])).collect();
        assert_eq!(
            shown,
            [("queue out", "x", "y"), ("queue virgin", "nothing", "z"), ("list's post_id", "missing", "2")]
        );
    }
}
