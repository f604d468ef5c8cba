//! `mailmanctl`.

use super::Call;

/// Runs the command.
pub fn run(_call: &Call) -> i32 {
    1
}
