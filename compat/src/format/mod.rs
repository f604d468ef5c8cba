//! Python 2's `%` formatting, on bytes: `template % mapping`, `template % tuple`, and what goes with it.
//!
//! Mailman fills in everything this way: templates, message catalogues, footers, log formats, VERP addresses. A site's
//! owner may have written any of them, so wrong formats must fail the way Python fails, by kind: the callers catch
//! `TypeError` and `ValueError`, let `KeyError` pass, and retry a `UnicodeError` with another charset.
//!
//! Answers to `PyString_Format` of CPython 2.7, and to `Mailman/SafeDict.py` and the `$`-string functions of
//! `Mailman/Utils.py`.

mod dollar;
mod lookup;
mod number;
mod os_error;
mod percent;
mod pprint;
mod repr;
pub mod url;
mod visible;

pub use dollar::{dollar_identifiers, percent_identifiers, to_dollar, to_percent};
pub use lookup::{missing, missing_unicode, Func, Lookup, Safe};
pub use number::{float_repr, float_str, float_with};
pub use os_error::os_error;
pub use percent::{percent, percent_args, percent_bytes, percent_unicode};
pub use pprint::{pprint, ShowInstance};
pub use repr::{repr, text_of};
pub use visible::{visible, without_controls};

use crate::ByteStr;

/// Why a format could not be filled in, by the exception that Python raises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// `TypeError`: too few arguments, a number expected.
    #[error("{0}")]
    Type(String),
    /// `ValueError`: the format itself is broken.
    #[error("{0}")]
    Value(String),
    /// `KeyError`: the mapping lacks the key.
    #[error("'{0}'")]
    Key(ByteStr),
    /// `OverflowError`: `%c` of a number that is no byte.
    #[error("{0}")]
    Overflow(String),
    /// `UnicodeDecodeError` (a `ValueError` too): `str` with other than ASCII bytes met `unicode`.
    #[error("'ascii' codec can't decode byte 0x{byte:x} in position {position}: ordinal not in range(128)")]
    Unicode { byte: u8, position: usize },
}

impl FormatError {
    /// Whether `except (TypeError, ValueError)` catches it; a `UnicodeError` is a `ValueError`.
    pub fn is_type_or_value(&self) -> bool {
        !matches!(self, FormatError::Key(_) | FormatError::Overflow(_))
    }

    /// The name of Python's exception, for log lines.
    pub fn exception(&self) -> &'static str {
        match self {
            FormatError::Type(_) => "TypeError",
            FormatError::Value(_) => "ValueError",
            FormatError::Key(_) => "KeyError",
            FormatError::Overflow(_) => "OverflowError",
            FormatError::Unicode { .. } => "UnicodeDecodeError",
        }
    }

    /// Python's `repr()` of the exception, as `Bad format` log lines show it.
    pub fn python_repr(&self) -> String {
        let text = self.to_string();
        let quoted = match self {
            FormatError::Key(key) => repr(&crate::value::Value::Str(key.clone())).to_latin1(),
            _ => repr(&crate::value::Value::str(text)).to_latin1(),
        };
        format!("{}({quoted},)", self.exception())
    }
}
