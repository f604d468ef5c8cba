//! `echo`: the arguments come back. Mailman/Commands/cmd_echo.py.

use super::{Session, Step};
use crate::error::HandlerError;
use compat::ByteStr;

pub fn process(session: &mut Session<'_, '_>, arguments: Vec<ByteStr>) -> Result<Step, HandlerError> {
    session.push([&b"echo "[..], &arguments.join(&b" "[..])].concat());
    Ok(Step::Stop)
}
