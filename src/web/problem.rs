//! Why a page cannot be shown as asked for, and which page says so.

use crate::error::HandlerError;
use crate::lists::aliases::MtaError;
use crate::membership::Refused;
use compat::list::ListError;
use compat::site::{SettingError, TemplateError};
use compat::ByteStr;

/// Why a program gives up on a request. [`super::respond`] makes the page.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// There is no such list. The line for the error log is written already; the name is as it may be shown.
    #[error("no list {0}")]
    NoSuchList(ByteStr),
    /// The address or the form makes no sense to the program.
    #[error("invalid options")]
    InvalidOptions,
    /// A POST of something that is no form.
    #[error("the body of the request is no form")]
    NotAForm,
    /// A body that is longer than the site allows.
    #[error("the body of the request is too large")]
    TooLarge,
    /// The list's lock was not free in time.
    #[error("list {list} is locked by {holder}")]
    Busy { list: ByteStr, holder: String },
    /// There is nothing at this address.
    #[error("nothing here")]
    NotFound,
    /// Too many requests of a kind from a client, or about an address.
    #[error("too many requests")]
    TooMany,
    /// Anything else: a page with a number, and the reason under the same number in the error log.
    #[error(transparent)]
    Failed(#[from] HandlerError),
}

impl From<super::request::FormError> for Problem {
    fn from(error: super::request::FormError) -> Problem {
        match error {
            super::request::FormError::WrongType => Problem::NotAForm,
            super::request::FormError::TooLarge => Problem::TooLarge,
        }
    }
}

impl From<Refused> for Problem {
    fn from(error: Refused) -> Problem {
        HandlerError::from(error).into()
    }
}

impl From<MtaError> for Problem {
    fn from(error: MtaError) -> Problem {
        Problem::Failed(HandlerError::Cause(Box::new(error)))
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Problem {
        Problem::Failed(error.into())
    }
}

impl From<TemplateError> for Problem {
    fn from(error: TemplateError) -> Problem {
        Problem::Failed(error.into())
    }
}

impl From<SettingError> for Problem {
    fn from(error: SettingError) -> Problem {
        Problem::Failed(error.into())
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Problem {
        Problem::Failed(error.into())
    }
}
