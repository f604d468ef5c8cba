//! `end` and `stop`: what follows is no command. Mailman/Commands/cmd_end.py.

use super::{Session, Step, Words};
use crate::error::HandlerError;

pub const HELP: &str = "
    end
        Stop processing commands.  Use this if your mail program automatically
        adds a signature file.
";

pub fn process(_session: &mut Session<'_, '_>, _arguments: Words) -> Result<Step, HandlerError> {
    Ok(Step::Stop)
}
