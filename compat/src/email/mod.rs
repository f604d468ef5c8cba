//! Python 2's `email` package as Mailman meets it: messages, headers, charsets, addresses.

pub mod address;
pub mod charset;
pub mod codecs;
pub mod date;
pub mod header;
pub mod msgid;
mod text;
pub mod transfer;
