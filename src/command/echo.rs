//! `echo`: the arguments come back. Mailman/Commands/cmd_echo.py.

use super::{Session, Step, Words};
use crate::error::HandlerError;

pub fn process(session: &mut Session<'_, '_>, arguments: Words) -> Result<Step, HandlerError> {
    session.push([&b"echo "[..], &arguments.joined()].concat());
    Ok(Step::Stop)
}
