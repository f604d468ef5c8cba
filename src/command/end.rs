//! `end` and `stop`: what follows is no command. Mailman/Commands/cmd_end.py.

use super::{Session, Step};
use crate::error::HandlerError;
use compat::ByteStr;

pub const HELP: &str = "
    end
        Stop processing commands.  Use this if your mail program automatically
        adds a signature file.
";

pub fn process(_session: &mut Session<'_, '_>, _arguments: Vec<ByteStr>) -> Result<Step, HandlerError> {
    Ok(Step::Stop)
}
