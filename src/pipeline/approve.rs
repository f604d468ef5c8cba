//! Approve: a list password in the post lets it through, and must not travel on; and a post that was here already ends.
//!
//! The password stands in a header, or as a pseudo header in the first line of text of the first text/plain part. A
//! mail program may have put the same line into an HTML part beside it, so it is cut out of every text part.

use super::{Context, Verdict};
use crate::auth::password::approves_posts;
use crate::error::HandlerError;
use crate::text;
use compat::email::charset::Charset;
use compat::email::message::{Message, Payload};
use compat::email::params::Param;
use compat::pattern::{escape, Flags, Pattern};
use compat::site::Switch;
use compat::value::Value;
use compat::ByteStr;

const TYPE: &str = "Content-Type";
/// Header names, as they are looked for; the last two are of 2.1.14.
const NAMES: [&str; 4] = ["approved", "approve", "x-approved", "x-approve"];

const HIDDEN_PASSWORD: &[u8] = b"Message rejected.
It appears that this message contains an HTML part with the
Approved: password line, but due to the way it is coded in the
HTML it can't be safely removed.
";

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    // Later versions look even at a post that a moderator let through: the password must go from it too.
    if ctx.data.truth("approved") && !ctx.has(Switch::ApproveProcessedWhenApproved) {
        return Ok(Verdict::Continue);
    }
    let names = names(ctx);
    let mut password = names.iter().find_map(|name| ctx.header(name));
    if password.is_none() {
        if let Some(line) = take_pseudo_header(ctx.msg, names)? {
            if !cut_everywhere(ctx, &line)? {
                return Ok(Verdict::reject(Some(HIDDEN_PASSWORD)));
            }
            password = Some(line.password);
        }
    }
    if password.is_some_and(|p| approves_posts(ctx.list, &p)) {
        ctx.data.set("approved", Value::Int(1));
        // What lets a post through an emergency.
        ctx.data.set("adminapproved", Value::Int(1));
    }
    Ok(if was_here(ctx) { Verdict::Discard } else { Verdict::Continue })
}

fn names(ctx: &Context<'_>) -> &'static [&'static str] {
    if ctx.has(Switch::ApproveXHeaders) {
        &NAMES
    } else {
        &NAMES[..2]
    }
}

/// Whether the list's own mark is on it: a loop.
fn was_here(ctx: &Context<'_>) -> bool {
    let address = text::lower(&ctx.list.posting_address());
    ctx.msg.get_all_str("x-beenthere").iter().any(|mark| text::lower(text::strip(mark)) == address)
}

/// A password line as it stood in the text.
struct PasswordLine {
    name: ByteStr,
    password: ByteStr,
}

/// Takes the password line out of the first text/plain part, if its first line of text is one. That the password is
/// right does not matter.
fn take_pseudo_header(msg: &mut Message, names: &[&str]) -> Result<Option<PasswordLine>, HandlerError> {
    let Some(part) = first_plain_text(msg) else { return Ok(None) };
    let Some(body) = decoded(part) else { return Ok(None) };
    let mut lines = text::lines(&body);
    let first = lines.iter().position(|line| !text::strip(line).is_empty());
    let Some((at, colon)) = first.and_then(|at| Some((at, lines[at].iter().position(|&b| b == b':')?))) else {
        return Ok(None);
    };
    let name = ByteStr::from(&lines[at][..colon]);
    if !names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())) {
        return Ok(None);
    }
    let password = ByteStr::from(text::lstrip(&lines[at][colon + 1..]));
    lines.remove(at);
    let rest = lines.join(&b'\n');
    reset_payload(part, &rest)?;
    Ok(Some(PasswordLine { name, password }))
}

fn first_plain_text(msg: &mut Message) -> Option<&mut Message> {
    if msg.content_type() == "text/plain" {
        return Some(msg);
    }
    match &mut msg.payload {
        Payload::Parts(parts) => parts.iter_mut().find_map(first_plain_text),
        _ => None,
    }
}

fn decoded(part: &Message) -> Option<ByteStr> {
    match part.payload {
        Payload::None => None,
        _ => part.decoded_payload(),
    }
}

/// Cuts the line out of all text parts. False where it shows only once tags are taken away: then it can't be cut.
fn cut_everywhere(ctx: &mut Context<'_>, line: &PasswordLine) -> Result<bool, HandlerError> {
    let blanks: &[u8] = if ctx.has(Switch::ApproveWideBlanks) { b":(\xa0|\\s|&nbsp;)*" } else { b":(\\s|&nbsp;)*" };
    let pattern = [&line.name[..], blanks, &escape(&line.password)].concat();
    let compile = |pattern: &[u8]| Pattern::new(pattern, Flags::default()).map_err(HandlerError::cause);
    let line = compile(&pattern)?;
    let tags = ctx.has(Switch::ApproveRejectsHiddenPassword).then(|| compile(b"(?s)<.*?>")).transpose()?;
    cut_in(ctx.msg, &line, tags.as_ref())
}

fn cut_in(msg: &mut Message, line: &Pattern, tags: Option<&Pattern>) -> Result<bool, HandlerError> {
    if msg.main_type() == "text" {
        if let Some(body) = decoded(msg) {
            if let Some(rest) = without(&body, line)? {
                reset_payload(msg, &rest)?;
            } else if let Some(tags) = tags {
                let bare = without(&body, tags)?.unwrap_or_else(|| body.to_vec());
                if line.is_match(&bare)? {
                    return Ok(false);
                }
            }
        }
    }
    if let Payload::Parts(parts) = &mut msg.payload {
        for part in parts {
            if !cut_in(part, line, tags)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// `re.sub(pattern, '', text)`, or `None` where nothing matches.
fn without(text: &[u8], pattern: &Pattern) -> Result<Option<Vec<u8>>, HandlerError> {
    let spans: Vec<(usize, usize)> = pattern.find_all(text)?.iter().filter_map(|found| found.span(0)).collect();
    if spans.is_empty() {
        return Ok(None);
    }
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in spans {
        kept.extend_from_slice(text.get(at..start).unwrap_or_default());
        at = end;
    }
    kept.extend_from_slice(text.get(at..).unwrap_or_default());
    Ok(Some(kept))
}

/// Gives a part a new text and keeps its type, charset, format and delsp.
fn reset_payload(part: &mut Message, text: &[u8]) -> Result<(), HandlerError> {
    let charset = part.content_charset().filter(|name| !name.is_empty()).unwrap_or_else(|| "us-ascii".into());
    let content_type = part.content_type();
    let kept = [("Format", "format"), ("DelSp", "delsp")].map(|(new, old)| (new, part.get_param(old, TYPE)));
    part.delete("content-transfer-encoding");
    part.delete("content-type");
    part.set_payload(text.to_vec(), Some(&Charset::new(&charset)?))?;
    part.set_type(&content_type.to_latin1(), TYPE)?;
    for (name, value) in kept {
        if let Some(value) = value.filter(|value| *value != Param::plain("")) {
            part.set_param(name, &value, TYPE);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};

    fn fixture(version: compat::site::Version, message: &[u8]) -> Fixture {
        // SHA-1 of "secret"
        let password = Value::str("e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4");
        Fixture::new(version, &[("mod_password", password)], message)
    }

    #[test]
    fn a_pseudo_header_is_taken_out_whether_right_or_wrong() {
        for (word, approved) in [("secret", true), ("guess", false)] {
            let message = format!("From: a@x\n\n\nApproved: {word}\nRest\n");
            let mut post = fixture(NEW, message.as_bytes());
            assert_eq!(post.handle(process), Verdict::Continue);
            assert_eq!(post.data.truth("approved"), approved);
            assert_eq!(post.msg.payload_str().unwrap(), &"\nRest");
        }
    }

    #[test]
    fn the_longer_names_are_newer() {
        let message = b"From: a@x\nX-Approve: secret\n\nx\n";
        for (version, approved) in [(OLD, false), (NEW, true)] {
            let mut post = fixture(version, message);
            post.handle(process);
            assert_eq!(post.data.truth("adminapproved"), approved);
        }
    }

    #[test]
    fn a_password_that_cannot_be_cut_out_is_rejected() {
        let message = b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nApproved: secret\nx\n--b\n\
            Content-Type: text/html\n\nApproved: <b>secret</b>\n--b--\n";
        assert!(matches!(fixture(NEW, message).handle(process), Verdict::Reject(_)));
        assert_eq!(fixture(OLD, message).handle(process), Verdict::Continue);
    }

    #[test]
    fn a_post_that_was_here_ends() {
        assert_eq!(fixture(NEW, b"X-BeenThere: Club@lists.example.com \n\nx\n").handle(process), Verdict::Discard);
    }
}
