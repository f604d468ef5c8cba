//! The pickle reader and writer against golden files, a second reader, Python itself, and hostile input.

mod golden;
mod hostile;
mod python;
mod round_trip;
mod skim;

use super::*;
use crate::value::{Construction, Dict, Object, UniStr, Value};
use crate::ByteStr;
use std::rc::Rc;

fn read(data: &[u8]) -> Value {
    let (value, consumed) = load(&ByteStr::from(data)).unwrap();
    assert_eq!(consumed, data.len());
    value
}

fn written(value: &Value, protocol: Protocol) -> Vec<u8> {
    dumps(value, protocol).unwrap()
}

fn int(n: i64) -> Value {
    Value::Int(n)
}

/// The value of the golden files, by hand.
fn expected() -> Vec<Value> {
    let uni = |text: &str| Value::Unicode(text.into());
    let long = |digits: &str| Value::Long(digits.into());
    let one_key = Dict::from_iter([(ByteStr::from("one"), int(1))]);
    let mut values = vec![Value::None, Value::Bool(true), Value::Bool(false)];
    values.extend([0, 255, 256, 65535, 65536, -1, 2147483647, 2147483648, -2147483649].map(int));
    values.extend(["9223372036854775807", "10", "-1180591620717411303424"].map(long));
    values.extend([1.0, 0.1, -1e300].map(Value::Float));
    values.extend([Value::str(""), Value::str("it's"), Value::str(b"a\n\\\x00\xff\"")]);
    values.extend([uni(""), uni("café €\\\n"), uni("😀"), Value::Unicode(UniStr(b"\xed\xa0\xbd".into()))]);
    values.extend((0..5).map(|n| Value::tuple((1..=n).map(int).collect())));
    values.extend([Value::list(vec![]), Value::list(vec![int(7)])]);
    values.extend([Value::dict(Dict::new()), Value::dict(one_key)]);
    values.extend([Value::str("shared string"), Value::str("shared string")]);
    values.extend([Value::list(vec![Value::str("en")]), Value::list(vec![Value::str("en")])]);
    let date = Value::tuple(vec![int(2010), int(1), int(2)]);
    let attributes = Dict::from_iter([("date".into(), date), ("score".into(), Value::Float(1.5))]);
    let bounce = Value::Object(Rc::new(Object::old_style("Mailman.Bouncer", "_BounceInfo", attributes)));
    values.extend([bounce.clone(), bounce]);
    values
}

#[test]
fn golden_files_read_as_what_was_pickled() {
    for data in [golden::PROTOCOL_0, golden::PROTOCOL_1, golden::PROTOCOL_2] {
        let value = read(data);
        let items = value.as_items().unwrap();
        let expected = expected();
        assert_eq!(&items[..expected.len()], &expected[..]);
        assert_eq!(items.len(), expected.len() + 4);
        assert_eq!(items.last(), Some(&Value::str("x".repeat(300))));
    }
}

#[test]
fn shared_objects_are_one_object() {
    for data in [golden::PROTOCOL_0, golden::PROTOCOL_1, golden::PROTOCOL_2] {
        let value = read(data);
        let pairs: Vec<_> = value.as_items().unwrap().windows(2).filter(|w| w[0] == w[1]).collect();
        assert_eq!(pairs.len(), 3);
        assert!(matches!(pairs[0], [Value::Str(a), Value::Str(b)] if a.same_object(b)));
        assert!(matches!(pairs[1], [Value::List(a), Value::List(b)] if Rc::ptr_eq(a, b)));
        assert!(matches!(pairs[2], [Value::Object(a), Value::Object(b)] if Rc::ptr_eq(a, b)));
    }
}

#[test]
fn subclasses_of_dict_and_list_keep_their_construction() {
    let value = read(golden::PROTOCOL_1);
    let items = value.as_items().unwrap();
    let dict = items[items.len() - 4].as_object().unwrap();
    let Construction::Reduce { callable: Value::Global(callable), args } = &dict.construction else { panic!() };
    assert_eq!(callable.name, "_reconstructor");
    assert_eq!(args.as_items().unwrap()[2], Value::dict(Dict::from_iter([("k".into(), int(1))])));
    let value = read(golden::PROTOCOL_2);
    let list = value.as_items().unwrap()[items.len() - 3].as_object().unwrap();
    assert!(matches!(list.construction, Construction::NewObject { .. }));
    assert_eq!(list.items, [int(1), Value::str("z")]);
    assert_eq!(list.class().map(|c| c.name.to_latin1()), Some("L".into()));
}

#[test]
fn files_do_not_grow_when_read_and_written() {
    for (data, protocol) in
        [(golden::PROTOCOL_0, Protocol::P0), (golden::PROTOCOL_1, Protocol::P1), (golden::PROTOCOL_2, Protocol::P2)]
    {
        let once = written(&read(data), protocol);
        assert!(once.len() < data.len());
        assert_eq!(read(&once), read(data));
        assert_eq!(written(&read(&once), protocol), once);
    }
}

#[test]
fn instructions_are_those_of_cpickle() {
    let shared = Value::list(vec![Value::str("en")]);
    let value = Value::tuple(vec![shared.clone(), shared, int(-1), Value::Bool(true)]);
    assert_eq!(written(&value, Protocol::P0), b"((lp1\nS'en'\nag1\nI-1\nI01\nt.");
    assert_eq!(written(&value, Protocol::P1), b"(]q\x01U\x02enah\x01J\xff\xff\xff\xffI01\nt.");
    assert_eq!(written(&value, Protocol::P2), b"\x80\x02(]q\x01U\x02enah\x01J\xff\xff\xff\xff\x88t.");
    let name = ByteStr::from("a name");
    let twice = Value::list(vec![Value::Str(name.clone()), Value::Str(name)]);
    assert_eq!(written(&twice, Protocol::P1), b"](U\x06a nameq\x01h\x01e.");
}

#[test]
fn batches_of_a_thousand() {
    let value = Value::list(vec![Value::None; 1001]);
    let data = written(&value, Protocol::P1);
    assert_eq!(data.iter().filter(|&&b| b == opcode::APPENDS).count(), 1);
    assert!(data.ends_with(b"eNa."));
    assert_eq!(read(&data), value);
}

#[test]
fn two_pickles_back_to_back() {
    let data = ByteStr::from(b"U\x03one.}q\x01U\x01kK\x02s.rest");
    let (first, consumed) = load(&data).unwrap();
    assert_eq!((first, consumed), (Value::str("one"), 6));
    let (second, consumed) = load(&data.slice_from(6)).unwrap();
    assert_eq!(second.as_dict().unwrap().get(b"k"), Some(&int(2)));
    assert_eq!(consumed, 10);
}

#[test]
fn what_was_filled_after_it_was_noted_is_complete_everywhere() {
    // x = []; [x, x] with the item appended through the first place.
    let value = read(b"(]q\x01K\x07ah\x01t.");
    assert_eq!(value, Value::tuple(vec![Value::list(vec![int(7)]), Value::list(vec![int(7)])]));
}

#[test]
fn strings_are_windows_on_the_input() {
    let data = ByteStr::from(b"](U\x05helloS'there'\ne.");
    let (value, _) = load(&data).unwrap();
    for item in value.as_items().unwrap() {
        assert_eq!(item.as_str().unwrap().identity().0, data.identity().0);
    }
}
