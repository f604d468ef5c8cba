//! `mailman`, as Mailman's mail/mailman: a mail on standard input for a list.

use super::Call;
use crate::intake::wrapper;

/// Runs the command.
pub fn run(call: &Call) -> i32 {
    i32::from(wrapper::run(&call.given))
}
