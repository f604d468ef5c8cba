//! The pipeline beside the original: generated lists with generated options, generated messages, one site for each of
//! both programs. Held posts are decided about by mail and by a moderator, and in one test by the program that does not
//! hold them. What is needed and which variables steer it is described in tests/support/comparison.rs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/comparison.rs"]
mod comparison;

use comparison::{compare, differences, Plan, Step, Turns};

/// Posts come in; answers to the notices of held ones are read; the original's code decides about the others; what was
/// let through comes in again; notices are made; all goes out.
const STEPS: &[Step] = &[
    Step { runner: "IncomingRunner", queue: "in", then: "answer" },
    Step { runner: "CommandRunner", queue: "commands", then: "decide" },
    Step { runner: "IncomingRunner", queue: "in", then: "decide" },
    Step { runner: "VirginRunner", queue: "virgin", then: "decide" },
    Step { runner: "OutgoingRunner", queue: "out", then: "decide" },
];

/// Some 15 seconds a seed and version: enough messages for a digest to come about, enough lists for every option to be
/// met. From seed 500 on most bodies want to break something, from 1000 on lists, settings and messages are odd.
const POSTS: Plan = Plan {
    make: "make",
    seeds: &[3, 5, 7, 8, 51, 216, 500, 1001],
    lists: 40,
    messages: 300,
    steps: STEPS,
    turns: &[Turns::Ours],
};

/// What one program holds, the other one's command runner lets through, throws away or gives back, and either goes on
/// with what was let through. A site with many held posts.
const IN_TURN: Plan = Plan {
    make: "make",
    seeds: &[7],
    lists: 15,
    messages: 120,
    steps: STEPS,
    turns: &[Turns::OursFirst, Turns::TheirsFirst],
};

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn generated_posts_leave_what_the_original_leaves() {
    compare(&POSTS);
}

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn either_program_decides_about_what_the_other_holds() {
    compare(&IN_TURN);
}

#[test]
fn a_difference_is_told_by_the_lines_that_differ() {
    let told = differences("a 1\nx\ny\n\nb\nz\n\nsame\n", "a 1\nx\nq\n\nsame\n\nc\nnew\n");
    assert_eq!(told, ["a 1\n  - y\n  + q\n", "b\n  - z\n", "c\n  + new\n"]);
    assert!(differences("a\nx\n\nb\n", "b\n\na\nx\n").is_empty());
    assert_eq!(differences("a\n\na\n", "a\n").len(), 1);
}

/// What the original is taught (tests/reference/deliberate.py) is a difference that the documentation tells of.
#[test]
fn what_the_original_is_taught_is_documented() {
    let taught = include_str!("reference/deliberate.py");
    let rows = include_str!("../docs/differences.md");
    let named = taught.lines().filter_map(|line| line.strip_prefix("    \"\"\"")?.strip_suffix("\"\"\""));
    let (known, unknown): (Vec<_>, Vec<_>) = named.skip(1).partition(|name| rows.contains(&format!("\n| {name}")));
    assert_eq!((unknown, known.len()), (vec![], 7));
}
