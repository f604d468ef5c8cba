//! The pipeline beside the original: generated lists with generated options, generated messages, one site for each of
//! both programs. What is needed and which variables steer it is told in tests/support/beside.rs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/beside.rs"]
mod beside;

use beside::{compare, differences, Plan, Step};

/// Posts come in; the original's code decides about those that were held, and they come in again; notices go out. Some
/// 15 seconds a seed and version: enough messages for a digest to come about, enough lists for every option to be met.
const POSTS: Plan = Plan {
    make: "make",
    seeds: &[3, 5, 7, 8],
    lists: 40,
    messages: 300,
    steps: &[
        Step { runner: "IncomingRunner", queue: "in", then: "decide" },
        Step { runner: "IncomingRunner", queue: "in", then: "decide" },
        Step { runner: "VirginRunner", queue: "virgin", then: "decide" },
    ],
};

#[test]
fn generated_posts_leave_what_the_original_leaves() {
    compare(&POSTS);
}

#[test]
fn a_difference_is_told_by_the_lines_that_differ() {
    let told = differences("a 1\nx\ny\n\nb\nz\n\nsame\n", "a 1\nx\nq\n\nsame\n\nc\nnew\n");
    assert_eq!(told, ["a 1\n  - y\n  + q\n", "b\n  - z\n", "c\n  + new\n"]);
    assert!(differences("a\nx\n\nb\n", "b\n\na\nx\n").is_empty());
    assert_eq!(differences("a\n\na\n", "a\n").len(), 1);
}
