//! Any bytes as a marshalled index of the archiver: what is accepted can be written, and reads back the same.
#![no_main]

use compat::marshal::{dump, load};
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = load(&ByteStr::from(data)) else { return };
    let mut written = Vec::new();
    if dump(&value, &mut written).is_ok() {
        let again = load(&ByteStr::new(written)).expect("what was written can be read");
        assert_eq!(format!("{again:?}"), format!("{value:?}"));
    }
});
