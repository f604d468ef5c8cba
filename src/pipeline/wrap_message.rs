//! WrapMessage (2.1.16 and later): the members' copy gets its changed From, Reply-To and Cc, or goes as a whole into a
//! message from the list.
//!
//! Digest, archive and news have had their copies before, with the poster's own headers.

use super::headers::{is_wrapping, metadata_dict};
use super::{Context, Verdict};
use crate::error::HandlerError;
use crate::text::header::header_of;
use compat::email::message::{Message, Payload};
use compat::email::{build, msgid};
use compat::list::attributes;
use compat::pydict;
use compat::site::wrap;
use compat::value::{Dict, Value};
use compat::ByteStr;

/// What the outer message keeps of the inner one, at its place; the subject too, if nobody changed it.
const KEPT: [&str; 5] = ["to", "in-reply-to", "references", "x-mailman-approved-at", "date"];

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    let later = metadata_dict(ctx, "add_header").map(|dict| Dict::clone(&dict)).unwrap_or_default();
    if is_wrapping(ctx) {
        wrap_up(ctx, &later)?;
    } else {
        for name in ["From", "Reply-To", "Cc"] {
            if let Some(value) = later.get(name.as_bytes()).filter(|value| value.is_true()) {
                ctx.msg.delete(name);
                ctx.msg.append(name, header_of(value));
            }
        }
    }
    Ok(Verdict::Continue)
}

fn wrap_up(ctx: &mut Context<'_>, later: &Dict) -> Result<(), HandlerError> {
    let inner = ctx.msg.clone();
    let subject_changed = later.iter().filter_map(|(key, _)| key.as_text()).any(|k| k.eq_ignore_ascii_case(b"subject"));
    keep_headers(ctx.msg, !subject_changed);
    ctx.msg.append("MIME-Version", "1.0");
    let id = msgid::unique_message_id(ctx.list.name(), &ctx.list.host_name());
    ctx.msg.append("Message-ID", id);
    for (name, value) in in_dict_order(later) {
        ctx.msg.append(name, header_of(value));
    }
    let text = ctx.list.str(attributes::DMARC_WRAPPED_MESSAGE_TEXT);
    let by_dmarc = ctx.data.int("from_is_list") == Some(2);
    if by_dmarc && !text.is_empty() {
        fill_mixed(ctx, inner, &text)
    } else {
        ctx.msg.append("Content-Type", "message/rfc822");
        ctx.msg.append("Content-Disposition", "inline");
        ctx.msg.payload = Payload::Parts(vec![inner]);
        Ok(())
    }
}

/// Takes away what is not kept.
fn keep_headers(msg: &mut Message, subject: bool) {
    let is_kept = |name: &ByteStr| KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept.as_bytes()));
    msg.headers.retain(|(name, _)| is_kept(name) || (subject && name.eq_ignore_ascii_case(b"subject")));
}

fn in_dict_order(later: &Dict) -> Vec<(ByteStr, &Value)> {
    let entries: Vec<(&ByteStr, &Value)> = later.iter().filter_map(|(k, v)| Some((k.as_text()?, v))).collect();
    let keys: Vec<&[u8]> = entries.iter().map(|(key, _)| &key[..]).collect();
    let order = pydict::order(&keys).into_iter();
    order.filter_map(|at| entries.get(at)).map(|(key, value)| ((*key).clone(), *value)).collect()
}

/// The list's explanation first, then the post.
fn fill_mixed(ctx: &mut Context<'_>, inner: Message, text: &[u8]) -> Result<(), HandlerError> {
    let mut note = build::mime_text(wrap(text, 70), "plain", &ctx.list_charset())?;
    note.append("Content-Disposition", "inline");
    let mut post = build::mime_message(inner);
    post.append("Content-Disposition", "inline");
    ctx.msg.append("Content-Type", "multipart/mixed");
    ctx.msg.payload = Payload::Parts(vec![note, post]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW};
    use compat::site::Version;

    /// Versions before 2.1.35 lose a subject that nobody changed; nobody gets that back.
    #[test]
    fn the_wrapper_has_a_subject() {
        for version in [Version { micro: 18 }, NEW] {
            let post = b"From: a@b.test\nSubject: Hello\nTo: club@lists.example.com\nX-Mine: 1\n\nx\n";
            let mut fixture = Fixture::new(version, &[("from_is_list", Value::Int(2))], post);
            fixture.data.set_int("from_is_list", 0);
            fixture.handle(process);
            assert_eq!(fixture.msg.get_str("subject").unwrap(), "Hello");
            assert_eq!(fixture.msg.content_type(), "message/rfc822");
            assert!(!fixture.msg.contains("x-mine") && fixture.msg.parts()[0].contains("x-mine"));
        }
    }
}
