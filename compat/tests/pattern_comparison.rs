//! Patterns compared with Python 2's `re` on generated cases: what is refused and how, what matches and where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use compat::pattern::{Flags, Match, Pattern, PatternError, TooMuch};
use fastrand::Rng;
use support::{compare, compare_up_to, Case};

const SCRIPT: &str = include_str!("reference/pattern_reference.py");

fn seed() -> u64 {
    std::env::var("MAILMAN2_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn count(usual: usize) -> usize {
    std::env::var("MAILMAN2_TEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn spans(found: Option<&Match>, groups: bool) -> String {
    let Some(found) = found else { return "None".to_owned() };
    let span = |number| found.span(number).map_or("-1--1".to_owned(), |(start, end)| format!("{start}-{end}"));
    (0..if groups { found.group_count() } else { 1 }).map(span).collect::<Vec<_>>().join(" ")
}

fn flags(letters: &str) -> Flags {
    let has = |letter| letters.contains(letter);
    Flags { ignore_case: has('i'), multi_line: has('m'), dot_all: has('s'), verbose: has('x'), unicode: has('u') }
}

fn answer(pattern: &Pattern, all: bool, groups: bool, subject: &[u8]) -> Result<String, TooMuch> {
    if all {
        let found: Vec<String> = pattern.find_all(subject)?.iter().map(|found| spans(Some(found), groups)).collect();
        return Ok(if found.is_empty() { "None".to_owned() } else { found.join(" | ") });
    }
    let (search, start) = (pattern.search(subject)?, pattern.match_start(subject)?);
    Ok(format!("{} / {}", spans(search.as_ref(), groups), spans(start.as_ref(), groups)))
}

/// What a group holds that matched emptily at the end of a loop, or inside a look that must fail, is an accident of
/// Python's engine; there only the whole match counts.
fn groups_count(pattern: &[u8]) -> bool {
    let pattern = String::from_utf8_lossy(pattern);
    !["(?!", "(?<!", ")*", ")+", "){", ")?"].iter().any(|accident| pattern.contains(accident))
}

fn case(text: bool, all: bool, letters: &str, pattern: &[u8], subject: &[u8]) -> Case {
    let groups = groups_count(pattern);
    let way = [if text { "t" } else { "b" }, if all { "a" } else { "" }, if groups { "" } else { "w" }];
    let how = way.concat();
    let compiled = match text {
        true => Pattern::new_text(std::str::from_utf8(pattern).unwrap(), flags(letters)),
        false => Pattern::new(pattern, flags(letters)),
    };
    let ours = match compiled {
        Ok(compiled) => answer(&compiled, all, groups, subject).unwrap_or_else(|error| error.to_string()),
        Err(PatternError::TooLarge(text)) => format!("TooLarge {text}"),
        Err(error) => format!("error: {error}").replace('\n', "\\n"),
    };
    Case { question: format!("{how} ={letters} {} {}", hex(pattern), hex(subject)), ours }
}

fn pick<'a, T: ?Sized>(rng: &mut Rng, from: &[&'a T]) -> &'a T {
    from[rng.usize(..from.len())]
}

const ATOMS: &[&str] = &[
    "a",
    "b",
    "A",
    "c",
    ".",
    "\\w",
    "\\W",
    "\\d",
    "\\s",
    "\\S",
    "\\D",
    "[ab]",
    "[^a]",
    "[a-c]",
    "[^]a]",
    "[]a]",
    "[a-]",
    "[\\w.]",
    "[[:alpha:]]",
    "[a\\]]",
    "\\.",
    "\\n",
    "x",
    " ",
    "1",
    "@",
    "\\x41",
    "\\101",
    "\\0",
    "-",
    "]",
    "}",
    "{",
    "[^\\W\\d]",
    "\\_",
    "[A-b]",
    "[\\x80-\\xff]",
    "#",
    "\\Z",
    "\\A",
    "^",
    "$",
    "\\b",
    "\\B",
];
const BYTES: &[&str] = &["\u{e4}", "\u{c4}", "[\u{e0}-\u{ff}]", "\u{ff}", "\u{b2}", "\u{a0}"];
const COUNTS: &[&str] = &[
    "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}", "{1,}", "{0,1}?", "{2,1}", "{,}", "{}", "{a}", "{2", "**",
    "*+",
];
const GARBAGE: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "*",
    "+",
    "?",
    "{",
    "}",
    "|",
    "\\",
    "^",
    "$",
    "(?",
    "(?P",
    "(?P<",
    "(?P<n>",
    "(?P=n)",
    "(?P>",
    "(?i)",
    "(?x)",
    "(?s)",
    "(?m)",
    "(?u)",
    "(?L)",
    "(?t)",
    "(?z)",
    "(?i",
    "(?(1)",
    "(?(n)",
    "(?(0)",
    "(?#",
    "(?<",
    "(?<=",
    "(?<!",
    "(?=",
    "(?!",
    "(?:",
    "\\1",
    "\\2",
    "\\8",
    "\\12",
    "\\x",
    "\\xg",
    "\\x4",
    "[\\8]",
    "[\\x]",
    "[b-a]",
    "[\\w-a]",
    "[a-\\d]",
    "a",
    "b",
    "1",
    "n",
    ">",
    ",",
    "\n",
    " ",
    "#",
    "-",
    "[^",
    "{3,2}",
    "{99999999999}",
    "(?P<1>",
    "(?P<n!>",
    "(?iz)",
    "\\077",
    "\\777",
    "'",
    "\\b",
];

/// A pattern that is mostly well formed.
fn grow(rng: &mut Rng, depth: usize, bytes: bool) -> String {
    let pieces = rng.usize(1..4);
    let mut out = String::new();
    for _ in 0..pieces {
        let piece = piece(rng, depth, bytes);
        out.push_str(&piece);
        if rng.u8(..3) == 0 {
            out.push_str(COUNTS[if rng.u8(..4) == 0 { rng.usize(..COUNTS.len()) } else { rng.usize(..11) }]);
        }
    }
    out
}

fn piece(rng: &mut Rng, depth: usize, bytes: bool) -> String {
    if depth == 0 || rng.u8(..5) < 2 {
        return if bytes && rng.u8(..6) == 0 { pick(rng, BYTES) } else { pick(rng, ATOMS) }.to_owned();
    }
    let (one, two) = (grow(rng, depth - 1, bytes), grow(rng, depth - 1, bytes));
    match rng.u8(..14) {
        0..=2 => format!("({one})"),
        3 => format!("({one}|{two})"),
        4 => format!("(?:{one}|{two})"),
        5 => format!("(?P<n>{one})"),
        6 => format!("(?={one})"),
        // A group inside would keep, in Python, what it held when the look failed.
        7 => format!("(?!{})", pick(rng, ATOMS)),
        8 => format!("(?<={})", pick(rng, ATOMS)),
        9 => format!("(?<!{})", pick(rng, ATOMS)),
        10 => format!("({one})\\1"),
        11 => format!("({one})?(?(1){two}|b)"),
        12 => format!("(?#c){one}"),
        _ => pick(rng, &["(?i)", "(?x)", "(?s)", "(?m)", "(?u)", "|", "(?P=n)", "(?i)"]).to_owned(),
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|ch| u8::try_from(u32::from(ch)).unwrap()).collect()
}

fn subject(rng: &mut Rng) -> String {
    let pieces = [
        "a", "b", "A", "B", "c", "1", " ", "\n", "x", ".", "@", "ab", "aa", "\u{e4}", "\u{c4}", "-", "_", "]", "{",
        "\\",
    ];
    (0..rng.usize(..9)).map(|_| pick(rng, &pieces)).collect()
}

fn letters(rng: &mut Rng) -> &'static str {
    pick(rng, &["", "i", "i", "im", "ix", "m", "s", "x", "ms", "i", "u", "iu"])
}

/// Python leaves traces of failed tries in a group that a condition then asks for; the engine does not. Of patterns with
/// conditions and loops as wild as these, one or two in a thousand differ so.
const TRACES: usize = 2;

#[test]
#[ignore = "needs a Python 2"]
fn grown_patterns_match_alike() {
    let mut rng = Rng::with_seed(seed());
    let one = |rng: &mut Rng| {
        let pattern = grow(rng, 3, true);
        let subject = subject(rng);
        // References do not fold Latin-1's letters as Python's do under UNICODE.
        let letters = if pattern.contains("\\1") || pattern.contains("(?P=") { "i" } else { letters(rng) };
        case(false, rng.u8(..4) == 0, letters, &latin1(&pattern), &latin1(&subject))
    };
    let cases: Vec<Case> = (0..count(10_000)).map(|_| one(&mut rng)).collect();
    compare_up_to(SCRIPT, &cases, TRACES);
}

#[test]
#[ignore = "needs a Python 2"]
fn grown_text_patterns_match_alike() {
    let mut rng = Rng::with_seed(seed() + 7);
    let one = |rng: &mut Rng| {
        let (pattern, subject) = (grow(rng, 2, true), subject(rng));
        let letters = pick(rng, &["iu", "imu", "u", "imu"]);
        case(true, rng.u8(..4) == 0, letters, pattern.as_bytes(), subject.as_bytes())
    };
    let cases: Vec<Case> = (0..count(5000)).map(|_| one(&mut rng)).collect();
    compare_up_to(SCRIPT, &cases, TRACES);
}

#[test]
#[ignore = "needs a Python 2"]
fn garbage_is_refused_alike() {
    let mut rng = Rng::with_seed(seed() + 1);
    let one = |rng: &mut Rng| {
        let pattern: String = (0..rng.usize(1..7)).map(|_| pick(rng, GARBAGE)).collect();
        case(false, false, letters(rng), &latin1(&pattern), &latin1(&subject(rng)))
    };
    let cases: Vec<Case> = (0..count(20_000)).map(|_| one(&mut rng)).collect();
    compare(SCRIPT, &cases);
}

#[test]
#[ignore = "needs a Python 2"]
fn settings_match_alike() {
    let mut cases = Vec::new();
    let patterns: &[(&str, &[&str])] = &[
        (
            r"^(?P<bounces>[^+]+?)\+(?P<mailbox>[^=]+)=(?P<host>[^@]+)@.*$",
            &["list-bounces+joe=example.com@lists.example.org"],
        ),
        (
            r"^(.*<)?(?P<addr>[^+]+?)\+(?P<cookie>[^@]+)@.*$",
            &["Foo <list-confirm+abcdef@example.org>", "list-confirm+abc@x"],
        ),
        ("[-+_.=a-z0-9]", &["test-list", "Test List", "a/b"]),
        ("^.*@example\\.com$", &["joe@example.com", "joe@EXAMPLE.com\n", "joe@example.community"]),
        ("^from:.*@spam\\.example$", &["to: x\nfrom: a@spam.example\nsubject: y", "From:\n x"]),
        ("(?P<n>a)(?P<n>b)", &[""]),
        ("[", &[""]),
        ("*@spam.com", &[""]),
    ];
    for (pattern, subjects) in patterns {
        for subject in *subjects {
            for letters in ["", "i", "im", "ix"] {
                cases.push(case(false, false, letters, pattern.as_bytes(), subject.as_bytes()));
            }
        }
    }
    compare(SCRIPT, &cases);
}
