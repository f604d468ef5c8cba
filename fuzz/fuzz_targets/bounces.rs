//! Any bytes as a bounce: each detector answers, in bounded work, whatever the site's version.
#![no_main]

use compat::email::parser::parse;
use compat::site::{Profile, Version};
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;
use mailman2::bounce::detectors::{scan, PIPELINE};

fuzz_target!(|data: &[u8]| {
    let msg = parse(&ByteStr::from(data));
    for micro in [13, 39] {
        let profile = Profile::new(Version { micro });
        scan(&msg, &profile);
        for (_, detector) in &PIPELINE {
            detector(&msg, &profile);
        }
    }
});
