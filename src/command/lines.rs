//! Which lines of a message are commands: its Subject, and the first lines of its first text/plain part.

use crate::error::HandlerError;
use crate::pipeline::Context;
use crate::text;
use compat::codecs::{self, Errors};
use compat::email::header::{decode_header, make_header, HeaderError, Layout};
use compat::email::message::Message;
use compat::site::{settings, Switch};
use compat::value::UniStr;
use compat::ByteStr;

/// The lines of a message.
pub struct Lines {
    pub commands: Vec<ByteStr>,
    /// The text after the first DEFAULT_MAIL_COMMANDS_MAX_LINES lines, which may have millions.
    pub ignored: ByteStr,
    /// Whether the message is more, or something else, than a plain text.
    pub has_other_parts: bool,
}

/// Reads them. A Subject that cannot be decoded is left out altogether, so that the first line of the text takes its
/// place and its rights.
///
/// # Errors
/// The text is in a charset that Python does not know, or the Subject in something that is none.
pub fn read<L>(ctx: &Context<'_, L>, language: &[u8]) -> Result<Lines, HandlerError> {
    let mut commands: Vec<ByteStr> = subject(ctx)?.into_iter().collect();
    let Some(part) = ctx.msg.typed_parts("text", Some("plain")).next() else {
        return Ok(Lines { commands, ignored: ByteStr::default(), has_other_parts: true });
    };
    let body = body(ctx, part, language)?;
    let most = ctx.site.settings.int(settings::DEFAULT_MAIL_COMMANDS_MAX_LINES).unwrap_or(25).max(0);
    let ignored = split(&body, usize::try_from(most).unwrap_or(usize::MAX), &mut commands);
    Ok(Lines { commands, ignored, has_other_parts: !std::ptr::eq(part, &*ctx.msg) })
}

/// Adds the first lines of a text, on its buffer, and gives back what follows them.
fn split(text: &ByteStr, most: usize, lines: &mut Vec<ByteStr>) -> ByteStr {
    let mut left = &text[..];
    for _ in 0..most {
        let Some((line, rest)) = text::first_line(left) else { break };
        lines.push(text.piece(line));
        left = rest;
    }
    text.piece(left)
}

/// The Subject in ASCII: other characters, as in a translated `Re:`, are dropped. Before 2.1.21 they cost the Subject.
fn subject<L>(ctx: &Context<'_, L>) -> Result<Option<ByteStr>, HandlerError> {
    let decoded = match decoded_subject(&ctx.header("subject").unwrap_or_default()) {
        Err(error) if error.is_expected() => return Ok(None),
        other => other?,
    };
    let errors = if ctx.has(Switch::CommandSubjectDropsNonAscii) { Errors::Ignore } else { Errors::Strict };
    Ok(codecs::encode(&decoded, "us-ascii", errors).ok().map(ByteStr::new))
}

fn decoded_subject(subject: &[u8]) -> Result<UniStr, HeaderError> {
    make_header(&decode_header(subject)?, &Layout::default())?.to_unicode()
}

/// The text, since 2.1.35 in the charset of the reply.
fn body<L>(ctx: &Context<'_, L>, part: &Message, language: &[u8]) -> Result<ByteStr, HandlerError> {
    let body = part.decoded_payload().unwrap_or_default();
    if !ctx.has(Switch::CommandBodyRecoded) {
        return Ok(body);
    }
    let Some(from) = part.content_charset().filter(|name| !name.is_empty()) else { return Ok(body) };
    let text = codecs::decode(&body, &from, Errors::Replace)?;
    Ok(ByteStr::new(codecs::encode(&text, ctx.site.charset_or_ascii(language), Errors::Replace)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_not_copied() {
        let text = ByteStr::from("who\r\n\nhelp\n\nend");
        let mut lines = Vec::new();
        let ignored = split(&text, 3, &mut lines);
        assert_eq!(lines, ["who", "", "help"]);
        assert_eq!(ignored, "\nend");
        assert!(lines.iter().chain([&ignored]).all(|line| line.identity().0 == text.identity().0));
        assert_eq!(split(&text, 9, &mut lines), "");
    }
}
