//! Any bytes as a file in a queue: an entry whose message and metadata can be used, or an error.
#![no_main]

use compat::queue::{Entry, EntryName};
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let bytes = ByteStr::from(data);
    if let Ok(entry) = Entry::parse(&bytes) {
        let _ = (entry.metadata.str("listname"), entry.metadata.strings("recips"), entry.metadata.to_value());
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = EntryName::parse(text);
    }
});
