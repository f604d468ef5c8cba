//! `MimeDel`: content filtering. Parts of unwanted types and file names go, alternatives collapse to their first, HTML
//! becomes text by the site's own command; a message of which nothing is left is disposed of as the list says.
//!
//! Answers to `Mailman.Handlers.MimeDel`. Only lists with `filter_content` are touched, and never digests.

use super::{Context, Verdict};
use crate::error::{Culprit, HandlerError};
use crate::notice::UserNotification;
use crate::text::header::one_line_in;
use crate::text::program;
use crate::text::program::CommandOutput;
use compat::email::build;
use compat::email::message::{HeaderValue, Message, Payload};
use compat::list::attributes;
use compat::queue::{EntryMessage, QueueName};
use compat::site::profile::Switch;
use compat::site::{settings, wrap};
use compat::value::Value;
use compat::ByteStr;

/// How wide the text of a notice is.
const COLUMNS: usize = 70;
/// What is to blame where the first part is asked for.
const NO_PART: Culprit = Culprit::Message("a multipart without parts");

/// What the list filters by, read once for a message.
struct Filter {
    drop_types: Vec<ByteStr>,
    pass_types: Vec<ByteStr>,
    drop_extensions: Vec<ByteStr>,
    pass_extensions: Vec<ByteStr>,
}

/// Why a part may not stay.
enum Objection {
    TypeDisallowed,
    TypeNotAllowed,
    ExtensionDisallowed,
    ExtensionNotAllowed,
}

impl Objection {
    /// The reason as Mailman words it: the key of its message catalogues.
    fn reason(&self) -> &'static str {
        match self {
            Objection::TypeDisallowed => "The message's content type was explicitly disallowed",
            Objection::TypeNotAllowed => "The message's content type was not explicitly allowed",
            Objection::ExtensionDisallowed => "The message's file extension was explicitly disallowed",
            Objection::ExtensionNotAllowed => "The message's file extension was not explicitly allowed",
        }
    }
}

/// The handler.
pub fn process(ctx: &mut Context<'_>) -> Result<Verdict, HandlerError> {
    if !ctx.list.truth(attributes::FILTER_CONTENT) || ctx.data.truth("isdigest") {
        return Ok(Verdict::Continue);
    }
    let filter = Filter::of(ctx);
    if let Some(objection) = filter.objection(ctx.msg) {
        return dispose(ctx, objection.reason());
    }
    let was_alternative = ctx.msg.content_type() == "multipart/alternative";
    let parts_before = ctx.msg.walk().count();
    if !remove_parts(ctx.msg, &filter) {
        return dispose(ctx, "After content filtering, the message was empty");
    }
    collapse(ctx, was_alternative)?;
    let mut changed = ctx.msg.walk().count() != parts_before;
    changed |= convert_html(ctx)?;
    changed |= drop_empty_body(ctx.msg);
    if changed {
        let version = ctx.site.settings.str(settings::VERSION)?;
        ctx.msg.append("X-Content-Filtered-By", format!("Mailman/MimeDel {version}").as_str());
    }
    Ok(Verdict::Continue)
}

impl Filter {
    fn of(ctx: &Context<'_>) -> Self {
        Filter {
            drop_types: ctx.list.strings(attributes::FILTER_MIME_TYPES),
            pass_types: ctx.list.strings(attributes::PASS_MIME_TYPES),
            drop_extensions: ctx.list.strings(attributes::FILTER_FILENAME_EXTENSIONS),
            pass_extensions: ctx.list.strings(attributes::PASS_FILENAME_EXTENSIONS),
        }
    }

    /// The first thing that speaks against a part; types come before file names.
    fn objection(&self, part: &Message) -> Option<Objection> {
        let (full, main) = (part.content_type(), part.main_type());
        let among = |types: &[ByteStr]| types.contains(&full) || types.contains(&main);
        if among(&self.drop_types) {
            return Some(Objection::TypeDisallowed);
        }
        if !self.pass_types.is_empty() && !among(&self.pass_types) {
            return Some(Objection::TypeNotAllowed);
        }
        let extension = file_extension(part)?;
        if self.drop_extensions.contains(&extension) {
            return Some(Objection::ExtensionDisallowed);
        }
        if !self.pass_extensions.is_empty() && !self.pass_extensions.contains(&extension) {
            return Some(Objection::ExtensionNotAllowed);
        }
        None
    }
}

/// The part's file name extension in lower case, without its dot.
fn file_extension(part: &Message) -> Option<ByteStr> {
    let named = part.get_filename().filter(|name| !name.is_empty()).map(|name| name.bytes().clone());
    let name = named.or_else(|| part.get_param("name", "content-type").map(|name| name.as_printed()))?;
    let line = one_line_in(&name, b"utf-8");
    let (_, extension) = program::split_extension(&line);
    let letters = extension.get(1..).filter(|rest| !rest.is_empty())?;
    Some(ByteStr::new(letters.to_ascii_lowercase()))
}

/// Takes unwanted parts out at every depth. False when a container lost all that it had.
fn remove_parts(msg: &mut Message, filter: &Filter) -> bool {
    let Payload::Parts(parts) = &mut msg.payload else {
        return true;
    };
    let before = parts.len();
    parts.retain_mut(|part| remove_parts(part, filter) && filter.objection(part).is_none());
    !parts.is_empty() || before == 0
}

/// Reduces alternatives to their first part, and multiparts with a single part to that part.
fn collapse(ctx: &mut Context<'_>, was_alternative: bool) -> Result<(), HandlerError> {
    if ctx.list.truth(attributes::COLLAPSE_ALTERNATIVES) {
        let deep = ctx.has(Switch::CollapseNestedAlternatives);
        collapse_alternatives(ctx.msg, deep);
        if was_alternative {
            let first = first_part(ctx.msg)?;
            take_over(ctx.msg, first);
        }
    }
    if ctx.has(Switch::RecastSinglePart) {
        recast(ctx.msg, ctx.site.profile.has(Switch::SignedNotRecast));
    }
    Ok(())
}

/// The first part, taken out. Python raises where there is none, and the message is shunted.
fn first_part(msg: &mut Message) -> Result<Message, HandlerError> {
    match &mut msg.payload {
        Payload::Parts(parts) if parts.is_empty() => Err(NO_PART.says("list index out of range")),
        Payload::Parts(parts) => Ok(parts.swap_remove(0)),
        _ => Err(NO_PART.says("Expected list, got <type 'str'>")),
    }
}

fn collapse_alternatives(msg: &mut Message, deep: bool) {
    let nested_message = deep && msg.content_type() == "message/rfc822";
    let Payload::Parts(parts) = &mut msg.payload else {
        return;
    };
    let old = std::mem::take(parts);
    *parts = old.into_iter().filter_map(|part| collapse_one(part, nested_message, deep)).collect();
}

/// An alternative gives way to its first part; one without parts disappears.
fn collapse_one(mut part: Message, in_message: bool, deep: bool) -> Option<Message> {
    if part.content_type() == "multipart/alternative" {
        let first = first_part(&mut part).ok()?;
        if !in_message {
            return Some(first);
        }
        // The alternative is a whole message here: its own headers stay.
        take_over(&mut part, first);
    } else if deep {
        collapse_alternatives(&mut part, deep);
    }
    Some(part)
}

/// Replaces multiparts of one part by that part; since 2.1.22 not in signed mail, whose signature may still hold.
fn recast(msg: &mut Message, spare_signed: bool) {
    let kind = msg.content_type();
    if spare_signed && kind == "multipart/signed" {
        return;
    }
    match &mut msg.payload {
        Payload::Parts(parts) if parts.len() == 1 && kind != "message/rfc822" => {
            let only = parts.swap_remove(0);
            take_over(msg, only);
            recast(msg, spare_signed);
        }
        Payload::Parts(parts) => parts.iter_mut().for_each(|part| recast(part, spare_signed)),
        _ => {}
    }
}

/// Gives a message the body and the content headers of one of its parts.
fn take_over(msg: &mut Message, part: Message) {
    const CONTENT: [&str; 4] =
        ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-Description"];
    CONTENT.iter().for_each(|name| msg.delete(name));
    for name in CONTENT {
        let value = part.get(name).cloned().filter(|v| name == "Content-Type" || !v.text().is_empty());
        let default = (name == "Content-Type").then(|| HeaderValue::from("text/plain"));
        if let Some(value) = value.or(default) {
            msg.append(name, value);
        }
    }
    msg.payload = part.payload;
}

/// Runs every HTML part through the site's command. The output stands in for the part as it is, whatever its charset,
/// and also when the command failed: that is Mailman's way.
fn convert_html(ctx: &mut Context<'_>) -> Result<bool, HandlerError> {
    let command = ctx.site.settings.str(settings::HTML_TO_PLAIN_TEXT_COMMAND)?;
    if !ctx.list.truth(attributes::CONVERT_HTML_TO_PLAINTEXT) || command.is_empty() {
        return Ok(false);
    }
    let site = ctx.site.clone();
    let mut found = false;
    each_html(ctx.msg, &mut |part| {
        found = true;
        let html = part.decoded_payload().unwrap_or_default();
        let CommandOutput { text, status } = program::filter_file(&command, &html, ".html")?;
        if let Some(status) = status {
            site.log("error", format!("HTML->text/plain error: {status}"));
        }
        part.delete("content-transfer-encoding");
        part.payload = Payload::Str(text);
        part.set_type("text/plain", "Content-Type")?;
        Ok(())
    })?;
    Ok(found)
}

fn each_html(
    msg: &mut Message,
    work: &mut dyn FnMut(&mut Message) -> Result<(), HandlerError>,
) -> Result<(), HandlerError> {
    if msg.content_type() == "text/html" {
        work(msg)?;
    }
    msg.parts_mut().iter_mut().try_for_each(|part| each_html(part, work))
}

/// Two parts of which the first is empty: the second becomes the message.
fn drop_empty_body(msg: &mut Message) -> bool {
    let Payload::Parts(parts) = &mut msg.payload else {
        return false;
    };
    if parts.len() != 2 || !matches!(&parts[0].payload, Payload::Str(text) if text.is_empty()) {
        return false;
    }
    let useful = parts.swap_remove(1);
    take_over(msg, useful);
    true
}

/// What the list wants done with a message that it does not want.
fn dispose(ctx: &mut Context<'_>, reason: &str) -> Result<Verdict, HandlerError> {
    match ctx.list.int(attributes::FILTER_ACTION) {
        1 => Ok(Verdict::reject(Some(&ctx.words().say(reason)))),
        2 => forward(ctx).map(|()| Verdict::Discard),
        3 if ctx.site.settings.truth(settings::OWNERS_CAN_PRESERVE_FILTERED_MESSAGES) => {
            ctx.outbox.enqueue(QueueName::Bad, &EntryMessage::Object(ctx.msg.to_value()), ctx.data)?;
            Ok(Verdict::Discard)
        }
        _ => Ok(Verdict::Discard),
    }
}

fn forward(ctx: &mut Context<'_>) -> Result<(), HandlerError> {
    let text = ctx.words().fill(
        b"The attached message matched the %(listname)s mailing list's content filtering\n\
         rules and was prevented from being forwarded on to the list membership.  You\n\
         are receiving the only remaining copy of the discarded message.\n\n",
        &[("listname", Value::Str(ctx.list.name().clone()))],
    );
    let subject = ctx.words().say("Content filtered message notification");
    let text = build::mime_text(wrap(&text, COLUMNS), "plain", &ctx.list_charset())?;
    let mut notice = UserNotification::to_owners(ctx.list, Some(&subject), None, true)?;
    notice.attach("multipart/mixed", vec![text, build::mime_message(ctx.msg.clone())])?;
    notice.send(ctx.list, ctx.outbox)
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::email::parser;

    /// As the reference finds them: an empty `filename` counts as none.
    #[test]
    fn extensions_come_from_the_first_name_that_says_something() {
        let extension = |headers: &str| {
            file_extension(&parser::parse(&ByteStr::from(format!("{headers}\n\nx\n").as_str())))
                .map(|extension| extension.to_latin1())
        };
        let name = "Content-Type: application/x; name=\"a.EXE\"\nContent-Disposition: attachment";
        assert_eq!(extension(&format!("{name}; filename=\"\"")).as_deref(), Some("exe"));
        assert_eq!(extension(&format!("{name}; filename=b.txt")).as_deref(), Some("txt"));
        assert_eq!(extension(name).as_deref(), Some("exe"));
        assert_eq!(extension("Content-Disposition: attachment; filename=\"\""), None);
        let tuple = "Content-Type: application/x; name*=utf-8''a.exe\nContent-Disposition: attachment; filename=\"\"";
        assert_eq!(extension(tuple).as_deref(), Some("exe')"));
    }
}
