//! Patterns as Python 2.7.18 takes them.

use super::*;

fn refused(pattern: &str) -> String {
    Pattern::new(pattern.as_bytes(), Flags::default()).unwrap_err().to_string()
}

fn found(pattern: &str, flags: Flags, subject: &[u8]) -> Option<ByteStr> {
    Pattern::new(pattern.as_bytes(), flags).unwrap().search(subject).unwrap().and_then(|found| found.group(0))
}

#[test]
fn what_python_refuses_is_refused_in_its_words() {
    for (pattern, text) in [
        ("*@example.com", "nothing to repeat"),
        ("a**", "multiple repeat"),
        ("a*+", "multiple repeat"),
        ("(a", "unbalanced parenthesis"),
        ("a)", "unbalanced parenthesis"),
        ("[a", "unexpected end of regular expression"),
        ("[z-a]", "bad character range"),
        ("a{3,2}", "bad repeat interval"),
        ("\\", "bogus escape (end of line)"),
        ("\\1", "bogus escape: '\\\\1'"),
        ("(?P<a>x)(?P<a>y)", "redefinition of group name 'a' as group 2; was group 1"),
        ("(?P=n)", "unknown group name: 'n'"),
        ("(?z)", "unexpected end of pattern"),
        ("(?i", "unexpected end of pattern"),
        ("(?<=a+)b", "look-behind requires fixed-width pattern"),
        ("(?<a>b)", "syntax error"),
    ] {
        assert_eq!(refused(pattern), text, "{pattern}");
    }
}

#[test]
fn flags_inside_hold_for_the_whole() {
    assert_eq!(found("ab(?i)", Flags::default(), b"xAB"), Some("AB".into()));
    assert_eq!(found("a b # note(?x)", Flags::default(), b"ab"), Some("ab".into()));
    assert_eq!(found("(?x) a b # note", Flags::default(), b"ab"), Some("ab".into()));
}

#[test]
fn dollar_matches_before_a_last_line_feed() {
    assert_eq!(found("a$", Flags::default(), b"a\n"), Some("a".into()));
    assert_eq!(found("a\\Z", Flags::default(), b"a\n"), None);
    assert_eq!(found("a$", Flags::default(), b"a\n\n"), None);
    let lines = Flags { multi_line: true, ..Flags::default() };
    assert_eq!(found("a$", lines, b"a\n\n"), Some("a".into()));
}

#[test]
fn bytes_are_bytes() {
    assert_eq!(found("\\w+", Flags::default(), b"\xe4\xf6a\xfc"), Some("a".into()));
    assert_eq!(found("[\\x80-\\xff]+", Flags::default(), b"a\xe4\xf6"), Some(b"\xe4\xf6".into()));
    let pattern = Pattern::new(b"\xc4", Flags::IGNORE_CASE).unwrap();
    assert!(!pattern.is_match(b"\xe4").unwrap() && pattern.is_match(b"\xc4").unwrap());
    let found = Pattern::new(b"b(.)d", Flags::default()).unwrap().search(b"\xe4b\xf6d").unwrap().unwrap();
    assert_eq!((found.span(0), found.group(1)), (Some((1, 4)), Some(b"\xf6".into())));
}

#[test]
fn braces_without_numbers_are_braces() {
    assert_eq!(found("a{,2}", Flags::default(), b"aaa"), Some("aa".into()));
    assert_eq!(found("a{}", Flags::default(), b"a{}"), Some("a{}".into()));
    assert_eq!(found("a{x", Flags::default(), b"a{x"), Some("a{x".into()));
}

#[test]
fn groups_have_names_and_numbers() {
    let verp =
        Pattern::new(b"^(?P<bounces>[^+]+?)\\+(?P<mailbox>[^=]+)=(?P<host>[^@]+)@.*$", Flags::default()).unwrap();
    let found = verp.search(b"list-bounces+joe=example.com@lists.example.org").unwrap().unwrap();
    assert_eq!(found.named("mailbox"), Some("joe".into()));
    assert_eq!(found.named("host"), found.group(3));
    assert_eq!(found.named("other"), None);
    assert!(verp.match_start(b"no").unwrap().is_none());
}

#[test]
fn references_and_conditions() {
    assert_eq!(found("(a)(?P<q>b)\\1(?P=q)", Flags::default(), b"abab"), Some("abab".into()));
    assert_eq!(found("(<)?x(?(1)>|!)", Flags::default(), b"<x!"), Some("x!".into()));
    assert_eq!(found("(<)?x(?(1)>)", Flags::default(), b"<x>"), Some("<x>".into()));
}

#[test]
fn all_matches_as_by_finditer() {
    let pattern = Pattern::new(b"x*", Flags::default()).unwrap();
    let spans: Vec<_> = pattern.find_all(b"axb").unwrap().iter().filter_map(|found| found.span(0)).collect();
    assert_eq!(spans, [(0, 0), (1, 2), (2, 2), (3, 3)]);
    assert_eq!(pattern.replace_all(b"axb", b"-").unwrap(), b"-a-b-");
}

#[test]
fn a_search_that_goes_astray_ends() {
    let pattern = Pattern::new(b"(a*)*\\1b(?=c)", Flags::default()).unwrap();
    let subject = [b'a'; 60];
    assert!(pattern.search(&subject).is_err() || pattern.search(&subject).unwrap().is_none());
    assert_eq!(refused(&"(".repeat(5000)).split(':').next(), Some("pattern is too large or too deep"));
}

#[test]
fn text_knows_other_letters() {
    let flags = Flags { unicode: true, ..Flags::IGNORE_CASE };
    let pattern = Pattern::new_text("\u{c4}\\w+", flags).unwrap();
    let found = pattern.search("x \u{e4}rger".as_bytes()).unwrap().unwrap();
    assert_eq!(found.group(0), Some("\u{e4}rger".into()));
}

#[test]
fn escaped_text_is_literal() {
    assert_eq!(escape(b"a.b_\0"), b"a\\.b\\_\\000");
    assert_eq!(
        found(&String::from_utf8(escape(b"[x] %d")).unwrap(), Flags::default(), b"a [x] %d"),
        Some("[x] %d".into())
    );
}

#[test]
fn a_line_feed_at_the_end_counts_only_before_a_dollar() {
    let forms = |pattern: &str| {
        let pattern = Pattern::new(pattern.as_bytes(), Flags::default()).unwrap();
        assert!(pattern.is_match(b"xa").unwrap() && pattern.is_match(b"xa\n").unwrap());
        pattern.0.forms.iter().filter(|form| form.get().is_some()).count()
    };
    assert_eq!([forms("a"), forms("a$"), forms("(?m)a$")], [1, 2, 1]);
}
