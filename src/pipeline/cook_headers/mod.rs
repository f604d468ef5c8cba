//! CookHeaders: the subject prefix, who a post is from and where answers go, and the List-* headers.

pub mod list_headers;
pub mod prefix;
mod reply_to;
mod sender;
mod subject;

use super::headers::{change_header, Change};
use super::{Context, Verdict};
use crate::error::HandlerError;
use compat::site::{settings, Switch};
use compat::value::Value;

pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if ctx.data.truth("noack") {
        change_header(ctx, "X-Ack", "no", Change::Replace);
    }
    note_original_sender(ctx);
    // Notices that Mailman itself wrote are on the fast track: nothing of a post's treatment applies to them.
    let fasttrack = ctx.data.truth("_fasttrack");
    if !fasttrack && !ctx.data.truth("isdigest") {
        subject::prefix(ctx)?;
    }
    mark(ctx)?;
    let munged = if fasttrack { None } else { sender::munge(ctx)? };
    if !fasttrack {
        reply_to::munge(ctx, munged)?;
    }
    list_headers::add(ctx)?;
    Ok(Verdict::Continue)
}

/// 2.1.21 and later keep a sender that Cleanse noted before it made the post anonymous.
fn note_original_sender(ctx: &mut Context<'_>) {
    if !(ctx.has(Switch::CleanseOriginalSender) && ctx.data.contains("original_sender")) {
        let sender = ctx.sender();
        ctx.data.set("original_sender", Value::Str(sender));
    }
}

/// The marks of a post that was here: X-BeenThere stops loops, the others inform.
fn mark(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    let address = ctx.list.posting_address();
    change_header(ctx, "X-BeenThere", address, Change::Append);
    let version = ctx.site.settings.str(settings::VERSION)?;
    change_header(ctx, "X-Mailman-Version", version, Change::IfAbsent);
    change_header(ctx, "Precedence", "list", Change::IfAbsent);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pipeline::{Fixture, NEW, OLD};
    use compat::site::Version;
    use compat::value::Value;

    const POST: &[u8] = b"From: Anna <anna@example.org>\nTo: club@lists.example.com\nSubject: Hello\n\nx\n";

    fn cooked(version: Version, attributes: &[(&str, Value)], message: &[u8]) -> Fixture {
        let mut fixture = Fixture::new(version, attributes, message);
        assert_eq!(fixture.handle(process), Verdict::Continue);
        fixture
    }

    fn headers(fixture: &Fixture) -> String {
        let lines = fixture.msg.headers().map(|(name, value)| format!("{name}: {}", value.text()));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What the reference makes of [`POST`], except for its two ways to continue a line, and the end of the archive's
    /// URL.
    fn expected(version: &str, continuation: &str, slash: &str) -> String {
        format!(
            "From: Anna <anna@example.org>\nTo: club@lists.example.com\nSubject: [Club] Hello\n\
             X-BeenThere: club@lists.example.com\nX-Mailman-Version: {version}\nPrecedence: list\n\
             List-Id: <club.lists.example.com>\n\
             List-Unsubscribe: <http://lists.example.com/mailman/options/club>,\n\
             {continuation}<mailto:club-request@lists.example.com?subject=unsubscribe>\n\
             List-Archive: <http://lists.example.com/pipermail/club{slash}>\n\
             List-Post: <mailto:club@lists.example.com>\n\
             List-Help: <mailto:club-request@lists.example.com?subject=help>\n\
             List-Subscribe: <http://lists.example.com/mailman/listinfo/club>,\n\
             {continuation}<mailto:club-request@lists.example.com?subject=subscribe>"
        )
    }

    #[test]
    fn headers_of_a_post_in_both_versions() {
        assert_eq!(headers(&cooked(OLD, &[], POST)), expected("2.1.13", "\t", ""));
        let new = cooked(NEW, &[], POST);
        assert_eq!(headers(&new), expected("2.1.39", " ", "/"));
        assert_eq!(new.data.str("original_sender").unwrap(), "anna@example.org");
        assert_eq!(new.data.str("origsubj").unwrap(), "Hello");
    }

    #[test]
    fn a_munged_from_waits_for_the_members_copy() {
        let munged = cooked(NEW, &[("from_is_list", Value::Int(1))], POST);
        assert_eq!(munged.msg.get_str("from").unwrap(), "Anna <anna@example.org>");
        let later = munged.data.get("add_header").and_then(Value::as_dict).unwrap();
        assert_eq!(later.get(b"From"), Some(&Value::str("Anna via Club <club@lists.example.com>")));
        assert_eq!(later.get(b"Reply-To"), Some(&Value::str("Anna <anna@example.org>")));
        assert_eq!(later.len(), 2);
    }

    /// 2.1.19 began to put the author into Cc where Reply-To is the list's.
    #[test]
    fn a_munged_author_stands_where_answers_go() {
        let later = |micro| {
            let attributes = [("from_is_list", Value::Int(1)), ("reply_goes_to_list", Value::Int(1))];
            let munged = cooked(Version { micro }, &attributes, POST);
            let later = munged.data.get("add_header").and_then(Value::as_dict).unwrap();
            ["Reply-To", "Cc"].map(|name| later.get(name.as_bytes()).and_then(Value::as_text).cloned())
        };
        let (author, list) = ("Anna <anna@example.org>", "club@lists.example.com");
        assert_eq!(later(39), [Some(list.into()), Some(author.into())]);
        assert_eq!(later(18), [Some(format!("{author}, {list}").as_str().into()), None]);
    }

    #[test]
    fn notices_get_little() {
        let mut fixture = Fixture::new(NEW, &[], POST);
        fixture.data.set_int("_fasttrack", 1);
        fixture.data.set_int("reduced_list_headers", 1);
        fixture.handle(process);
        assert_eq!(fixture.msg.get_str("subject").unwrap(), "Hello");
        assert_eq!(fixture.msg.get_str("x-list-administrivia").unwrap(), "yes");
        assert!(!fixture.msg.contains("list-post"));
    }
}
