//! Any text as HTML: letters written as references, tags taken out, what a page must not run escaped.
#![no_main]

use compat::value::Value;
use libfuzzer_sys::fuzz_target;
use mailman2::lists::options::references::resolved;
use mailman2::text::html;
use mailman2::text::references::{numbers_resolved, xml_to_unicode};

fuzz_target!(|data: &[u8]| {
    for charset in [&b"us-ascii"[..], b"utf-8", b"iso-8859-1", b"koi8-r"] {
        resolved(&Value::str(data), charset);
        let _ = (xml_to_unicode(data, charset), numbers_resolved(data, charset));
    }
    html::without_tags(data);
    html::escape_between_tags(data);
    assert!(!html::escape(data).contains(&b'<'));
});
