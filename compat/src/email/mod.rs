//! Python 2's `email` package as Mailman meets it: messages, headers, charsets, addresses.

pub mod address;
mod boundary;
pub mod build;
pub mod charset;
pub mod date;
pub mod generator;
pub mod header;
pub mod header_block;
mod input;
pub mod message;
pub mod msgid;
pub mod params;
pub mod parser;
pub mod pickled;
mod rfc2231;
pub mod sender;
#[cfg(test)]
mod tests;
pub mod text;
pub mod transfer;
pub mod walk;

pub use boundary::make as new_boundary;
pub use message::{HeaderValue, Message, Payload};
