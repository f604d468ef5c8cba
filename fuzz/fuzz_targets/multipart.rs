//! Any bytes as a body of several parts, the first line of them as its content type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::web::multipart;

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (kind, body) = data.split_at(end);
    let _ = multipart::parse(kind, &body.into());
    if let Some(form) = multipart::parse(b"multipart/form-data; boundary=x", &data.into()) {
        // What is found is no longer than what came.
        assert!(form.fields().map(|field| field.value.len()).sum::<usize>() <= data.len());
    }
});
