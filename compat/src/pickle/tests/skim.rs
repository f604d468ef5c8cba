//! What is left as it lies is what the loader would have made of it, and nothing is left that it refuses.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

/// All items, with what was left in its place.
fn filled(outline: &Outline) -> Value {
    let mut items = outline.items.clone();
    for (name, later) in &outline.later {
        items.set(name.clone(), Value::dict(later.load()));
    }
    Value::dict(items)
}

/// Compares an outline with the loader's reading; how many tables were left.
fn check(data: &[u8], most: usize) -> usize {
    let data = ByteStr::from(data);
    let Some(outline) = outline(&data, most) else { return 0 };
    let (whole, _) = load(&data).unwrap();
    // With kinds and order; what is one object does not matter to who only looks.
    assert_eq!(format!("{:?}", filled(&outline)), format!("{whole:?}"));
    for (name, later) in &outline.later {
        let dict = whole.as_dict().unwrap().get(name).and_then(Value::as_dict).unwrap();
        check_table(later, dict);
    }
    outline.later.len()
}

fn check_table(later: &Later, dict: &Dict) {
    assert_eq!(later.len(), dict.len());
    assert!(!later.is_empty() && !later.is_empty());
    let keys: Vec<ByteStr> = dict.iter().map(|(key, _)| key.as_str().unwrap().clone()).collect();
    assert_eq!(later.keys(), keys);
    let found: HashMap<ByteStr, Value> = later.find_all(&keys);
    for key in &keys {
        assert_eq!(later.find(key).as_ref(), dict.get(key));
        assert_eq!(found.get(key), dict.get(key));
    }
    assert_eq!(later.find(b"nobody"), None);
    assert!(later.find_all(&["nobody".into()]).is_empty());
}

fn flat() -> impl Strategy<Value = Value> {
    let name = || prop_oneof![Just("en"), Just("de"), Just("x")];
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(|n| Value::Int(n.into())),
        (0i64..70000).prop_map(Value::Int),
        Just(Value::Float(0.5)),
        name().prop_map(Value::str),
        name().prop_map(|text| Value::Unicode(text.into())),
        Just(Value::Unicode("é".into())),
    ]
}

fn table() -> impl Strategy<Value = Dict> {
    proptest::collection::vec(("[a-c]{1,3}", flat()), 0..9)
        .prop_map(|items| items.into_iter().map(|(key, value)| (ByteStr::from(key), value)).collect())
}

/// A list's attributes. Some tables share keys and values as one object.
fn attributes() -> impl Strategy<Value = Value> {
    let names = proptest::collection::vec("[a-f]{1,2}", 1..9);
    (names, proptest::collection::vec((table(), flat(), any::<u8>()), 9)).prop_map(|(names, parts)| {
        let mut attributes = Dict::new();
        let shared = Value::dict(parts[0].0.clone());
        for (name, (table, plain, kind)) in names.into_iter().zip(parts) {
            let value = match kind % 6 {
                0 => plain,
                1 => shared.clone(),
                2 => Value::list(vec![plain, Value::dict(table)]),
                3 => Value::dict(table.iter().map(|(key, _)| (key.as_str().unwrap().clone(), plain.clone())).collect()),
                _ => Value::dict(table),
            };
            attributes.set(name, value);
        }
        Value::dict(attributes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_outline_is_what_the_loader_reads(value in attributes(), most in 0usize..4) {
        check(&written(&value, Protocol::P1), most);
        check(&written(&value, Protocol::P2), most);
    }

    #[test]
    fn what_is_damaged_is_not_left(
        value in attributes(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut data = written(&value, Protocol::P1);
        for (at, byte) in changes {
            // Half of the bytes are ones that mean something.
            let byte = if byte < 128 { b"}q(U.ushjKNr0201tae"[byte as usize % 19] } else { byte };
            let at = at.index(data.len());
            data[at] = byte;
        }
        check(&data, 0);
    }

    #[test]
    fn instructions_in_any_order(ops in proptest::collection::vec(0usize..16, 0..40)) {
        let words: [&[u8]; 16] = [
            b"}", b"q\x01", b"q\x02", b"q\x03", b"(", b"U\x01a", b"U\x01b", b"u", b"s", b"h\x02", b"h\x03", b"K\x05", b"N",
            b"I01\n", b"2", b"0",
        ];
        let body: Vec<u8> = ops.iter().flat_map(|op| words[*op]).copied().collect();
        check(&[b"}q\x01(", &body[..], b"u."].concat(), 0);
        check(&[b"}q\x01(U\x01a}", &body[..], b"u."].concat(), 0);
    }
}

#[test]
fn tables_that_python_wrote_are_left() {
    // cPickle.dumps({'members': {'a': 0, 'b': 'B'}, 'language': {'a': lang, 'b': lang}, 'preferred_language': lang}, 1)
    let data = b"}q\x01(U\x07membersq\x02}q\x03(U\x01aq\x04K\x00U\x01bq\x05U\x01Bq\x06uU\x08languageq\x07}q\x08(h\x04U\x02enq\t\
                 h\x05h\tuU\x12preferred_languageq\nh\tu.";
    assert_eq!(check(data, 1), 2);
    assert_eq!(check(data, 2), 0);
    let outline = outline(&ByteStr::from(data), 1).unwrap();
    assert_eq!(outline.items.get(b"preferred_language"), Some(&Value::str("en")));
    assert_eq!(outline.later[1].1.find(b"b"), Some(Value::str("en")));
}

#[test]
fn single_items_and_several_batches_belong_to_a_table() {
    assert_eq!(check(b"}q\x01(U\x01m}(U\x01aK\x00u(U\x01bK\x01U\x01cK\x02uU\x01dNsU\x01nK\x07u.", 3), 1);
    assert_eq!(check(b"}q\x01(U\x01mq\x02}q\x03(U\x01aq\x04K\x00U\x01bK\x01uU\x01nK\x07u.", 1), 1);
}

#[test]
fn doubts_are_for_the_loader() {
    let tables: [&[u8]; 8] = [
        // The table is in two places.
        b"}q\x01(U\x01m}q\x02(U\x01aK\x00uU\x01nh\x02u.",
        b"}q\x01(U\x01m}q\x02(U\x01aK\x00uq\x03U\x01nh\x03u.",
        b"}q\x01(U\x01m}(U\x01aK\x00u2u.",
        // A number of a note is used twice.
        b"}q\x01(U\x01m}q\x02(U\x01aq\x03K\x00uU\x01nq\x03K\x00u.",
        // Two items of one name.
        b"}q\x01(U\x01m}(U\x01aK\x00uU\x01mK\x01u.",
        // It is a key, or a value of a value.
        b"}q\x01(}(U\x01aK\x00uU\x01mu.",
        b"}q\x01(U\x01m](}(U\x01aK\x00ueu.",
        // Not the value of the outermost.
        b"}q\x01(U\x01m}(U\x01a}(U\x01bK\x00uuu.",
    ];
    for data in tables {
        assert_eq!(check(data, 0), 0, "{}", data.escape_ascii());
    }
    for damaged in [
        &b"}q\x01(U\x01m}(U\x01ah\x09uu."[..],
        b"}q\x01(U\x01m}(U\x01aK\x00",
        b"}q\x01(U\x01m}(U\x01auu.",
        b"}q\x01(U\x01m}(K\x00K\x00uu",
    ] {
        assert!(outline(&ByteStr::from(damaged), 0).is_none(), "{}", damaged.escape_ascii());
    }
}
