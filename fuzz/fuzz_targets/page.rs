//! Any text as a template with tags, and as HTML of a list's owners: what is shown runs nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::web::clean::clean;
use mailman2::web::Tags;

fuzz_target!(|text: &str| {
    let _ = Tags::default().replace(text);
    let shown = clean(text).0.to_ascii_lowercase();
    for tag in ["<script", "<iframe", "<form", "<object", "<svg", "<style", "<meta", "<base"] {
        // `<svgm>` is another tag, and nothing to a browser.
        let ends = |rest: &str| rest.starts_with(|next: char| next.is_whitespace() || "/>".contains(next));
        assert!(!shown.split(tag).skip(1).any(ends), "{shown}");
    }
});
