//! Any bytes as a mail box.
#![no_main]

use compat::ByteStr;
use libfuzzer_sys::fuzz_target;
use mailman2::archive::mbox;

fuzz_target!(|data: &[u8]| {
    let messages = mbox::split(&ByteStr::from(data));
    assert!(messages.iter().all(|message| message.starts_with(b"From ")));
    assert!(messages.iter().map(|message| message.len()).sum::<usize>() <= data.len());
});
