//! Making and removing lists: their files, their archive's folders, the aliases of the mail server.
//!
//! Answers to `MailList.Create` and to what bin/newlist, bin/rmlist and Mailman/MTA/ do with files.

pub mod aliases;
#[cfg(test)]
mod attribute_names_tests;
pub mod attributes;
pub mod create;
pub mod described;
pub mod export;
pub mod notices;
pub mod options;
pub mod postfix;
pub mod remove;
pub mod upkeep;

pub use create::{create, CreateError, NewList};
