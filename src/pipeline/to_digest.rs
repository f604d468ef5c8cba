//! ToDigest: the post is put by for the next digest; when enough has gathered, the digest is sent.

use super::{Context, Verdict};
use crate::digest;
use crate::error::HandlerError;
use compat::durable::Append;
use compat::email::generator::{self, Options};
use compat::list::attributes;
use compat::queue::QueueError;
use compat::site::Switch;
use std::io::Write;
use std::path::Path;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.list.truth(attributes::DIGESTABLE) || ctx.data.truth("isdigest") {
        return Ok(Verdict::Continue);
    }
    let mbox = ctx.list.folder().join("digest.mbox");
    let size = append(ctx, &mbox)?;
    if is_due(ctx, size) {
        let before = ctx.outbox.mark();
        // A digest that fails must not stop the post: the mbox stays, and cron tries again and tells the operator.
        if let Err(error) = digest::send_gathered(ctx.site, ctx.list, ctx.outbox, &mbox) {
            // What the disk refuses goes out as a whole later. A plain digest that cannot be encoded keeps no MIME digest back.
            if matches!(&error, HandlerError::Cause(cause) if cause.is::<QueueError>()) {
                ctx.outbox.back_to(before);
            }
            ctx.log("error", &[b"send_digests() failed: ", error.to_string().as_bytes()]);
        }
    }
    Ok(Verdict::Continue)
}

/// Adds the post to the mbox and says how large that is now.
fn append(ctx: &mut Context<'_>, path: &Path) -> Result<u64, HandlerError> {
    let mut mbox = Append::open(path, 0o660)?;
    let mut text = Vec::new();
    if mbox.last_byte()?.is_some_and(|last| last != b'\n') {
        text.push(b'\n');
    }
    generator::flatten_to(ctx.msg, Options::mailman(true, true), &mut text)?;
    text.push(b'\n');
    mbox.write_all(&text)?;
    let size = mbox.old_len() + text.len() as u64;
    ctx.outbox.pending().append(mbox).map_err(QueueError::from)?;
    Ok(size)
}

fn is_due(ctx: &Context<'_>, size: u64) -> bool {
    let threshold = ctx.list.float(attributes::DIGEST_SIZE_THRESHHOLD);
    let never = ctx.has(Switch::DigestSizeZeroOff) && threshold <= 0.0;
    !never && size as f64 / 1024.0 >= threshold
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, OLD};
    use compat::value::Value;

    #[test]
    fn a_plain_digest_that_cannot_be_encoded_keeps_no_mime_digest_back() {
        let attributes = [
            ("digestable", Value::Int(1)),
            ("digest_size_threshhold", Value::Int(0)),
            ("preferred_language", Value::str("ja")),
        ];
        let mut fixture = Fixture::new(OLD, &attributes, b"From: a@example.com\nSubject: s\n\n\xfc\xff\n");
        assert_eq!(fixture.handle(process), Verdict::Continue);
        assert_eq!(fixture.outbox.len(), 1);
        assert!(fixture.log("error").starts_with("send_digests() failed: "));
        fixture.outbox.commit().unwrap();
        assert!(fixture.list.folder().join("digest.mbox").exists());
    }

    #[test]
    fn a_footer_is_filled_in_when_all_else_is_done() {
        let attributes = [
            ("digestable", Value::Int(1)),
            ("digest_size_threshhold", Value::Int(0)),
            ("preferred_language", Value::str("ja")),
            ("digest_footer", Value::str("%s")),
        ];
        // The table of contents needs a character that iso-2022-jp lacks.
        let mut fixture = Fixture::new(OLD, &attributes, b"Subject: =?iso-8859-1?q?M=FCller?=\n\nx\n");
        fixture.handle(process);
        let log = fixture.log("error");
        assert!(log.starts_with("send_digests() failed: 'iso2022_jp' codec can't encode character u'\\xfc'"), "{log}");
        assert_eq!(log.lines().count(), 1, "{log}");
    }
}
