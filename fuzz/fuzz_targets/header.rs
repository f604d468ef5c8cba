//! Any bytes as a header's value: encoded words, addresses, dates, transfer encodings. None may panic or loop, and what
//! an encoder wrote its decoder gives back.
#![no_main]

use compat::email::header::{decode_header, make_header, Layout};
use compat::email::{address, date, transfer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(words) = decode_header(data) {
        let header = make_header(&words, &Layout::default());
        let _ = header.map(|header| (header.encode(), header.to_unicode()));
    }
    for (name, place) in address::addresses(data) {
        address::formataddr(&name, &place);
    }
    if let Some(parsed) = date::parsedate_tz(data) {
        date::mktime_tz(&parsed);
    }
    let _ = (transfer::base64_decode(data), transfer::uu_decode(data), transfer::quopri_header_decode(data));
    assert_eq!(transfer::base64_decode(&compat::base64::encode(data)).as_deref(), Ok(data));
    assert_eq!(compat::base64::encoded_len(data), compat::base64::encode(data).len());
});
