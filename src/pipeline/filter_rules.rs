//! header_filter_rules: patterns over all headers of all parts of a message, each with an action.
//!
//! 2.1.13 searches the headers as they would be written, unfolded, as bytes; for that it writes every message, also
//! where a list has no rules, so that one which cannot be written fails here. From 2.1.23 on they are decoded to
//! characters in the form of NORMALIZE_FORM (NFKC), and so are the patterns.
//!
//! A pattern is `unicode` where an owner saved it on the web page of a later version; it stands for the same characters,
//! and in 2.1.13 for the bytes of their numbers.

use super::Context;
use crate::error::{Culprit, HandlerError};
use crate::text::either::Text;
use crate::text::references;
use compat::codecs::{self, Errors};
use compat::email::generator::{self, Options};
use compat::email::header;
use compat::email::header_block::header_block;
use compat::email::message::Message;
use compat::list::attributes;
use compat::pattern::{Flags, Pattern};
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;
use unicode_normalization::UnicodeNormalization;

/// The action of a rule that is switched off.
const DEFER: i64 = 0;
/// What is to blame for a rule that cannot be used.
const RULES: Culprit = Culprit::Option("header_filter_rules");

/// What a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    Reject,
    Discard,
    Accept,
    Hold,
}

impl Action {
    fn from_number(number: i64) -> Option<Self> {
        match number {
            2 => Some(Action::Reject),
            3 => Some(Action::Discard),
            6 => Some(Action::Accept),
            7 => Some(Action::Hold),
            _ => None,
        }
    }
}

/// A rule that matched.
pub struct Hit {
    pub action: Action,
    /// The line of the rule, as it was searched.
    pub pattern: ByteStr,
}

/// The first rule that matches. Other actions than the four (a deferred rule) stop nothing. `searched` says whether
/// anything was looked for before: an invalid pattern counts as what the search before it found, and one that comes first
/// finds Python without a result and makes it raise.
pub fn first_match(ctx: &mut Context<'_>, searched: bool) -> Result<Option<Hit>, HandlerError> {
    let unicode = ctx.has(Switch::FilterRulesUnicode);
    let written = if unicode { None } else { Some(written_headers(ctx.msg)?) };
    let rules = ctx.list.get(attributes::HEADER_FILTER_RULES).and_then(Value::as_items).unwrap_or_default();
    if rules.is_empty() {
        return Ok(None);
    }
    let headers = written.unwrap_or_else(|| decoded_headers(ctx));
    search(ctx, rules, &headers, searched)
}

fn search(ctx: &Context<'_>, rules: &[Value], headers: &[u8], mut searched: bool) -> Result<Option<Hit>, HandlerError> {
    let unicode = ctx.has(Switch::FilterRulesUnicode);
    for rule in rules {
        let (lines, action) = parts(rule)?;
        if action == DEFER {
            continue;
        }
        for line in lines.lines().into_iter().filter(|line| !line.bytes().starts_with(b"#") && !line.is_blank()) {
            let line = if unicode { normalised(ctx, line) } else { line };
            let found = match compile(ctx, &line, unicode)? {
                Some(pattern) => pattern.is_match(headers)?,
                None if searched => false,
                None => return Err(RULES.says("local variable 'mo' referenced before assignment")),
            };
            searched = true;
            // An action that nobody knows stops nothing.
            if let Some(action) = Action::from_number(action).filter(|_| found) {
                return Ok(Some(Hit { action, pattern: ByteStr::from(line.bytes()) }));
            }
        }
    }
    Ok(None)
}

/// The patterns and the action of a rule; the third item does not count.
fn parts(rule: &Value) -> Result<(Text, i64), HandlerError> {
    let parts = match rule.as_items() {
        Some([lines, action, _]) => Text::from_value(lines).map(|lines| (lines, action.as_int().unwrap_or(DEFER))),
        _ => None,
    };
    parts.ok_or_else(|| RULES.says(format!("a header_filter_rule is not understood: {}", shown(rule))))
}

fn shown(rule: &Value) -> String {
    compat::format::repr(rule).to_latin1()
}

/// An invalid pattern stops the post in old versions; new ones note it and go on.
fn compile(ctx: &Context<'_>, line: &Text, unicode: bool) -> Result<Option<Pattern>, HandlerError> {
    let flags = Flags { multi_line: true, unicode, ..Flags::IGNORE_CASE };
    let compiled = match line {
        Text::Unicode(text) if unicode => Pattern::new_text(text, flags),
        line => line.pattern(flags),
    };
    match compiled {
        Ok(pattern) => Ok(Some(pattern)),
        Err(_) if ctx.has(Switch::FilterInvalidPatternLogged) => {
            ctx.log("error", &[b"ignoring header_filter_rules invalid pattern: ", &for_log(ctx, line.bytes())]);
            Ok(None)
        }
        Err(error) => Err(HandlerError::at("header_filter_rules")(error)),
    }
}

/// In the charset of the logs; a character that it lacks becomes a question mark.
fn for_log(ctx: &Context<'_>, pattern: &[u8]) -> Vec<u8> {
    codecs::encode_str(&String::from_utf8_lossy(pattern), ctx.site.log_charset(), Errors::Replace).unwrap_or_default()
}

/// The pattern as characters; of bytes, with `&#N;` and `\uXXXX` resolved.
fn normalised(ctx: &Context<'_>, line: Text) -> Text {
    let text = match line {
        Text::Unicode(text) => text,
        Text::Bytes(bytes) => references::xml_to_unicode(&bytes, &ctx.list_charset()),
    };
    Text::Unicode(in_form(ctx, &text))
}

/// NORMALIZE_FORM, by its usual value where it names no form. ASCII is the same in each.
fn in_form(ctx: &Context<'_>, text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let form = ctx.site.settings.optional_str(settings::NORMALIZE_FORM).unwrap_or_default();
    match &form[..] {
        b"NFC" => text.nfc().collect(),
        b"NFD" => text.nfd().collect(),
        b"NFKD" => text.nfkd().collect(),
        _ => text.nfkc().collect(),
    }
}

/// All headers of all parts, a line each, decoded and normalised.
fn decoded_headers(ctx: &Context<'_>) -> Vec<u8> {
    let mut all = String::new();
    for part in ctx.msg.walk() {
        for (name, value) in part.headers() {
            let value = in_form(ctx, &decoded_value(&value.text()));
            [&String::from_utf8_lossy(name), ": ", &value, "\n"].iter().for_each(|text| all.push_str(text));
        }
    }
    all.into_bytes()
}

fn decoded_value(value: &[u8]) -> String {
    let chunks = header::decode_header(&unfolded(value)).unwrap_or_else(|_| vec![(ByteStr::from(value), None)]);
    let shown = |(text, charset): &(ByteStr, Option<ByteStr>)| {
        let charset = charset.clone().unwrap_or_else(|| "us-ascii".into());
        let decoded = codecs::decode_string(text, &charset, Errors::Replace);
        // An unknown charset: what was encoded is shown as Latin-1, garbled but searchable.
        decoded.unwrap_or_else(|_| text.to_latin1())
    };
    chunks.iter().map(shown).collect()
}

/// `re.sub('\n\s', ' ', value)`
fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        let folded = byte == b'\n' && value.get(at + 1).copied().is_some_and(crate::text::is_space);
        out.push(if folded { b' ' } else { byte });
        at += if folded { 2 } else { 1 };
    }
    out
}

/// The headers as 2.1.13 sees them: written, empty lines taken out, then unfolded. The bodies are written too: a
/// multipart without a boundary has got one when its headers' turn comes.
fn written_headers(msg: &mut Message) -> Result<Vec<u8>, HandlerError> {
    let unfolded_bodies = Options { unixfrom: false, mangle_from: false, fold_at: 0, fold_parts_at: 0 };
    generator::flatten_to(msg, unfolded_bodies, &mut std::io::sink())?;
    let mut all = Vec::new();
    for part in msg.walk() {
        all.extend(header_block(part, 78)?);
    }
    let mut joined: Vec<u8> = Vec::with_capacity(all.len());
    for byte in all {
        if byte != b'\n' || joined.last() != Some(&b'\n') {
            joined.push(byte);
        }
    }
    Ok(unfolded(&joined))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::spam_detect::process;
    use crate::pipeline::Verdict;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::site::Version;

    const POST: &[u8] = b"From: a@b.c\nSubject: a\n loan\n\nx\n";

    /// A list with a deferred rule, a rule of several lines with an action, and one behind it that discards.
    fn rules(action: i64) -> Value {
        let rules = [("subject: x", 0), ("# c\n\nfrom: .*spam\nsubject: .*loan", action), ("subject: .*loan", 3)];
        let rule = |(lines, action)| Value::tuple(vec![Value::str(lines), Value::Int(action), Value::Bool(false)]);
        Value::list(rules.map(rule).to_vec())
    }

    fn fixture(version: Version, rules: Value, post: &[u8]) -> Fixture {
        Fixture::new(version, &[("header_filter_rules", rules)], post)
    }

    fn verdicts<const N: usize>(version: Version, actions: [i64; N], to_owners: bool) -> [Verdict; N] {
        actions.map(|action| {
            let mut fixture = fixture(version, rules(action), POST);
            if to_owners {
                fixture.data.set("toowner", Value::Int(1));
            }
            fixture.handle(process)
        })
    }

    #[test]
    fn every_action_does_what_it_says() {
        use Verdict::{Continue, Discard, Hold};
        let rejected = || Verdict::reject(Some(b"Message rejected by filter rule match"));
        for version in [OLD, NEW] {
            // Deferred, refused, thrown away, let through, held.
            let actions = [0, 2, 3, 6, 7];
            assert_eq!(verdicts(version, actions, false), [Discard, rejected(), Discard, Continue, Hold]);
            assert_eq!(verdicts(version, actions, true), [Discard, Discard, Discard, Continue, Continue]);
        }
    }

    #[test]
    fn the_reason_of_a_hold_came_to_name_the_pattern() {
        for (version, reason) in
            [(OLD, "The message headers matched a filter rule"), (NEW, "Header matched regexp: subject: .*loan")]
        {
            let mut fixture = fixture(version, rules(7), POST);
            fixture.handle(process);
            assert_eq!(fixture.log("vette"), format!("Club post from a@b.c held, message-id=n/a: {reason}"));
        }
    }

    /// As the pages of 2.1.39 store them.
    #[test]
    fn patterns_may_be_unicode() {
        let rule = |text: &str, action| {
            let members = vec![Value::Unicode(text.into()), Value::Int(action), Value::Bool(false)];
            Value::list(vec![Value::tuple(members)])
        };
        for (text, verdict) in [
            ("#subject: .*loan", Verdict::Continue),
            ("\u{2028}x-no: y\u{2028}subject: .*loan", Verdict::Discard),
            ("subject: .*l&#111;an", Verdict::Continue),
        ] {
            assert_eq!(fixture(NEW, rule(text, 3), POST).handle(process), verdict, "{text}");
        }
    }

    #[test]
    fn an_invalid_pattern_is_logged_in_latin_1() {
        let rule = Value::tuple(vec![Value::str("x\n&#233;[&#8364;"), Value::Int(3), Value::Bool(false)]);
        let mut fixture = fixture(NEW, Value::list(vec![rule]), POST);
        assert_eq!(fixture.handle(process), Verdict::Continue);
        let log = std::fs::read(fixture.site.settings.path(settings::LOG_DIR).join("error")).unwrap();
        assert!(log.ends_with(b"ignoring header_filter_rules invalid pattern: \xe9[?\n"));
    }

    /// As both references judge these posts: the rule that a web page saved holds for each version in its way.
    #[test]
    fn a_unicode_rule_counts() {
        let rule = |pattern: &str| {
            let items = vec![Value::Unicode(pattern.into()), Value::Int(3), Value::Bool(true)];
            Value::list(vec![Value::tuple(items)])
        };
        let judged = |version, pattern: &str, subject: &[u8]| {
            let post = [b"From: a@b.c\nSubject: ", subject, b"\n\nx\n"].concat();
            fixture(version, rule(pattern), &post).handle(process) == Verdict::Discard
        };
        let spellings: [&[u8]; 3] = [b"caf\xe9", b"=?utf-8?q?caf=C3=A9?=", b"=?iso-8859-1?q?caf=E9?="];
        assert_eq!(spellings.map(|subject| judged(OLD, "^subject:.*\u{e9}", subject)), [true, false, false]);
        assert_eq!(spellings.map(|subject| judged(NEW, "^subject:.*\u{e9}", subject)), [false, true, true]);
        for version in [OLD, NEW] {
            assert!(judged(version, "^subject: .*loan", b"a loan") && !judged(version, "^subject: .*loan", b"alone"));
        }
        // References are resolved in byte strings alone.
        assert!(!judged(NEW, "&#233;", spellings[1]));
    }

    #[test]
    fn a_rule_of_another_shape_is_not_passed_over() {
        for rule in [Value::str("x"), Value::tuple(vec![Value::str("x"), Value::Int(3)])] {
            for version in [OLD, NEW] {
                let error = fixture(version, Value::list(vec![rule.clone()]), POST).error(process);
                assert!(error.starts_with("a header_filter_rule is not understood: "), "{error}");
            }
        }
    }

    #[test]
    fn a_charset_with_a_nul_byte_is_an_unknown_one() {
        let post = b"From: a@b.c\nSubject: =?i\x00o-8859-1?q?a_loan?=\n\nx\n";
        assert_eq!(fixture(NEW, rules(3), post).handle(process), Verdict::Discard);
    }

    #[test]
    fn the_old_version_writes_every_message() {
        let post = b"From: a@b.c\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n----\n";
        for (version, made) in [(OLD, true), (NEW, false)] {
            let mut fixture = fixture(version, Value::list(Vec::new()), post);
            fixture.handle(process);
            let kind = fixture.msg.get_str("content-type").unwrap();
            assert_eq!(kind.starts_with(b"multipart/mixed; boundary=\"==============="), made);
        }
    }

    #[test]
    fn folded_lines_become_one() {
        assert_eq!(unfolded(b"a\n\tb\nc\n\n d"), b"a b\nc  d");
    }
}
