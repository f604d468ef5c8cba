//! Hostile input: each piece is refused with its place, in bounded time and memory.

use super::*;

fn refused(data: &[u8]) -> PickleError {
    load(&ByteStr::from(data)).unwrap_err()
}

#[test]
fn truncated_at_every_byte() {
    for whole in [golden::PROTOCOL_0, golden::PROTOCOL_1, golden::PROTOCOL_2] {
        for len in 0..whole.len() {
            assert!(load(&ByteStr::from(&whole[..len])).is_err(), "{len}");
        }
    }
}

#[test]
fn every_byte_damaged_does_no_harm() {
    for whole in [golden::PROTOCOL_0, golden::PROTOCOL_1, golden::PROTOCOL_2] {
        for at in 0..whole.len() {
            for flip in [1, 0x80] {
                let mut data = whole.to_vec();
                data[at] ^= flip;
                if let Ok((value, _)) = load(&ByteStr::new(data)) {
                    let _ = dumps(&value, Protocol::P0);
                    let _ = dumps(&value, Protocol::P1);
                }
            }
        }
    }
}

#[test]
fn lengths_beyond_the_data() {
    assert_eq!(refused(b"T\xff\xff\xff\xffabc.").reason, Reason::Truncated);
    assert_eq!(refused(b"X\xff\xff\xff\x7fabc.").reason, Reason::Truncated);
    assert_eq!(refused(b"\x8b\xff\xff\xff\x7fabc.").reason, Reason::Truncated);
    assert_eq!(refused(b"U\x09abc.").reason, Reason::Truncated);
}

#[test]
fn a_class_is_only_a_name() {
    let value = read(b"cos\nsystem\n(U\x05touchtR.");
    let object = value.as_object().unwrap();
    let Construction::Reduce { callable, .. } = &object.construction else { panic!() };
    assert!(matches!(callable, Value::Global(global) if global.name == "system"));
    assert_eq!(written(&value, Protocol::P1), b"cos\nsystem\nq\x01(U\x05touchtR.");
}

#[test]
fn what_lies_outside_the_file_is_refused() {
    for data in [&b"Pid\n."[..], b"NQ.", b"\x82\x01.", b"\x83\x01\x00.", b"\x84\x01\x00\x00\x00."] {
        assert!(matches!(refused(data).reason, Reason::Outside(_)));
    }
    assert_eq!(refused(b"\x80\x03N.").reason, Reason::Protocol(3));
    assert_eq!(refused(b"N\xff.").reason, Reason::UnknownOpcode(0xff));
}

#[test]
fn the_stack_is_never_overdrawn() {
    for data in [&b"."[..], b"0", b"2", b"(2", b"a", b"Na", b"]a", b"(NNa", b"}Ns", b"R", b"b", b"Nb", b"q\x01", b"o"] {
        assert!(load(&ByteStr::from(data)).is_err(), "{data:?}");
    }
    for data in [&b"t."[..], b"e.", b"u.", b"l.", b"d.", b"1.", b"ia\nb\n.", b"o."] {
        assert_eq!(refused(data).reason, Reason::NoMark, "{data:?}");
    }
    assert_eq!(refused(b"h\x05.").reason, Reason::NotNoted(5));
    assert_eq!(refused(b"}(Nu.").reason, Reason::StackEmpty);
    assert_eq!(refused(b"NNa.").reason, Reason::WrongKind("APPEND"));
    assert_eq!(refused(b"NNR.").reason, Reason::WrongKind("REDUCE"));
    assert_eq!(refused(b"}(]Nu.").reason, Reason::Unhashable);
}

#[test]
fn the_place_is_told() {
    let error = refused(b"](NNNhaJ.");
    assert_eq!((error.offset, error.to_string().as_str()), (5, "bad pickle at byte 5: nothing was noted under 97"));
}

#[test]
fn what_contains_itself_is_refused() {
    for data in [&b"]q\x01h\x01a."[..], b"]q\x01}q\x02(K\x01h\x01ua.", b"(cm\nC\noq\x01}(U\x01ah\x01ub."] {
        assert_eq!(refused(data).reason, Reason::ContainsItself);
    }
}

#[test]
fn nesting_up_to_the_bound_and_not_beyond() {
    let nested = |levels: usize| [vec![b']'; levels], vec![b'a'; levels - 1], vec![b'.']].concat();
    let deepest = read(&nested(MAX_DEPTH));
    assert_eq!(read(&written(&deepest, Protocol::P0)), deepest);
    assert_eq!(refused(&nested(MAX_DEPTH + 1)).reason, Reason::TooDeep(MAX_DEPTH));
    assert_eq!(refused(&nested(300_000)).reason, Reason::TooDeep(MAX_DEPTH));
    let mut made = Value::None;
    for _ in 0..2 * MAX_DEPTH {
        made = Value::tuple(vec![made]);
    }
    assert!(dumps(&made, Protocol::P1).is_err());
}

#[test]
fn a_memo_bomb_is_defused() {
    let mut data = b"(lp0\n".to_vec();
    for level in 0..60 {
        data.extend(format!("(g{level}\ng{level}\ng{level}\nlp{}\n", level + 1).bytes());
    }
    data.push(b'.');
    assert!(matches!(refused(&data).reason, Reason::TooMany(_)));
}

#[test]
fn a_stray_note_number_costs_nothing() {
    assert_eq!(read(b"Nr\xff\xff\xff\xff0j\xff\xff\xff\xff."), Value::None);
}
