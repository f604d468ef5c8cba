//! Any bytes as what a site's owner wrote: a message catalogue, and a template that is filled in.
#![no_main]

use compat::format::{percent, to_dollar, to_percent};
use compat::site::catalog::Catalog;
use compat::value::Value;
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(catalog) = Catalog::parse(ByteStr::from(data)) {
        catalog.find(b"");
    }
    let values = |key: &[u8]| match key {
        b"n" => Some(Value::Int(-7)),
        b"f" => Some(Value::Float(2.5)),
        _ => Some(Value::Str(ByteStr::from(key))),
    };
    let _ = percent(data, &compat::format::Func(values));
    let _ = (to_dollar(data), to_percent(data));
});
