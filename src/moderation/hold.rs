//! Putting a post by for a moderator, and telling those concerned (`ListAdmin.HoldMessage`, and the notices of
//! Mailman/Handlers/Hold.py).
//!
//! The message goes to a file in DATA_DIR, a record of it to request.pck, which is written when the list is saved. The
//! sender is told in the sender's language, the owners in the list's. Whether somebody is told is up to the pipeline.

use crate::clock;
use crate::error::HandlerError;
use crate::membership::MembershipContext;
use crate::notice::{NoticeText, Template, UserNotification, Words};
use crate::text::header::value_of;
use compat::email::generator::{self, FlattenError, Options};
use compat::email::message::Message;
use compat::email::{build, date, msgid};
use compat::list::Held;
use compat::pickle::{self, Protocol};
use compat::queue::Metadata;
use compat::site::{settings, wrap, Switch};
use compat::value::Value;
use compat::ByteStr;
use std::io::{self, Write};

const ABOUT_REPLIES: &str = "\
If you reply to this message, keeping the Subject: header intact, Mailman will
discard the held message.  Do this if the message is spam.  If you reply to
this message and include an Approved: header with the list password in it, the
message will be approved for posting to the list.  The Approved: header can
also appear in the first line of the body of the reply.";

/// What notices about a held post are made of.
pub struct HeldPost {
    /// The number of the request.
    pub id: i64,
    /// Who wrote it, and is told.
    pub sender: ByteStr,
    /// Its subject, decoded for the list's charset.
    pub subject: ByteStr,
    /// Why it is held, in the language of the post's way through the pipeline.
    pub reason: ByteStr,
    /// The cookie by which its sender cancels it, or a moderator decides about it by mail.
    pub cookie: ByteStr,
}

/// Writes the message to DATA_DIR and notes the request; returns its number. `sender` is who the site's version takes
/// for the sender; nobody becomes `<missing>` in newer versions.
///
/// # Errors
/// The file cannot be written.
pub fn store(
    ctx: &mut MembershipContext<'_>,
    msg: &mut Message,
    data: &Metadata,
    mut sender: ByteStr,
    reason: &ByteStr,
) -> Result<i64, HandlerError> {
    if sender.is_empty() && ctx.site.profile.has(Switch::HoldMissingSender) {
        sender = ctx.words().say("<missing>");
    }
    let subject = match msg.get("subject") {
        Some(subject) => value_of(subject),
        None => Value::Str(ctx.words().say("(no subject)")),
    };
    let held = Held { sender, subject, reason: Value::Str(reason.clone()), metadata: data.to_value() };
    Ok(ctx.list.hold_message(held, |out, as_pickle| write(msg, as_pickle, out))?)
}

/// The message as a pickle, or as text in the form of email's own generator.
fn write(msg: &mut Message, as_pickle: bool, out: &mut dyn Write) -> io::Result<()> {
    if as_pickle {
        return pickle::dump(&msg.to_value(), Protocol::P1, out);
    }
    generator::flatten_to(msg, Options::plain_email(true), out).map_err(|error| match error {
        FlattenError::Io(error) => error,
        other => io::Error::other(other),
    })
}

/// The values for both templates.
fn fields(ctx: &MembershipContext<'_>, held: &HeldPost, reason: ByteStr) -> Vec<(&'static str, Value)> {
    let admindb = ctx.list.script_url("admindb", true);
    // Straight to the decision about this post. Mailman's templates name the page of all posts.
    let post_url = ByteStr::new([&admindb[..], b"?msgid=", held.id.to_string().as_bytes()].concat());
    let is_direct = ctx.site.settings.truth(settings::MAILMAN2_RS_HELD_POST_LINK);
    let admindb = if is_direct { post_url.clone() } else { admindb };
    let values = [
        ("held_post_url", post_url),
        ("listname", ctx.list.real_name()),
        ("hostname", ctx.list.host_name()),
        ("reason", reason),
        ("sender", held.sender.clone()),
        ("subject", held.subject.clone()),
        ("admindb_url", admindb),
    ];
    values.into_iter().map(|(name, value)| (name, Value::Str(value))).collect()
}

/// Tells the sender that the post waits, in this language. The reason is already in that language.
///
/// # Errors
/// The notice cannot be made or queued.
pub fn tell_sender(
    ctx: &mut MembershipContext<'_>,
    held: &HeldPost,
    reason: ByteStr,
    language: &ByteStr,
) -> Result<(), HandlerError> {
    let url = ByteStr::new([&ctx.list.script_url("confirm", true)[..], b"/", &held.cookie].concat());
    let mut fields = fields(ctx, held, reason);
    fields.push(("confirmurl", Value::Str(url)));
    let template = Template { name: "postheld.txt", values: &fields, language: Some(language), raw: false };
    let text = template.for_list(ctx.list)?;
    let values = [("listname", Value::Str(ctx.list.real_name()))];
    let subject = ctx.words().fill("Your message to %(listname)s awaits moderator approval", &values);
    let from = match ctx.site.profile.has(Switch::HoldNoticeFromOwner) {
        true => ctx.list.owner_address(),
        false => ctx.list.bounces_address(),
    };
    let notice_text = NoticeText { subject: Some(&subject), text: Some(&text), language: Some(language) };
    UserNotification::new(ctx.site, std::slice::from_ref(&held.sender), &from, notice_text)?.send(ctx.list, ctx.outbox)
}

/// Sends the owners and moderators the post and a form to answer.
///
/// # Errors
/// The notice cannot be made or queued.
pub fn tell_moderators(ctx: &mut MembershipContext<'_>, msg: &Message, held: &HeldPost) -> Result<(), HandlerError> {
    let owner = ctx.list.owner_address();
    let language = ctx.list.preferred_language();
    let words = Words::new(ctx.site, &language);
    let values = [("listname", Value::Str(ctx.list.real_name())), ("sender", Value::Str(held.sender.clone()))];
    let subject = words.fill("%(listname)s post from %(sender)s requires approval", &values);
    let notice_text = NoticeText { subject: Some(&subject), text: None, language: Some(&language) };
    let mut notice = UserNotification::new(ctx.site, std::slice::from_ref(&owner), &owner, notice_text)?;
    let fields = fields(ctx, held, words.fill(&held.reason, &[]));
    let text = Template { name: "postauth.txt", values: &fields, language: None, raw: true }.for_list(ctx.list)?;
    let charset = ctx.list.charset();
    let parts = vec![
        build::mime_text(text, "plain", &charset)?,
        build::mime_message(msg.clone()),
        build::mime_message(answer_form(ctx, &words, &held.cookie, &charset)?),
    ];
    notice.attach("multipart/mixed", parts)?;
    notice.send_with(ctx.list, ctx.outbox, Metadata::new().with("tomoderators", Value::Int(1)))
}

/// The little message that a moderator answers to decide by mail.
fn answer_form(
    ctx: &MembershipContext<'_>,
    words: &Words<'_>,
    cookie: &[u8],
    charset: &[u8],
) -> Result<Message, HandlerError> {
    let text = wrap(&words.say(ABOUT_REPLIES), 70);
    let mut form = build::mime_text(text, "plain", charset)?;
    let request = ctx.list.request_address();
    form.append("Subject", [b"confirm ", cookie].concat());
    form.append("Sender", request.clone());
    form.append("From", request);
    form.append("Date", date::formatdate(clock::seconds(), true));
    form.append("Message-ID", msgid::unique_message_id(ctx.list.name(), &ctx.list.host_name()));
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{new_list, site};
    use crate::dns::Closed;
    use compat::list::LockedList;

    #[test]
    fn the_notice_may_lead_to_the_very_post() {
        for (setting, expected) in [("No", ""), ("Yes", "?msgid=7")] {
            let folder = tempfile::tempdir().unwrap();
            let site = site::create(folder.path(), &[format!("MAILMAN2_RS_HELD_POST_LINK = {setting}")]).unwrap();
            let garden = new_list::NewList { name: "garden", owners: &["o@example.org"], members: &[] };
            new_list::create(&site, &garden).unwrap();
            let mut list = LockedList::open(&site, "garden", None).unwrap();
            let mut outbox = crate::notice::outbox(&site).unwrap();
            let language = "en".into();
            let ctx = MembershipContext { site: &site, list: &mut list, outbox: &mut outbox, dns: &Closed, language };
            let text = |text: &str| ByteStr::from(text);
            let (sender, subject, reason, cookie) = (text("a@b.example"), text("x"), text("why"), text("0"));
            let held = HeldPost { id: 7, sender, subject, reason, cookie };
            let all = fields(&ctx, &held, "why".into());
            let url =
                all.iter().find(|(name, _)| *name == "admindb_url").map(|(_, url)| url.as_text().unwrap().to_string());
            assert_eq!(url.unwrap(), format!("http://lists.example.com/mailman/admindb/garden{expected}"));
        }
    }
}
