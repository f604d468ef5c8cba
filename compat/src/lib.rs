//! What Mailman 2.1 and Python 2 left on disk, read and written back to the byte.
//!
//! This crate knows formats and protocols: pickles, messages, settings, locks, lists, queues. It decides nothing about
//! mail and opens no network connection; that is the business of the `mailman2` crate, which depends on this one.
#![forbid(unsafe_code)]

pub mod base64;
pub mod bytestr;
pub mod clock;
pub mod codecs;
pub mod durable;
pub mod email;
pub mod format;
pub mod hex;
pub mod host;
pub mod list;
pub mod lock;
pub mod marshal;
pub mod names;
pub mod pattern;
pub mod pickle;
pub mod pyconfig;
pub mod pydict;
pub mod queue;
pub mod random;
pub mod site;
pub mod value;

pub use bytestr::ByteStr;
