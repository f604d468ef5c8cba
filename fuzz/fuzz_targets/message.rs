//! Any bytes as a message: its pickled form holds all of it, and what can be written is parsed again in bounded work.
#![no_main]

use compat::email::{generator, parser, Message};
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let raw = ByteStr::from(data);
    let mut msg = parser::parse(&raw);
    let value = msg.to_value();
    let again = Message::from_value(&value).expect("what was pickled is a message");
    assert_eq!(again.to_value(), value);
    let _ = (msg.get_boundary(), msg.get_filename(), msg.charsets(), msg.params("content-type"));
    if let Ok(written) = generator::as_bytes(&mut msg, true, true) {
        parser::parse(&ByteStr::new(written));
    }
});
