//! Any bytes as a pickle: what is accepted can be written in every protocol, and reads back as the same value.
#![no_main]

use compat::pickle::{dumps, load, load_laid_out, outline, Protocol};
use compat::value::Value;
use compat::ByteStr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let data = ByteStr::from(data);
    leave_what_is_plain(&data);
    let Ok((value, consumed)) = load(&data) else { return };
    assert!(consumed <= data.len());
    for protocol in [Protocol::P0, Protocol::P1, Protocol::P2] {
        // A class may have a name that text can't hold, and then the writer refuses; what it writes it must read.
        let Ok(written) = dumps(&value, protocol) else { continue };
        let written = ByteStr::new(written);
        let (again, _) = load(&written).expect("what was written can be read");
        // What the first writing noted for somebody outside the value is not noted again; from then on nothing changes.
        let twice = ByteStr::new(dumps(&again, protocol).expect("what was read can be written"));
        let (third, _) = load(&twice).expect("what was written can be read");
        assert_eq!(dumps(&third, protocol).ok().as_deref(), Some(&twice[..]), "writing is stable");
    }
    copy_what_did_not_change(&data);
});

/// What is left as it lies is what the loader makes of it, and nothing is left that it refuses.
fn leave_what_is_plain(data: &ByteStr) {
    let Some(mut outlined) = outline(data, 0) else { return };
    for (name, later) in outlined.later {
        outlined.items.set(name, Value::dict(later.load()));
    }
    let (value, _) = load(data).expect("nothing is left that the loader refuses");
    assert_eq!(text_of(&Value::dict(outlined.items)), text_of(&value));
}

/// A file written with nothing changed holds what it held.
fn copy_what_did_not_change(data: &ByteStr) {
    let Ok((value, Some(layout))) = load_laid_out(data) else { return };
    let Some(dict) = value.as_dict() else { return };
    let unchanged = |_: &[u8]| false;
    if !layout.allows(dict, &unchanged) {
        return;
    }
    let mut copied = Vec::new();
    layout.write(dict, &unchanged, &mut copied).expect("bytes can be copied");
    let (again, _) = load(&ByteStr::new(copied)).expect("a copy can be read");
    assert_eq!(text_of(&again), text_of(&value));
}

/// A value without its notes, for comparison: floats that are no numbers are equal here.
fn text_of(value: &Value) -> String {
    format!("{value:?}")
}
