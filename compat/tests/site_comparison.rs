//! The evaluator of settings and `%` formatting compared with Python 2 on generated cases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use compat::format::{self, float_repr, float_str, float_with};
use compat::pyconfig::{evaluate, Defaults, Request};
use compat::value::Value;
use fastrand::Rng;
use std::path::Path;
use support::{compare, question, Case};

const SCRIPT: &str = include_str!("reference/site_reference.py");

const ATOMS: &[&str] = &[
    "0",
    "1",
    "-1",
    "7",
    "3",
    "010",
    "0x1f",
    "2L",
    "1.5",
    "-0.25",
    "2e3",
    "True",
    "False",
    "None",
    "''",
    "'ab'",
    "'a,b c'",
    "'%s-%d'",
    "'%(a)s'",
    "u'ab'",
    "u'\\xe4'",
    "'\\xe4'",
    "[]",
    "[1, 'a']",
    "(1, 2)",
    "(3,)",
    "()",
    "{}",
    "{'a': 1, 'b': 'x'}",
    "{1: 2}",
    "a",
    "b",
    "c",
    "[3, 1, 2]",
    "9223372036854775807",
    "'x.y.z'",
    "r'\\d'",
];

const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "//", "%", "|", "&", "^", "<<", ">>", "==", "!=", "<>", "<", ">", "<=", ">=", "in", "not in",
    "and", "or", "is",
];

const METHODS: &[&str] = &[
    "lower()",
    "upper()",
    "strip()",
    "split()",
    "split(',')",
    "split('.', 1)",
    "replace('a', 'bc')",
    "startswith('a')",
    "endswith(('b', 'c'))",
    "find('b')",
    "count('a')",
    "join(['x', 'y'])",
    "index('a')",
    "rstrip('b')",
    "append(5)",
    "insert(1, 'q')",
    "insert(-1, 'q')",
    "insert(9, 0)",
    "extend((7, 8))",
    "pop()",
    "pop(0)",
    "remove(1)",
    "sort()",
    "reverse()",
    "keys()",
    "items()",
    "values()",
    "get('a')",
    "get('z', 4)",
    "has_key('a')",
    "update({'c': 3})",
    "clear()",
    "copy()",
    "setdefault('d', [])",
    "capitalize()",
    "isdigit()",
    "splitlines()",
    "encode('utf-8')",
    "decode('latin-1')",
];

const CALLS: &[&str] = &[
    "len", "str", "repr", "int", "float", "bool", "list", "tuple", "dict", "max", "min", "sum", "abs", "sorted",
    "range", "unicode", "round", "long", "any", "all", "zip", "ord", "chr",
];

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.usize(..from.len())]
}

fn expression(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 {
        return pick(rng, ATOMS).to_string();
    }
    let part = |rng: &mut Rng| expression(rng, depth - 1);
    match rng.usize(..11) {
        0..=2 => format!("({} {} {})", part(rng), pick(rng, OPERATORS), part(rng)),
        3 => format!("({}).{}", part(rng), pick(rng, METHODS)),
        4 => format!("{}({})", pick(rng, CALLS), part(rng)),
        5 => {
            format!("({})[{}]", part(rng), pick(rng, &["0", "-1", "1:", ":2", "'a'", "-2:-1", "1:0", "7", ":", "::-1"]))
        }
        6 => format!("({} if {} else {})", part(rng), part(rng), part(rng)),
        7 => format!("[{}, {}]", part(rng), part(rng)),
        8 if rng.bool() => format!("({}) ** {}", part(rng), pick(rng, &["0", "1", "2", "3", "0.5", "-1", "2L", "'a'"])),
        8 => format!("[i for i in {} if i]", part(rng)),
        9 => format!("{}{}", pick(rng, &["not ", "-", "~", "+"]), pick(rng, ATOMS)),
        _ => part(rng),
    }
}

fn program(rng: &mut Rng) -> String {
    let mut lines = vec!["a = [1, 'a', 2.5]".to_string(), "b = {'a': 1, 'b': 2}".to_string(), "c = 'text'".to_string()];
    for _ in 0..rng.usize(..3) {
        let value = expression(rng, 2);
        lines.push(match rng.usize(..7) {
            0 => format!("a[1:2] = {value}"),
            1 => format!("b['z'] = {value}"),
            2 => format!("{} {} {value}", pick(rng, &["a", "b", "c"]), pick(rng, &["+=", "=", "*=", "|=", "-=", "%="])),
            3 => format!("for c in {value}:\n    a.append(c)\n    if len(a) > 6: break\nelse:\n    c = 1"),
            4 => format!(
                "try:\n    c = {value}\nexcept (TypeError, LookupError), e:\n    c = 'caught'\nelse:\n    b = c"
            ),
            5 => format!("def f(n, m=3):\n    if n: return n, m\nc = f({value}), f(m=1, n=0)"),
            _ => format!("a.{}", pick(rng, METHODS)),
        });
    }
    lines.push(format!("x = {}", expression(rng, 3)));
    lines.join("\n") + "\n"
}

/// What our evaluator makes of a program; `None` where it refuses what Python may do.
fn ours(source: &str) -> Option<String> {
    let request = Request {
        file: Path::new("/x.py"),
        source: source.as_bytes(),
        defaults: Defaults::Table(Vec::new()),
        folders: Vec::new(),
    };
    match evaluate(request) {
        Ok(outcome) => {
            let x = outcome.settings.iter().find(|setting| setting.name == "x")?;
            Some(format::repr(&x.value).to_latin1())
        }
        Err(error) => {
            let raised = error.message.strip_prefix("Python stops here too: ")?;
            Some(raised.split(':').next()?.to_string())
        }
    }
}

#[test]
#[ignore = "needs a Python 2"]
fn programs() {
    let mut rng = Rng::with_seed(2113);
    let mut cases = Vec::new();
    for _ in 0..8_000 {
        let source = program(&mut rng);
        if let Some(answer) = ours(&source) {
            cases.push(Case { question: question("run", &[source.as_bytes()]), ours: answer.replace('\n', "\\n") });
        }
    }
    assert!(cases.len() > 4_000, "only {} programs were understood", cases.len());
    compare(SCRIPT, &cases);
}

/// Right sides of `%`, as Python source and as a value.
fn right_sides() -> Vec<(&'static str, Value)> {
    use Value::{Bool, Float, Int, Long};
    let mut dict = compat::value::Dict::new();
    for (key, value) in
        [("a", Int(-42)), ("c", Float(2.675)), ("b", Value::str("te\u{e4}xt")), ("(d)", Long("70".into()))]
    {
        dict.set(key, value);
    }
    let mixed = vec![Int(5), Value::str("ab"), Float(-1234.5678), Value::None];
    vec![
        ("{'a': -42, 'b': 'te\\xc3\\xa4xt', 'c': 2.675, '(d)': 70L}", Value::dict(dict)),
        ("(5, 'ab', -1234.5678, None)", Value::tuple(mixed)),
        ("(7, 1e22)", Value::tuple(vec![Int(7), Float(1e22)])),
        ("(True,)", Value::tuple(vec![Bool(true)])),
        ("()", Value::tuple(Vec::new())),
        ("255", Int(255)),
        ("'s'", Value::str("s")),
        ("u's'", Value::Unicode("s".into())),
        ("(u'\\u20ac', 3)", Value::tuple(vec![Value::Unicode("\u{20ac}".into()), Int(3)])),
    ]
}

fn template(rng: &mut Rng) -> String {
    let conversions = ["s", "d", "i", "x", "X", "o", "f", "e", "g", "G", "r", "%", "c", "u", "q", ""];
    let mut out = String::new();
    for _ in 0..rng.usize(1..4) {
        out.push_str(pick(rng, &["", "x ", "-"]));
        out.push('%');
        out.push_str(pick(rng, &["", "", "(a)", "(b)", "(c)", "((d))", "(none)", "(a"]));
        out.push_str(pick(rng, &["", "", "-", "+", " ", "#", "0", "-0", "+ "]));
        out.push_str(pick(rng, &["", "", "1", "8", "12", "*"]));
        out.push_str(pick(rng, &["", "", ".0", ".2", ".10", ".", ".*"]));
        out.push_str(pick(rng, &["", "", "l"]));
        out.push_str(pick(rng, &conversions));
    }
    out
}

#[test]
#[ignore = "needs a Python 2"]
fn formats() {
    let mut rng = Rng::with_seed(2139);
    let sides = right_sides();
    let mut cases = Vec::new();
    for _ in 0..8_000 {
        let template = template(&mut rng);
        let (source, value) = &sides[rng.usize(..sides.len())];
        let ours = match format::percent_args(&Value::str(template.as_str()), value) {
            Ok(value) => format::repr(&value).to_latin1(),
            Err(error) => error.exception().to_string(),
        };
        cases.push(Case { question: question("format", &[template.as_bytes(), source.as_bytes()]), ours });
    }
    compare(SCRIPT, &cases);
}

#[test]
#[ignore = "needs a Python 2"]
fn floats() {
    let mut rng = Rng::with_seed(39);
    let mut cases = Vec::new();
    for at in 0..8_000 {
        let x = match at % 4 {
            0 => f64::from_bits(rng.u64(..)),
            1 => 1_700_000_000.0 + rng.f64() * 1e9,
            2 => (rng.f64() - 0.5) * 1e6,
            _ => f64::from(rng.i32(..)) / 8.0,
        };
        if !x.is_finite() {
            continue;
        }
        let parts = [
            float_repr(x),
            float_str(x),
            float_with(x, b'g', 17, false),
            float_with(x, b'f', 3, false),
            float_with(x, b'e', 6, false),
        ];
        cases.push(Case { question: question("float", &[&x.to_be_bytes()]), ours: parts.join(" ") });
    }
    compare(SCRIPT, &cases);
}
