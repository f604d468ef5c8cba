//! What is sent to the helper and what comes back: pickles one after the other.

use super::{child, python, BridgeError};
use compat::email::Message;
use compat::pickle::{self, Protocol};
use compat::queue::{EntryMessage, Metadata};
use compat::site::{own, settings, Site};
use compat::value::{Dict, Value};
use compat::ByteStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// What the helper is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Run a handler.
    Handler,
    /// Do a whole entry.
    Entry,
}

/// One request.
pub struct Request {
    pub verb: Verb,
    /// The handler, or the class of the runner.
    pub name: ByteStr,
    pub list: ByteStr,
    pub language: ByteStr,
    /// The list's attributes, for a handler.
    pub attributes: Value,
    pub message: EntryMessage,
    pub metadata: Metadata,
}

/// How it went.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Continue,
    Discard,
    Hold,
    /// With the notice as the exception had it.
    Reject(ByteStr),
    /// With the traceback.
    Raised(ByteStr),
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub outcome: Outcome,
    message: Value,
    pub metadata: Metadata,
    /// Attributes of the list that are new or different.
    pub changed: Dict,
    /// Names of attributes that are gone.
    pub gone: Vec<Value>,
}

impl Request {
    /// Runs the helper.
    ///
    /// # Errors
    /// No Python, one that failed or took too long, or code of the site's that raised something.
    pub fn send(&self, site: &Site) -> Result<Answer, BridgeError> {
        let python = python(site).ok_or(BridgeError::NoPython)?;
        let seconds = own::int(&site.settings, settings::MAILMAN2_RS_PYTHON_TIMEOUT).clamp(1, 86_400) as u64;
        let result = child::run(&python, self.pickles(site)?, Duration::from_secs(seconds))?;
        Answer::read(ByteStr::new(result))
    }

    fn pickles(&self, site: &Site) -> std::io::Result<Vec<u8>> {
        let path = |path: &Path| Value::str(path.as_os_str().as_bytes());
        let mut about = Dict::new();
        about.set("verb", Value::str(if self.verb == Verb::Handler { "handler" } else { "entry" }));
        about.set("home", path(&site.home));
        about.set("bin", path(&site.settings.path(settings::BIN_DIR)));
        about.set("name", Value::Str(self.name.clone()));
        about.set("list", Value::Str(self.list.clone()));
        about.set("language", Value::Str(self.language.clone()));
        let message = match &self.message {
            EntryMessage::Raw(text) => Value::Str(text.clone()),
            EntryMessage::Object(value) => value.clone(),
        };
        let mut pickles = Vec::new();
        for part in [&Value::dict(about), &self.attributes, &message, &self.metadata.to_value()] {
            pickle::dump(part, Protocol::P1, &mut pickles)?;
        }
        Ok(pickles)
    }
}

impl Answer {
    /// Reads the five pickles of an answer.
    pub fn read(mut bytes: ByteStr) -> Result<Answer, BridgeError> {
        let mut next = || -> Result<Value, BridgeError> {
            let (value, used) = pickle::load(&bytes).map_err(|error| BridgeError::Unreadable(error.into()))?;
            bytes = bytes.slice_from(used);
            Ok(value)
        };
        let wrong = |what: &str| BridgeError::Unreadable(what.into());
        let outcome = Outcome::read(&next()?).ok_or_else(|| wrong("no verdict"))?;
        let message = next()?;
        let metadata = Metadata::from_value(&next()?).ok_or_else(|| wrong("no metadata"))?;
        let changed = next()?.as_dict().cloned().ok_or_else(|| wrong("no attributes"))?;
        let gone = next()?.as_items().map(<[Value]>::to_vec).ok_or_else(|| wrong("no names"))?;
        Ok(Answer { outcome, message, metadata, changed, gone })
    }

    /// The message.
    pub fn message(&self) -> Result<Message, BridgeError> {
        Message::from_value(&self.message).map_err(|error| BridgeError::Unreadable(error.into()))
    }
}

impl Outcome {
    fn read(verdict: &Value) -> Option<Outcome> {
        let [kind, text] = verdict.as_items()? else { return None };
        let text = text.as_text()?.clone();
        match &kind.as_text()?[..] {
            b"continue" => Some(Outcome::Continue),
            b"discard" => Some(Outcome::Discard),
            b"hold" => Some(Outcome::Hold),
            b"reject" => Some(Outcome::Reject(text)),
            b"error" => Some(Outcome::Raised(text)),
            _ => None,
        }
    }
}
