//! Cleanse: headers that carry passwords or spy on readers go; on an anonymous list, all that tells who wrote.

use super::headers::encoded_description;
use super::{Context, Verdict};
use crate::error::HandlerError;
use crate::text;
use compat::email::{address, msgid};
use compat::list::attributes;
use compat::pattern::{Flags, Pattern};
use compat::site::{settings, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::cell::OnceCell;
use std::rc::Rc;

/// What can hold a list password.
const PASSWORDS: [&str; 2] = ["approved", "approve"];
const PASSWORDS_X: [&str; 2] = ["x-approved", "x-approve"];
/// What names the author.
const TELLING: [&str; 6] = ["from", "reply-to", "sender", "return-path", "x-originating-email", "received"];
/// What asks a reader's program for an answer; the last is Pegasus Mail's.
const RECEIPTS: [&str; 4] = ["return-receipt-to", "disposition-notification-to", "x-confirm-reading-to", "x-pmrqc"];

thread_local! {
    /// ANONYMOUS_LIST_KEEP_HEADERS as the first message to come here found it: Python compiles it, and complains of it,
    /// when it loads the module.
    static KEEPERS: OnceCell<Rc<[Pattern]>> = const { OnceCell::new() };
}

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if ctx.has(Switch::CleanseKeepHeaders) {
        keepers(ctx)?;
    }
    delete(ctx, &PASSWORDS);
    if ctx.has(Switch::CleanseXApproved) {
        delete(ctx, &PASSWORDS_X);
    }
    delete(ctx, &["urgent"]);
    if ctx.has(Switch::CleanseOriginalSender) {
        let sender = ctx.sender();
        ctx.data.set("original_sender", Value::Str(sender));
    }
    if ctx.list.truth(attributes::ANONYMOUS_LIST) {
        anonymise(ctx)?;
    }
    delete(ctx, &RECEIPTS);
    Ok(Verdict::Continue)
}

fn delete(ctx: &mut Context<'_>, names: &[&str]) {
    names.iter().for_each(|name| ctx.msg.delete(name));
}

fn anonymise(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    let from = ctx.header("from").unwrap_or_else(|| "None".into());
    ctx.log("post", &[b"post to ", ctx.list.name(), b" from ", &from, b" anonymized"]);
    delete(ctx, &TELLING);
    if ctx.has(Switch::CleanseOrganization) {
        delete(ctx, &["organization", "x-envelope-from"]);
    }
    ctx.msg.delete("message-id");
    let id = msgid::unique_message_id(ctx.list.name(), &ctx.list.host_name());
    ctx.msg.append("Message-ID", id);
    if ctx.has(Switch::CleanseKeepHeaders) {
        remove_others(ctx)?;
    }
    let name = encoded_description(ctx, "From", None)?;
    let address = ctx.list.posting_address();
    ctx.msg.append("From", address::formataddr(&name, &address));
    ctx.msg.append("Reply-To", &address);
    ctx.msg.unixfrom = ctx.msg.unixfrom.take().map(|line| without_addresses(&line, &address));
    Ok(())
}

/// Deletes every header whose name matches none of ANONYMOUS_LIST_KEEP_HEADERS.
fn remove_others(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    let keepers = keepers(ctx)?;
    let mut kept = Vec::with_capacity(ctx.msg.headers.len());
    for header in std::mem::take(&mut ctx.msg.headers) {
        for keeper in keepers.iter() {
            if keeper.is_match(&header.0)? {
                kept.push(header);
                break;
            }
        }
    }
    ctx.msg.headers = kept;
    Ok(())
}

fn keepers(ctx: &Context<'_>) -> Result<Rc<[Pattern]>, HandlerError> {
    if let Some(known) = KEEPERS.with(|keepers| keepers.get().cloned()) {
        return Ok(known);
    }
    let compiled: Rc<[Pattern]> = compile_keepers(ctx)?.into();
    Ok(KEEPERS.with(|keepers| keepers.get_or_init(|| compiled).clone()))
}

fn compile_keepers(ctx: &Context<'_>) -> Result<Vec<Pattern>, HandlerError> {
    let mut compiled = Vec::new();
    for given in ctx.site.settings.strings(settings::ANONYMOUS_LIST_KEEP_HEADERS)? {
        // A colon at the end of a pattern stands for the end of the name.
        let pattern = match given.strip_suffix(b":") {
            Some(name) => [name, b"$"].concat(),
            None => given.to_vec(),
        };
        match Pattern::new(&pattern, Flags::IGNORE_CASE) {
            Ok(pattern) => compiled.push(pattern),
            Err(error) => ctx.log(
                "error",
                &[b"ANONYMOUS_LIST_KEEP_HEADERS: ignored bad regexp ", &pattern, format!(": {error}").as_bytes()],
            ),
        }
    }
    Ok(compiled)
}

/// The envelope line with every word that holds an `@` replaced (`\S*@\S*`).
fn without_addresses(line: &[u8], address: &[u8]) -> ByteStr {
    let words = line.split_inclusive(|&b| text::is_space(b)).flat_map(|word| {
        let bare = text::rstrip(word);
        let shown = if bare.contains(&b'@') { address } else { bare };
        [shown, &word[bare.len()..]]
    });
    ByteStr::new(words.collect::<Vec<_>>().concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::site::Version;

    const POST: &[u8] =
        b"From m1@example.com  Mon Mar  2 10:00:00 2026\nReceived: from x\nFrom: Ann <ann@example.org>\n\
        Sender: s@x\nTo: club@lists.example.com\nSubject: s\nOrganization: O\nX-Envelope-From: e@x\n\
        X-Originating-Email: o@x\nApproved: pw\nApprove: pw\nX-Approved: pw\nX-Approve: pw\nUrgent: pw\n\
        Disposition-Notification-To: d@x\nX-Confirm-Reading-To: c@x\nReturn-Receipt-To: r@x\nX-Pmrqc: 1\n\
        Reply-To: r@x\nMessage-ID: <old@x>\nX-Own: keep\nList-X: l\n\nx\n";

    fn cleansed(version: Version, anonymous: i64) -> Fixture {
        let attributes = [("anonymous_list", Value::Int(anonymous)), ("description", Value::str("All of us"))];
        let mut fixture = Fixture::new(version, &attributes, POST);
        assert_eq!(fixture.handle(process), Verdict::Continue);
        fixture
    }

    /// The names of the headers, and what was in the metadata.
    fn left(fixture: &Fixture) -> (String, Option<ByteStr>) {
        let names: Vec<String> = fixture.msg.headers().map(|(name, _)| name.to_string()).collect();
        (names.join(" "), fixture.data.str("original_sender"))
    }

    #[test]
    fn passwords_and_receipts_go() {
        let (old, sender) = left(&cleansed(OLD, 0));
        let start = "Received From Sender To Subject Organization X-Envelope-From X-Originating-Email";
        assert_eq!(old, format!("{start} X-Approved X-Approve Reply-To Message-ID X-Own List-X"));
        assert_eq!(sender, None);
        let (new, sender) = left(&cleansed(NEW, 0));
        assert_eq!(new, format!("{start} Reply-To Message-ID X-Own List-X"));
        assert_eq!(sender, Some("ann@example.org".into()));
    }

    #[test]
    fn an_anonymous_list_speaks_for_itself() {
        for (version, names) in [
            (OLD, "To Subject Organization X-Envelope-From X-Approved X-Approve X-Own List-X Message-ID From Reply-To"),
            (NEW, "To Subject List-X Message-ID From Reply-To"),
        ] {
            let fixture = cleansed(version, 1);
            assert_eq!(left(&fixture).0, names);
            assert_eq!(fixture.msg.get_str("from"), Some("All of us <club@lists.example.com>".into()));
            assert_eq!(fixture.msg.get_str("reply-to"), Some("club@lists.example.com".into()));
            assert_ne!(fixture.msg.get_str("message-id"), Some("<old@x>".into()));
            let envelope = "From club@lists.example.com  Mon Mar  2 10:00:00 2026";
            assert_eq!(fixture.msg.unixfrom, Some(envelope.into()));
            assert_eq!(fixture.log("post"), "post to club from Ann <ann@example.org> anonymized");
        }
    }

    #[test]
    fn the_envelope_line_names_the_list() {
        let line = b"From anna@example.org  Mon Mar  2 10:00:00 2026";
        assert_eq!(without_addresses(line, b"club@example.com"), "From club@example.com  Mon Mar  2 10:00:00 2026");
    }
}
