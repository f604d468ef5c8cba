//! Any bytes in any charset that Mailman meets: decoded, replaced or refused; what a codec wrote it reads again.
#![no_main]

use compat::codecs::{decode, encode, knows, recode_to, Errors};
use libfuzzer_sys::fuzz_target;

const CHARSETS: [&str; 24] = [
    "us-ascii",
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-16-le",
    "iso-8859-1",
    "iso-8859-15",
    "iso-8859-8",
    "windows-1252",
    "windows-1251",
    "koi8-r",
    "mac-roman",
    "cp437",
    "big5",
    "gb2312",
    "gbk",
    "euc-jp",
    "shift_jis",
    "iso-2022-jp",
    "iso-2022-kr",
    "euc-kr",
    "johab",
    "unicode-escape",
    "raw-unicode-escape",
];

fuzz_target!(|data: &[u8]| {
    let Some((&which, text)) = data.split_first() else { return };
    let charset = CHARSETS[usize::from(which) % CHARSETS.len()];
    knows(text);
    for errors in [Errors::Strict, Errors::Replace] {
        let Ok(decoded) = decode(text, charset, errors) else { continue };
        let Ok(encoded) = encode(&decoded, charset, errors) else { continue };
        let _ = decode(&encoded, charset, errors);
    }
    let mut out = Vec::new();
    let _ = recode_to(&mut out, text, ("utf-8", charset), Errors::Replace);
});
