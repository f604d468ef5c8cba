//! Commands by mail beside the original: generated lists, memberships and waiting requests, generated command mails and
//! confirmations, one site for each of both programs. What is needed and which variables steer it is described in
//! tests/support/comparison.rs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/comparison.rs"]
mod comparison;

use comparison::{compare, Plan, Step, Turns};

/// Commands come in; everybody who was asked to confirm something does, and a moderator decides about what waits, by
/// the original's code; more commands come in; notices go out. Some 20 seconds a seed and version.
const COMMANDS: Plan = Plan {
    make: "make_commands",
    seeds: &[1, 2, 500],
    lists: 24,
    messages: 240,
    steps: &[
        Step { runner: "CommandRunner", queue: "commands", then: "reply" },
        Step { runner: "CommandRunner", queue: "commands", then: "reply" },
        Step { runner: "CommandRunner", queue: "commands", then: "decide" },
        Step { runner: "VirginRunner", queue: "virgin", then: "decide" },
    ],
    turns: &[Turns::Ours],
};

#[test]
#[ignore = "needs a Python 2 and an installed Mailman"]
fn generated_commands_leave_what_the_original_leaves() {
    compare(&COMMANDS);
}
