//! Any bytes as the beginning of a connection, and as the query or body of a form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::web::serve::Head;
use mailman2::web::{Blanks, Form};

fuzz_target!(|data: &[u8]| {
    let _ = Head::parse(data);
    for blanks in [Blanks::Kept, Blanks::Dropped] {
        let form = Form::from_urlencoded(data, blanks);
        let _ = (form.int("digest"), form.stripped("email"), form.all("langs"));
    }
});
