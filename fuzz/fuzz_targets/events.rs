//! Any bytes as a file of bounce events: those that are whole are read, each with a message, and kept as they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailman2::bounce::BounceEvents;

fuzz_target!(|data: &[u8]| {
    let Ok(dir) = tempfile::tempdir() else { return };
    let mut events = BounceEvents::new(dir.path());
    std::fs::write(events.path(), data).expect("a temporary file");
    let (found, trouble) = events.read();
    if let Ok(mut messages) = events.messages() {
        found.iter().for_each(|event| drop(messages.of(event)));
    }
    let kept = match trouble {
        Some(_) => events.set_aside(&found),
        None => events.keep(&found),
    };
    kept.expect("what was read is kept");
    assert_eq!(events.read().0.len(), found.len());
});
