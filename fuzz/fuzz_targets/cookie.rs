//! Any bytes as the cookies of a request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::auth::cookie::Jar;

fuzz_target!(|data: &[u8]| {
    let jar = Jar::parse(data);
    let _ = jar.get(b"club+admin");
});
