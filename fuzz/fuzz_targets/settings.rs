//! Any bytes as `mm_cfg.py`: evaluated, or refused with a line, in bounded work.
#![no_main]

use compat::pyconfig::{evaluate, Defaults, Request};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    let file = Path::new("mm_cfg.py");
    let request = Request { file, source: data, defaults: Defaults::Table(Vec::new()), folders: Vec::new() };
    if let Err(error) = evaluate(request) {
        assert!(error.line <= data.iter().filter(|byte| b"\r\n".contains(byte)).count() + 2, "{error}");
    }
});
