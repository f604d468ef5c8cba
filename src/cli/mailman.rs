//! `mailman`, as Mailman's mail/mailman: a mail on standard input for a list.

use super::describe::word;
use super::Call;
use crate::intake::wrapper;

/// The arguments of `mailman`.
pub fn command() -> clap::Command {
    clap::Command::new("mailman")
        .about("Accept a mail for a list, as the mail server's aliases do")
        .long_about(
            "Accept a mail on standard input for a list. The mail server's aliases call this, as a program of its own \
             with the set-group-id bit that checks the group of its caller.",
        )
        .args([
            word("KIND", "post, request, bounces, owner, admin, confirm, join, leave, subscribe or unsubscribe")
                .required(true),
            word("LIST", "The list").required(true),
        ])
        .after_long_help(
            "Exit status: 0 when the mail is on disk; 75 for what an operator can repair, after which the mail server \
             tries again; 67 or 64 for what never becomes right.",
        )
}

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    i32::from(wrapper::run(&call.given))
}
