//! Tagger: which of the list's topics a post is about.
//!
//! Subject and Keywords are searched, and lines of the body that look like them.

use super::headers::{change_header, Change};
use super::{Context, Verdict};
use crate::error::{Culprit, HandlerError};
use crate::text;
use crate::text::either::Text;
use crate::text::header::one_line_in;
use compat::email::message::{HeaderValue, Message};
use compat::email::parser;
use compat::list::attributes;
use compat::pattern::{Flags, Pattern};
use compat::site::Switch;
use compat::value::{UniStr, Value};
use compat::{pydict, ByteStr};

/// What is to blame for a topic that cannot be used.
const TOPICS: Culprit = Culprit::Option("topics");

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.list.truth(attributes::TOPICS_ENABLED) {
        return Ok(Verdict::Continue);
    }
    let hits = hits(ctx, &lines(ctx))?;
    if !hits.is_empty() {
        let shown = header(&hits)?;
        ctx.data.set("topichits", Value::list(hits.iter().map(Text::to_value).collect()));
        change_header(ctx, "X-Topics", shown, Change::Append);
    }
    Ok(Verdict::Continue)
}

/// What the patterns are tried on.
fn lines(ctx: &Context<'_>) -> Vec<ByteStr> {
    let decodes = ctx.has(Switch::TaggerDecodesHeaders);
    let charset = ctx.list_charset();
    let shown = |value: ByteStr| if decodes { one_line_in(&value, &charset) } else { value };
    let headers = ["subject", "keywords"].into_iter().filter_map(|name| ctx.header(name)).map(shown);
    let most = ctx.list.float(attributes::TOPICS_BODYLINES_LIMIT);
    let most = (most >= 0.0).then_some(most.ceil() as usize);
    headers
        .chain(from_body(ctx.msg, most, ctx.has(Switch::TaggerDecodesBody)))
        .filter(|line| !line.is_empty())
        .collect()
}

/// The topics that match, in the order of a Python dictionary.
fn hits(ctx: &Context<'_>, lines: &[ByteStr]) -> Result<Vec<Text>, HandlerError> {
    let mut found: Vec<Text> = Vec::new();
    let topics = ctx.list.get(attributes::TOPICS).and_then(Value::as_items).unwrap_or_default();
    for topic in topics {
        let (name, pattern) = parts(topic)?;
        let pattern = compile(ctx, &name, &pattern)?;
        for line in lines {
            if pattern.is_match(line)? {
                found.push(name);
                break;
            }
        }
    }
    let keys: Vec<&[u8]> = found.iter().map(Text::bytes).collect();
    Ok(pydict::order(&keys).into_iter().filter_map(|at| found.get(at).cloned()).collect())
}

/// A topic's name and pattern, either of which a web page may have left as `unicode`.
fn parts(topic: &Value) -> Result<(Text, Text), HandlerError> {
    let parts = match topic.as_items() {
        Some([name, pattern, _, _]) => Text::from_value(name).zip(Text::from_value(pattern)),
        _ => None,
    };
    parts.ok_or_else(|| TOPICS.says(format!("a topic is not understood: {}", compat::format::repr(topic))))
}

/// Each line of a pattern is an alternative; in 2.1.13 all of it is one verbose pattern.
fn compile(ctx: &Context<'_>, name: &Text, pattern: &Text) -> Result<Pattern, HandlerError> {
    let compiled = if ctx.has(Switch::TopicsByLine) {
        pattern.joined_lines("|").pattern(Flags::IGNORE_CASE)
    } else {
        pattern.pattern(Flags { verbose: true, ..Flags::IGNORE_CASE })
    };
    compiled.map_err(HandlerError::at(format!("topic {}", ByteStr::from(name.bytes()))))
}

/// The names as one header value.
///
/// # Errors
/// Bytes beyond ASCII beside a `unicode`, which Python does not join.
fn header(names: &[Text]) -> Result<HeaderValue, HandlerError> {
    const SEPARATOR: &[u8] = b"\n\t";
    let joined = ByteStr::new(names.iter().map(Text::bytes).collect::<Vec<_>>().join(SEPARATOR));
    if names.iter().all(|name| matches!(name, Text::Bytes(_))) {
        return Ok(HeaderValue::from(joined));
    }
    match names.iter().all(|name| matches!(name, Text::Unicode(_)) || name.bytes().is_ascii()) {
        true => Ok(HeaderValue::Other(Value::Unicode(UniStr(joined)))),
        false => Err(TOPICS.says("topics: names of bytes beyond ASCII beside unicode ones")),
    }
}

/// The subjects and keywords among the first lines of text. Which part is plain text decides whether the body is looked
/// at; what is read then are the lines of the whole message.
fn from_body(msg: &Message, most: Option<usize>, decodes: bool) -> Vec<ByteStr> {
    if most == Some(0) || !has_plain_text(msg) {
        return Vec::new();
    }
    let filled = msg.body_lines(decodes).filter(|line| !text::strip(line).is_empty());
    let first: Vec<ByteStr> = filled.take(most.unwrap_or(usize::MAX)).collect();
    let headers = parser::parse(&ByteStr::new(first.concat()));
    let mut found = headers.get_all_str("subject");
    found.extend(headers.get_all_str("keywords"));
    found
}

fn has_plain_text(msg: &Message) -> bool {
    let kind = msg.content_type();
    let in_parts = || msg.parts().iter().any(|part| part.content_type() == "text/plain");
    kind == "text/plain" || (kind == "multipart/alternative" && in_parts())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::site::Version;

    fn topics(version: Version, encoding: &str, body: &str) -> String {
        let topic = |name: &str| Value::tuple(vec![Value::str(name), Value::str(name), Value::str(""), Value::Int(0)]);
        let attributes = [
            ("topics_enabled", Value::Int(1)),
            ("topics_bodylines_limit", Value::Int(5)),
            ("topics", Value::list(vec![topic("roses"), topic("weeds")])),
        ];
        let post = format!("Content-Transfer-Encoding: {encoding}\n\n{body}\n");
        let mut fixture = Fixture::new(version, &attributes, post.as_bytes());
        fixture.handle(process);
        fixture.msg.get_str("x-topics").map(|found| found.to_latin1()).unwrap_or_default()
    }

    /// `while numlines is None or lineno < numlines`.
    #[test]
    fn half_a_line_of_the_body_is_a_whole_one() {
        let topic = Value::tuple(vec![Value::str("roses"), Value::str("roses"), Value::str(""), Value::Int(0)]);
        for (limit, is_found) in [(0.0, false), (0.5, true), (-0.5, true)] {
            let attributes = [
                ("topics_enabled", Value::Int(1)),
                ("topics_bodylines_limit", Value::Float(limit)),
                ("topics", Value::list(vec![topic.clone()])),
            ];
            let mut fixture = Fixture::new(NEW, &attributes, b"Subject: x\n\nKeywords: roses\n");
            fixture.handle(process);
            assert_eq!(fixture.msg.get_str("x-topics").is_some(), is_found, "{limit}");
        }
    }

    /// What a web page saved as `unicode` finds its posts, and the entry keeps the kind.
    #[test]
    fn unicode_topics_count() {
        for (version, pattern) in [(OLD, "rose\u{e9} # of all kinds\n|tulip"), (NEW, "rose\u{e9}\ntulip")] {
            for subject in [&b"ROSE\xe9"[..], b"Tulips"] {
                let name = Value::Unicode("Bl\u{fc}hendes".into());
                let topic =
                    Value::tuple(vec![name.clone(), Value::Unicode(pattern.into()), Value::str(""), Value::Int(0)]);
                let attributes = [("topics_enabled", Value::Int(1)), ("topics", Value::list(vec![topic]))];
                let post = [b"Subject: ", subject, b"\n\nx\n"].concat();
                let mut fixture = Fixture::new(version, &attributes, &post);
                fixture.handle(process);
                assert_eq!(fixture.data.get("topichits"), Some(&Value::list(vec![name.clone()])));
                assert_eq!(fixture.msg.get("x-topics"), Some(&HeaderValue::Other(name)));
            }
        }
    }

    /// As the reference sorts these posts: 2.1.13 reads the body as it is written.
    #[test]
    fn keywords_in_an_encoded_body() {
        let base64 = "S2V5d29yZHM6IHJvc2VzCgpIZWxsbwo=";
        assert_eq!(topics(OLD, "base64", base64), "");
        assert_eq!(topics(NEW, "base64", base64), "roses");
        let quoted = "Keywords: ro=73es =\nweeds";
        assert_eq!(topics(OLD, "quoted-printable", quoted), "");
        assert_eq!(topics(NEW, "quoted-printable", quoted), "roses\n\tweeds");
        for version in [OLD, NEW] {
            assert_eq!(topics(version, "7bit", "Keywords: weeds\nHello"), "weeds");
        }
    }
}
