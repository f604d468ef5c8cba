//! Goldens made by CPython 2.7.18.

use super::*;
use crate::format::Safe;
use proptest::prelude::*;

fn with(template: &str, args: Vec<Value>) -> String {
    match percent_args(&Value::str(template), &Value::tuple(args)) {
        Ok(value) => text_of(&value).to_latin1(),
        Err(error) => format!("{}: {error}", error.exception()),
    }
}

#[test]
fn conversions() {
    use Value::*;
    assert_eq!(with("%5%|", vec![]), "    %|");
    assert_eq!(with("%c%c", vec![Int(65), Value::str("z")]), "Az");
    let numbers = vec![Int(255), Int(255), Int(-255), Int(-42), Int(5), Int(5), Int(5), Int(7)];
    assert_eq!(with("%#x %#o %x %05d %+d % d %-5d| %.3d", numbers), "0xff 0377 -ff -0042 +5  5 5    | 007");
    assert_eq!(with("%x", vec![Long("1180591620717411303424".into())]), "400000000000000000");
    assert_eq!(with("%d %s", vec![Float(3.9), Float(1.0)]), "3 1.0");
    assert_eq!(with("%.2s|%5s|%-5s|", vec![Value::str("abc"), None, Bool(true)]), "ab| None|True |");
    assert_eq!(with("%.3f", vec![Float(0.12349)]), "0.123");
    assert_eq!(with("%*d|%-*d|", vec![Int(4), Int(1), Int(4), Int(1)]), "   1|1   |");
    assert_eq!(with("%05s|%05.1f", vec![Value::str("ab"), Float(-2.25)]), "   ab|-02.2");
    assert_eq!(with("%ld %hd", vec![Int(1), Int(2)]), "1 2");
}

#[test]
fn errors_by_kind() {
    let one = || vec![Value::str("x")];
    assert_eq!(with("%d", one()), "TypeError: %d format: a number is required, not str");
    assert_eq!(with("%f", one()), "TypeError: float argument required, not str");
    assert_eq!(with("%s %s", one()), "TypeError: not enough arguments for format string");
    assert_eq!(with("abc", one()), "TypeError: not all arguments converted during string formatting");
    assert_eq!(with("%(a)s", one()), "TypeError: format requires a mapping");
    assert_eq!(with("%*d", one()), "TypeError: * wants int");
    assert_eq!(with("%", one()), "ValueError: incomplete format");
    assert_eq!(with("%5.1y", one()), "ValueError: unsupported format character 'y' (0x79) at index 4");
    assert_eq!(with("%.99999999999d", one()), "ValueError: prec too big");
}

#[test]
fn mappings() {
    let values = [("a", Value::str("x")), ("(b)", Value::Int(2))];
    let text = |t: &[u8]| percent_bytes(t, &values).map(|s| s.to_latin1()).map_err(|e| e.python_repr());
    assert_eq!(text(b"%(a)s-%((b))02d%%"), Ok("x-02%".to_string()));
    assert_eq!(text(b"%(c)s"), Err("KeyError('c',)".to_string()));
    assert_eq!(text(b"%(a"), Err("ValueError('incomplete format key',)".to_string()));
    assert_eq!(percent_bytes(b"%(a)s %(c)s %(d)5s", &Safe(&values)), Ok("x %(c)s %(d)s".into()));
    assert!(matches!(percent_bytes(b"%(c)d", &Safe(&values)), Err(FormatError::Type(_))));
    let unicode = [("a", Value::Unicode("x".into()))];
    let missing = "%(c)s x <Missing key: u'c'>";
    assert_eq!(percent(b"%(c)s %(a)s %(c)s", &Safe(&unicode)), Ok(Value::Unicode(missing.into())));
    let template = UniStr::from("%(a)s %(\u{e4})s");
    let missing = "x <Missing key: u'\\xe4'>";
    assert_eq!(percent_unicode(&template, &Safe(&values)), Ok(Value::Unicode(missing.into())));
    let mut dict = crate::value::Dict::new();
    assert_eq!(percent_bytes(b"%s", &dict), Ok("{}".into()));
    dict.set("k", Value::Int(1));
    assert_eq!(percent_bytes(b"abc", &dict), Ok("abc".into()));
}

#[test]
fn unicode_takes_over_and_wants_ascii() {
    let values = [("u", Value::Unicode("ü".into())), ("a", Value::str(b"\xe4"))];
    assert_eq!(percent(b"<%(u)3s>", &values), Ok(Value::Unicode("<  ü>".into())));
    assert_eq!(percent(b"\xe4", &values), Ok(Value::str(b"\xe4")));
    for template in [&b"\xe4 %(u)s"[..], b"%(u)s \xe4", b"%(u)s %(a)s"] {
        assert!(matches!(percent(template, &values), Err(FormatError::Unicode { byte: 0xe4, .. })));
    }
    assert!(percent_unicode(&"ü %(u)s".into(), &values).is_ok());
    assert!(percent_unicode(&"ü %(a)s".into(), &values).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn never_panics(template in "[%()a0-9.*#+ -]{0,12}[dsrfgxc%]?", n in any::<i64>(), x in any::<f64>()) {
        let values = [("a", Value::Float(x)), ("", Value::Int(n))];
        let _ = percent(template.as_bytes(), &values);
        let _ = with(&template, vec![Value::Int(n % 50), Value::Float(x), Value::None]);
    }
}
