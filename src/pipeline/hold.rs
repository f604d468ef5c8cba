//! Hold: posts that a moderator should see before the members do.
//!
//! Administrivia, too many recipients, a list that is not addressed, suspicious headers, size, a moderated newsgroup, in
//! this order; the first that applies holds.

use super::headers::addresses;
use super::hold_reason::Reason;
use super::{administrivia, destination, holding, Context, Verdict};
use crate::error::HandlerError;
use crate::text;
use crate::text::header::header_values;
use compat::email::message::Message;
use compat::list::attributes;
use compat::pattern::{Flags, Pattern};
use compat::ByteStr;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if ctx.data.truth("approved") {
        return Ok(Verdict::Continue);
    }
    match reason(ctx)? {
        Some(reason) => holding::hold(ctx, &reason),
        None => Ok(Verdict::Continue),
    }
}

fn reason(ctx: &Context<'_>) -> Result<Option<Reason>, HandlerError> {
    if ctx.list.truth(attributes::ADMINISTRIVIA) && administrivia::is_command(ctx)? {
        return Ok(Some(Reason::Administrivia));
    }
    // Pages take fractions for any number: half a recipient holds every post.
    let most = ctx.list.float(attributes::MAX_NUM_RECIPIENTS);
    if most > 0.0 && addresses(ctx, &["to", "cc"]).count() as f64 >= most {
        return Ok(Some(Reason::TooManyRecipients));
    }
    let implicit = ctx.list.truth(attributes::REQUIRE_EXPLICIT_DESTINATION) && !ctx.data.truth("fromusenet");
    if implicit && !destination::is_explicit(ctx)? {
        return Ok(Some(Reason::ImplicitDestination));
    }
    if has_suspicious_header(ctx)? {
        return Ok(Some(Reason::SuspiciousHeaders));
    }
    if let Some(reason) = too_big(ctx) {
        return Ok(Some(reason));
    }
    let moderated = ctx.list.truth(attributes::GATEWAY_TO_NEWS) && ctx.list.int(attributes::NEWS_MODERATION) == 2;
    Ok(moderated.then_some(Reason::ModeratedNewsgroup))
}

/// The lines of text in all parts, with preambles and epilogues; headers do not count, and nothing is decoded.
fn too_big(ctx: &Context<'_>) -> Option<Reason> {
    let limit =
        ctx.list.get(attributes::MAX_MESSAGE_SIZE).filter(|limit| limit.as_float().is_some_and(|kb| kb > 0.0))?;
    let lines: usize = ctx.msg.body_lines(false).map(|line| line.len()).sum();
    let around = |part: &Message| {
        let length = |text: &Option<ByteStr>| text.as_ref().map_or(0, |text| text.len());
        length(&part.preamble) + length(&part.epilogue)
    };
    let size = lines + ctx.msg.walk().map(around).sum::<usize>();
    let too_big = limit.as_float().is_some_and(|kb| size as f64 / 1024.0 > kb);
    too_big.then(|| Reason::MessageTooBig(size as i64, limit.clone()))
}

/// Whether a header matches one of the list's `bounce_matching_headers`, lines of `name: pattern`.
fn has_suspicious_header(ctx: &Context<'_>) -> Result<bool, HandlerError> {
    let rules = ctx.list.str(attributes::BOUNCE_MATCHING_HEADERS);
    let mut found = false;
    // Every line is looked at, so that every bad one is reported, with each post.
    for line in rules.split(|&b| b == b'\n').map(text::strip).filter(|line| !line.is_empty() && line[0] != b'#') {
        if let Some((name, pattern)) = parse_rule(ctx, line) {
            for value in header_values(ctx.msg, name) {
                found = found || pattern.is_match(&value)?;
            }
        }
    }
    Ok(found)
}

fn parse_rule<'l>(ctx: &Context<'_>, line: &'l [u8]) -> Option<(&'l [u8], Pattern)> {
    let list = ctx.list.real_name();
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        ctx.log("config", &[b"bad bounce_matching_header line: ", &list, b"\n", line]);
        return None;
    };
    let value = text::lstrip(&line[colon + 1..]);
    match Pattern::new(value, Flags::IGNORE_CASE) {
        Ok(pattern) => Some((&line[..colon], pattern)),
        Err(error) => {
            let cause = format!(" (cause: {error})");
            ctx.log(
                "config",
                &[b"bad regexp in bounce_matching_header line: ", &list, b"\n\n", value, cause.as_bytes()],
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW};
    use compat::value::Value;

    /// `len(recips) >= mlist.max_num_recipients` as Python compares them.
    #[test]
    fn recipients_are_counted_against_fractions() {
        let post = b"From: a@example.com\nTo: club@lists.example.com, b@example.com\n\nx\n";
        for (limit, is_held) in [(0.0, false), (0.5, true), (2.0, true), (2.5, false), (-1.0, false)] {
            let mut fixture = Fixture::new(NEW, &[("max_num_recipients", Value::Float(limit))], post);
            let reason = fixture.run(|ctx| reason(ctx).unwrap());
            assert_eq!(matches!(reason, Some(Reason::TooManyRecipients)), is_held, "{limit}");
        }
    }
}
