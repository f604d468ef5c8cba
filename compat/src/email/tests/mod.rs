//! Tests of the message side. What is compared with was made by Python 2.7.18 and Mailman 2.1.39 (2.1.13 where said).

mod building;
mod parsing;
mod pickles;
mod senders;
mod writing;

use super::{parser, Message};
use crate::ByteStr;

fn parsed(text: impl Into<ByteStr>) -> Message {
    parser::parse(&text.into())
}

fn written(msg: &mut Message) -> String {
    super::generator::as_bytes(msg, false, true)
        .map_or_else(|error| format!("{}: {error}", error.exception()), |text| ByteStr::from(text).to_latin1())
}
