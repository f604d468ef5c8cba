//! The site's own Python: handlers, commands and `extend.py`, run by the Python 2 that runs the site's Mailman.
//!
//! A small script of ours (`helper.py`) is started for each message. It gets the message, the metadata and the list as
//! pickles, lets Mailman's own classes work on them, and sends them back. A handler works under our lock of the list, and
//! what it changes is saved by us with everything else; where the whole list needs Python (`extend.py`) or a command
//! does, Python's own runner class does the whole entry. Where there is no Python 2, nothing of this runs and the mail
//! waits in its queue, as it always did.
//!
//! The child has a limit of time and of output; one that fails costs its message a shunt with the traceback.

mod child;
mod request;
pub mod withlist;

use crate::error::HandlerError;
use compat::email::Message;
use compat::queue::{EntryMessage, Metadata};
use compat::site::{settings, Site};
use compat::value::Value;
use compat::ByteStr;
pub use request::{Outcome, Request, Verb};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

/// Why the site's Python did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// There is none to ask.
    #[error("no Python 2 is installed that could run it")]
    NoPython,
    /// It could not be started, or not be spoken to.
    #[error("the site's Python: {0}")]
    Io(#[from] std::io::Error),
    /// It took too long.
    #[error("the site's Python was ended after {0} seconds")]
    TimedOut(u64),
    /// It ended before it had answered.
    #[error("the site's Python failed: {0}")]
    Failed(String),
    /// What it sent back is no answer.
    #[error("the site's Python sent back what cannot be read: {0}")]
    Unreadable(#[source] Box<dyn std::error::Error>),
    /// An exception in the site's code: its last line, and the rest of the traceback.
    #[error("{last}")]
    Raised { last: String, source: Box<dyn std::error::Error> },
}

/// A traceback, as the cause of an error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Traceback(String);

thread_local! {
    /// Which programs are a Python 2. They are asked once.
    static KNOWN: RefCell<HashMap<PathBuf, bool>> = RefCell::default();
}

/// The site's Python 2, if there is one.
pub fn python(site: &Site) -> Option<PathBuf> {
    let own = site.settings.path(settings::MAILMAN2_RS_PYTHON);
    let path = if own.as_os_str().is_empty() { site.settings.path(settings::PYTHON) } else { own };
    let is_one = KNOWN.with_borrow_mut(|known| match known.get(&path) {
        Some(&is_one) => is_one,
        None => {
            let is_one = child::is_python2(&path);
            known.insert(path.clone(), is_one);
            is_one
        }
    });
    is_one.then_some(path)
}

/// Lets Python's runner of this class do a whole entry.
///
/// # Errors
/// It raised, or it could not be run; message and metadata are then what is to be shunted.
pub fn entry(
    site: &Site,
    runner: &str,
    message: EntryMessage,
    metadata: &mut Metadata,
    shunted: &mut Option<Message>,
) -> Result<(), BridgeError> {
    let request = Request {
        verb: Verb::Entry,
        name: runner.into(),
        list: metadata.str("listname").unwrap_or_default(),
        language: ByteStr::default(),
        attributes: Value::None,
        message,
        metadata: metadata.clone(),
    };
    let answer = request.send(site)?;
    match &answer.outcome {
        Outcome::Raised(traceback) => {
            *shunted = Some(answer.message()?);
            *metadata = answer.metadata.clone();
            Err(raised(traceback))
        }
        _ => Ok(()),
    }
}

/// An exception is known by its last line, as `ValueError: no such thing`.
pub fn raised(traceback: &[u8]) -> BridgeError {
    let text = String::from_utf8_lossy(traceback).trim_end().to_owned();
    let last = text.lines().last().unwrap_or("an exception without a text").to_owned();
    BridgeError::Raised { last, source: Box::new(Traceback(text)) }
}

/// The error as a handler reports it.
pub fn cause(error: BridgeError) -> HandlerError {
    HandlerError::Cause(Box::new(error))
}

#[cfg(test)]
mod tests;
